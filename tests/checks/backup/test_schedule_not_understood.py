"""BK001: fields, question marks and bounds of a schedule, as a template writes it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.schedule_not_understood import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.schedules import Rate
from mainstay.formats import cloudformation
from mainstay.plan.values import (
    Param,
    Unknown,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("cron(0 2 * * *)", "six fields"),
        ("cron(0 2 * * ? *)", None),
        ("cron(0 2 ? * * *)", None),
        ("cron(0 2 * * * *)", "exactly one of day of month and day of week"),
        ("cron(0 2 ? * ? *)", "exactly one of day of month and day of week"),
        ("cron(0 23 * * ? *)", None),
        ("cron(0 24 * * ? *)", "goes from 0 to 23"),
        ("cron(0 2 ? * 8 *)", "goes from 1 to 7"),
        ("cron(0 2 ? * FRI-MON *)", None),
        ("0 2 * * *", "not a cron expression"),
        ("every night", "not a cron expression"),
        (" cron(0 2 * * ? *) ", None),
        ("${local.schedule}", None),
    ],
)
def test_what_a_template_writes(written: str, said: str | None, say: Say) -> None:
    plan = backed_up(tier(schedule=Unknown("unread", written)))
    details = [finding.detail for finding in say(faults, plan)]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


def test_the_reader_keeps_what_it_cannot_read(say: Say) -> None:
    (text,) = cloudformation.render(backed_up()).values()
    (finding,) = say(faults, cloudformation.read(text.replace("cron(0 2 * * ? *)", "cron(0 2 * * *)"), file="t.yaml"))
    assert "daily in Backups" in finding.detail


@pytest.mark.parametrize(
    ("default", "count"), [("cron(0 2 * * *)", 1), ("0 2 * * *", 1), ("cron(0 2 * * ? *)", 0), ("", 0)]
)
def test_a_schedule_from_a_parameter(default: str, count: int, say: Say) -> None:
    (text,) = cloudformation.render(backed_up()).values()
    template = json.loads(text.replace('"cron(0 2 * * ? *)"', '{"Fn::Sub": "${Schedule}"}'))
    template["Parameters"] = {"Schedule": {"Type": "String", "Default": default}}
    source = cloudformation.Source(json.dumps(template), "t.json")
    assert len(say(faults, cloudformation.read_tree(source, parameters={}).plan)) == count


def test_a_rate_is_not_documented(say: Say) -> None:
    (finding,) = say(faults, backed_up(tier(schedule=Rate.parse("rate(12 hours)"))))
    assert finding.severity is Severity.WARNING
    assert "rate(12 hours)" in finding.detail


def test_silence(say: Say) -> None:
    assert say(faults, backed_up(tier(schedule=None), tier(schedule=Param("Schedule")))) == []
    assert say(faults, backed_up(tier(schedule=Unknown("later", {"Fn::ImportValue": "x"})))) == []
