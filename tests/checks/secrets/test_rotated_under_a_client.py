"""SE005: who holds what, and whether it is rotated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.secrets.rotated_under_a_client import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import Function, Instance, Resource, RotationSchedule, Secret, SecretAttachment
from mainstay.plan.values import Attr, Param, Ref, SecretField, join

Say = Callable[..., list[Finding]]
SECRETS = (Secret(key="Secret"), Secret(key="Other"))
ROTATED = (*SECRETS, RotationSchedule(key="Rotation", secret=Ref("Secret")))
PASSWORD, NAME = SecretField(Ref("Secret"), "password"), SecretField(Ref("Secret"), "username")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (PASSWORD, 1),
        (join("postgres://shop:", PASSWORD, "@db"), 1),
        (NAME, 0),
        (SecretField(Ref("Other"), "password"), 0),
        (Attr("Secret", "arn"), 0),
        (Param("Password"), 0),
    ],
)
def test_functions_and_hosts(value: object, count: int, say: Say) -> None:
    function = Function(key="App", role="role", environment={"LOGIN": value})  # type: ignore[dict-item]  # any value
    host = Instance(key="Host", image="ami-1", user_data=value)  # type: ignore[arg-type]  # as above
    assert [finding.subject for finding in say(faults, plan_of(*ROTATED, function))] == ["App"] * count
    assert [finding.subject for finding in say(faults, plan_of(*ROTATED, host))] == ["Host"] * count


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        (SECRETS, 0),
        ((*SECRETS, RotationSchedule(key="Rotation", secret="arn")), 0),
        (
            (
                *SECRETS,
                SecretAttachment(key="Attachment", secret=Ref("Secret"), target="db"),
                RotationSchedule(key="Rotation", secret=Ref("Attachment")),
            ),
            1,
        ),
    ],
)
def test_what_is_rotated(resources: tuple[Resource, ...], count: int, say: Say) -> None:
    function = Function(key="App", role="role", environment={"LOGIN": PASSWORD})
    assert len(say(faults, plan_of(*resources, function))) == count
