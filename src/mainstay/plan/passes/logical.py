"""Logical ids that more than one pass speaks of.

A logical id is a resource's identity across updates: renaming one replaces the resource. So they say what a thing is
for, not what it is called or in which order it was written.
"""

from __future__ import annotations

from typing import Final

from mainstay.spec import Spec

VPC: Final = "Vpc"
DATABASE: Final = "Database"
DATABASE_KEY: Final = "DatabaseKey"
DATABASE_SECRET: Final = "DatabaseSecret"  # noqa: S105 - the name of a resource
DATABASE_SUBNETS: Final = "DatabaseSubnets"
DATABASE_PARAMETERS: Final = "DatabaseParameters"
DATABASE_OPTIONS: Final = "DatabaseOptions"
MONITORING_ROLE: Final = "MonitoringRole"
DATABASE_GROUP: Final = "DatabaseGroup"
APPLICATION_GROUP: Final = "ApplicationGroup"
BASTION_GROUP: Final = "BastionGroup"
ENDPOINT_GROUP: Final = "EndpointGroup"
FUNCTIONS_GROUP: Final = "FunctionsGroup"
BASTION: Final = "Bastion"
BASTION_IMAGE: Final = "BastionImage"
BACKUP_KEY: Final = "BackupKey"
BACKUP_VAULT: Final = "BackupVault"
BACKUP_PLAN: Final = "BackupPlan"
RESTORE_TESTING_PLAN: Final = "RestoreTestingPlan"
PROXY: Final = "DatabaseProxy"
PROXY_GROUP: Final = "ProxyGroup"
DNS_ZONE: Final = "DatabaseZone"
DNS_RECORD: Final = "DatabaseRecord"
APPLICATION_ROLE: Final = "ApplicationRole"
EVIDENCE_BUCKET: Final = "EvidenceBucket"
EVIDENCE_KEY: Final = "EvidenceKey"
EXPORT_BUCKET: Final = "ExportBucket"
EXPORT_KEY: Final = "ExportKey"
EXPORT_ROLE: Final = "ExportRole"
APPLICATION_SECRET: Final = "ApplicationSecret"  # noqa: S105 - the name of a resource
ROTATION_FUNCTION: Final = "RotationFunction"
VALIDATION_FUNCTION: Final = "ValidationFunction"
RESTORE_VALIDATION_FUNCTION: Final = "RestoreValidationFunction"
HEARTBEAT_FUNCTION: Final = "HeartbeatFunction"
EXPORT_FUNCTION: Final = "ExportFunction"
CODE_BUCKET: Final = "CodeBucket"
ALERTS_TOPIC: Final = "AlertsTopic"
ALERTS_TOPIC_POLICY: Final = "AlertsTopicPolicy"
ALERTS_KEY: Final = "AlertsKey"


def subnet(tier: str, index: int) -> str:
    """The subnet of a tier in the n-th zone, from 0: `PrivateSubnet1`."""
    return f"{tier.capitalize()}Subnet{index + 1}"


def route_table(tier: str, index: int | None = None) -> str:
    """A tier's route table, or that of its n-th zone."""
    return f"{tier.capitalize()}Routes{'' if index is None else index + 1}"


def replica(index: int) -> str:
    """The n-th replica, from 0: `DatabaseReplica1`."""
    return f"{DATABASE}Replica{index + 1}"


def function_code(function: str) -> str:
    """The parameter with the key of a function's package: `RotationFunctionCode`."""
    return f"{function}Code"


def instances(spec: Spec) -> dict[str, str]:
    """The logical id of each database instance, primary first, and the identifier RDS knows it by.

    Identifiers are fixed, although a fixed name makes a replacement fail with "already exists". For a database that
    is the point: a replacement would be an empty one. Log groups, alarms and people also need the name beforehand.
    Restored copies carry a suffix of their own, so they never collide; one that took the primary's place is named by
    the spec.
    """
    replicas = range(spec.database.replicas.count)
    return {
        DATABASE: spec.database.identifier or spec.identifier,
        **{replica(index): f"{spec.identifier}-replica-{index + 1}" for index in replicas},
    }
