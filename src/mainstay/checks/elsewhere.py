"""Ids that are no rule's: what other parts of the check say under one, and numbers that stay free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Freed:
    """A number that no rule has: what it would be about, and who says that instead."""

    about: str
    said_by: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What the check says beside its rules, under an id of its own."""

    severity: str
    about: str


_AGAINST: Final = "`mainstay plan --against`"

FREED: Final[Mapping[str, Freed]] = {
    "DB007": Freed("a change that replaces the database", _AGAINST),
    "DB008": Freed("a snapshot that is named no longer, or anew", _AGAINST),
    "DB028": Freed("a static parameter, whose change reboots the database at once", _AGAINST),
    "DB029": Freed("a group of a fixed name whose family or description changes", _AGAINST),
    "DB042": Freed("storage below what autoscaling has made of it", _AGAINST),
    "NW006": Freed("a security group whose description or name changes, which replaces it", _AGAINST),
    "DB039": Freed("a key that is deleted with the stack, and its waiting period", "BK032"),
    "DB046": Freed("a standby in the place of backups", "DB003"),
}

OF_ITSELF: Final[Mapping[str, Remark]] = {
    "MS001": Remark("warning", "a rule crashed; its question stays open for that resource"),
    "MS002": Remark("warning", "a suppression has expired, and its finding counts again"),
    "MS003": Remark("info", "a suppression matches nothing"),
    "MS004": Remark(
        "info",
        "a part was not looked at: a transform, a loop, a nested stack whose template is not on this machine",
    ),
    "MS005": Remark("error", "a file cannot be read as a design (in a report for other tools, or beside other files)"),
    "MS006": Remark("info", "what is known of AWS here was last checked more than a year ago"),
}

OF_THE_FORECAST: Final[Mapping[str, Remark]] = {
    "FC001": Remark("error", "the worst case of a failure within the region loses more data than `rpo` allows"),
    "FC002": Remark("error or warning", "it takes longer than `rto` allows: in every case, or only in the worst"),
    "FC003": Remark("info", "backups leave the region, but what they give there is less than the objectives say"),
}


def said_elsewhere(name: str) -> str | None:
    """A sentence about an id that is no rule's; None where nothing has it."""
    if name in FREED:
        return f"{name} is no rule: {FREED[name].about} is said by {FREED[name].said_by}."
    remark = OF_ITSELF.get(name) or OF_THE_FORECAST.get(name)
    if remark is not None:
        return f"{name} ({remark.severity}) is no rule; it says: {remark.about}."
    if name.startswith("SP"):
        return f"{name} is no rule: a fault of a spec's own says in its line what is wrong with it."
    return None
