"""What the stack tells: people read it in the console, other stacks import it by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from mainstay.plan.passes.credentials import master_secret
from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.logical import (
    ALERTS_TOPIC,
    APPLICATION_GROUP,
    APPLICATION_ROLE,
    APPLICATION_SECRET,
    BACKUP_VAULT,
    BASTION,
    DATABASE,
    DNS_ZONE,
    EVIDENCE_BUCKET,
    EVIDENCE_KEY,
    EXPORT_BUCKET,
    EXPORT_ROLE,
    PROXY,
    VALIDATION_FUNCTION,
    instances,
)
from mainstay.plan.passes.places import application_subnets, ids, private_subnets, vpc_id
from mainstay.plan.passes.snapshot import storage_key
from mainstay.plan.plan import Output
from mainstay.plan.values import Attr, Value
from mainstay.spec import Spec

Row: TypeAlias = "tuple[str, Value[str], str, str]"
"""An output's name, its value, what it is, and what it is exported as."""


def build_outputs(spec: Spec, draft: Draft) -> Draft:
    """The draft with its outputs."""
    return dataclasses.replace(draft, outputs=(*draft.outputs, *exported(spec, _rows(spec))))


def exported(spec: Spec, rows: Iterable[Row]) -> Iterator[Output]:
    """Outputs, exported as `<name>-<environment>-<what>`."""
    for name, value, description, export in rows:
        yield Output(name=name, value=value, description=description, export=f"{spec.identifier}-{export}")


def _rows(spec: Spec) -> Iterator[Row]:
    yield "DatabaseEndpoint", Attr(DATABASE, "endpoint_address"), "Host of the writer", "endpoint"
    yield "DatabaseId", Attr(DATABASE, "id"), "Name of the instance for RDS", "instance"
    yield "DatabasePort", Attr(DATABASE, "endpoint_port"), "Port of writer and readers", "port"
    for number, key in enumerate((key for key in instances(spec) if key != DATABASE), start=1):
        yield f"ReaderEndpoint{number}", Attr(key, "endpoint_address"), f"Host of reader {number}", f"reader-{number}"
    yield (
        "DatabaseSecret",
        master_secret(spec),
        "Secret of the master user; its ARN stands for its name in every call",
        "secret",
    )
    yield "DatabaseKeyArn", storage_key(spec), "Key of storage and backups", "key-arn"
    yield "VpcId", vpc_id(spec), "The network", "vpc"
    yield "PrivateSubnetIds", ids(private_subnets(spec)), "Subnets of proxy and functions", "private-subnets"
    if own := application_subnets(spec):
        yield "ApplicationSubnetIds", ids(own), "Subnets of the application", "application-subnets"
    if spec.access.is_by_group:
        group = Attr(APPLICATION_GROUP, "group_id")
        yield "ApplicationGroupId", group, "Wear it to reach the database", "application-group"
    yield "AlertsTopicArn", Attr(ALERTS_TOPIC, "arn"), "Where alarms and events go", "alerts"
    rotation = spec.credentials.rotation
    if rotation and rotation.users == "alternating":
        yield "ApplicationSecret", Attr(APPLICATION_SECRET, "id"), "Secret of the application's user", "app-secret"
    if spec.validation:
        yield "ValidationFunctionArn", Attr(VALIDATION_FUNCTION, "arn"), "Function that validates", "validation"
    if spec.access.proxy:
        yield "ProxyEndpoint", Attr(PROXY, "endpoint_address"), "Where applications connect", "proxy"
    yield from _name(spec)
    if spec.access.application_role:
        yield "ApplicationRoleArn", Attr(APPLICATION_ROLE, "arn"), "Role of the application", "application-role"
    if spec.protection.backup_plan:
        yield "BackupVaultArn", Attr(BACKUP_VAULT, "arn"), "Vault of the snapshots", "backup-vault"
    if spec.protection.export:
        yield "ExportBucket", Attr(EXPORT_BUCKET, "id"), "Bucket of snapshot exports", "export-bucket"
        yield "ExportRoleArn", Attr(EXPORT_ROLE, "arn"), "Role that export tasks assume", "export-role"
    if spec.drill.evidence.signed_by == "kms":
        yield "EvidenceKeyArn", Attr(EVIDENCE_KEY, "arn"), "Signs the evidence of drills", "evidence-key"
    if spec.drill.evidence.bucket:
        yield "EvidenceBucket", Attr(EVIDENCE_BUCKET, "id"), "Keeps the evidence of drills", "evidence-bucket"
    if spec.access.bastion:
        yield "BastionId", Attr(BASTION, "id"), "Target for Session Manager", "bastion"


def _name(spec: Spec) -> Iterator[Row]:
    dns = spec.access.dns
    if dns is not None:
        yield "DatabaseDnsName", dns.name, "Name in DNS that leads to the database", "name"
        yield "DatabaseZoneId", Attr(DNS_ZONE, "id") if dns.makes_zone else dns.zone, "Zone of that name", "zone"
