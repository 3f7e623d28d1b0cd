"""What RDS checks of a request before it begins, beyond what botocore does: the enums, patterns and bounds.

Sources, all read 2026-11-20: RDS API reference, CreateDBInstance and ModifyDBInstance; RDS User Guide,
CHAP_Storage, USER_WorkingWithAutomatedBackups; texts as deployments showed them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.windows import DailyWindow, WeeklyWindow, overlap_minutes
from mainstay.sandbox.rds import classes, faults

Params = Mapping[str, Any]

RETENTION_DAYS: Final = range(36)
PORTS: Final = range(1150, 65536)
STORAGE_TYPES: Final = ("gp2", "gp3", "io1", "io2")
MONITORING_INTERVALS: Final = (0, 1, 5, 10, 15, 30, 60)
LOG_TYPES: Final = ("postgresql", "upgrade", "iam-db-auth-error")
CERTIFICATES: Final = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")
RESERVED_USERS: Final = (
    "admin",
    "rdsadmin",
    "rdsrepladmin",
    "rds_superuser",
    "postgres_internal",
    "public",
    "user",
    "root",
)
INSIGHTS_DAYS: Final = (7, *(31 * months for months in range(1, 24)), 731)
SHORTEST_WINDOW_MINUTES: Final = 30
_IDENTIFIER: Final = re.compile(r"[a-zA-Z](?:-?[a-zA-Z0-9])*")


def check_identifier(name: str, member: str, longest: int = 63) -> str:
    """The identifier in lower case; refused when RDS would refuse it."""
    if not _IDENTIFIER.fullmatch(name) or len(name) > longest:
        raise faults.invalid_value(
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; "
            "must contain only "
            "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
    return name.lower()


def check_password(password: str) -> None:
    """Refuse a master password that RDS does not take for PostgreSQL."""
    if len(password) < 8:
        raise faults.invalid_value(
            "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters."
        )
    if len(password) > 128:
        raise faults.invalid_value(
            "The parameter MasterUserPassword is not a valid password because it is longer than 128 characters."
        )
    if any(character in '/@" ' or not "!" <= character <= "~" for character in password):
        raise faults.invalid_value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII "
            "characters besides '/', '@', "
            "'\"', ' ' may be used."
        )


def check_credentials(params: Params) -> None:
    """Refuse an unusable master user, and two ways to its password."""
    user = params.get("MasterUsername")
    if not user:
        raise faults.invalid_value("The parameter MasterUsername must be provided and must not be blank.")
    if not re.fullmatch(r"[a-zA-Z]\w{0,62}", user, re.ASCII):
        raise faults.invalid_value(f"The parameter MasterUsername is not a valid identifier: {user}")
    if user.lower() in RESERVED_USERS or user.lower().startswith("pg_"):
        raise faults.invalid_value(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    check_password_ways(params)
    if not params.get("ManageMasterUserPassword"):
        if not params.get("MasterUserPassword"):
            raise faults.invalid_value("The parameter MasterUserPassword must be provided and must not be blank.")
        check_password(params["MasterUserPassword"])


def check_password_ways(params: Params) -> None:
    """Refuse members about the master password that exclude each other."""
    if params.get("MasterUserPassword") and params.get("ManageMasterUserPassword"):
        raise faults.invalid_combination(
            "MasterUserPassword and ManageMasterUserPassword are mutually exclusive. Specify only "
            "one of these parameters."
        )
    if params.get("MasterUserSecretKmsKeyId") and not params.get("ManageMasterUserPassword"):
        raise faults.invalid_combination(
            "A ManageMasterUserPassword value is required when MasterUserSecretKmsKeyId is specified."
        )


def check_database_name(name: str | None) -> None:
    """Refuse a database name that PostgreSQL on RDS does not take."""
    if name is not None and not re.fullmatch(r"[a-zA-Z_]\w{0,62}", name, re.ASCII):
        raise faults.invalid_value(
            f"DBName must begin with a letter or an underscore and contain only letters, digits and underscores: {name}"
        )
    if name is not None and name.lower() in ("rdsadmin", "template0", "template1"):
        raise faults.invalid_value(f"DBName {name} cannot be used as it is a reserved word for this engine")


def check_placement(params: Params) -> None:
    """Refuse a zone for an instance that stands in two of them."""
    if params.get("MultiAZ") and params.get("AvailabilityZone"):
        raise faults.invalid_combination("Requesting a specific availability zone is not valid for Multi-AZ instances.")


def check_storage(params: Params) -> None:
    """Refuse sizes, throughput and types of storage that do not go together."""
    kind, size = params["StorageType"], int(params["AllocatedStorage"])
    iops, throughput = params.get("Iops"), params.get("StorageThroughput")
    if kind not in STORAGE_TYPES:
        raise faults.invalid_value(f"Invalid storage type: {kind}")
    lowest = 100 if kind.startswith("io") else 20
    if not lowest <= size <= 65536:
        raise faults.invalid_value(f"Invalid storage size for engine name postgres and storage type {kind}: {size}")
    if kind == "gp3" and size < 400 and (iops or throughput):
        raise faults.invalid_combination(
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400."
        )
    if kind == "gp2" and iops:
        raise faults.invalid_combination("Iops can only be specified for storage types gp3, io1 and io2.")
    if throughput and kind != "gp3":
        raise faults.invalid_combination("StorageThroughput can only be specified for storage type gp3.")
    if kind.startswith("io") and not iops:
        raise faults.invalid_combination(f"The parameter Iops must be specified for storage type {kind}.")
    _check_rates(kind, size, iops, throughput)
    most = params.get("MaxAllocatedStorage")
    if most is not None and int(most) != size and int(most) * 10 < size * 11:
        raise faults.invalid_combination(
            f"Invalid max storage size for engine name postgres and storage type {kind}: {most}. It "
            "must be at least 10 % "
            f"more than the allocated {size}."
        )


def _check_rates(kind: str, size: int, iops: int | None, throughput: int | None) -> None:
    ranges = {"gp3": (12000, 64000, 500.0), "io1": (1000, 256000, 50.0), "io2": (1000, 256000, 1000.0)}
    if iops and kind in ranges:
        lowest, highest, ratio = ranges[kind]
        if not lowest <= iops <= highest or iops / size > ratio:
            raise faults.invalid_combination(
                f"The Iops to GiB ratio or the Iops {iops} is outside {lowest}-{highest} (at most "
                f"{ratio:g} a GiB) for {kind}."
            )
    if throughput and (not 500 <= throughput <= 4000 or throughput > 0.25 * (iops or 12000)):
        raise faults.invalid_combination(
            f"The storage throughput {throughput} is outside 500-4000 MiB/s or above a quarter of the Iops."
        )


def check_retention(days: int) -> None:
    """Refuse a retention outside 0 to 35 days."""
    if days not in RETENTION_DAYS:
        raise faults.invalid_value(f"Invalid backup retention period: {days}. Must be between 0 and 35.")


def check_windows(backup: str | None, maintenance: str | None) -> None:
    """Refuse windows that are misspelt, shorter than half an hour, or open at the same time."""
    daily = _daily(backup) if backup else None
    weekly = _weekly(maintenance) if maintenance else None
    if daily and daily.minutes < SHORTEST_WINDOW_MINUTES:
        raise faults.invalid_value("Backup window must be at least 30 minutes.")
    if weekly and weekly.minutes < SHORTEST_WINDOW_MINUTES:
        raise faults.invalid_value("Maintenance window must be at least 30 minutes.")
    if daily and weekly and overlap_minutes(daily, weekly):
        raise faults.invalid_value("The backup window and maintenance window must not overlap.")


def _daily(text: str) -> DailyWindow:
    try:
        return DailyWindow.parse(text)
    except ValueError as error:
        raise faults.invalid_value(
            f"Invalid backup window time '{text}' specified. Should be specified as a time hh24:mi (24H Clock UTC). "
            "Example: 03:15"
        ) from error


def _weekly(text: str) -> WeeklyWindow:
    try:
        return WeeklyWindow.parse(text)
    except ValueError as error:
        raise faults.invalid_value(
            f"Invalid maintenance window format: {text}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi "
            "(24H Clock UTC). Example: Sun:23:45-Mon:00:15"
        ) from error


def check_port(port: int | None) -> None:
    """Refuse a port that RDS does not open."""
    if port is not None and port not in PORTS:
        raise faults.invalid_value(f"Invalid endpoint port {port}. Valid range is: 1150-65535")


def check_monitoring(params: Params) -> None:
    """Refuse intervals, roles, insights and log types that RDS does not take."""
    interval, role = params.get("MonitoringInterval"), params.get("MonitoringRoleArn")
    if interval is not None and interval not in MONITORING_INTERVALS:
        raise faults.invalid_value(
            f"Invalid monitoring interval: {interval}. Valid values are: 0, 1, 5, 10, 15, 30, 60."
        )
    if interval and not role:
        raise faults.invalid_combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        )
    if role and not interval:
        raise faults.invalid_combination(
            "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value."
        )
    days = params.get("PerformanceInsightsRetentionPeriod")
    if days is not None and days not in INSIGHTS_DAYS:
        raise faults.invalid_value(
            "Invalid Performance Insights retention period. Valid values are: [7, 31, 62, ... 731]"
        )
    if params.get("DatabaseInsightsMode") == "advanced" and (
        not params.get("EnablePerformanceInsights") or (days or 7) < 465
    ):
        raise faults.invalid_combination(
            "To enable the Advanced mode of Database Insights, Performance Insights must be enabled "
            "with a retention of at "
            "least 465 days."
        )
    unknown = set(params.get("EnableCloudwatchLogsExports") or []) - set(LOG_TYPES)
    if unknown:
        raise faults.invalid_combination(
            f"You cannot use the log types '{', '.join(sorted(unknown))}' with engine postgres."
        )


def check_certificate(name: str | None) -> None:
    """Refuse an authority that RDS does not have (any more)."""
    if name is not None and name not in CERTIFICATES:
        raise faults.invalid_value(f"CertificateIdentifier {name} is not valid; valid are {', '.join(CERTIFICATES)}.")


def check_class(name: str) -> None:
    """Refuse a class that RDS does not have."""
    classes.instance_class(name)
