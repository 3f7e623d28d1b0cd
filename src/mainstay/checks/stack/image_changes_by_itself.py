"""ST005: a host whose image is whatever is newest, so that any update may replace it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Parameter, Plan
from mainstay.plan.resources import Instance
from mainstay.plan.values import Param, Unknown

_NEWEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


def _plan(kind: str, default: str) -> Plan:
    plan = plan_of(Instance(key="Bastion", image=Param("Image")))
    parameter = Parameter(name="Image", type=kind, default=default)
    return replace(plan, regions=(replace(plan.primary, parameters=(parameter,)),))


def _bad() -> Plan:
    """A bastion with the newest Amazon Linux, by a public parameter"""
    return _plan("AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", _NEWEST)


def _good() -> Plan:
    """A bastion with an image by its id"""
    return _plan("AWS::EC2::Image::Id", "ami-0123456789abcdef0")


@rule(
    id="ST005",
    severity=Severity.WARNING,
    harm=Harm.OUTAGE,
    summary="a host is replaced by surprise",
    source="CloudFormation Template Reference, AWS::EC2::Instance, ImageId (Update requires: Replacement) (2026-11-20)",
    applies_to=(Instance,),
    field="image",
    bad=_bad,
    good=_good,
)
def faults(host: Instance, scene: Scene) -> Iterator[Fault]:
    """The parameter is looked up anew at each update of the stack. When AWS has published an image since, the update
    that was to change an alarm replaces the host, with its disk and its sessions.
    """
    declared = {parameter.name: parameter for parameter in scene.region.parameters}
    parameter = declared.get(host.image.name) if isinstance(host.image, Param) else None
    source = host.image.source if isinstance(host.image, Unknown) else None
    looked_up = str(source) if "{{resolve:ssm:" in str(source) else ""
    if parameter is not None and parameter.type.startswith("AWS::SSM::"):
        looked_up = parameter.default or ""
    if "latest" in looked_up:
        yield Fault(
            host,
            f"{host.key} runs whatever {looked_up.strip('{}').removeprefix('resolve:ssm:')} names at the time.",
            "pin the image's id, and change it when the host may be replaced",
        )
