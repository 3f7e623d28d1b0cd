"""ST004: outputs, functions' environments, hosts' user data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.stack.secret_shown import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.plan import Output, Parameter
from mainstay.plan.resources import Function, Instance, Resource, RotationSchedule, Secret
from mainstay.plan.values import Attr, Param, Ref, SecretField, join

Say = Callable[..., list[Finding]]
PASSWORD = SecretField(Ref("Secret"), "password")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (PASSWORD, 1),
        (join("postgres://shop:", PASSWORD, "@db"), 1),
        (SecretField(Ref("Secret"), "username"), 0),
        (Attr("Secret", "arn"), 0),
        (Param("Hidden"), 1),
        (Param("Used"), 1),
        (Param("Name"), 0),
        ("text", 0),
    ],
)
def test_outputs(value: object, count: int, say: Say) -> None:
    plan = plan_of(database(password=Param("Used")), Secret(key="Secret"))
    declared = (Parameter(name="Hidden", is_secret=True), Parameter(name="Used"), Parameter(name="Name"))
    output = Output(name="Login", value=value)  # type: ignore[arg-type]  # whatever a case wants
    plan = replace(plan, regions=(replace(plan.primary, parameters=declared, outputs=(output,)),))
    findings = say(faults, plan)
    assert [(finding.subject, finding.severity) for finding in findings] == [("Template", Severity.ERROR)] * count


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        ((), 1),
        ((RotationSchedule(key="Rotation", secret=Ref("Secret")),), 0),  # SE005 speaks of it
        ((RotationSchedule(key="Rotation", secret=Ref("Other")), Secret(key="Other")), 1),
        ((RotationSchedule(key="Rotation", secret="arn"),), 0),
    ],
)
def test_functions(resources: tuple[Resource, ...], count: int, say: Say) -> None:
    function = Function(key="App", role="role", environment={"NAME": "shop", "LOGIN": PASSWORD})
    findings = say(faults, plan_of(Secret(key="Secret"), function, *resources))
    assert [(finding.subject, finding.severity) for finding in findings] == [("App", Severity.WARNING)] * count


@pytest.mark.parametrize(
    ("user_data", "count"),
    [
        (join("export PGPASSWORD=", PASSWORD), 1),
        (join("export PGUSER=", SecretField(Ref("Secret"), "username")), 0),
        (join("get-secret-value --secret-id ", Attr("Secret", "id")), 0),
        (Param("Used"), 1),
        (Param("Name"), 0),
        (None, 0),
    ],
)
def test_hosts(user_data: object, count: int, say: Say) -> None:
    host = Instance(key="Bastion", image="ami-1", user_data=user_data)  # type: ignore[arg-type]  # as above
    findings = say(faults, plan_of(database(password=Param("Used")), Secret(key="Secret"), host))
    assert [(finding.subject, finding.severity) for finding in findings] == [("Bastion", Severity.ERROR)] * count


def test_a_stack_of_one_resource(say: Say) -> None:
    plan = plan_of(Secret(key="Secret"))
    plan = replace(plan, regions=(replace(plan.primary, outputs=(Output(name="Login", value=PASSWORD),)),))
    assert len(say(faults, plan)) == 1
