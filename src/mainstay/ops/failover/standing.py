"""Where a database stands in the other region: what the stack there says, and the primary's settings as planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.core.errors import NotFound, TargetRefused
from mainstay.ops.aws.rds import Placement
from mainstay.ops.failover.model import FailoverRequest
from mainstay.ops.site import Site

# Outputs of the second region's stack (plan/passes/recovery).
SUBNETS: Final = "SubnetGroupName"
GROUP: Final = "DatabaseGroupId"
PARAMETERS: Final = "ParameterGroupName"
OPTIONS: Final = "OptionGroupName"
VAULT: Final = "BackupVaultArn"
APPLICATION: Final = "ApplicationGroupId"


def outputs_of(site: Site, stack: str) -> Mapping[str, str]:
    """What the stack of the other region tells; NotFound without a stack, TargetRefused when it lacks a place."""
    state = site.doors.cloudformation.find_stack(stack)
    if state is None:
        raise NotFound(
            "no stack to fail over into",
            detail=f"There is no stack {stack} in {site.region} ({site.label}), where a restored database would stand.",
            hint="write disaster_recovery in the spec and deploy, before it is needed",
        )
    missing = [name for name in (SUBNETS, GROUP, PARAMETERS) if name not in state.outputs]
    if missing:
        raise TargetRefused(
            "the stack there is no place for a database",
            detail=f"Stack {stack} in {site.region} is {state.status} and has no output {', '.join(missing)}.",
            hint="deploy the spec again; its second region makes them",
        )
    return state.outputs


def placement(outputs: Mapping[str, str], request: FailoverRequest | None = None) -> Placement:
    """Where the outputs say; with a request as the primary was planned and to stay, without as a copy that goes."""
    place = Placement(
        subnet_group=outputs[SUBNETS],
        security_group_ids=(outputs[GROUP],),
        parameter_group=outputs[PARAMETERS],
        option_group=outputs.get(OPTIONS),
    )
    if request is None:
        return place
    return Placement(
        subnet_group=place.subnet_group,
        security_group_ids=place.security_group_ids,
        parameter_group=place.parameter_group,
        option_group=place.option_group,
        instance_class=request.instance_class,
        port=request.port,
        is_multi_az=request.is_multi_az,
        ca_certificate=request.ca_certificate,
        keeping=request.keeping,
    )


def vaults(outputs: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the vaults that copies are in."""
    return (outputs[VAULT].rsplit(":", 1)[-1],) if VAULT in outputs else ()
