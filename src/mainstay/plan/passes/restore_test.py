"""Restores by AWS Backup, week by week: that a recovery point becomes a running instance again."""

from __future__ import annotations

from typing import Final

from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import (
    BACKUP_KEY,
    BACKUP_VAULT,
    DATABASE,
    DATABASE_GROUP,
    DATABASE_PARAMETERS,
    DATABASE_SUBNETS,
    RESTORE_TESTING_PLAN,
)
from mainstay.plan.passes.roles import managed, trust, using_keys
from mainstay.plan.passes.snapshot import storage_key
from mainstay.plan.policies import InlinePolicy, Policy
from mainstay.plan.resources import RestoreTestingPlan, RestoreTestingSelection, Role
from mainstay.plan.values import Attr, Ref, Value, join
from mainstay.spec import Spec
from mainstay.spec.backup_plan import RestoreTest

_USUAL: Final = 8 * 60  # 08:00, when somebody is there to read the outcome
_ROLE: Final = "RestoreTestRole"
_PATH: Final = "protection.backup_plan.restore_test"


def build_restore_test(spec: Spec, draft: Draft) -> Draft:
    """The draft with the plan, the selection and the role of restore tests, where the spec asks for them."""
    backup = spec.protection.backup_plan
    if backup is None or backup.restore_test is None:
        return draft
    return draft.adding(
        _plan(spec, backup.restore_test, backup.continuous), _selection(spec, backup.restore_test), _role(spec)
    )


def _plan(spec: Spec, test: RestoreTest, is_continuous: bool) -> RestoreTestingPlan:
    minute = _USUAL if test.at is None else test.at // 60
    return RestoreTestingPlan(
        key=RESTORE_TESTING_PLAN,
        name=_name(spec),
        schedule=Cron.parse(f"cron({minute % 60} {minute // 60} ? * {test.day.upper()} *)"),
        algorithm="LATEST_WITHIN_WINDOW",
        vaults=(Ref(BACKUP_VAULT),),
        recovery_point_types=("SNAPSHOT", "CONTINUOUS") if is_continuous else ("SNAPSHOT",),
        selection_window=Duration.days(7),
        start_window=Duration.minutes(1 * 60),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _name(spec: Spec) -> str:
    # Letters, digits and underscores only: a hyphen is refused (botocore, RestoreTestingPlanName, 2026-11-20).
    return spec.identifier.replace("-", "_")


def _selection(spec: Spec, test: RestoreTest) -> RestoreTestingSelection:
    overrides: dict[str, Value[str]] = {
        # Without a subnet group every test fails in an account without a default VPC, and with the default groups
        # nothing could reach the copy (AWS Backup Developer Guide, restore-testing-inferred-metadata, 2026-11-20).
        "dbSubnetGroupName": Attr(DATABASE_SUBNETS, "id"),
        "dbParameterGroupName": Attr(DATABASE_PARAMETERS, "id"),
        "vpcSecurityGroupIds": join('["', Attr(DATABASE_GROUP, "group_id"), '"]'),
        "publiclyAccessible": "false",
    }
    return RestoreTestingSelection(
        key="RestoreTestingSelection",
        plan=Ref(RESTORE_TESTING_PLAN),
        name=_name(spec),
        role=Ref(_ROLE),
        resource_type="RDS",
        resources=(Ref(DATABASE),),
        overrides=overrides,
        validation_window=Duration(test.keep),
        origin=spec.origin_of(_PATH),
    )


def _role(spec: Spec) -> Role:
    keys = using_keys(storage_key(spec), Attr(BACKUP_KEY, "arn"))
    return Role(
        key=_ROLE,
        description="AWS Backup restores for tests",
        trust=trust("backup.amazonaws.com"),
        # What a restore needs changes with the service, so AWS's own list is used (restore-testing, 2026-11-20).
        managed_policies=(managed("service-role/AWSBackupServiceRolePolicyForRestores"),),
        policies=(InlinePolicy("UseKeys", Policy(keys)),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )
