"""SN003: FIFO topics, and who may publish to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.fifo_topic_told import faults
from mainstay.checks.examples import alarm, database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import EventSubscription, Resource, Topic
from mainstay.plan.values import Param, Ref

Say = Callable[..., list[Finding]]
EVENTS = EventSubscription(key="Own", topic=Ref("Topic"))


@pytest.mark.parametrize(
    ("is_fifo", "others", "said"),
    [
        (True, (alarm(),), "an alarm should"),
        (True, (EVENTS,), "RDS should"),
        (True, (alarm(), EVENTS), "an alarm and RDS should"),
        (True, (), None),
        (False, (alarm(),), None),
        (None, (alarm(),), None),
        (Param("IsFifo"), (alarm(),), None),
    ],
)
def test_topics(is_fifo: bool | None, others: tuple[Resource, ...], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(), Topic(key="Topic", is_fifo=is_fifo), *others))
    assert [(said or "-") in each.detail for each in findings] == ([] if said is None else [True])
