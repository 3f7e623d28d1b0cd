"""DB035: what the source lacks, what crosses regions, and what is written twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.replica_refused import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import If, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
SOURCE = "arn:aws:rds:eu-west-1:123456789012:db:shop"
HERE, THERE = (f"arn:aws:kms:{region}:123456789012:key/1" for region in ("us-east-1", "eu-west-1"))


@pytest.mark.parametrize(("days", "count"), [(0, 1), (1, 0), (None, 0)])
def test_a_source_needs_backups(days: int | None, count: int, say: Say) -> None:
    kept = None if days is None else Duration.days(days)
    findings = say(faults, plan_of(database(backup_retention=kept), replica()))
    assert [finding.subject for finding in findings] == ["Replica"] * count


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": SOURCE, "is_encrypted": True}, "names no key"),
        ({"source": SOURCE, "is_encrypted": True, "key_id": HERE}, None),
        ({"source": SOURCE, "is_encrypted": True, "key_id": THERE}, "of another region"),
        ({"source": SOURCE, "is_encrypted": True, "key_id": Ref("Key")}, None),
        ({"source": SOURCE, "is_encrypted": True, "key_id": "alias/shop"}, None),
        ({"source": SOURCE, "is_encrypted": True, "extras": {"KmsKeyId": []}}, None),
        ({"source": SOURCE}, None),
        ({"source": SOURCE.replace("eu-west-1", "us-east-1"), "is_encrypted": True}, None),
        ({"source": "shop", "is_encrypted": True}, None),
        ({"source": "arn:", "is_encrypted": True}, "of an instance in "),
        ({"source": Param("Source"), "is_encrypted": True}, None),
    ],
)
def test_across_regions(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(replica(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_a_template_that_says_no_region(say: Say) -> None:
    assert say(faults, plan_of(replica(source=SOURCE, is_encrypted=True), region="")) == []


def two_regions(source: str, near: DbInstance) -> Plan:
    far = RegionPlan(region="eu-west-1", resources=(database(identifier="shop"),))
    return Plan(regions=(far, RegionPlan(region="us-east-1", resources=(replica(source=source), near))))


def test_a_source_in_another_region_is_named_by_arn(say: Say) -> None:
    here = database(identifier="other")
    (finding,) = say(faults, two_regions("shop", here))
    assert "its source shop in eu-west-1 by its identifier" in finding.detail
    assert say(faults, two_regions("other", here)) == []
    assert say(faults, two_regions("elsewhere", here)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "shop"}, "has MasterUsername written"),
        ({"password": Param("Password"), "database_name": "shop"}, "MasterUserPassword, DBName"),
        ({"username": If("IsAlone", "shop", None)}, None),
        ({"password": Unknown("hidden")}, None),
        ({"username": "shop", "address": "aws_db_instance.replica"}, None),
        ({}, None),
    ],
)
def test_what_is_the_source_s(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(username="shop"), replica(**changes)))
    assert [finding.severity for finding in findings] == ([Severity.WARNING] if said else [])
    assert all(said in finding.detail for finding in findings if said)
