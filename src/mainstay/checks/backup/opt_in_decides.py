"""BK027: a database that is selected by its tag alone."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.backup.reach import is_pattern, takes
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
    DbInstance,
    Opaque,
    TagMatch,
)


def _bad() -> Plan:
    """A database by its tag"""
    chosen = selection(resources=(), any_tag=(TagMatch(tag="Backup", value="daily"),))
    return backed_up(Selection=chosen, Database=database(tags={"Backup": "daily"}, copies_tags_to_snapshots=True))


def _good() -> Plan:
    """A database by its ARN"""
    return backed_up(Selection=selection(), Database=database(tags={"Backup": "daily"}, copies_tags_to_snapshots=True))


@rule(
    id="BK027",
    severity=Severity.INFO,
    harm=Harm.UNPROTECTED,
    summary="the region's opt-in decides over a selection by tag",
    source="AWS Backup Developer Guide, assigning-resources; botocore Backup, UpdateRegionSettings (2026-11-20)",
    applies_to=(BackupSelection,),
    field="any_tag",
    bad=_bad,
    good=_good,
)
def faults(selection: BackupSelection, scene: Scene) -> Iterator[Fault]:
    """Tags and wildcards select only types for which the region is opted in, a setting of the account that no template
    shows. Where RDS is off, the plan passes the database over without a word. An ARN counts whatever the setting.
    """
    is_by_tag = all(is_pattern(one) for one in selection.resources)
    is_set = any(one.type == "aws_backup_region_settings" for one in scene.region.of(Opaque))
    found = [db.key for db in scene.region.of(DbInstance) if scene.stands_alone(db) and takes(selection, db)]
    is_narrowed = selection.resources or selection.any_tag or selection.equal or selection.like
    if is_by_tag and is_narrowed and found and not is_set:
        yield Fault(
            selection,
            f"{selection.key} reaches {', '.join(found)} by tag or wildcard.",
            "name the ARN in Resources, or see that `aws backup describe-region-settings` says RDS: true",
        )
