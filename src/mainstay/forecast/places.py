"""Where a vault stands: region and account, as far as the plan tells."""

from __future__ import annotations

import re

from mainstay.core.records import dataclass
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupVault
from mainstay.plan.values import Join, Param, Pseudo

# The colons of an ARN, with a mark for what only the target knows.
_ARN = re.compile(r"arn:[^:]*:backup:(?P<region>[^:]*):(?P<account>[^:]*):backup-vault:(?P<name>.+)")
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Place:
    """A vault's region and account. `account` is empty for the plan's own; None is what the plan does not tell."""

    region: str | None
    account: str | None
    vault: BackupVault | None = None


def place_of(vault: object, home: RegionPlan, plan: Plan) -> Place:
    """Where the vault stands that a link names: a reference, an ARN, or a parameter that a deployment fills."""
    own = home.resolve(vault, BackupVault)
    if own is not None:
        return Place(home.region, "", own)
    found = _ARN.fullmatch(_flat(vault))
    if found is None:
        return _elsewhere_in(plan) if isinstance(vault, Param) else Place(None, None)
    region = home.region if found["region"] == "region" else None if _UNKNOWN in found["region"] else found["region"]
    return Place(region, _account(found["account"], plan), _named(found["name"], region, plan))


def _flat(value: object) -> str:
    match value:
        case str():
            return value
        case Pseudo(name):
            return name
        case Join(parts):
            return "".join(map(_flat, parts))
    return _UNKNOWN


def _account(text: str, plan: Plan) -> str | None:
    """An ARN with digits may well name the plan's own account, which is known only where somebody wrote it down."""
    own = plan.intent.account
    if text in ("account", own):
        return ""
    return text if own and text.isdigit() else None


def _named(name: str, region: str | None, plan: Plan) -> BackupVault | None:
    vaults = (one for each in plan.regions if each.region == region for one in each.of(BackupVault))
    return next((one for one in vaults if one.name == name), None)


def _elsewhere_in(plan: Plan) -> Place:
    """A parameter for a vault is filled from the plan's other region, where there is one with a vault."""
    for region in plan.regions[1:]:
        for vault in region.of(BackupVault):
            return Place(region.region, "", vault)
    return Place(None, None)
