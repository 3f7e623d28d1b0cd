"""AL004: actions, topics, subscribers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.nobody_is_told import faults
from mainstay.checks.examples import alarm, plan_of, told
from mainstay.core.findings import Finding
from mainstay.plan.resources import CompositeAlarm, Opaque, Resource, Subscription, Topic
from mainstay.plan.values import Param, Ref

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
COMPOSITE = CompositeAlarm(key="Both", rule='ALARM("storage")')
TOPIC, SUBSCRIPTION, _ = told()


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ((alarm(), TOPIC, SUBSCRIPTION), None),
        ((alarm(), TOPIC), "to which nobody is subscribed"),
        ((alarm(alarm_actions=()), TOPIC, SUBSCRIPTION), "has no action"),
        ((alarm(alarm_actions=()), COMPOSITE), None),
        ((alarm(alarm_actions=()), Opaque(key="X", type="Custom::X")), "has no action"),
        ((alarm(alarm_actions=(), extras={"AlarmActions": "odd"}),), None),
        ((alarm(is_enabled=False), TOPIC, SUBSCRIPTION), "switched off"),
        ((alarm(is_enabled=False, alarm_actions=()),), "switched off"),
        ((alarm(is_enabled=True), TOPIC, SUBSCRIPTION), None),
        ((alarm(alarm_actions=("arn:aws:sns:us-east-1:123456789012:ops",)),), None),
        ((alarm(alarm_actions=(Param("Topic"),)),), None),
        ((alarm(alarm_actions=(Ref("Topic"), "arn:elsewhere")), TOPIC), None),
        ((alarm(alarm_actions=(Ref("Topic"), Ref("Deaf"))), TOPIC, SUBSCRIPTION, Topic(key="Deaf")), None),
        ((alarm(), TOPIC, Subscription(key="S", topic=Param("Topic"), protocol="email")), None),
        (
            (alarm(), TOPIC, Topic(key="T2"), Subscription(key="S", topic=Ref("T2"), protocol="email")),
            "Topic, to which",
        ),
        ((alarm(), Topic(key="Topic", extras={"Subscription": []})), None),
    ],
)
def test_who_hears_it(resources: tuple[Resource, ...], said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(*resources))]
    assert len(details) == (said is not None)
    assert all(said in detail for detail in details if said)


def test_actions_that_are_switched_off_are_switched_on(mends: Mends) -> None:
    silent = alarm(is_enabled=False)
    assert mends(faults, plan_of(silent, *told()))[0] == (replace(silent, is_enabled=True),)
