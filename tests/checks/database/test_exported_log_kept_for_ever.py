"""DB023: whose log group it is, and how long it keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.exported_log_kept_for_ever import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import LogGroup, Opaque
from mainstay.plan.values import Attr, Param, Unknown, Value, join

Say = Callable[..., list[Finding]]
MONTH = Duration.days(30)
OF_REFERENCE = join("/aws/rds/instance/", Attr("Database", "id"), "/postgresql")


@pytest.mark.parametrize(
    ("identifier", "name", "keeps", "count"),
    [
        ("shop", "/aws/rds/instance/shop/postgresql", MONTH, 0),
        ("Shop", "/aws/rds/instance/shop/postgresql", MONTH, 0),  # RDS stores it in small letters
        ("shop", "/aws/rds/instance/shop/postgresql", None, 1),
        ("shop", "/aws/rds/instance/shop/postgresql", Duration(0), 1),
        ("shop", "/aws/rds/instance/other/postgresql", MONTH, 1),
        ("shop", "/aws/rds/instance/shop/upgrade", MONTH, 1),
        (None, OF_REFERENCE, MONTH, 0),
        ("shop", OF_REFERENCE, MONTH, 0),
        (None, OF_REFERENCE, None, 1),
        (Param("Name"), "/aws/rds/instance/shop/postgresql", MONTH, 0),
        ("shop", Param("Group"), MONTH, 0),
        ("shop", join("/aws/rds/instance/shop/", Param("Log")), MONTH, 0),
        ("shop", Unknown("later"), Unknown("later"), 0),
        ("shop", None, MONTH, 1),
    ],
)
def test_groups(identifier: object, name: Value[str] | None, keeps: Duration | None, count: int, say: Say) -> None:
    db = database(identifier=identifier, log_exports=("postgresql",))
    findings = say(faults, plan_of(db, LogGroup(key="Log", name=name, retention=keeps)))
    assert len(findings) == count


def test_all_that_are_missing_at_once(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(identifier="shop", log_exports=("postgresql", "upgrade"))))
    assert "how long postgresql, upgrade of Database are kept" in finding.detail
    assert "/aws/rds/instance/shop/postgresql" in finding.hint
    (finding,) = say(faults, plan_of(database(log_exports=("postgresql", Param("Log")))))
    assert "how long postgresql of Database is kept" in finding.detail
    assert "/aws/rds/instance/<identifier>/postgresql" in finding.hint


def test_nothing_exported(say: Say) -> None:
    assert say(faults, plan_of(database())) == []
    assert say(faults, plan_of(database(log_exports=("slow-query",)))) == []  # DB021 speaks of it
    assert say(faults, plan_of(database(engine="sqlserver-ee", log_exports=("agent",)))) == []


def test_a_retention_that_is_set_some_other_way(say: Say) -> None:
    db = database(identifier="shop", log_exports=("postgresql",))
    assert say(faults, plan_of(db, Opaque(key="Retention", type="Custom::LogRetention"))) == []
    assert len(say(faults, plan_of(db, Opaque(key="Thing", type="Custom::Thing")))) == 1
    odd = LogGroup(key="Log", name="/aws/rds/instance/shop/postgresql", extras={"RetentionInDays": []})
    assert say(faults, plan_of(db, odd)) == []
