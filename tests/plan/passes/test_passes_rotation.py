"""Rotation: the function, who may call it, what its role reaches, and its way to the database and to AWS."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mainstay.core.units import Duration
from mainstay.functions.packaging import HANDLERS
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    Alarm,
    EgressRule,
    Function,
    FunctionPermission,
    IngressRule,
    LogGroup,
    Role,
    RotationSchedule,
    Secret,
    VpcEndpoint,
)
from mainstay.plan.values import ACCOUNT, Attr, Join, Param, Ref

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]
SINGLE = {"credentials__rotation": "{every: 30d}"}
ALTERNATING = {"credentials__rotation": "{every: 7d, users: alternating, application_user: shop_app}"}


def statements(plan: Plan, key: str) -> dict[str, Statement]:
    role = plan.primary[key]
    assert isinstance(role, Role)
    return {one.sid: one for policy in role.policies for one in policy.document.statements}


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
@pytest.mark.parametrize("rotation", [SINGLE, ALTERNATING], ids=["single", "alternating"])
@pytest.mark.parametrize("nat", ["per_zone", "none"])
def test_rotation_lands(complaints: Complaints, engine: str, rotation: dict[str, str], nat: str) -> None:
    said = complaints(
        **rotation,
        database__engine=engine,
        network__nat=nat,
        access__bastion="{}",
        access__application_role="{}",
        alerts__composite="true",
    )
    assert said == []


def test_the_function_is_ours_and_its_code_is_the_deployers(built: Built) -> None:
    plan = built(**SINGLE, functions__architecture="x86_64", credentials__password_length="40")
    (function,) = plan.of(Function)
    assert function.handler in HANDLERS
    assert (function.code_bucket, function.code_key) == (Param("CodeBucket"), Param("RotationFunctionCode"))
    assert [one.name for one in plan.primary.parameters] == ["CodeBucket", "RotationFunctionCode"]
    assert all(one.default is None for one in plan.primary.parameters)
    assert (function.name, function.architectures) == ("shop-dev-rotation", ("x86_64",))
    assert isinstance(function.timeout, Duration)
    assert function.timeout >= 30
    assert function.environment["MAINSTAY_PASSWORD_LENGTH"] == "40"
    secret = plan.primary["DatabaseSecret"]
    assert isinstance(secret, Secret)
    assert secret.generate
    assert function.environment["MAINSTAY_EXCLUDED_CHARACTERS"] == secret.generate.excluded_characters
    log = plan.primary["RotationFunctionLog"]
    assert isinstance(log, LogGroup)
    assert (log.name, log.retention) == ("/aws/lambda/shop-dev-rotation", Duration.days(7))
    assert function.log_group == Ref(log.key)


def test_only_secrets_manager_may_call_it_and_only_for_this_secret(built: Built) -> None:
    plan = built(**SINGLE)
    (permission,) = plan.of(FunctionPermission)
    assert permission.principal == "secretsmanager.amazonaws.com"
    assert (permission.source_arn, permission.source_account) == (Attr("DatabaseSecret", "id"), ACCOUNT)
    (schedule,) = plan.of(RotationSchedule)
    assert (schedule.every, schedule.secret) == (Duration.days(30), Ref("DatabaseSecret"))
    assert {Ref("DatabaseSecretAttachment"), Ref(permission.key)} < set(schedule.depends_on)


def test_the_role_reaches_its_secrets_and_nothing_else(built: Built) -> None:
    for settings, secrets in ((SINGLE, ["DatabaseSecret"]), (ALTERNATING, ["DatabaseSecret", "ApplicationSecret"])):
        said = statements(built(**settings), "RotationFunctionRole")
        assert list(said["Rotate"].resources) == [Attr(secret, "id") for secret in secrets]
        assert said["SecretKey"].resources == (Attr("DatabaseKey", "arn"),)
        assert said["SecretKey"].conditions[0].key == "kms:ViaService"
        everywhere = {sid for sid, one in said.items() if one.effect == "Allow" and "*" in one.resources}
        assert everywhere == {"NewPassword", "Looking"}
        assert said["Log"].resources == (Attr("RotationFunctionLog", "arn"),)
        # What Lambda may do in the function's name is denied to its code.
        denied = said["NotByCode"]
        assert denied.effect == "Deny"
        assert set(denied.actions) == {*said["Interfaces"].actions, *said["Looking"].actions}
        (condition,) = denied.conditions
        assert condition.key == "lambda:SourceFunctionArn"
        assert isinstance(condition.values[0], Join)
        assert str(condition.values[0].parts[-1]).endswith(":function:shop-dev-rotation")


def waits_for(plan: Plan) -> set[str]:
    (schedule,) = plan.of(RotationSchedule)
    return {one.key for one in schedule.depends_on}


def test_it_reaches_the_database_and_aws_both_ways_before_its_first_work(built: Built) -> None:
    plan = built(**SINGLE, database__engine="mysql", database__port="3333", network__nat="none")
    egress = {one.destination_group: one for one in plan.of(EgressRule) if one.group == Ref("FunctionsGroup")}
    assert {(peer, rule.from_port) for peer, rule in egress.items()} == {
        (Ref("DatabaseGroup"), 3333),
        (Ref("EndpointGroup"), 443),
    }
    ingress = [one for one in plan.of(IngressRule) if one.source_group == Ref("FunctionsGroup")]
    assert {(one.group, one.to_port) for one in ingress} == {(Ref("DatabaseGroup"), 3333), (Ref("EndpointGroup"), 443)}
    (endpoint,) = plan.of(VpcEndpoint)
    assert isinstance(endpoint.service, Join)
    assert endpoint.service.parts[-1] == ".secretsmanager"
    assert {one.key for one in (*egress.values(), *ingress, endpoint)} < waits_for(plan)


def test_without_endpoints_it_leaves_by_https_once_there_is_nat(built: Built) -> None:
    plan = built(**SINGLE, network__endpoints="none")
    assert list(plan.of(VpcEndpoint)) == []
    (way,) = [one for one in plan.of(EgressRule) if one.cidr]
    assert (way.group, way.from_port, way.to_port) == (Ref("FunctionsGroup"), 443, 443)
    assert {way.key, "PrivateDefaultRoute1", "PrivateDefaultRoute2"} < waits_for(plan)


def test_in_an_existing_network_it_stands_in_the_private_subnets(built: Built) -> None:
    isolated, private = "[subnet-0a1b2c3d, subnet-1a1b2c3d]", "[subnet-2a1b2c3d, subnet-3a1b2c3d]"
    plan = built(**SINGLE, network__existing=f"{{vpc: vpc-0a1b2c3d, isolated: {isolated}, private: {private}}}")
    (function,) = plan.of(Function)
    assert function.subnets == ("subnet-2a1b2c3d", "subnet-3a1b2c3d")


def test_alternating_users_are_the_application_s_and_the_master_is_their_superuser(built: Built) -> None:
    plan = built(**ALTERNATING, access__application_role="{}")
    secret = plan.primary["ApplicationSecret"]
    assert isinstance(secret, Secret)
    assert secret.generate
    assert isinstance(secret.generate.template, Join)
    before, arn, after = secret.generate.template.parts
    assert arn == Attr("DatabaseSecret", "id")
    assert json.loads(f"{before}arn{after}") == {"username": "shop_app", "masterarn": "arn"}
    assert {one.secret for one in plan.of(RotationSchedule)} == {Ref("DatabaseSecret"), Ref("ApplicationSecret")}
    (function,) = plan.of(Function)
    assert function.environment["MAINSTAY_MAKES_USER"] == "true"
    assert statements(plan, "ApplicationRole")["Secret"].resources == (Attr("ApplicationSecret", "id"),)
    assert "ApplicationSecret" in {one.name for one in plan.primary.outputs}
    assert "MAINSTAY_MAKES_USER" not in next(built(**SINGLE).of(Function)).environment


def test_an_error_of_the_function_is_an_alarm(built: Built) -> None:
    alarm = built(**SINGLE).primary["RotationFunctionAlarm"]
    assert isinstance(alarm, Alarm)
    assert (alarm.namespace, alarm.metric, alarm.statistic) == ("AWS/Lambda", "Errors", "Sum")
    assert (alarm.comparison, alarm.threshold) == ("GreaterThanThreshold", 0.0)
    assert alarm.dimensions == {"FunctionName": Ref("RotationFunction")}
    assert alarm.alarm_actions == (Ref("AlertsTopic"),)


def test_without_rotation_there_is_no_function(built: Built) -> None:
    assert list(built().of(Function)) == []
    assert built().primary.parameters == ()
