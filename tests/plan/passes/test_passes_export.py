"""What starts exports: which snapshots call the function, and what its role reaches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.functions.packaging import HANDLERS
from mainstay.plan.passes.logical import EXPORT_FUNCTION
from mainstay.plan.patterns import Like
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import EventRule, Function, FunctionPermission, Role, SecurityGroup
from mainstay.plan.values import Attr, Join, Ref, Value

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]
EXPORTED = {"protection__export": "{every: 7d}"}
BACKED_UP = {"protection__backup_plan": "{daily: {keep: 7d}}"}


def rule(plan: Plan) -> EventRule:
    found = plan.primary["SnapshotEvents"]
    assert isinstance(found, EventRule)
    return found


def statements(plan: Plan) -> dict[str, Statement]:
    role = plan.primary[f"{EXPORT_FUNCTION}Role"]
    assert isinstance(role, Role)
    return {one.sid: one for policy in role.policies for one in policy.document.statements}


def ends(values: tuple[Value[str], ...]) -> list[str]:
    """The last parts of ARNs that only the target knows whole."""
    return [str(one.parts[-1]).lstrip(":") for one in values if isinstance(one, Join)]


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
def test_exports_land(complaints: Complaints, engine: str) -> None:
    assert complaints(**EXPORTED, **BACKED_UP, database__engine=engine, network__nat="none") == []


def test_a_new_snapshot_calls_the_function(built: Built) -> None:
    plan = built(**EXPORTED)
    pattern = rule(plan).pattern
    assert pattern
    assert pattern.values_at("source") == ("aws.rds",)
    assert pattern.values_at("detail-type") == ("RDS DB Snapshot Event",)
    assert pattern.values_at("detail", "EventCategories") == ("creation",)
    assert pattern.values_at("detail", "SourceIdentifier") == (Like("prefix", "rds:shop-dev-"),)
    assert [one.arn for one in rule(plan).targets] == [Attr(EXPORT_FUNCTION, "arn")]
    (permission,) = plan.of(FunctionPermission)
    assert (permission.function, permission.source_arn) == (Ref(EXPORT_FUNCTION), Attr("SnapshotEvents", "arn"))


def test_aws_backup_s_snapshots_are_taken_where_it_makes_some(built: Built) -> None:
    pattern = rule(built(**EXPORTED, **BACKED_UP)).pattern
    assert pattern
    assert pattern.values_at("detail", "SourceIdentifier") == (
        Like("prefix", "rds:shop-dev-"),
        Like("prefix", "awsbackup:"),
    )


def test_the_function_is_told_where_to_and_stands_in_no_network(built: Built) -> None:
    plan = built(**EXPORTED)
    (function,) = plan.of(Function)
    assert function.handler in HANDLERS
    assert function.subnets == ()
    assert "FunctionsGroup" not in {one.key for one in plan.of(SecurityGroup)}
    assert function.environment == {
        "MAINSTAY_INSTANCE": "shop-dev",
        "MAINSTAY_EXPORT_DAYS": "7",
        "MAINSTAY_EXPORT_BUCKET": Attr("ExportBucket", "id"),
        "MAINSTAY_EXPORT_ROLE": Attr("ExportRole", "arn"),
        "MAINSTAY_EXPORT_KEY": Attr("ExportKey", "arn"),
    }


def test_the_role_starts_exports_of_these_snapshots_with_this_role_only(built: Built) -> None:
    said = statements(built(**EXPORTED, **BACKED_UP))
    assert set(said) == {"Snapshots", "Tasks", "Role", "Keys", "Grants", "Log"}
    assert ends(said["Snapshots"].resources) == ["snapshot:rds:shop-dev-*", "snapshot:awsbackup:*"]
    assert [sid for sid, one in said.items() if "*" in one.resources] == ["Tasks"]
    passed = said["Role"]
    assert (passed.actions, passed.resources) == (("iam:PassRole",), (Attr("ExportRole", "arn"),))
    (condition,) = passed.conditions
    assert (condition.key, condition.values) == ("iam:PassedToService", ("export.rds.amazonaws.com",))
    assert said["Grants"].conditions[0].key == "kms:GrantIsForAWSResource"
    assert said["Keys"].resources == (Attr("ExportKey", "arn"), Attr("DatabaseKey", "arn"))


def test_without_exports_nothing_starts_one(built: Built) -> None:
    assert list(built().of(EventRule)) == []
