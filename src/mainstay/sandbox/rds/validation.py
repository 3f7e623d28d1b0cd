"""What RDS checks of a request before it begins, beyond what botocore does; the bounds are those of the facts.

Sources, all read 2026-11-20: RDS API reference, CreateDBInstance and ModifyDBInstance; texts as deployments showed
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mainstay import facts
from mainstay.core.windows import DailyWindow, WeeklyWindow, overlap_minutes
from mainstay.facts import StorageLimits
from mainstay.sandbox.rds import classes, faults

Params = Mapping[str, Any]


def check_identifier(name: str, member: str, *, of: str = "instance") -> str:
    """The identifier, of an instance or a snapshot, in lower case; refused when RDS would refuse it."""
    if not facts.identifier(of).admits(name):
        raise faults.invalid_value(
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; "
            "must contain only "
            "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
    return name.lower()


def check_password(password: str, engine: str) -> None:
    """Refuse a master password that RDS does not take for this engine."""
    bounds = facts.load("limits").data["password"]
    least, most = bounds[engine]["least"], bounds[engine]["most"]
    if not least <= len(password) <= most:
        wrong = f"shorter than {least}" if len(password) < least else f"longer than {most}"
        raise faults.invalid_value(
            f"The parameter MasterUserPassword is not a valid password because it is {wrong} characters."
        )
    if any(character in bounds["excluded_characters"] or not "!" <= character <= "~" for character in password):
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
    names = facts.username(params["Engine"])
    if not names.admits(user):
        raise faults.invalid_value(f"The parameter MasterUsername is not a valid identifier: {user}")
    if names.is_reserved(user):
        raise faults.invalid_value(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    check_password_ways(params)
    if not params.get("ManageMasterUserPassword"):
        if not params.get("MasterUserPassword"):
            raise faults.invalid_value("The parameter MasterUserPassword must be provided and must not be blank.")
        check_password(params["MasterUserPassword"], params["Engine"])


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


def check_database_name(name: str | None, engine: str) -> None:
    """Refuse a database name that RDS does not take for this engine."""
    names = facts.database_name(engine)
    if name is not None and not names.admits(name):
        raise faults.invalid_value(
            f"DBName must begin with a letter or an underscore and contain only letters, digits and underscores: {name}"
        )
    if name is not None and names.is_reserved(name):
        raise faults.invalid_value(f"DBName {name} cannot be used as it is a reserved word for this engine")


def check_placement(params: Params) -> None:
    """Refuse a zone for an instance that stands in two of them."""
    if params.get("MultiAZ") and params.get("AvailabilityZone"):
        raise faults.invalid_combination("Requesting a specific availability zone is not valid for Multi-AZ instances.")


def check_storage(params: Params) -> None:
    """Refuse sizes, throughput and types of storage that do not go together."""
    engine, kind, size = params["Engine"], params["StorageType"], int(params["AllocatedStorage"])
    iops, throughput = params.get("Iops"), params.get("StorageThroughput")
    bounds = facts.storage(kind)
    if bounds is None:
        raise faults.invalid_value(f"Invalid storage type: {kind}")
    if not bounds.least_gib <= size <= bounds.most_gib:
        raise faults.invalid_value(f"Invalid storage size for engine name {engine} and storage type {kind}: {size}")
    settable_from = bounds.settable_from_gib or 0
    if size < settable_from and (iops or throughput):
        raise faults.invalid_combination(
            f"You can't specify IOPS or storage throughput for engine {engine} and a storage size less than "
            f"{settable_from}."
        )
    if kind == "gp2" and iops:
        raise faults.invalid_combination("Iops can only be specified for storage types gp3, io1 and io2.")
    if throughput and kind != "gp3":
        raise faults.invalid_combination("StorageThroughput can only be specified for storage type gp3.")
    if kind.startswith("io") and not iops:
        raise faults.invalid_combination(f"The parameter Iops must be specified for storage type {kind}.")
    _check_rates(kind, bounds, size, iops, throughput)
    most = params.get("MaxAllocatedStorage")
    headroom = Fraction(str(facts.load("limits").data["autoscaling"]["least_headroom"]))
    if most is not None and int(most) != size and int(most) < size * headroom:
        raise faults.invalid_combination(
            f"Invalid max storage size for engine name {engine} and storage type {kind}: {most}. It must be at least "
            f"{float(headroom * 100 - 100):g} % more than the allocated {size}."
        )


def _check_rates(kind: str, bounds: StorageLimits, size: int, iops: int | None, throughput: int | None) -> None:
    if iops and bounds.least_iops and bounds.most_iops:
        ratio = bounds.most_iops_per_gib or bounds.most_iops
        if not bounds.least_iops <= iops <= bounds.most_iops or iops / size > ratio:
            raise faults.invalid_combination(
                f"The Iops to GiB ratio or the Iops {iops} is outside {bounds.least_iops}-{bounds.most_iops} (at most "
                f"{ratio:g} a GiB) for {kind}."
            )
    if throughput and bounds.least_mib_s and bounds.most_mib_s:
        share = bounds.most_mib_s_per_iops or 1
        most_here = share * (iops or bounds.least_iops or 0)
        if not bounds.least_mib_s <= throughput <= bounds.most_mib_s or throughput > most_here:
            raise faults.invalid_combination(
                f"The storage throughput {throughput} is outside {bounds.least_mib_s}-{bounds.most_mib_s} MiB/s or "
                "above a quarter of the Iops."
            )


def check_retention(days: int) -> None:
    """Refuse a retention that RDS does not keep automated backups for."""
    bounds = facts.load("retention").data["automated_backup_days"]
    if not bounds["least"] <= days <= bounds["most"]:
        raise faults.invalid_value(
            f"Invalid backup retention period: {days}. Must be between {bounds['least']} and {bounds['most']}."
        )


def check_windows(backup: str | None, maintenance: str | None) -> None:
    """Refuse windows that are misspelt, shorter than half an hour, or open at the same time."""
    daily = _daily(backup) if backup else None
    weekly = _weekly(maintenance) if maintenance else None
    least = facts.limit("windows", "least_minutes")
    if daily and daily.minutes < least:
        raise faults.invalid_value(f"Backup window must be at least {least} minutes.")
    if weekly and weekly.minutes < least:
        raise faults.invalid_value(f"Maintenance window must be at least {least} minutes.")
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
    least, most = facts.limit("port", "least"), facts.limit("port", "most")
    if port is not None and not least <= port <= most:
        raise faults.invalid_value(f"Invalid endpoint port {port}. Valid range is: {least}-{most}")


def check_monitoring(params: Params) -> None:
    """Refuse intervals, roles, insights and log types that RDS does not take."""
    interval, role = params.get("MonitoringInterval"), params.get("MonitoringRoleArn")
    table = facts.load("retention").data
    intervals = table["monitoring_seconds"]
    if interval is not None and interval not in intervals:
        raise faults.invalid_value(
            f"Invalid monitoring interval: {interval}. Valid values are: {', '.join(map(str, intervals))}."
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
    if days is not None and days not in table["performance_insights_days"]:
        raise faults.invalid_value(
            "Invalid Performance Insights retention period. Valid values are: [7, 31, 62, ... 731]"
        )
    least = table["advanced_insights_least_days"]
    if params.get("DatabaseInsightsMode") == "advanced" and (
        not params.get("EnablePerformanceInsights") or (days or table["performance_insights_days"][0]) < least
    ):
        raise faults.invalid_combination(
            "To enable the Advanced mode of Database Insights, Performance Insights must be enabled with a retention "
            f"of at least {least} days."
        )
    engine = params["Engine"]
    unknown = set(params.get("EnableCloudwatchLogsExports") or []) - set(facts.load("log_exports").data[engine])
    if unknown:
        raise faults.invalid_combination(
            f"You cannot use the log types '{', '.join(sorted(unknown))}' with engine {engine}."
        )


def check_certificate(name: str | None) -> None:
    """Refuse an authority that RDS does not have (any more)."""
    known = facts.load("limits").data["certificates"]
    if name is not None and name not in known:
        raise faults.invalid_value(f"CertificateIdentifier {name} is not valid; valid are {', '.join(known)}.")


def check_class(name: str) -> None:
    """Refuse a class that RDS does not have."""
    classes.instance_class(name)
