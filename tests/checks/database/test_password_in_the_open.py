"""DB032: literals, parameters and their defaults, secrets' texts, settings of functions and hosts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.database.password_in_the_open import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.plan import Parameter, Plan
from mainstay.plan.resources import Function, Instance, Resource, Secret
from mainstay.plan.values import If, Param, Ref, SecretField, Unknown, join

Say = Callable[..., list[Finding]]


def with_parameter(*resources: Resource, **changes: object) -> Plan:
    parameter = Parameter(**{"name": "Password", "is_secret": True, **changes})  # type: ignore[arg-type]  # as a case wants
    plan = plan_of(*resources)
    return replace(plan, regions=(replace(plan.primary, parameters=(parameter,)),))


@pytest.mark.parametrize(
    ("password", "count"),
    [
        ("hunter22", 1),
        (If("IsTest", "hunter22", Param("Password")), 1),
        ("", 0),
        (None, 0),
        (SecretField(Ref("Secret"), "password"), 0),
        (Unknown("later", "{{resolve:ssm-secure:password}}"), 0),
        (Param("Elsewhere"), 0),
    ],
)
def test_literals(password: object, count: int, say: Say) -> None:
    findings = say(faults, with_parameter(database(password=password)))
    assert len(findings) == count
    assert all("hunter" not in f"{finding}" for finding in findings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"is_secret": False}, "no NoEcho"),
        ({"default": "hunter22"}, "has a default"),
        ({"default": ""}, None),
        ({"is_secret": False, "default": "hunter22"}, "no NoEcho"),
        ({"type": "AWS::SSM::Parameter::Value<String>", "default": "/shop/password"}, None),
    ],
)
def test_parameters(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, with_parameter(database(password=Param("Password")), **changes))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"username": "shop", "password": "hunter22"}', 1),
        ('{"username": "shop", "password": ""}', 0),
        ('{"username": "shop", "password": {"length": 8}}', 0),
        ('{"username": "shop"}', 0),
        ('["password"]', 0),
        ("hunter22", 0),
        ('{"password": "{{resolve:ssm-secure:x}}"}', 0),
        ({"Fn::Sub": '{"password": "${Password}"}'}, 0),
        (None, 0),
    ],
)
def test_secrets(text: object, count: int, say: Say) -> None:
    extras = {} if text is None else {"SecretString": text}
    assert len(say(faults, plan_of(Secret(key="Secret", extras=extras)))) == count  # type: ignore[arg-type]  # JSON


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ({"DB_PASSWORD": "hunter22"}, 1),
        ({"dbPwd": "hunter22"}, 1),
        ({"DB_PASSWORD": ""}, 0),
        ({"DB_PASSWORD_SECRET": "shop"}, 0),
        ({"DB_URL": join("postgres://shop:", Param("Password"), "@host/shop")}, 1),
        ({"DB_PASSWORD": Param("Other")}, 0),
        ({"DB_PASSWORD": SecretField(Ref("Secret"), "password")}, 0),  # ST004 and SE005 speak of it
        ({}, 0),
    ],
)
def test_functions(environment: dict[str, object], count: int, say: Say) -> None:
    function = Function(key="App", role="role", environment=environment)  # type: ignore[arg-type]  # as a case wants
    findings = say(faults, with_parameter(database(password=Param("Password")), function))
    assert [finding.subject for finding in findings] == ["App"] * count


@pytest.mark.parametrize(("parameter", "count"), [("Password", 1), ("Other", 0)])
def test_hosts(parameter: str, count: int, say: Say) -> None:
    host = Instance(key="Host", image="ami-1", user_data=join("export PGPASSWORD=", Param(parameter)))
    findings = say(faults, with_parameter(database(password=Param("Password")), host))
    assert [finding.subject for finding in findings] == ["Host"] * count


def test_what_cannot_be_compared_is_no_password(say: Say) -> None:
    later = Unknown("later", {"Fn::GetAtt": ["Thing", "Value"]})
    function = Function(key="App", role="role", environment={"DB_PASSWORD": later})
    assert say(faults, with_parameter(database(password=Param("Password")), function)) == []
    assert say(faults, with_parameter(database(password=later), function)) == []
    other = Function(key="App", role="role", environment={"DB_PASSWORD": Param("Password")})
    assert say(faults, with_parameter(database(password=later), other)) == []
