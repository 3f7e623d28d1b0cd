"""Databases made real through RDS's handlers: a call writes what is wanted, and the supervisor starts the servers."""

from __future__ import annotations

from typing import Any, Final

from mainstay.plan.resources import DbInstance, EventSubscription, ParameterGroup, Resource, SubnetGroup
from mainstay.sandbox.cloudformation.realisers.making import (
    GOES_ON,
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    days,
    flag,
    gib,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.realisers.replication import replicate, stop_replication, wanted_replication
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.errors import ServiceError

# Parameters of one ModifyDBParameterGroup call: RDS API reference, checked 2026-11-21.
_CHUNK: Final = 20
# Statuses from which an instance does not become available by itself: RDS guide, accessing-monitoring, 2026-11-21.
_FAILED: Final = frozenset(
    {"failed", "incompatible-parameters", "incompatible-network", "incompatible-restore", "storage-full", "stopped",
     "restore-error", "inaccessible-encryption-credentials", "inaccessible-encryption-credentials-recoverable"}
)  # fmt: skip


def _create_subnet_group(making: Making, group: SubnetGroup) -> Made:
    name = making.name(group.name, is_lower=True).lower()
    making.call(
        "rds",
        "CreateDBSubnetGroup",
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=group.description,
        SubnetIds=[str(item) for item in group.subnets],
        Tags=making.tags(group.tags),
    )
    return Made(name, {"arn": making.tx.arn("rds", f"subgrp:{name}")})


def _update_subnet_group(
    making: Making, group: SubnetGroup, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    subnets = [str(item) for item in group.subnets]
    name, told = str(physical), group.description
    making.call("rds", "ModifyDBSubnetGroup", DBSubnetGroupName=name, DBSubnetGroupDescription=told, SubnetIds=subnets)
    return None


def _delete_subnet_group(making: Making, physical: Physical) -> None:
    making.call("rds", "DeleteDBSubnetGroup", DBSubnetGroupName=str(physical))


def _create_parameter_group(making: Making, group: ParameterGroup) -> Made:
    name = making.name(group.name, is_lower=True).lower()
    making.call(
        "rds",
        "CreateDBParameterGroup",
        DBParameterGroupName=name,
        DBParameterGroupFamily=group.family,
        Description=group.description,
        Tags=making.tags(group.tags),
    )
    _set_parameters(making, group, name)
    return Made(name, {"arn": making.tx.arn("rds", f"pg:{name}")})


def _update_parameter_group(
    making: Making, group: ParameterGroup, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    if "Parameters" in changed:
        gone = [name for name in _described(making, str(physical), source="user") if name not in group.parameters]
        if gone:
            reset = [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in gone]
            making.call("rds", "ResetDBParameterGroup", DBParameterGroupName=str(physical), Parameters=reset)
        _set_parameters(making, group, str(physical))
    return None


def _set_parameters(making: Making, group: ParameterGroup, name: str) -> None:
    """Dynamic parameters at once, static ones at the next reboot, as CloudFormation does."""
    kinds = _described(making, name)
    wanted = [
        {
            "ParameterName": key,
            "ParameterValue": str(value),
            "ApplyMethod": "immediate" if kinds.get(key) == "dynamic" else "pending-reboot",
        }
        for key, value in group.parameters.items()
    ]
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        making.call("rds", "ModifyDBParameterGroup", DBParameterGroupName=name, Parameters=chunk)


def _described(making: Making, name: str, source: str | None = None) -> dict[str, str]:
    """The apply type of each parameter of a group."""
    kinds: dict[str, str] = {}
    marker: str | None = None
    while True:
        answer = making.call("rds", "DescribeDBParameters", DBParameterGroupName=name, Source=source, Marker=marker)
        kinds |= {item["ParameterName"]: item.get("ApplyType", "static") for item in answer["Parameters"]}
        marker = answer.get("Marker")
        if not marker:
            return kinds


def _delete_parameter_group(making: Making, physical: Physical) -> None:
    making.call("rds", "DeleteDBParameterGroup", DBParameterGroupName=str(physical))


def _create_instance(making: Making, instance: DbInstance) -> Made:
    name = making.name(instance.identifier, most=63, is_lower=True).lower()
    shared = {**_settings(instance), "DBInstanceIdentifier": name, "Tags": making.tags(instance.tags)}
    shared |= {"AvailabilityZone": instance.zone, "DBSubnetGroupName": text(instance.subnet_group)}
    storage = {"AllocatedStorage": gib(instance.storage), "KmsKeyId": text(instance.key_id)}
    if instance.source is not None:
        source = text(instance.source)
        replica = {name: value for name, value in shared.items() if name not in _NOT_OF_A_REPLICA}
        answer = making.call(
            "rds", "CreateDBInstanceReadReplica", SourceDBInstanceIdentifier=source, **replica, **storage
        )
    elif instance.snapshot is not None:
        kept = {name: value for name, value in shared.items() if name not in _NOT_OF_A_RESTORE}
        answer = making.call(
            "rds", "RestoreDBInstanceFromDBSnapshot", DBSnapshotIdentifier=instance.snapshot,
            Engine=instance.engine, DBName=instance.database_name, **kept,
        )  # fmt: skip
    else:
        answer = making.call(
            "rds",
            "CreateDBInstance",
            Engine=instance.engine,
            EngineVersion=instance.engine_version,
            DBName=instance.database_name,
            MasterUsername=instance.username,
            StorageEncrypted=flag(instance.is_encrypted),
            **shared,
            **storage,
        )
    made = answer["DBInstance"]
    return Made(name, {"arn": made["DBInstanceArn"], "resource_id": made["DbiResourceId"], **_kept(instance)})


def _kept(instance: DbInstance) -> Attributes:
    """What later steps need to know of the resource: what becomes of its backups, and where they are replicated."""
    is_kept = flag(instance.deletes_automated_backups) is False
    held: Attributes = {"_keeps_backups": is_kept, "_replica": wanted_replication(instance)}
    if instance.snapshot is not None:
        held[_NEXT] = _after_restore(instance)
    return held


def _after_restore(instance: DbInstance) -> dict[str, Any]:  # Any: RDS's parameter shapes
    """What a restore does not take, so that CloudFormation gives it to the restored instance by a modification."""
    shared = _settings(instance)
    left = {name: shared[name] for name in _NOT_OF_A_RESTORE if shared.get(name) is not None}
    storage = {"AllocatedStorage": gib(instance.storage), "EngineVersion": instance.engine_version}
    return {**left, **{name: value for name, value in storage.items() if value is not None}}


# An attribute of an instance that is being restored: the modification that comes next.
_NEXT: Final = "_next"
# Members that the two other ways to come into being do not take: botocore 1.44.5, their input shapes.
_PASSWORDS: Final = frozenset({"MasterUserPassword", "ManageMasterUserPassword", "MasterUserSecretKmsKeyId"})
_NOT_OF_A_REPLICA: Final = _PASSWORDS
_NOT_OF_A_RESTORE: Final = _PASSWORDS | {
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "EnablePerformanceInsights",
    "PerformanceInsightsRetentionPeriod",
    "PerformanceInsightsKMSKeyId",
    "DatabaseInsightsMode",
}


def _settings(instance: DbInstance) -> dict[str, Any]:  # Any: RDS's parameter shapes
    """The members that a creation and a modification share."""
    return {
        "DBInstanceClass": instance.instance_class,
        "MaxAllocatedStorage": gib(instance.max_storage),
        "StorageType": instance.storage_type,
        "Iops": number(instance.iops),
        "StorageThroughput": number(instance.throughput_mib_s),
        "MultiAZ": flag(instance.is_multi_az),
        "VpcSecurityGroupIds": [str(attribute(item, "group_id")) for item in instance.security_groups] or None,
        "PubliclyAccessible": flag(instance.is_public),
        "DBParameterGroupName": text(instance.parameter_group),
        "OptionGroupName": text(instance.option_group),
        "CACertificateIdentifier": instance.ca_certificate,
        "MasterUserPassword": instance.password,
        "ManageMasterUserPassword": flag(instance.manages_password),
        "MasterUserSecretKmsKeyId": text(instance.password_key),
        "EnableIAMDatabaseAuthentication": flag(instance.has_iam_authentication),
        "BackupRetentionPeriod": days(instance.backup_retention),
        "PreferredBackupWindow": text(instance.backup_window),
        "PreferredMaintenanceWindow": text(instance.maintenance_window),
        "CopyTagsToSnapshot": flag(instance.copies_tags_to_snapshots),
        "DeletionProtection": flag(instance.has_deletion_protection),
        "AutoMinorVersionUpgrade": flag(instance.upgrades_minor_versions),
        "EngineLifecycleSupport": instance.lifecycle_support,
        "EnableCloudwatchLogsExports": [str(item) for item in instance.log_exports] or None,
        "MonitoringInterval": seconds(instance.monitoring_interval),
        "MonitoringRoleArn": attribute(instance.monitoring_role, "arn"),
        "EnablePerformanceInsights": flag(instance.has_performance_insights),
        "PerformanceInsightsRetentionPeriod": days(instance.performance_insights_retention),
        "PerformanceInsightsKMSKeyId": text(instance.performance_insights_key),
        "DatabaseInsightsMode": instance.insights_mode,
        "Port": number(instance.port),
    }


# Members that a modification has under another name, or not at all: botocore 1.44.5, ModifyDBInstance.
_NOT_MODIFIED: Final = frozenset({"EngineLifecycleSupport", "EnableCloudwatchLogsExports", "Port"})


def _update_instance(
    making: Making, instance: DbInstance, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    """Apply at once unless told otherwise: CloudFormation's default for ApplyImmediately is true (2026-11-20)."""
    settings = {name: value for name, value in _settings(instance).items() if name not in _NOT_MODIFIED}
    wanted = {name: value for name, value in settings.items() if _PROPERTY.get(name, name) in changed}
    if "SourceDBInstanceIdentifier" in changed and instance.source is None:
        making.call("rds", "PromoteReadReplica", DBInstanceIdentifier=str(physical))
        return None
    if "ManageMasterUserPassword" in changed and not flag(instance.manages_password):
        wanted["ManageMasterUserPassword"] = False
    if "EnableCloudwatchLogsExports" in changed:
        wanted["CloudwatchLogsExportConfiguration"] = _log_exports(making, instance, physical)
    if "Port" in changed:
        wanted["DBPortNumber"] = number(instance.port)
    if "AllocatedStorage" in changed:
        wanted["AllocatedStorage"] = gib(instance.storage)
    if "EngineVersion" in changed:
        wanted |= {"EngineVersion": instance.engine_version}
        wanted |= {"AllowMajorVersionUpgrade": flag(instance.allows_major_upgrade)}
    if wanted:
        at_once = flag(instance.applies_immediately) is not False
        making.call("rds", "ModifyDBInstance", DBInstanceIdentifier=str(physical), ApplyImmediately=at_once, **wanted)
    if "Tags" in changed:
        making.call("rds", "AddTagsToResource", ResourceName=physical.attributes["arn"],
                    Tags=making.tags(instance.tags))  # fmt: skip
    if any(name.startswith("AutomaticBackupReplication") for name in changed):
        stop_replication(making, _find_instance(making, physical))
    return {**physical.attributes, **_kept(instance)}


# Where CloudFormation names a property otherwise than the API names the parameter.
_PROPERTY: Final = {"VpcSecurityGroupIds": "VPCSecurityGroups", "MasterUserSecretKmsKeyId": "MasterUserSecret"}


def _log_exports(making: Making, instance: DbInstance, physical: Physical) -> dict[str, list[str]]:
    now = making.call("rds", "DescribeDBInstances", DBInstanceIdentifier=str(physical))["DBInstances"][0]
    held, wanted = now.get("EnabledCloudwatchLogsExports", []), [str(item) for item in instance.log_exports]
    return {
        "EnableLogTypes": [item for item in wanted if item not in held],
        "DisableLogTypes": [item for item in held if item not in wanted],
    }


def _find_instance(making: Making, physical: Physical) -> dict[str, Any] | None:  # Any: RDS's shape
    try:
        answer = making.call("rds", "DescribeDBInstances", DBInstanceIdentifier=str(physical))
    except ServiceError as error:
        if error.code == "DBInstanceNotFound":
            return None
        raise
    found: dict[str, Any] = answer["DBInstances"][0]
    return found


def _settled_instance(making: Making, physical: Physical) -> Attributes | None:
    instance = _find_instance(making, physical)
    status = instance["DBInstanceStatus"] if instance else "gone"
    if instance is None or status in _FAILED:
        told = [each["Message"] for each in (instance or {}).get("StatusInfos", []) if not each["Normal"]]
        text = f"DB instance {physical} is {status} and does not become available."
        raise ServiceError("NotStabilized", " ".join([text, *told]))
    if status != "available":
        return None
    if physical.attributes.get(_NEXT):
        making.call("rds", "ModifyDBInstance", DBInstanceIdentifier=str(physical), ApplyImmediately=True,
                    **physical.attributes[_NEXT])  # fmt: skip
        return {**physical.attributes, _NEXT: None, GOES_ON: True}
    replicate(making, physical, instance)
    known = {
        "endpoint_address": instance["Endpoint"]["Address"],
        "endpoint_port": str(instance["Endpoint"]["Port"]),
        "hosted_zone_id": instance["Endpoint"].get("HostedZoneId", ""),
        "secret_arn": instance.get("MasterUserSecret", {}).get("SecretArn", ""),
    }
    own = {name: value for name, value in physical.attributes.items() if name not in (_NEXT, GOES_ON)}
    return {**own, **known}


def _adopt_instance(making: Making, identifier: str) -> Attributes | None:
    held = _find_instance(making, Physical(identifier, {}))
    return {"arn": held["DBInstanceArn"], "resource_id": held["DbiResourceId"]} if held else None


def _delete_instance(making: Making, physical: Physical, snapshot: str | None = None) -> None:
    instance = _find_instance(making, physical)
    if instance is None:
        return
    making.call(
        "rds",
        "DeleteDBInstance",
        DBInstanceIdentifier=str(physical),
        SkipFinalSnapshot=snapshot is None,
        FinalDBSnapshotIdentifier=snapshot,
        DeleteAutomatedBackups=not physical.attributes.get("_keeps_backups", False),
    )


def _snapshot_instance(making: Making, physical: Physical) -> None:
    """Delete with a final snapshot, named as CloudFormation names it; a replica has none (RDS API, 2026-11-20).

    Nor has one that never came to be: RDS takes none of what has failed (DeleteDBInstance, SkipFinalSnapshot).
    """
    instance = _find_instance(making, physical) or {}
    never_was = instance.get("DBInstanceStatus") == "failed" and "Endpoint" not in instance
    if never_was or instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        _delete_instance(making, physical)
    else:
        _delete_instance(making, physical, making.name(None, most=255, is_lower=True).replace("--", "-"))


def _gone_instance(making: Making, physical: Physical) -> bool:
    return _find_instance(making, physical) is None


def _create_subscription(making: Making, item: EventSubscription) -> Made:
    name = making.name(item.name)
    making.call("rds", "CreateEventSubscription", SubscriptionName=name, Tags=making.tags(item.tags), **_told(item),
                SourceIds=[str(source) for source in item.source_ids] or None)  # fmt: skip
    return Made(name, {"_sources": [str(source) for source in item.source_ids]})


def _told(item: EventSubscription) -> dict[str, Any]:  # Any: RDS's parameter shapes
    return {
        "SnsTopicArn": str(attribute(item.topic, "arn")),
        "SourceType": item.source_type,
        "EventCategories": [str(category) for category in item.categories] or None,
        "Enabled": flag(item.is_enabled),
    }


def _update_subscription(
    making: Making, item: EventSubscription, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    making.call("rds", "ModifyEventSubscription", SubscriptionName=str(physical), **_told(item))
    wanted, held = [str(source) for source in item.source_ids], physical.attributes["_sources"]
    for operation, sources in (
        ("AddSourceIdentifierToSubscription", [source for source in wanted if source not in held]),
        ("RemoveSourceIdentifierFromSubscription", [source for source in held if source not in wanted]),
    ):
        for source in sources:
            making.call("rds", operation, SubscriptionName=str(physical), SourceIdentifier=source)
    return {**physical.attributes, "_sources": wanted}


def _delete_subscription(making: Making, physical: Physical) -> None:
    making.call("rds", "DeleteEventSubscription", SubscriptionName=str(physical))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    SubnetGroup: Realiser(create=_create_subnet_group, update=_update_subnet_group, delete=_delete_subnet_group),
    ParameterGroup: Realiser(
        create=_create_parameter_group, update=_update_parameter_group, delete=_delete_parameter_group
    ),
    DbInstance: Realiser(
        create=_create_instance,
        update=_update_instance,
        delete=_delete_instance,
        settled=_settled_instance,
        gone=_gone_instance,
        snapshot=_snapshot_instance,
        adopt=_adopt_instance,
    ),
    EventSubscription: Realiser(create=_create_subscription, update=_update_subscription, delete=_delete_subscription),
}
