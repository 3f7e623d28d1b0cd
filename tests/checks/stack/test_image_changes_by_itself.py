"""ST005: images by parameter and by dynamic reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.stack.image_changes_by_itself import faults
from mainstay.core.findings import Finding
from mainstay.plan.plan import Parameter
from mainstay.plan.resources import Instance
from mainstay.plan.values import Param, Unknown

Say = Callable[..., list[Finding]]
SSM = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
NEWEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


@pytest.mark.parametrize(
    ("kind", "default", "count"),
    [
        (SSM, NEWEST, 1),
        (SSM, "/shop/bastion-image", 0),
        (SSM, None, 0),
        ("AWS::EC2::Image::Id", "ami-latest", 0),
    ],
)
def test_parameters(kind: str, default: str | None, count: int, say: Say) -> None:
    plan = plan_of(Instance(key="Bastion", image=Param("Image")))
    parameter = Parameter(name="Image", type=kind, default=default)
    plan = replace(plan, regions=(replace(plan.primary, parameters=(parameter,)),))
    findings = say(faults, plan)
    assert len(findings) == count
    assert all(f"runs whatever {NEWEST} names" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("image", "count"),
    [
        (Unknown("later", f"{{{{resolve:ssm:{NEWEST}}}}}"), 1),
        (Unknown("later", "{{resolve:ssm:/shop/image}}"), 0),
        (Unknown("later", {"Fn::FindInMap": ["latest", "a", "b"]}), 0),
        (Param("Elsewhere"), 0),
        ("ami-0123456789abcdef0", 0),
    ],
)
def test_references(image: object, count: int, say: Say) -> None:
    host = Instance(key="Bastion", image=image)  # type: ignore[arg-type]  # whatever a case wants
    findings = say(faults, plan_of(host))
    assert len(findings) == count
    assert all(f"runs whatever {NEWEST} names" in finding.detail for finding in findings)
