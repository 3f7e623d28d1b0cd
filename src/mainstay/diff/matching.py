"""Which resource of the new plan is which one of the old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.records import dataclass
from mainstay.diff.target import TERRAFORM, Name
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import BackupSelection, DbProxyTargetGroup, Opaque, Resource
from mainstay.plan.values import Unknown

# Their names hold within a proxy or a backup plan only.
_NAMED_WITHIN: Final = (DbProxyTargetGroup, BackupSelection)


@dataclass(frozen=True, slots=True)
class Pair:
    """A resource before and after; one of them is None when it is added or removed.

    `is_renamed`: the same physical name under another key or address, which the target takes for two things.
    """

    before: Resource | None
    after: Resource | None
    is_renamed: bool = False


def pairs(before: RegionPlan, after: RegionPlan, target: Name) -> Iterator[Pair]:
    """Every resource of both, once: in the new plan's order, then what is gone in the old one's.

    CloudFormation knows a resource by its key, Terraform by its address where it has one; else by the name that the
    real thing has.
    """
    matched = _by_address(before, after) if target == TERRAFORM else {}
    keys = _by_key(before, after, has_addresses=target == TERRAFORM)
    taken = set(matched.values())
    matched |= {new: own for new, own in keys.items() if own not in taken}
    old = {one.key: one for one in before.resources}
    met = set(matched.values())
    left = {key: one for key, one in old.items() if key not in met}
    renamed = _by_name(left, [one for one in after.resources if one.key not in matched])
    for one in after.resources:
        if one.key in matched:
            yield Pair(old[matched[one.key]], one)
        elif one.key in renamed:
            yield Pair(left[renamed[one.key]], one, is_renamed=True)
        else:
            yield Pair(None, one)
    gone = left.keys() - set(renamed.values())
    yield from (Pair(one, None) for key, one in left.items() if key in gone)


def name_of(resource: Resource) -> object:
    """What the real thing is called, as far as the plan says; None when AWS makes a name up, or tells such things
    apart by something else.
    """
    if isinstance(resource, _NAMED_WITHIN):
        return None
    name = getattr(resource, "identifier", None) or getattr(resource, "name", None)
    return None if isinstance(name, Unknown) else name


def kind_of(resource: Resource) -> str:
    """The name of its kind; of what no table knows, its foreign type."""
    return resource.type if isinstance(resource, Opaque) else type(resource).__name__


def _by_address(before: RegionPlan, after: RegionPlan) -> dict[str, str]:
    places = {(one.address, kind_of(one)): one.key for one in before.resources if one.address}
    return {
        one.key: places[one.address, kind_of(one)] for one in after.resources if (one.address, kind_of(one)) in places
    }


def _by_key(before: RegionPlan, after: RegionPlan, *, has_addresses: bool) -> dict[str, str]:
    """Keys that both have; with addresses, a resource that has one is found by that or not at all."""
    old = {one.key: one for one in before.resources}
    return {
        one.key: one.key
        for one in after.resources
        if one.key in old and not (has_addresses and one.address and old[one.key].address)
    }


def _by_name(left: dict[str, Resource], new: list[Resource]) -> dict[str, str]:
    names = {(kind_of(one), repr(name_of(one))): key for key, one in left.items() if name_of(one) is not None}
    found: dict[str, str] = {}
    for one in new:
        key = names.pop((kind_of(one), repr(name_of(one))), None)
        if key is not None:
            found[one.key] = key
    return found
