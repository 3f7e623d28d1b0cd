"""Which machine image a bastion is made from: the one it has, or else the newest of its architecture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.site import Site
from mainstay.plan.plan import Parameter, RegionPlan
from mainstay.plan.resources import Instance
from mainstay.plan.values import Param

IMAGE_TYPE: Final = "AWS::EC2::Image::Id"
# Graviton families carry a `g` right after the generation: t4g, m7gd, c7gn, x2gd; a1 is the oldest
# (EC2 User Guide, instance-types, naming conventions, not re-read).
_GRAVITON: Final = re.compile(r"^(?:[a-z]+\d+g[a-z]*|a1)\.")


def architecture(instance_type: str) -> str:
    """`arm64` or `x86_64`, from an instance type such as `t4g.nano`."""
    return "arm64" if _GRAVITON.match(instance_type) else "x86_64"


def parameter_values(
    site: Site, region: RegionPlan, stack: StackState | None, given: Mapping[str, str], progress: Progress
) -> dict[str, str | None]:
    """A value for each of the plan's parameters; None keeps the one that the stack has.

    A given value wins, then the template's default, then the stack's own, then, for an image, the newest. A new
    image replaces the host, so that "newest" is only asked for a new stack. InputRefused names what is missing.
    """
    refuse_unknown(region.parameters, given)
    values: dict[str, str | None] = {}
    missing = []
    for parameter in region.parameters:
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
        elif parameter.default is not None:
            continue
        elif stack is not None and stack.takes_updates and parameter.name in stack.parameters:
            values[parameter.name] = None
        elif parameter.type == IMAGE_TYPE:
            values[parameter.name] = _newest(site, region, parameter, progress)
        else:
            missing.append(parameter.name)
    if missing:
        raise InputRefused(
            "parameters without a value",
            detail=f"The template has no default for: {', '.join(missing)}.",
            hint=f"give each one, such as --parameter {missing[0]}=VALUE",
        )
    return values


def refuse_unknown(parameters: Iterable[Parameter], given: Mapping[str, str]) -> None:
    """InputRefused names what was given and is no parameter."""
    known = {parameter.name for parameter in parameters}
    if unknown := sorted(given.keys() - known):
        raise InputRefused(
            "parameter not known",
            detail=f"The template has no parameter {', '.join(unknown)}; it has: {', '.join(sorted(known)) or 'none'}.",
            hint="leave it out, or correct its name",
        )


def _newest(site: Site, region: RegionPlan, parameter: Parameter, progress: Progress) -> str:
    types = {
        host.instance_type
        for host in region.of(Instance)
        if host.image == Param(parameter.name) and isinstance(host.instance_type, str)
    }
    wanted = {architecture(instance_type) for instance_type in types}
    if len(wanted) != 1:
        raise InputRefused(
            "image not known",
            detail=f"The instances that use {parameter.name} do not tell one architecture: {sorted(types) or 'none'}.",
            hint=f"name the image with --parameter {parameter.name}=ami-…",
        )
    found = wanted.pop()
    image = site.doors.ssm.newest_image(found)
    progress.note(f"{parameter.name}: {image}, the newest Amazon Linux 2023 for {found}")
    return image
