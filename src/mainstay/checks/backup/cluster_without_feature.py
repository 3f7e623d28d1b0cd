"""BK015: a Multi-AZ DB cluster under a rule for instances."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    selection,
    tier,
)
from mainstay.checks.backup.reach import is_cluster, rules_of, selections, title
from mainstay.checks.links import linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    Opaque,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """A cluster of PostgreSQL under a rule with a copy"""
    cluster = Opaque(
        key="Cluster",
        type="AWS::RDS::DBCluster",
        properties={"Engine": "postgres", "DBClusterInstanceClass": "db.m6gd.large"},
    )
    return backed_up(
        tier(copies=(CopyAction(vault=ELSEWHERE),)), Cluster=cluster, Selection=selection(resources=(Ref("Cluster"),))
    )


def _good() -> Plan:
    """The same cluster under a rule that makes snapshots only"""
    cluster = Opaque(
        key="Cluster",
        type="AWS::RDS::DBCluster",
        properties={"Engine": "postgres", "DBClusterInstanceClass": "db.m6gd.large"},
    )
    return backed_up(tier(), Cluster=cluster, Selection=selection(resources=(Ref("Cluster"),)))


@rule(
    id="BK015",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a Multi-AZ DB cluster has neither continuous backups nor copies",
    conflicts=("cluster-continuous", "cluster-copies"),
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """It makes snapshots of one in the same region and account, and nothing else: what looks like point-in-time
    recovery or a copy is not there when it is needed. Aurora clusters are not meant.
    """
    clusters = [one.key for one in _clusters(plan, scene)]
    for each in rules_of(plan) if clusters else []:
        promised = [
            name for name, is_so in (("continuous", each.is_continuous is True), ("copied", each.copies)) if is_so
        ]
        if promised:
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} is {' and '.join(promised)}, and reaches {', '.join(clusters)}:"
                f" a Multi-AZ DB cluster.",
                "back the cluster up by a rule that makes snapshots only, or take a Multi-AZ instance instead",
            )


def _clusters(plan: BackupPlan, scene: Scene) -> Iterator[Opaque]:
    """The clusters of PostgreSQL and MySQL (not Aurora) that a selection names."""
    for link in (link for one in selections(plan, scene) for link in one.resources):
        found = linked(link, scene)
        if not is_cluster(found):
            continue
        if found.properties.get("Engine", found.properties.get("engine")) in ("postgres", "mysql"):
            yield found
