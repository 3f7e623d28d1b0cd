"""What would be cheaper is proposed only where nothing that was promised is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Harm, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import cheaper, judge, promise
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan

LOOSE = Intent(rpo=Duration.days(1), rto=Duration.days(2))
TIGHT = Intent(rpo=Duration.minutes(1), rto=Duration.minutes(10))


def _judged(plan: Plan) -> Iterable[Finding]:
    return judge(promise(plan), plan.intent)


def _kinds(plan: Plan) -> list[str]:
    return [one.kind for one in cheaper(plan, _judged)]


def test_a_class_of_graviton_saves_what_the_forecast_says() -> None:
    (one,) = cheaper(plan_of(database(instance_class="db.m5.large")), _judged)
    assert (one.subject, one.kind) == ("Database", "class")
    assert one.what in (
        "db.m5.large → db.m6g.large, of the same vCPUs and memory",
        "db.m5.large → db.m7g.large, of the same vCPUs and memory",
    )
    assert 0 < one.saved[0] == one.saved[1] == one.saved[2]
    assert one.as_json()["saved"] == dict.fromkeys(("low_usd", "expected_usd", "high_usd"), one.saved[1])


@pytest.mark.parametrize("name", ["db.m7g.large", "db.m5.24xlarge", "db.x2g.large", "db.none.large"])
def test_a_class_without_a_price_or_without_a_twin_is_left_alone(name: str) -> None:
    assert _kinds(plan_of(database(instance_class=name))) == []


@pytest.mark.parametrize(
    ("size", "iops", "kinds"),
    [(399, 3_000, ["storage"]), (399, 3_001, []), (400, 12_000, ["storage"]), (400, 12_001, [])],
)
def test_io1_gives_way_to_gp3_only_below_what_gp3_has(size: int, iops: int, kinds: list[str]) -> None:
    volume = {"storage_type": "io1", "storage": Bytes.gib(size), "max_storage": Bytes.gib(1000), "iops": iops}
    assert [one for one in _kinds(plan_of(database(**volume), intent=LOOSE)) if one != "standby"] == kinds


def test_a_small_gp3_warms_up_slower_than_io1_and_is_not_called_as_good() -> None:
    volume = {"storage_type": "io1", "max_storage": Bytes.gib(1000), "iops": 3_000}
    assert _kinds(plan_of(database(storage=Bytes.gib(399), **volume))) == []
    assert _kinds(plan_of(database(storage=Bytes.gib(400), **volume))) == ["storage"]


@pytest.mark.parametrize(
    ("intent", "kinds"),
    [
        (LOOSE, ["standby"]),
        (TIGHT, []),
        (Intent(), []),
        (Intent(rpo=LOOSE.rpo), []),
        (Intent(rto=LOOSE.rto), []),
    ],
)
def test_a_standby_goes_only_when_both_objectives_still_hold(intent: Intent, kinds: list[str]) -> None:
    assert _kinds(plan_of(database(), intent=intent)) == kinds


def test_a_standby_without_a_price_is_no_saving() -> None:
    assert _kinds(plan_of(database(instance_class="db.x2g.large"), intent=LOOSE)) == []


def test_what_brings_up_a_warning_is_not_proposed_and_what_tells_something_is() -> None:
    plan = plan_of(database(instance_class="db.m5.large"))

    def judged(severity: Severity) -> list[str]:
        found = Finding(
            id="XX001", severity=severity, harm=Harm.OUTAGE, summary="changed", detail="It changed.", hint="mend it"
        )
        return [one.kind for one in cheaper(plan, lambda other: [] if other == plan else [found])]

    assert judged(Severity.WARNING) == judged(Severity.ERROR) == []
    assert judged(Severity.INFO) == ["class"]


def test_the_three_largest_are_shown_largest_first_and_the_plan_stays_as_it_was() -> None:
    volume = {"storage_type": "io1", "storage": Bytes.gib(100), "iops": 3_000}
    plan = plan_of(
        database(instance_class="db.m5.large", **volume),
        replica(instance_class="db.m5.large", storage=Bytes.gib(100)),
        intent=LOOSE,
    )
    before = replace(plan)
    found = cheaper(plan, _judged)
    assert len(found) == 3
    assert [one.saved[1] for one in found] == sorted((one.saved[1] for one in found), reverse=True)
    assert plan == before
