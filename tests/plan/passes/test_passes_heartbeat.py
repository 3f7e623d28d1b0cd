"""The heartbeat of a design: a function on a schedule, and an alarm on its silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.units import Duration
from mainstay.functions.packaging import HANDLERS
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, DbInstance, EventRule, Function, FunctionPermission, IngressRule, LogGroup
from mainstay.plan.values import Attr, Ref

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_heartbeat_lands(complaints: Complaints, engine: str) -> None:
    assert complaints(drill="{heartbeat: 1m}", database__engine=engine, network__nat="none") == []


def test_nothing_beats_unless_it_is_asked_for(built: Built) -> None:
    assert [one for one in built().of(Function) if "eartbeat" in one.key] == []


def test_a_generation_that_took_over_keeps_its_name_wherever_it_is_said(built: Built) -> None:
    plan = built(drill="{heartbeat: 1m}", database__identifier="shop-next", database__replicas="{count: 1}")
    assert [one.identifier for one in plan.of(DbInstance)] == ["shop-next", "shop-dev-replica-1"]
    function, (silence,) = (
        plan.primary["HeartbeatFunction"],
        [one for one in plan.of(Alarm) if one.key == "HeartbeatSilence"],
    )
    assert isinstance(function, Function)
    assert function.environment["MAINSTAY_INSTANCE"] == silence.dimensions["DBInstanceIdentifier"] == "shop-next"
    assert "/aws/rds/instance/shop-next/postgresql" in [one.name for one in plan.of(LogGroup)]
    assert plan.primary.stack == "shop-dev"


@pytest.mark.parametrize(("every", "rate", "period"), [("1m", "rate(1 minute)", 60), ("1h", "rate(1 hour)", 3600)])
def test_it_is_called_as_often_as_asked_and_its_silence_is_an_alarm(
    built: Built, every: str, rate: str, period: int
) -> None:
    plan = built(drill=f"{{heartbeat: {every}}}")
    function = plan.primary["HeartbeatFunction"]
    assert isinstance(function, Function)
    assert function.handler in HANDLERS
    assert function.security_groups == (Ref("FunctionsGroup"),)
    assert function.environment["MAINSTAY_DATABASE"] == "tap"
    assert "FunctionsGroup" in {
        one.source_group.key for one in plan.of(IngressRule) if isinstance(one.source_group, Ref)
    }
    (rule,) = plan.of(EventRule)
    assert (str(rule.schedule), [one.arn for one in rule.targets]) == (rate, [Attr("HeartbeatFunction", "arn")])
    (permission,) = plan.of(FunctionPermission)
    assert permission.source_arn == Attr("HeartbeatSchedule", "arn")
    alarm = plan.primary["HeartbeatSilence"]
    assert isinstance(alarm, Alarm)
    assert (alarm.period, alarm.evaluation_periods, alarm.missing_data) == (Duration(period), 5, "breaching")
    assert alarm.dimensions == {"DBInstanceIdentifier": "shop-dev"}


@pytest.mark.parametrize("every", ["59s", "61m", "90s", "0m"])
def test_what_cannot_be_a_heartbeat_is_refused(built: Built, every: str) -> None:
    with pytest.raises(InputRefused, match=r"drill\.heartbeat"):
        built(drill=f"{{heartbeat: {every}}}")


def test_it_stays_in_the_first_region(built: Built) -> None:
    plan = built(drill="{heartbeat: 1m}", disaster_recovery="{region: eu-west-1}")
    there = plan.regions[1]
    assert [one.key for one in there.resources if "eartbeat" in one.key or "Functions" in one.key] == []
