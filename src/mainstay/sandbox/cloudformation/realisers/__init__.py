"""How each kind of plan resource is made real, in one visible table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.plan.resources import Resource
from mainstay.sandbox.cloudformation.realisers import (
    backup,
    database,
    dns,
    functions,
    keys,
    network,
    options,
    proxies,
    rules,
    services,
    stacks,
    watching,
)
from mainstay.sandbox.cloudformation.realisers.making import Made, Making, Realiser

REALISERS: Final[Mapping[type[Resource], Realiser[Any]]] = {
    **network.REALISERS,
    **keys.REALISERS,
    **database.REALISERS,
    **backup.REALISERS,
    **services.REALISERS,
    **options.REALISERS,
    **proxies.REALISERS,
    **dns.REALISERS,
    **rules.REALISERS,
    **functions.REALISERS,
    **watching.REALISERS,
    **stacks.REALISERS,
}
"""By the class of plan resource; a class that is not here is in NOT_REALISED, with the reason."""

NOT_REALISED: Final[Mapping[str, str]] = {}
"""Why a class of plan resource has no realiser, by its name: what a deployment that holds one is refused with."""

__all__ = ["NOT_REALISED", "REALISERS", "Made", "Making", "Realiser"]
