"""SE003: who may call it, what it does, what its role may, and what else calls it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.secrets.rotation_function_cannot import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    EventRule,
    EventTarget,
    Function,
    FunctionPermission,
    Opaque,
    Resource,
    Role,
    RotationSchedule,
)
from mainstay.plan.values import PARTITION, Attr, Param, Ref, Unknown, join

Say = Callable[..., list[Finding]]
SCHEDULE = RotationSchedule(key="Rotation", secret="secret", function=Ref("Rotate"))
SERVICE = "secretsmanager.amazonaws.com"
ALL = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")


def function(**changes: object) -> Resource:
    return Function(**{"key": "Rotate", "role": "arn:aws:iam::1:role/x", **changes})  # type: ignore[arg-type]  # any


def may(principal: object = SERVICE, function: object = Ref("Rotate"), key: str = "Permission") -> Resource:
    given: dict[str, object] = {"key": key, "function": function, "principal": principal, "action": "lambda:Invoke"}
    return FunctionPermission(**given)  # type: ignore[arg-type]  # whatever a case wants


@pytest.mark.parametrize(
    ("permissions", "count"),
    [
        ((), 1),
        ((may(),), 0),
        ((may(Param("Service")),), 0),
        ((may(function="rotate"),), 0),  # by a name that may be this one's
        ((may(function=Ref("Other")),), 1),
    ],
)
def test_who_may_call(permissions: tuple[Resource, ...], count: int, say: Say) -> None:
    findings = say(faults, plan_of(SCHEDULE, function(), *permissions))
    assert len(findings) == count
    assert all(f"{SERVICE} may not call Rotate" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"code_text": "createSecret setSecret testSecret finishSecret"}, None),
        ({"code_text": "createSecret setSecret testSecret"}, "finishSecret"),
        ({"code_text": "def handler(event, context): return 200"}, "createSecret, setSecret, testSecret, finishSecret"),
        ({"code_text": "import rotation", "layers": ("arn",)}, None),
        ({"code_text": Unknown("later")}, None),
        ({}, None),
    ],
)
def test_the_four_steps(changes: dict[str, object], missing: str | None, say: Say) -> None:
    findings = say(faults, plan_of(SCHEDULE, function(**changes), may()))
    assert len(findings) == (missing is not None)
    assert all(f"knows no {missing}." in finding.detail for finding in findings)


def role(*names: str, managed: tuple[object, ...] = (), **changes: object) -> Resource:
    allowed = Statement(actions=tuple(f"secretsmanager:{name}" for name in names), resources=("*",))
    policies = (InlinePolicy("own", Policy((allowed,))),) if names else ()
    given = {"key": "Role", "trust": Policy(()), "policies": policies, "managed_policies": managed, **changes}
    return Role(**given)  # type: ignore[arg-type]  # whatever a case wants


BASIC = join("arn:", PARTITION, ":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")


@pytest.mark.parametrize(
    ("resources", "lacks"),
    [
        ((role(*ALL),), None),
        ((role("*"),), None),
        ((role("Get*", "Describe*", "Put*"),), "secretsmanager:UpdateSecretVersionStage."),
        ((role("GetSecretValue"),), "secretsmanager:DescribeSecret, secretsmanager:PutSecretValue"),
        ((role(),), "secretsmanager:DescribeSecret"),
        ((role(managed=(BASIC,)),), "secretsmanager:DescribeSecret"),
        ((role(managed=("arn:aws:iam::aws:policy/SecretsManagerReadWrite",)),), None),
        ((role(managed=(Param("Policy"),)),), None),
        ((role(extras={"Policies": "odd"}),), None),
        ((role(policies=(Unknown("later", is_list=True),)),), None),
        ((role(), Opaque(key="More", type="AWS::IAM::Policy")), None),
        ((role(), Opaque(key="More", type="aws_iam_policy_attachment")), None),
        ((role(), Opaque(key="More", type="AWS::EC2::KeyPair")), "secretsmanager:DescribeSecret"),
    ],
)
def test_roles(resources: tuple[Resource, ...], lacks: str | None, say: Say) -> None:
    findings = say(faults, plan_of(SCHEDULE, function(role=Ref("Role")), may(), *resources))
    assert [finding.subject for finding in findings] == ([] if lacks is None else ["Role"])
    assert all(lacks in finding.detail for finding in findings if lacks)


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        ((may("apigateway.amazonaws.com", key="Api"),), 1),
        ((may(Param("Service"), key="Some"),), 0),
        ((may("s3.amazonaws.com", function="rotate", key="Named"),), 0),
        ((EventRule(key="Rule", targets=(EventTarget(name="x", arn=Attr("Rotate", "arn")),)),), 1),
        ((EventRule(key="Rule", targets=(EventTarget(name="x", arn=Attr("Other", "arn")),)),), 0),
        ((EventRule(key="Rule", targets=(Unknown("later", is_list=True),)),), 0),  # type: ignore[arg-type]  # a list
    ],
)
def test_a_function_for_something_else(resources: tuple[Resource, ...], count: int, say: Say) -> None:
    findings = say(faults, plan_of(SCHEDULE, function(), may(), *resources))
    assert [finding.severity for finding in findings] == [Severity.WARNING] * count


def test_a_function_of_somebody_else(say: Say) -> None:
    assert say(faults, plan_of(RotationSchedule(key="Rotation", secret="secret", function="arn"))) == []
