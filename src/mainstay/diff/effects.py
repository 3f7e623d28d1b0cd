"""What a change does: to one field, to a resource, to a region, and to whoever is connected."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Literal

from mainstay.core.records import dataclass
from mainstay.facts import Outage

Action = Literal["added", "changed", "removed", "renamed", "left behind"]


class Effect(enum.StrEnum):
    """What becomes of the thing, from the lightest to the gravest."""

    CREATED = "created"
    IN_PLACE = "in place"
    IO_IMPACT = "in place, with brief I/O impact"
    PENDING_REBOOT = "pending reboot"
    DEFERRED = "deferred to the maintenance window"
    UNKNOWN = "cannot be compared"
    REMOVED = "removed"
    REBOOT = "reboot"
    FAILOVER = "failover"
    REFUSED = "refused"
    REPLACEMENT = "replacement"

    @property
    def gravity(self) -> int:
        """0 for the lightest."""
        return list(Effect).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs; `field` is the plan's word, `written` the target's own.

    `then` is what happens in the window when it is deferred, or if it differs when that cannot be told. `loses` says
    what is lost, `warning` what becomes weaker or is easily overlooked; both are empty otherwise.
    """

    field: str
    written: str
    before: str
    after: str
    effect: Effect
    reason: str
    source: str
    then: Effect | None = None
    outage: Outage | None = None
    warning: str = ""
    loses: str = ""

    @property
    def interrupts_now(self) -> bool:
        """Whether connections are interrupted when the change is carried out, not later."""
        return self.outage is not None and self.effect in (Effect.REBOOT, Effect.FAILOVER)

    def as_json(self) -> dict[str, object]:
        """The change as a JSON document; the outage in seconds."""
        return {
            "field": self.field,
            "property": self.written,
            "before": self.before,
            "after": self.after,
            "class": str(self.effect),
            "then": None if self.then is None else str(self.then),
            "reason": self.reason,
            "source": self.source,
            "outage": _outage_json(self.outage),
            "warning": self.warning,
            "loses": self.loses,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What becomes of one resource. `key` is its key now, `was` the one that it had before where that differs.

    `loses` says what is lost with it, `keeps` what its policies keep of that; a loss of what `is_guarded` is deployed
    only when it is confirmed by name. `instances` are the databases whose connections are interrupted although the
    change is another resource's.
    """

    key: str
    kind: str
    action: Action
    effect: Effect
    name: str = ""
    address: str = ""
    was: str = ""
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    source: str = ""
    warning: str = ""
    loses: str = ""
    keeps: str = ""
    is_guarded: bool = False
    instances: tuple[str, ...] = ()

    @property
    def losses(self) -> tuple[str, ...]:
        """Everything that is lost with this change, in words."""
        return tuple(dict.fromkeys(text for text in (self.loses, *(one.loses for one in self.fields)) if text))

    @property
    def outage(self) -> Outage | None:
        """The longest interruption that it makes now: changes of one instance are carried out together."""
        return longest(one.outage for one in self.fields if one.interrupts_now)

    @property
    def later_outage(self) -> Outage | None:
        """The longest interruption that it makes in the maintenance window, or at the next reboot."""
        return longest(one.outage for one in self.fields if not one.interrupts_now)

    def as_json(self) -> dict[str, object]:
        """The change as a JSON document."""
        return {
            "key": self.key,
            "kind": self.kind,
            "name": self.name,
            "address": self.address,
            "was": self.was,
            "action": self.action,
            "class": str(self.effect),
            "reason": self.reason,
            "source": self.source,
            "warning": self.warning,
            "loses": list(self.losses),
            "keeps": self.keeps,
            "outage": _outage_json(self.outage),
            "fields": [one.as_json() for one in self.fields],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionDifference:
    """The changes of one region, in the new plan's order, removals last; `notes` are about the region as a whole."""

    region: str
    stack: str
    changes: tuple[ResourceChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def interrupted(self) -> dict[str, Outage]:
        """Database → how long its connections are interrupted now."""
        return _by_database((change, change.outage) for change in self.changes)

    @property
    def interrupted_later(self) -> dict[str, Outage]:
        """Database → how long they are interrupted in its maintenance window or at its next reboot."""
        return _by_database((change, change.later_outage) for change in self.changes)

    def as_json(self) -> dict[str, object]:
        """The region as a JSON document."""
        return {
            "region": self.region,
            "stack": self.stack,
            "notes": list(self.notes),
            "changes": [change.as_json() for change in self.changes],
            "interrupts": {key: _outage_json(one) for key, one in self.interrupted.items()},
            "interrupts_later": {key: _outage_json(one) for key, one in self.interrupted_later.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything that differs between two plans, as `target` (CloudFormation or Terraform) would carry it out."""

    target: str
    regions: tuple[RegionDifference, ...]

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """The changes of every region."""
        return tuple(change for region in self.regions for change in region.changes)

    @property
    def losses(self) -> tuple[ResourceChange, ...]:
        """The changes that lose data."""
        return tuple(change for change in self.changes if change.losses)

    @property
    def refusals(self) -> tuple[ResourceChange, ...]:
        """The changes that the service, CloudFormation or Terraform would refuse."""
        return tuple(change for change in self.changes if change.effect is Effect.REFUSED)

    @property
    def outage(self) -> Outage | None:
        """How long the database that is interrupted longest is interrupted now."""
        return longest(one for region in self.regions for one in region.interrupted.values())

    @property
    def exit_code(self) -> int:
        """2 when data would be lost, 1 when something would be refused, 0 otherwise."""
        return 2 if self.losses else int(bool(self.refusals))

    def as_json(self) -> dict[str, object]:
        """The difference as a JSON document."""
        return {
            "target": self.target,
            "regions": [region.as_json() for region in self.regions],
            "loses_data": bool(self.losses),
            "is_refused": bool(self.refusals),
            "outage": _outage_json(self.outage),
            "exit_code": self.exit_code,
        }


def longest(outages: Iterator[Outage | None] | tuple[Outage | None, ...]) -> Outage | None:
    """The longest of them; None when there is none."""
    return max((one for one in outages if one is not None), key=lambda one: (one.most, one.least), default=None)


def gravest(effects: Iterator[Effect]) -> Effect:
    """The gravest of them, IN_PLACE when there is none."""
    return max(effects, key=lambda one: one.gravity, default=Effect.IN_PLACE)


def _by_database(found: Iterator[tuple[ResourceChange, Outage | None]]) -> dict[str, Outage]:
    interrupted: dict[str, Outage] = {}
    for change, outage in found:
        for key in change.instances or (change.key,):
            worst = longest((interrupted.get(key), outage))
            if worst is not None:
                interrupted[key] = worst
    return interrupted


def _outage_json(outage: Outage | None) -> dict[str, object] | None:
    if outage is None:
        return None
    return {
        "least_s": int(outage.least),
        "most_s": int(outage.most),
        "is_estimate": outage.is_estimate,
        "source": outage.source,
    }
