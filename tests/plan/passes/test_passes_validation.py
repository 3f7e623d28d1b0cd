"""Validation of the database and of restored copies: what calls the functions, what they reach, what they expect."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mainstay.core.units import Bytes, Duration
from mainstay.functions import manifest
from mainstay.functions.manifest import Rows
from mainstay.functions.packaging import HANDLERS
from mainstay.plan.copies import secret_of_copy
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    Alarm,
    EventRule,
    Function,
    FunctionPermission,
    IngressRule,
    Key,
    Role,
    TopicPolicy,
    VpcEndpoint,
)
from mainstay.plan.values import ACCOUNT, Attr, Join, Ref, arn

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]
TESTED = {"protection__backup_plan": "{daily: {keep: 7d}, restore_test: {}}"}
EXPECTED = '{version: "17", tables: {orders: {min: 1}, countries: 249, notes: null}, is_complete: true}'


def function(plan: Plan, key: str) -> Function:
    found = plan.primary[key]
    assert isinstance(found, Function)
    return found


def statements(plan: Plan, key: str) -> dict[str, Statement]:
    role = plan.primary[key]
    assert isinstance(role, Role)
    return {one.sid: one for policy in role.policies for one in policy.document.statements}


def rule(plan: Plan, key: str) -> EventRule:
    found = plan.primary[key]
    assert isinstance(found, EventRule)
    return found


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
@pytest.mark.parametrize(
    "settings",
    [
        {"validation": f"{{every: 1d, expect: {EXPECTED}}}"},
        {"validation": "{events: [], every: 90m}", "network__nat": "none"},
        {**TESTED, "network__nat": "none"},
        {**TESTED, "validation": "{}", "credentials__rotation": "{}"},
    ],
    ids=["both", "schedule", "restores", "all"],
)
def test_validation_lands(complaints: Complaints, engine: str, settings: dict[str, str]) -> None:
    assert complaints(**settings, database__engine=engine) == []


def test_the_function_is_as_written(built: Built) -> None:
    usual = function(built(validation="{}"), "ValidationFunction")
    assert usual.handler in HANDLERS
    assert (usual.memory, usual.timeout) == (Bytes(256 * 2**20), Duration(300))
    assert usual.subnets
    assert usual.security_groups == (Ref("FunctionsGroup"),)
    assert usual.environment == {
        "MAINSTAY_SECRET": Attr("DatabaseSecret", "id"),
        "MAINSTAY_DATABASE": "tap",
        "MAINSTAY_INSTANCE": "shop-dev",
    }
    other = function(built(validation="{memory: 1 GiB, timeout: 15m}"), "ValidationFunction")
    assert (other.memory, other.timeout) == (Bytes.gib(1), Duration(900))


def test_it_can_connect_and_reads_its_secret_and_nothing_else(built: Built) -> None:
    plan = built(validation="{}", network__nat="none")
    admitted = [one for one in plan.of(IngressRule) if one.source_group == Ref("FunctionsGroup")]
    assert (Ref("DatabaseGroup"), 5432) in {(one.group, one.to_port) for one in admitted}
    said = statements(plan, "ValidationFunctionRole")
    assert {sid for sid, one in said.items() if one.effect == "Allow"} == {
        "Secret",
        "SecretKey",
        "Copies",
        "Log",
        "Interfaces",
        "Looking",
    }
    assert said["Secret"].resources == (Attr("DatabaseSecret", "id"),)


def test_it_reads_the_logins_of_drills_copies(built: Built) -> None:
    said = statements(built(validation="{}", network__nat="none"), "ValidationFunctionRole")["Copies"]
    assert said.actions == ("secretsmanager:GetSecretValue",)
    assert said.resources == (arn("secretsmanager", f"secret:{secret_of_copy('shop-dev-validation', '*')}"),)


def test_events_of_the_primary_call_it_and_the_permission_names_the_rule(built: Built) -> None:
    plan = built(validation="{}", database__replicas="{count: 1}")
    called = rule(plan, "ValidationEvents")
    assert called.pattern
    assert called.pattern.values_at("source") == ("aws.rds",)
    assert called.pattern.values_at("detail-type") == ("RDS DB Instance Event",)
    assert called.pattern.values_at("detail", "SourceIdentifier") == ("shop-dev",)
    categories = ("availability", "backup", "configuration change", "failure")
    assert called.pattern.values_at("detail", "EventCategories") == categories
    assert [one.arn for one in called.targets] == [Attr("ValidationFunction", "arn")]
    (permission,) = plan.of(FunctionPermission)
    assert (permission.principal, permission.source_arn) == ("events.amazonaws.com", Attr(called.key, "arn"))
    assert (permission.function, permission.source_account) == (Ref("ValidationFunction"), ACCOUNT)


def test_people_are_told_of_each_event_once(built: Built) -> None:
    """The subscription tells of the other categories; the topic and its key have to admit EventBridge."""
    plan = built(validation="{}")
    told = rule(plan, "AvailabilityEvents")
    assert told.pattern
    assert told.pattern.values_at("detail", "EventCategories") == ("availability",)
    assert [one.arn for one in told.targets] == [Attr("AlertsTopic", "arn")]
    policy = next(plan.of(TopicPolicy)).policy
    key = plan.primary["AlertsKey"]
    assert isinstance(key, Key)
    for document in (policy, key.policy):
        assert "events.amazonaws.com" in {who.value for one in document.statements for who in one.principals}
    without = built(validation="{events: [backup]}")
    assert [one.key for one in without.of(EventRule)] == ["ValidationEvents"]
    policies = next(without.of(TopicPolicy)).policy
    assert "events.amazonaws.com" not in {who.value for one in policies.statements for who in one.principals}


def test_a_schedule_calls_it_as_well(built: Built) -> None:
    plan = built(validation="{events: [], every: 36h}")
    (scheduled,) = plan.of(EventRule)
    assert str(scheduled.schedule) == "rate(36 hours)"
    assert [one.arn for one in scheduled.targets] == [Attr("ValidationFunction", "arn")]
    (permission,) = plan.of(FunctionPermission)
    assert permission.source_arn == Attr("ValidationSchedule", "arn")


def test_what_is_expected_is_what_the_function_reads(built: Built) -> None:
    packed = built(validation=f"{{expect: {EXPECTED}}}").intent.manifest
    assert packed
    read = manifest.read(packed, "packed")
    assert (read.version, read.is_complete) == ("17", True)
    assert read.tables == {"orders": Rows(1, None), "countries": Rows(249, 249), "notes": Rows()}
    settings = built(validation="{expect: {character_set: UTF8, collation: C, replication: none}}").intent.manifest
    assert settings
    assert json.loads(settings) == {"character_set": "UTF8", "collation": "C", "replication": "none"}
    assert manifest.read(settings, "packed").replication == "none"
    assert built(validation="{}").intent.manifest is None
    assert built().intent.manifest is None


def test_a_failed_validation_is_an_alarm_and_the_function_an_output(built: Built) -> None:
    plan = built(validation="{}")
    alarm = plan.primary["ValidationFunctionAlarm"]
    assert isinstance(alarm, Alarm)
    assert alarm.dimensions == {"FunctionName": Ref("ValidationFunction")}
    outputs = {one.name: one.value for one in plan.primary.outputs}
    assert outputs["ValidationFunctionArn"] == Attr("ValidationFunction", "arn")


def test_a_restore_test_is_followed_by_a_verdict(built: Built) -> None:
    plan = built(**TESTED)
    called = rule(plan, "RestoreTestEvents")
    assert called.pattern
    assert called.pattern.values_at("source") == ("aws.backup",)
    assert called.pattern.values_at("detail", "status") == ("COMPLETED",)
    assert called.pattern.values_at("detail", "resourceType") == ("RDS",)
    assert called.pattern.values_at("detail", "restoreTestingPlanArn") == (Attr("RestoreTestingPlan", "arn"),)
    assert [one.arn for one in called.targets] == [Attr("RestoreValidationFunction", "arn")]
    assert function(plan, "RestoreValidationFunction").handler in HANDLERS
    said = statements(plan, "RestoreValidationFunctionRole")
    assert set(said["Jobs"].actions) == {"backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"}
    (copies,) = said["Copies"].resources
    assert isinstance(copies, Join)
    assert str(copies.parts[-1]).endswith(":db:awsbackup-restore-test-*")
    assert "RestoreValidationFunctionAlarm" in {one.key for one in plan.of(Alarm)}


def test_in_a_closed_network_the_verdict_has_its_doors(built: Built) -> None:
    plan = built(**TESTED, network__nat="none")
    doors = {str(one.service.parts[-1]) for one in plan.of(VpcEndpoint) if isinstance(one.service, Join)}
    assert doors == {".backup", ".rds", ".secretsmanager"}


def test_a_second_region_has_no_functions(built: Built) -> None:
    plan = built(validation="{}", credentials__rotation="{}", disaster_recovery="{region: eu-west-1}")
    assert [type(one).__name__ for one in plan.regions[1].resources if one.key.startswith("Function")] == []
    assert list(plan.regions[1].of(Function)) == []
