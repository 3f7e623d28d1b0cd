"""DB043: types, sources and categories."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.subscription_refused import faults
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import EventSubscription
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source_ids": ("shop",)}, ["no type of source"]),
        ({"source_ids": (Ref("Database"), "shop")}, ["names 2 source(s)"]),
        ({"source_ids": (Unknown("later", is_list=True),)}, []),
        ({"source_ids": ("shop",), "extras": {"SourceType": []}}, []),
        ({"source_ids": ("shop",), "extras": {"x.source_type": []}}, []),
        ({"source_ids": ("shop",), "source_type": "db-instance"}, []),
        ({"source_ids": ("shop",), "source_type": Param("Type")}, []),
        ({}, []),
        ({"source_type": "instance"}, ["'instance' is no type"]),
        ({"source_type": "db-proxy", "categories": ("whatever",)}, []),
        ({"source_type": "db-instance", "categories": ("low storage", "failure")}, []),
        ({"source_type": "db-instance", "categories": ("low-storage", "Failure")}, ["'low-storage'", "'Failure'"]),
        ({"source_type": "db-instance", "categories": (Param("Category"),)}, []),
        ({"source_type": "db-parameter-group", "categories": ("failure",)}, ["db-parameter-group has no events"]),
        ({"source_type": "db-security-group", "categories": ("failure",)}, []),
        ({"categories": ("failure", "odd")}, []),
    ],
)
def test_subscriptions(changes: dict[str, object], said: list[str], say: Say) -> None:
    subscription = EventSubscription(**{"key": "Events", "topic": "topic", **changes})  # type: ignore[arg-type]  # any
    findings = say(faults, plan_of(subscription))
    assert len(findings) == len(said)
    assert all(part in finding.detail for part, finding in zip(said, findings, strict=True))


def test_what_was_meant(say: Say) -> None:
    plan = plan_of(
        EventSubscription(key="Events", topic="t", source_type="db-instance", categories=("low-storage", "xyzzy"))
    )
    first, second = say(faults, plan)
    assert first.hint == "write low storage"
    assert second.hint.startswith("write any of availability")
