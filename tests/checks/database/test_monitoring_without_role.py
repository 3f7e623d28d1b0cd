"""DB016: intervals, roles, and whom the role trusts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.database.monitoring_without_role import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import Resource, Role
from mainstay.plan.values import If, Ref, Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
ROLE = "arn:aws:iam::123456789012:role/monitoring"


@pytest.mark.parametrize(
    ("seconds", "role", "said"),
    [
        (1, ROLE, None),
        (60, ROLE, None),
        (2, ROLE, "every 2 s"),
        (61, ROLE, "every 61 s"),
        (60, None, "names no role"),
        (0, None, None),
        (None, None, None),
        (0, ROLE, "at an interval of 0"),
        (None, ROLE, "at an interval of 0"),
        (0, "", None),  # Terraform shows none as an empty text
        (0, If("IsWatched", ROLE, None), None),
        (Unknown("later"), None, None),
    ],
)
def test_intervals(seconds: object, role: object, said: str | None, say: Say) -> None:
    interval = Duration(seconds) if isinstance(seconds, int) else seconds
    findings = say(faults, plan_of(database(monitoring_interval=interval, monitoring_role=role)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_a_form_that_is_not_known(say: Say) -> None:
    db = database(monitoring_interval=Duration(60), extras={"MonitoringRoleArn": {"odd": 1}})
    assert say(faults, plan_of(db)) == []


@pytest.mark.parametrize(
    ("service", "count"), [("monitoring.rds.amazonaws.com", 0), ("rds.amazonaws.com", 1), (Unknown("later"), 0)]
)
def test_trust(service: str, count: int, say: Say) -> None:
    trust = Policy((Statement(principals=(Principal("Service", service),), actions=("sts:AssumeRole",)),))
    db = database(monitoring_interval=Duration(60), monitoring_role=Ref("Role"))
    assert len(say(faults, plan_of(db, Role(key="Role", trust=trust)))) == count


def test_a_trust_that_cannot_be_seen(say: Say) -> None:
    db = database(monitoring_interval=Duration(60), monitoring_role=Ref("Role"))
    assert say(faults, plan_of(db, Role(key="Role", trust=Policy(())))) == []


@pytest.mark.parametrize(
    ("seconds", "right"), [(2, 1), (3, 1), (4, 5), (7, 5), (8, 10), (22, 15), (23, 30), (45, 30), (61, 60)]
)
def test_the_nearest_interval(seconds: int, right: int, mends: Mends) -> None:
    wrong = database(monitoring_interval=Duration(seconds), monitoring_role="arn:aws:iam::123456789012:role/watch")
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, monitoring_interval=Duration(right)),)]
