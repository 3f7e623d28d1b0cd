"""The primary and its read replicas."""

from __future__ import annotations

from typing import Any, Final

from mainstay.core.units import Duration
from mainstay.plan.passes.credentials import master_password
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.engine_limits import insights_of
from mainstay.plan.passes.logical import (
    DATABASE,
    DATABASE_GROUP,
    DATABASE_KEY,
    DATABASE_OPTIONS,
    DATABASE_PARAMETERS,
    DATABASE_SUBNETS,
    MONITORING_ROLE,
    instances,
)
from mainstay.plan.passes.logs import log_group_key
from mainstay.plan.passes.places import zone_of
from mainstay.plan.passes.recovery import REPLICA_KEY
from mainstay.plan.passes.snapshot import beginning
from mainstay.plan.resources import DbInstance, Fate
from mainstay.plan.values import Param, Ref
from mainstay.spec import Spec

# Extended Support is charged silently otherwise (botocore's CreateDBInstance, EngineLifecycleSupport, 2026-11-20).
_PAID_SUPPORT: Final = {
    False: "open-source-rds-extended-support-disabled",
    True: "open-source-rds-extended-support",
}


def build_instances(spec: Spec, draft: Draft) -> Draft:
    """The draft with the primary and its replicas."""
    (_, primary), *replicas = instances(spec).items()
    built = [_primary(spec, draft, primary)]
    for index, (key, identifier) in enumerate(replicas):
        built.append(_replica(spec, key, identifier, index))
    return draft.adding(*built)


def _shared(spec: Spec, key: str, name: str) -> dict[str, Any]:  # Any: arguments of DbInstance, of many types
    """What a replica does not inherit from its source, so that it has to be said for each instance of a class."""
    monitoring, insights = spec.monitoring, insights_of(spec, name)
    return {
        "key": key,
        "instance_class": name,
        "engine": spec.database.engine,
        "storage_type": spec.storage.type,
        "max_storage": spec.storage.max_size,
        "security_groups": (Ref(DATABASE_GROUP),),
        "is_public": False,
        "copies_tags_to_snapshots": True,
        "upgrades_minor_versions": spec.database.minor_upgrades,
        "has_iam_authentication": spec.credentials.iam_authentication,
        "maintenance_window": spec.protection.maintenance,
        "log_exports": spec.log_exports,
        "monitoring_interval": Duration(monitoring.enhanced),
        # RDS refuses a role beside an interval of 0 (cdk-preflight, reproduced; 2026-11-20).
        "monitoring_role": Ref(MONITORING_ROLE) if monitoring.enhanced else None,
        "has_performance_insights": insights is not None,
        "performance_insights_retention": Duration(insights.keep) if insights else None,
        "performance_insights_key": Ref(DATABASE_KEY) if insights else None,
        "depends_on": tuple(Ref(log_group_key(key, log)) for log in spec.log_exports),
        "tags": tags(spec),
    }


def _primary(spec: Spec, draft: Draft, identifier: str) -> DbInstance:
    backups, destroys = spec.protection.backups, spec.protection.on_delete == "destroy"
    recovery = spec.disaster_recovery if spec.disaster_recovery and spec.disaster_recovery.replicates else None
    return DbInstance(
        **_shared(spec, DATABASE, spec.database.instance_class),
        **beginning(spec),
        **master_password(spec),
        identifier=identifier,
        engine_version=draft.version,
        port=spec.database.listens_on,
        storage=spec.storage.size,
        iops=spec.storage.iops,
        throughput_mib_s=spec.storage.throughput_mib_s,
        is_multi_az=spec.database.multi_az,
        subnet_group=Ref(DATABASE_SUBNETS),
        parameter_group=Ref(DATABASE_PARAMETERS),
        option_group=Ref(DATABASE_OPTIONS) if spec.monitoring.audit else None,
        backup_retention=Duration(backups.keep),
        backup_window=None if _is_owned_by_aws_backup(spec) else backups.window,
        backup_replica_region=recovery.region if recovery else None,
        backup_replica_retention=Duration(recovery.keep or backups.keep) if recovery else None,
        backup_replica_key=Param(REPLICA_KEY) if recovery else None,
        deletes_automated_backups=not backups.keep_after_deletion,
        has_deletion_protection=spec.protection.deletion_protection,
        lifecycle_support=_lifecycle_support(spec),
        # Both are said: DeletionPolicy does not cover a replacement (CloudFormation, aws-attribute-deletionpolicy).
        on_delete=Fate.DELETE if destroys else Fate.SNAPSHOT,
        on_replace=Fate.DELETE if destroys else Fate.SNAPSHOT,
        origin=spec.origin_of("database"),
    )


def _is_owned_by_aws_backup(spec: Spec) -> bool:
    """Whether AWS Backup makes the automated backups: then RDS refuses any other window than AWS Backup's own.

    AWS Backup Developer Guide, point-in-time-recovery, 2026-11-20. The retention stays: both say the same.
    """
    return bool(spec.protection.backup_plan and spec.protection.backup_plan.continuous)


def _lifecycle_support(spec: Spec) -> str | None:
    # RDS sells none for MariaDB (RDS User Guide, extended-support, 2026-11-20).
    return None if spec.database.engine == "mariadb" else _PAID_SUPPORT[spec.database.extended_support]


def _replica(spec: Spec, key: str, identifier: str, index: int) -> DbInstance:
    """A read replica. What it leaves out, it takes from its source.

    In one region that is: version, port, storage, encryption and key, subnet group, parameter group and logins; RDS
    refuses or ignores most of them here (botocore's CreateDBInstanceReadReplica; CloudFormation, AWS::RDS::DBInstance;
    both 2026-11-20). It holds no data of its own, so it is deleted without a snapshot, which RDS would refuse, and
    without deletion protection, so that fewer replicas in the spec are fewer replicas.
    """
    return DbInstance(
        **_shared(spec, key, spec.database.replicas.instance_class or spec.database.instance_class),
        identifier=identifier,
        source=Ref(DATABASE),
        is_multi_az=False,
        zone=zone_of(spec, index),
        has_deletion_protection=False,
        on_delete=Fate.DELETE,
        on_replace=Fate.DELETE,
        origin=spec.origin_of("database.replicas"),
    )
