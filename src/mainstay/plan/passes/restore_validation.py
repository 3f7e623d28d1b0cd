"""The verdict on AWS Backup's own restore tests: a function looks at every copy, before it is deleted again."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.credentials import master_secret
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.functions import Work, calling, target, with_function
from mainstay.plan.passes.logical import RESTORE_TESTING_PLAN, RESTORE_VALIDATION_FUNCTION
from mainstay.plan.passes.roles import reading_secret
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.policies import Statement
from mainstay.plan.resources import EventRule
from mainstay.plan.values import Attr, arn
from mainstay.spec import Spec

_PATH: Final = "protection.backup_plan.restore_test"
# AWS Backup names what it restores for a test (AWS Backup Developer Guide, restore-testing-inferred-metadata,
# 2026-11-20).
_COPIES: Final = "db:awsbackup-restore-test-*"


def build_restore_validation(spec: Spec, draft: Draft) -> Draft:
    """The draft with the function that validates restored copies, where AWS Backup makes some."""
    backup = spec.protection.backup_plan
    if backup is None or backup.restore_test is None:
        return draft
    work = Work(
        key=RESTORE_VALIDATION_FUNCTION,
        name="restore-validation",
        module="restore_validation",
        purpose="Validates what AWS Backup restores for its tests",
        path=_PATH,
        timeout=Duration(spec.validation.timeout if spec.validation else 300),
        statements=(*_judging(), *reading_secret(master_secret(spec))),
        environment={"MAINSTAY_SECRET": master_secret(spec), "MAINSTAY_DATABASE": spec.database.name},
    )
    return with_function(spec, draft, work).adding(*calling(spec, _rule(spec), RESTORE_VALIDATION_FUNCTION, _PATH))


def _judging() -> tuple[Statement, ...]:
    """Restore jobs are no resources in IAM (facts A.7; Service Authorization Reference, list_awsbackup, 2026-11-21)."""
    jobs = ("backup:DescribeRestoreJob", "backup:PutRestoreValidationResult")
    return (
        Statement(sid="Jobs", actions=jobs, resources=("*",)),
        Statement(sid="Copies", actions=("rds:DescribeDBInstances",), resources=(arn("rds", _COPIES),)),
    )


def _rule(spec: Spec) -> EventRule:
    """Finished tests of this plan. The state of a restore job stands in `status`; of other jobs, in `state` (A.8)."""
    pattern = EventPattern(
        (
            Match(("source",), ("aws.backup",)),
            Match(("detail-type",), ("Restore Job State Change",)),
            Match(("detail", "status"), ("COMPLETED",)),
            Match(("detail", "resourceType"), ("RDS",)),
            Match(("detail", "restoreTestingPlanArn"), (Attr(RESTORE_TESTING_PLAN, "arn"),)),
        )
    )
    return EventRule(
        key="RestoreTestEvents",
        description=f"Finished restore tests of {spec.identifier}",
        pattern=pattern,
        state="ENABLED",
        targets=(target(RESTORE_VALIDATION_FUNCTION),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
