"""How each kind of plan resource is made real, in one visible table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.plan.resources import Resource
from mainstay.sandbox.cloudformation.realisers import database, keys, network, services
from mainstay.sandbox.cloudformation.realisers.making import Made, Making, Realiser

REALISERS: Final[Mapping[type[Resource], Realiser[Any]]] = {
    **network.REALISERS,
    **keys.REALISERS,
    **database.REALISERS,
    **services.REALISERS,
}
"""By the class of plan resource; a class that is not here fails the deployment by name."""

__all__ = ["REALISERS", "Made", "Making", "Realiser"]
