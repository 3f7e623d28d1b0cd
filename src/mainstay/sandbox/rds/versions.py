"""Engines and versions: what RDS creates, and what of it this sandbox can run.

Versions: CloudFormation schema of 2026-10-20, deprecated ones left out. Creatable minors change about monthly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.errors import NOT_IMPLEMENTED, ServiceError
from mainstay.sandbox.rds import classes, faults
from mainstay.sandbox.rds.records import Record, filtered, page
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

RUNNABLE: Final = ("postgres",)
ENGINES: Final = (
    "postgres", "mysql", "mariadb", "aurora-mysql", "aurora-postgresql", "db2-ae", "db2-se", "oracle-ee",
    "oracle-se2", "sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web",
)  # fmt: skip
MINORS: Final[Mapping[int, tuple[int, ...]]] = {
    18: (1, 2, 3, 4, 6),
    17: tuple(range(5, 12)),
    16: tuple(range(9, 16)),
    15: tuple(range(13, 20)),
    14: tuple(range(18, 25)),
}
# RDS chooses when only a major is asked for; the sandbox's own build where there is one, else the newest.
DEFAULT_MINOR: Final[Mapping[int, int]] = {**{major: minors[-1] for major, minors in MINORS.items()}, 17: 10}
DEFAULT_MAJOR: Final = 17


def require_engine(engine: str) -> None:
    """Refuse engines that RDS does not have, and those that the sandbox cannot run, by name."""
    if engine not in ENGINES:
        raise faults.invalid_value(f"Invalid DB engine: {engine}")
    if engine not in RUNNABLE:
        raise ServiceError(
            NOT_IMPLEMENTED,
            f"the sandbox does not run {engine} yet, only {', '.join(RUNNABLE)}: it starts real "
            "servers, and a stand-in "
            "would prove nothing about yours",
            501,
        )


def full_version(engine: str, version: str | None) -> str:
    """The full version that RDS would take: a major alone gets a minor, an unknown version is refused."""
    if version is None:
        return f"{DEFAULT_MAJOR}.{DEFAULT_MINOR[DEFAULT_MAJOR]}"
    major, _, minor = version.partition(".")
    if major.isdigit() and int(major) in MINORS:
        if not minor:
            return f"{major}.{DEFAULT_MINOR[int(major)]}"
        if minor.isdigit() and int(minor) in MINORS[int(major)]:
            return version
    raise ServiceError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def major_of(version: str) -> int:
    """The major of a full version."""
    return int(version.partition(".")[0])


def family_of(engine: str, version: str) -> str:
    """The parameter group family of a version."""
    return f"{engine}{major_of(version)}"


def describe_engine_versions(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The versions that can be created here."""
    found = [
        {
            "Engine": "postgres",
            "EngineVersion": f"{major}.{minor}",
            "MajorEngineVersion": str(major),
            "DBParameterGroupFamily": f"postgres{major}",
            "DBEngineDescription": "PostgreSQL",
            "DBEngineVersionDescription": f"PostgreSQL {major}.{minor}",
            "Status": "available",
            "SupportsReadReplica": True,
            "ExportableLogTypes": ["iam-db-auth-error", "postgresql", "upgrade"],
        }
        for major, minors in MINORS.items()
        for minor in minors
    ]
    asked = str(params.get("EngineVersion") or "")
    kept = [one for one in found if asked in ("", one["EngineVersion"], one["MajorEngineVersion"])]
    kept = [one for one in kept if params.get("Engine") in (None, "postgres")]
    if params.get("DefaultOnly"):
        kept = [
            one for one in kept if one["EngineVersion"] == full_version("postgres", asked.partition(".")[0] or None)
        ]
    family = params.get("DBParameterGroupFamily")
    kept = [one for one in kept if family in (None, one["DBParameterGroupFamily"])]
    return page(
        filtered(kept, params.get("Filters") or [], {"engine-version": "EngineVersion"}), params, "DBEngineVersions"
    )


def describe_orderable_options(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Classes that can be created: one line a class of the sizes that blueprints use."""
    require_engine(params["Engine"])
    version = full_version("postgres", params.get("EngineVersion"))
    sizes: dict[str, tuple[str, ...]] = dict.fromkeys(
        (*classes.GENERAL, *classes.MEMORY), ("large", "xlarge", "2xlarge", "4xlarge")
    )
    sizes |= dict.fromkeys(classes.BURSTABLE, ("micro", "small", "medium", "large", "xlarge", "2xlarge"))
    names = [f"db.{family}.{size}" for family, each in sizes.items() for size in each]
    found = [
        {
            "Engine": "postgres",
            "EngineVersion": version,
            "DBInstanceClass": name,
            "LicenseModel": "postgresql-license",
            "AvailabilityZones": [{"Name": f"{tx.region}{letter}"} for letter in "abc"],
            "MultiAZCapable": True,
            "ReadReplicaCapable": True,
            "Vpc": True,
            "SupportsStorageEncryption": True,
            "StorageType": "gp3",
            "SupportsIops": True,
            "SupportsEnhancedMonitoring": True,
            "SupportsIAMDatabaseAuthentication": True,
            "SupportsPerformanceInsights": True,
        }
        for name in names
        if params.get("DBInstanceClass") in (None, name)
    ]
    return page(found, params, "OrderableDBInstanceOptions")


HANDLERS: Final[Mapping[str, Handler]] = {
    "DescribeDBEngineVersions": describe_engine_versions,
    "DescribeOrderableDBInstanceOptions": describe_orderable_options,
}
