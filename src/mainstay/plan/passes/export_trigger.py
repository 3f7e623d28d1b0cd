"""What starts snapshot exports: RDS tells of a new snapshot, and a small function exports the first of a period."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.functions import Work, calling, target, with_function
from mainstay.plan.passes.logical import (
    DATABASE,
    EXPORT_BUCKET,
    EXPORT_FUNCTION,
    EXPORT_KEY,
    EXPORT_ROLE,
    instances,
)
from mainstay.plan.passes.snapshot import storage_key
from mainstay.plan.patterns import EventPattern, Like, Match
from mainstay.plan.policies import Condition, Statement
from mainstay.plan.resources import EventRule
from mainstay.plan.values import Attr, Value, arn
from mainstay.spec import Spec
from mainstay.spec.protection import Export

_PATH: Final = "protection.export"
_DAY: Final = Duration.days(1)
# RDS names what it makes by itself after the instance, and what AWS Backup has it make after the job (RDS User Guide,
# USER_WorkingWithAutomatedBackups and AutomatedBackups.AWSBackup, 2026-11-21).
_AWS_BACKUP: Final = "awsbackup:"


def build_export_trigger(spec: Spec, draft: Draft) -> Draft:
    """The draft with the function that starts exports, and the rule that calls it, where the spec asks for exports."""
    export = spec.protection.export
    if export is None:
        return draft
    work = Work(
        key=EXPORT_FUNCTION,
        name="export",
        module="export",
        purpose="Starts the exports of snapshots",
        path=_PATH,
        timeout=Duration(60),
        statements=_starting(spec),
        environment=_told(spec, export),
        is_inside=False,  # it opens no database, and calls nothing but RDS
    )
    return with_function(spec, draft, work).adding(*calling(spec, _rule(spec), EXPORT_FUNCTION, _PATH))


def _told(spec: Spec, export: Export) -> dict[str, Value[str]]:
    return {
        "MAINSTAY_INSTANCE": instances(spec)[DATABASE],
        "MAINSTAY_EXPORT_DAYS": str(export.every // _DAY),
        "MAINSTAY_EXPORT_BUCKET": Attr(EXPORT_BUCKET, "id"),
        "MAINSTAY_EXPORT_ROLE": Attr(EXPORT_ROLE, "arn"),
        "MAINSTAY_EXPORT_KEY": Attr(EXPORT_KEY, "arn"),
    }


def _names(spec: Spec) -> tuple[str, ...]:
    """How the names of snapshots begin that are taken by plan, and not by hand."""
    own = f"rds:{instances(spec)[DATABASE]}-"
    return (own, _AWS_BACKUP) if spec.protection.backup_plan else (own,)


def _starting(spec: Spec) -> tuple[Statement, ...]:
    """What whoever starts an export needs (RDS User Guide, USER_ExportSnapshot.Setup; StartExportTask; 2026-11-21).

    Tasks are no resources in IAM, so that looking at them is allowed for all.
    """
    snapshots = tuple(arn("rds", f"snapshot:{name}*") for name in _names(spec))
    keys: tuple[Value[str], ...] = (Attr(EXPORT_KEY, "arn"), storage_key(spec))
    return (
        Statement(sid="Snapshots", actions=("rds:DescribeDBSnapshots", "rds:StartExportTask"), resources=snapshots),
        Statement(sid="Tasks", actions=("rds:DescribeExportTasks",), resources=("*",)),
        Statement(
            sid="Role",
            actions=("iam:PassRole",),
            resources=(Attr(EXPORT_ROLE, "arn"),),
            conditions=(Condition("StringEquals", "iam:PassedToService", ("export.rds.amazonaws.com",)),),
        ),
        Statement(sid="Keys", actions=("kms:DescribeKey",), resources=keys),
        Statement(
            sid="Grants",
            actions=("kms:CreateGrant",),
            resources=keys,
            conditions=(Condition("Bool", "kms:GrantIsForAWSResource", ("true",)),),
        ),
    )


def _rule(spec: Spec) -> EventRule:
    """New snapshots (RDS User Guide, USER_Events.Messages, DB snapshot events, 2026-11-20)."""
    pattern = EventPattern(
        (
            Match(("source",), ("aws.rds",)),
            Match(("detail-type",), ("RDS DB Snapshot Event",)),
            Match(("detail", "EventCategories"), ("creation",)),
            Match(("detail", "SourceIdentifier"), tuple(Like("prefix", name) for name in _names(spec))),
        )
    )
    return EventRule(
        key="SnapshotEvents",
        description=f"New snapshots of {spec.identifier}",
        pattern=pattern,
        state="ENABLED",
        targets=(target(EXPORT_FUNCTION),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
