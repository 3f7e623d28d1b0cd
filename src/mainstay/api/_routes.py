"""The ways to a deployed stack's databases, for the operations that log in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.ops.routes import FindFunction, Routes, Through
from mainstay.ops.site import Site
from mainstay.ops.validation_function import ValidationFunction
from mainstay.plan.passes.logical import VALIDATION_FUNCTION

_BASTION: Final = "BastionId"  # an output of the stack (plan/passes/outputs)


def routes_to(site: Site, stack: str, through: Through | None) -> Routes:
    """The ways to a stack's databases. Errors: NotFound without a stack; InputRefused for a way that there is none."""
    return routes_by(site, site.doors.cloudformation.stack(stack).outputs, through)


def routes_by(
    site: Site, outputs: Mapping[str, str], through: Through | None, *, function: FindFunction | None = None
) -> Routes:
    """The ways that a stack's outputs tell; `function` finds its validation function, for who can do with one."""
    return Routes(site, bastion=outputs.get(_BASTION), function=function, through=through)


def function_of(site: Site, stack: str) -> ValidationFunction | None:
    """The validation function of a stack; None where it has none."""
    resources = site.doors.cloudformation.resources(stack)
    names = [one.physical_id for one in resources if one.logical_id == VALIDATION_FUNCTION and one.physical_id]
    return ValidationFunction(site, names[0]) if names else None
