"""BK034: tests that say where, and databases that stand somewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
)
from mainstay.checks.backup.restore_test_without_subnets import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    DbInstance,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"overrides": {"multiAz": "false"}}, 1),
        ({"overrides": {"dbSubnetGroupName": Param("Group")}}, 0),
        ({"overrides": {"DBSubnetGroupName": "isolated"}}, 0),
        ({"resource_type": "EBS"}, 0),
        ({"resource_type": Param("Type")}, 0),
        ({"extras": {"RestoreMetadataOverrides": {"Fn::If": []}}}, 0),
    ],
)
def test_tests(changes: dict[str, object], count: int, say: Say) -> None:
    tested = restore_test(**({"overrides": {}} | changes))
    assert len(say(faults, backed_up(TestedDatabase=tested))) == count


@pytest.mark.parametrize(
    ("db", "count"),
    [
        (database(subnet_group=Ref("Group")), 1),
        (database(subnet_group="default"), 0),
        (database(subnet_group=None), 0),
        (replica(key="Database", subnet_group="isolated"), 0),
        (None, 0),
    ],
)
def test_databases(db: DbInstance | None, count: int, say: Say) -> None:
    assert len(say(faults, backed_up(TestedDatabase=restore_test(overrides={}), Database=db))) == count


def test_the_first_database_of_its_own_in_subnets_is_named(say: Say) -> None:
    tested = restore_test(overrides={})
    others = (
        replica(key="A", source=Ref("Database"), subnet_group="isolated"),
        database(key="B", subnet_group=None),
        database(),
        database(key="Z"),
    )
    (finding,) = say(faults, plan_of(*others, tested))
    assert "without dbSubnetGroupName; Database itself stands in a subnet group" in finding.detail
