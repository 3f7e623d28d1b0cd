"""What must not be lost by an update: the kinds, the refusal, and the stack policy that makes it hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.diff import Effect, RegionDifference, ResourceChange
from mainstay.ops.aws.stack_states import Change
from mainstay.ops.differences import CLOUDFORMATION
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource

# What CloudFormation calls a conditional replacement is none when the change is known to be one of these.
_STAYS: Final = frozenset(
    {Effect.IN_PLACE, Effect.IO_IMPACT, Effect.PENDING_REBOOT, Effect.DEFERRED, Effect.REBOOT, Effect.FAILOVER}
)


def precious(region: RegionPlan) -> tuple[str, ...]:
    """The keys of the databases, keys, buckets and vaults of a plan, in its order."""
    return tuple(resource.key for resource in region.resources if _is_precious(resource))


def _is_precious(resource: Resource) -> bool:
    return CLOUDFORMATION.type_of(resource) in facts.guarded_types()


def policy(keys: Iterable[str]) -> dict[str, object]:
    """A stack policy under which updates neither replace nor delete these; everything else is allowed, because a
    stack policy denies what it does not name (CloudFormation User Guide, protect-stack-resources, 2026-11-20).
    """
    allow = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    named = [f"LogicalResourceId/{key}" for key in keys]
    deny = {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": named}
    return {"Statement": [allow, deny] if named else [allow]}


def losses(changes: Iterable[Change], difference: RegionDifference | None = None) -> list[Change]:
    """The changes that remove or replace, or may replace, something precious."""
    known = {one.key: one for one in difference.changes} if difference else {}
    return [
        change
        for change in changes
        if change.type in facts.guarded_types()
        and (change.action in ("Remove", "Dynamic") or _is_replaced(change, known.get(change.logical_id)))
    ]


def _is_replaced(change: Change, known: ResourceChange | None) -> bool:
    """Whether it is replaced, or may be: of what CloudFormation leaves open, the comparison tells."""
    is_open = change.replacement == "Conditional"
    return change.replacement == "True" or (is_open and (known is None or known.effect not in _STAYS))


def refuse_losses(
    changes: Iterable[Change], confirmed: Collection[str], difference: RegionDifference | None = None
) -> None:
    """InputRefused when data would go and the logical id of what holds it is not among `confirmed`."""
    open_ones = dict(_open_losses(changes, difference))
    for key in confirmed:
        open_ones.pop(key, None)
    if open_ones:
        raise InputRefused(
            "this would lose data",
            detail="\n".join(open_ones.values()),
            hint="take the change back, or confirm each by its name: "
            + " ".join(f"--confirm-loss {key}" for key in open_ones),
        )


def _open_losses(changes: Iterable[Change], difference: RegionDifference | None) -> Iterator[tuple[str, str]]:
    """Logical id and a sentence for each: of what the comparison knows, then of what CloudFormation says itself."""
    for one in difference.changes if difference else ():
        if one.losses and one.is_guarded:
            yield one.key, f"{one.key} ({one.kind}): {one.effect}; it loses {'; '.join(one.losses)}."
    yield from ((change.logical_id, _sentence(change)) for change in losses(changes, difference))


def _sentence(change: Change) -> str:
    name = f"{change.logical_id} ({change.type}, {change.physical_id or 'no id yet'})"
    if change.action == "Remove":
        fate = {"Retain": "leave the stack and stay", "Snapshot": "be deleted after a snapshot"}.get(change.kept)
        return f"{name} would {fate or 'be deleted'}."
    may = "would" if change.replacement == "True" else "may"
    why = f" because of {', '.join(change.properties)}" if change.properties else ""
    return f"{name} {may} be replaced by a new, empty one{why}."


def guarded_by(text: str) -> tuple[str, ...] | None:
    """The keys that a policy of ours guards; None for a policy that is not as `policy` writes it."""
    try:
        document = json.loads(text)
        deny = [one for one in document["Statement"] if one["Effect"] == "Deny"]
        named = tuple(str(name).partition("/")[2] for one in deny for name in one["Resource"])
    except (ValueError, KeyError, TypeError):
        return None
    return named if document == policy(named) else None
