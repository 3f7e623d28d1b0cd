"""Which product of the price list is which price of the table: the one place where they are mapped.

Usage types carry a prefix of their region (`EUC1-`, `EU-`, `USE1-`, `eu-central-1-`, or none), which is left out here.
Their names are those of public price lists and of tools that read them (infracost, internal/resources/aws; AWS's own
documentation of usage types in bills, 2026-11-21). A unit that is not expected makes a price unknown, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PREFIX: Final = r"(?:[A-Z]{2,4}\d?[-:]|[a-z]{2}(?:-[a-z]+)+-\d-)?"
_HOUR: Final = frozenset({"hrs", "hours", "hour", "hr"})
_VCPU_HOUR: Final = _HOUR | {"vcpu-hour", "vcpu-hours", "vcpu-hr", "vcpu-hrs"}
_GB_MONTH: Final = frozenset({"gb-mo", "gb-month"})
_GB: Final = frozenset({"gb", "gigabytes"})
_IOPS_MONTH: Final = frozenset({"iops-mo", "iops-month"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    r"""One price, or as many as there are products of that pattern.

    `path` is the name in the table and its further keys, in which `\1` is a group of `usage`, a pattern for the whole
    usage type. `asked` is what the usage type has to contain, for the query. `times` makes the table's unit of the
    list's. Several products have to cost the same, unless the dearest of them is meant.
    """

    path: tuple[str, ...]
    service: str
    asked: str
    usage: str
    units: frozenset[str]
    wanted: Mapping[str, str] = field(default_factory=dict)
    times: float = 1.0
    is_dearest: bool = False
    region_attribute: str = "regionCode"

    @property
    def name(self) -> str:
        """`storage_gb_month/gp3`, without what only a product tells."""
        return "/".join(key for key in self.path if not key.startswith("\\"))

    def keys(self, usage_type: str) -> tuple[str, ...] | None:
        """The place in the table of a product of that usage type; None when it is another product."""
        found = re.fullmatch(PREFIX + self.usage, usage_type)
        return tuple(found.expand(key) for key in self.path) if found else None


def _row(name: str, service: str, usage: str, units: frozenset[str], times: float = 1.0) -> PriceRow:
    return PriceRow(path=(name,), service=service, asked=usage, usage=re.escape(usage), units=units, times=times)


def _kinds(name: str, service: str, usages: Mapping[str, str], units: frozenset[str]) -> tuple[PriceRow, ...]:
    return tuple(
        PriceRow(path=(name, kind), service=service, asked=usage, usage=re.escape(usage), units=units)
        for kind, usage in usages.items()
    )


def _transfer(name: str, usage: str, kind: str, to: str = "", *, is_dearest: bool = False) -> PriceRow:
    """Traffic that leaves the region; `to` is a pattern for the code of the other one."""
    return PriceRow(
        path=(name,),
        service="AWSDataTransfer",
        asked=usage,
        usage=to + re.escape(usage),
        units=_GB,
        wanted={"transferType": kind},
        is_dearest=is_dearest,
        region_attribute="fromRegionCode",
    )


_ENGINES: Final = {"mariadb": "MariaDB", "mysql": "MySQL", "postgres": "PostgreSQL"}
_RDS_STORAGE: Final = {
    "gp2": "RDS:GP2-Storage",
    "gp3": "RDS:GP3-Storage",
    "io1": "RDS:PIOPS-Storage",
    "io2": "RDS:PIOPS-Storage-IO2",
    "standard": "RDS:StorageUsage",
}
_EBS: Final = {
    "gp2": "EBS:VolumeUsage.gp2",
    "gp3": "EBS:VolumeUsage.gp3",
    "io1": "EBS:VolumeUsage.piops",
    "io2": "EBS:VolumeUsage.io2",
}
_S3: Final = {
    "STANDARD": "TimedStorage-ByteHrs",
    "STANDARD_IA": "TimedStorage-SIA-ByteHrs",
    "ONEZONE_IA": "TimedStorage-ZIA-ByteHrs",
    "GLACIER_IR": "TimedStorage-GIR-ByteHrs",
    "GLACIER": "TimedStorage-GlacierByteHrs",
    "DEEP_ARCHIVE": "TimedStorage-GDA-ByteHrs",
}
_LINUX: Final = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
_SUPPORT: Final = r":(?:MySQL|PostgreSQL)[\d.]+"
_REQUESTS: Final = frozenset({"requests", "request"})

ROWS: Final = (
    *(
        PriceRow(
            path=("instance_hour", engine, r"\1"),
            service="AmazonRDS",
            asked="InstanceUsage:db.",
            usage=r"InstanceUsage:(db\..+)",
            units=_HOUR,
            wanted={"databaseEngine": name, "deploymentOption": "Single-AZ"},
        )
        for engine, name in _ENGINES.items()
    ),
    *_kinds("storage_gb_month", "AmazonRDS", _RDS_STORAGE, _GB_MONTH),
    _row("gp3_iops_month", "AmazonRDS", "RDS:GP3-PIOPS", _IOPS_MONTH),
    _row("gp3_throughput_month", "AmazonRDS", "RDS:GP3-Throughput", frozenset({"mbps-mo", "mibps-mo"})),
    _row("io1_iops_month", "AmazonRDS", "RDS:PIOPS", _IOPS_MONTH),
    _row("io2_iops_month", "AmazonRDS", "RDS:IO2-PIOPS", _IOPS_MONTH),
    _row("backup_gb_month", "AmazonRDS", "RDS:ChargedBackupUsage", _GB_MONTH),
    _row("proxy_vcpu_hour", "AmazonRDS", "RDS:ProxyUsage", _VCPU_HOUR),
    *(
        PriceRow(
            path=("extended_support_vcpu_hour", years),
            service="AmazonRDS",
            asked=f"ExtendedSupport:{usage}:",
            usage=f"ExtendedSupport:{usage}{_SUPPORT}",
            units=_VCPU_HOUR,
        )
        for years, usage in {"y1-2": "Yr1-Yr2", "y3": "Yr3"}.items()
    ),
    PriceRow(
        path=("ec2_hour", r"\1"),
        service="AmazonEC2",
        asked="BoxUsage:t",  # what a bastion may be; with every type of EC2 the list would be long
        usage=r"BoxUsage:(t\d\w*\..+)",
        units=_HOUR,
        wanted=_LINUX,
    ),
    *_kinds("ebs_gb_month", "AmazonEC2", _EBS, _GB_MONTH),
    _row("nat_hour", "AmazonEC2", "NatGateway-Hours", _HOUR),
    _row("nat_gb", "AmazonEC2", "NatGateway-Bytes", _GB),
    _row("interface_endpoint_hour_az", "AmazonVPC", "VpcEndpoint-Hours", _HOUR),
    _row("interface_endpoint_gb", "AmazonVPC", "VpcEndpoint-Bytes", _GB),
    _row("public_ipv4_hour", "AmazonVPC", "PublicIPv4:InUseAddress", _HOUR),
    _row("kms_key_month", "awskms", "KMS-Keys", frozenset({"keys", "key", "key-month"})),
    _row("kms_10k_requests", "awskms", "KMS-Requests", _REQUESTS, 10_000),
    PriceRow(
        path=("secret_month",),
        service="AWSSecretsManager",
        asked="AWSSecretsManager-Secret",
        usage="AWSSecretsManager-Secrets?",  # Singapore and others have it without the s
        units=frozenset({"secrets", "secret"}),
    ),
    PriceRow(
        path=("secret_10k_calls",),
        service="AWSSecretsManager",
        asked="APIRequest",
        usage="AWSSecretsManager-?APIRequests?",  # Ireland writes AWSSecretsManager-APIRequests
        units=_REQUESTS | {"api requests", "api request"},
        times=10_000,
    ),
    _row("alarm_month", "AmazonCloudWatch", "CW:AlarmMonitorUsage", frozenset({"alarms", "alarm"})),
    _row("composite_alarm_month", "AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage", frozenset({"alarms", "alarm"})),
    _row("logs_ingest_gb", "AmazonCloudWatch", "DataProcessing-Bytes", _GB),
    _row("logs_gb_month", "AmazonCloudWatch", "TimedStorage-ByteHrs", _GB_MONTH),
    _row("lambda_gb_second", "AWSLambda", "Lambda-GB-Second", frozenset({"lambda-gb-second", "second", "seconds"})),
    _row("lambda_million", "AWSLambda", "Request", _REQUESTS, 1_000_000),
    *_kinds("s3_gb_month", "AmazonS3", _S3, _GB_MONTH),
    # The table has one number, and the other region is not known here: the dearest holds.
    _transfer("transfer_inter_region_gb", "-AWS-Out-Bytes", "InterRegion Outbound", r"[A-Z]{2,4}\d?", is_dearest=True),
    _transfer("transfer_internet_gb", "DataTransfer-Out-Bytes", "AWS Outbound"),
    _transfer("transfer_cross_zone_gb", "DataTransfer-Regional-Bytes", "IntraRegion"),
)

# What AWS has alike in every region, and no product of the list says: taken over from the table as it stands.
# Route 53 is in no region, by which the list is asked.
EVERYWHERE: Final = (
    "dashboard_month",
    "dns_million_queries",
    "free_dashboards",
    "hosted_zone_month",
    "kms_rotation_month",
    "multi_az_factor",
    "proxy_min_vcpu",
)
