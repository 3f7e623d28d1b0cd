"""BK026: a selection that names nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """Neither resources nor tags"""
    return backed_up(Selection=selection(resources=()))


def _good() -> Plan:
    """The database by its ARN"""
    return backed_up(Selection=selection(resources=(Ref("Database"),)))


@rule(
    id="BK026",
    severity=Severity.WARNING,
    harm=Harm.COST,
    summary="a selection that takes everything",
    source="AWS Backup Developer Guide, assigning-resources (2026-11-20)",
    applies_to=(BackupSelection,),
    bad=_bad,
    good=_good,
    field="resources",
)
def faults(selection: BackupSelection, scene: Scene) -> Iterator[Fault]:
    """A selection without resources, tags and conditions means every resource of every type that the region is opted in
    for: volumes, tables and file systems of all teams of the account are backed up, kept and paid for.
    """
    named = (*selection.resources, *selection.excluded_resources, *selection.any_tag)
    conditions = (*selection.equal, *selection.like, *selection.not_equal, *selection.not_like)
    if not named and not conditions and not hides(selection, "backupselection"):
        yield Fault(
            selection,
            f"{selection.key} names neither resources nor tags, so it takes all there is in the region.",
            "name the database's ARN in Resources",
        )
