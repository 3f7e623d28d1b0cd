"""Where a copy goes: which region and account its vault is in, and that vault where the plan has it."""

from __future__ import annotations

import re

from mainstay.checks.links import linked
from mainstay.checks.scene import Scene, literal
from mainstay.plan.resources import BackupSelection, BackupVault
from mainstay.plan.values import Attr, Join, Pseudo, Ref

_OWN = "(own)"
_UNSEEN = "(unseen)"
_ACCOUNT = re.compile(r"[0-9]{12}")


def account_of(link: object, scene: Scene) -> str | None:
    """The account that a vault is in, when it is a number that is not this one's own; None when that is uncertain."""
    account, own = _fields(link)[4], own_account(scene)
    return account if own is not None and _ACCOUNT.fullmatch(account) and account != own else None


def account_in(link: object) -> str | None:
    """The account that an ARN is of: its number, or an empty text for the target's own; None when it cannot be seen."""
    account = _fields(link)[4]
    return account if _ACCOUNT.fullmatch(account) else "" if account == _OWN else None


def own_account(scene: Scene) -> str | None:
    """The account that the plan is for: as promised, or that of a role that a selection names, which has to be its."""
    if scene.plan.intent.account is not None:
        return scene.plan.intent.account
    roles = (_fields(one.role)[4] for one in scene.region.of(BackupSelection))
    return next((account for account in roles if _ACCOUNT.fullmatch(account)), None)


def stays(link: object, scene: Scene) -> bool:
    """Whether a vault is for sure in this very region and account."""
    fields = _fields(link)
    region, account = fields[3], fields[4]
    is_here = region == _OWN or (bool(region) and region == scene.region.region)
    return is_here and (account == _OWN or account == own_account(scene))


def leaves_region(link: object, scene: Scene) -> bool:
    """Whether a vault is for sure in another region than this one."""
    region, here = _fields(link)[3], scene.region.region
    return bool(here) and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", region) is not None and region != here


def vault_at(link: object, scene: Scene) -> BackupVault | None:
    """The vault that a link leads to: in this region by reference or name, or in another region of the plan by ARN."""
    found = linked(link, scene)
    if isinstance(found, BackupVault):
        return found
    fields = _fields(link)
    name, region = fields[6], fields[3]
    for one in scene.plan.regions:
        if one is scene.region if region in (_OWN, "") else one.region == region:
            return next((vault for vault in one.of(BackupVault) if literal(vault.name, str) == name), None)
    return None


def _fields(link: object) -> list[str]:
    """The seven parts of an ARN; a name alone is one of this place, as is a reference."""
    text = _spelled(link)
    fields: list[str] = []
    if text.startswith("arn:"):
        fields = text.split(":")
    elif isinstance(link, str | Ref | Attr):
        fields = ["", "", "", _OWN, _OWN, "", text]
    return (fields + [_UNSEEN] * 7)[:7]


def _spelled(link: object) -> str:
    match link:
        case str():
            return link
        case Pseudo("account" | "region"):
            return _OWN
        case Join(parts):
            return "".join(_spelled(part) for part in parts)
    return _UNSEEN
