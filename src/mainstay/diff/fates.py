"""What becomes of a thing that is no longer wanted, or is replaced."""

from __future__ import annotations

from typing import Final

from mainstay.plan.resources import DbInstance, Fate, Resource

STRENGTH: Final = (Fate.DELETE, Fate.SNAPSHOT, Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN)
"""From the weakest to the strongest."""


def fate_of(resource: Resource | None, *, is_replaced: bool = False, on_create: bool = False) -> Fate:
    """The fate by policies and CloudFormation's defaults; what no template knows is retained.

    Without a policy an instance that stands alone is deleted with a snapshot, everything else without; a replacement
    deletes (CloudFormation guide, aws-attribute-deletionpolicy and -updatereplacepolicy, checked 2026-11-20). When a
    creation is rolled back there is no data yet to take a snapshot of.
    """
    if resource is None:
        return Fate.RETAIN
    if is_replaced:
        return resource.on_replace or Fate.DELETE
    default = Fate.SNAPSHOT if isinstance(resource, DbInstance) and resource.source is None else Fate.DELETE
    fate = resource.on_delete or default
    if on_create and fate in (Fate.SNAPSHOT, Fate.RETAIN_EXCEPT_ON_CREATE):
        return Fate.DELETE
    return fate


def is_weaker(now: Fate, before: Fate) -> bool:
    """Whether less is kept than before."""
    return STRENGTH.index(now) < STRENGTH.index(before)
