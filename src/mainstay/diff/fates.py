"""What becomes of a thing that is no longer wanted, or is replaced."""

from __future__ import annotations

from typing import Final

from mainstay.plan.resources import DbInstance, Fate, LogGroup, Opaque, Resource

STRENGTH: Final = (Fate.DELETE, Fate.SNAPSHOT, Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN)
"""From the weakest to the strongest."""
STAYS: Final = (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE)
"""Under which the thing stays as it is."""
_CLUSTER: Final = "AWS::RDS::DBCluster"


def fate_of(resource: Resource | None, *, is_replaced: bool = False, on_create: bool = False) -> Fate:
    """The fate by policies and CloudFormation's defaults; what no template knows is retained.

    Without a policy an instance that stands alone and a cluster are deleted with a snapshot, the rest without; a
    replacement deletes (CloudFormation guide, aws-attribute-deletionpolicy and -updatereplacepolicy, 2026-11-20). When
    a creation is rolled back there is no data yet to take a snapshot of.
    """
    if resource is None:
        return Fate.RETAIN
    if is_replaced:
        return resource.on_replace or Fate.DELETE
    fate = resource.on_delete or (Fate.SNAPSHOT if _is_snapshotted(resource) else Fate.DELETE)
    if on_create and fate in (Fate.SNAPSHOT, Fate.RETAIN_EXCEPT_ON_CREATE):
        return Fate.DELETE
    return fate


def _is_snapshotted(resource: Resource) -> bool:
    if isinstance(resource, Opaque):
        return resource.type == _CLUSTER
    is_alone = isinstance(resource, DbInstance) and resource.source is None
    return is_alone and "DBClusterIdentifier" not in resource.extras


def fate_in_terraform(resource: Resource) -> Fate:
    """The fate that Terraform gives: it keeps nothing but a database's last snapshot, and a log group that is told to
    stay. `prevent_destroy` goes with the block that it stands in (Terraform, "lifecycle Meta-Argument", 2026-11-21).
    """
    if isinstance(resource, LogGroup) and resource.on_delete in STAYS:
        return Fate.RETAIN
    if isinstance(resource, DbInstance) and resource.source is None and resource.on_delete is not Fate.DELETE:
        return Fate.SNAPSHOT
    return Fate.DELETE


def is_weaker(now: Fate, before: Fate) -> bool:
    """Whether less is kept than before."""
    return STRENGTH.index(now) < STRENGTH.index(before)
