"""The ways to a deployed stack's databases, for the operations that log in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.ops.routes import Routes, Through
from mainstay.ops.site import Site

_BASTION: Final = "BastionId"  # an output of the stack (plan/passes/outputs)


def routes_to(site: Site, stack: str, through: Through | None) -> Routes:
    """The ways to a stack's databases. Errors: NotFound without a stack; InputRefused for a way that there is none."""
    return routes_by(site, site.doors.cloudformation.stack(stack).outputs, through)


def routes_by(site: Site, outputs: Mapping[str, str], through: Through | None) -> Routes:
    """The ways that a stack's outputs tell."""
    return Routes(site, bastion=outputs.get(_BASTION), through=through)
