"""Engines and versions: what RDS creates, and what of it this sandbox can run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
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
# RDS chooses when only a major is asked for: the sandbox takes its own build where there is one, else the newest.
OWN_BUILDS: Final[Mapping[str, str]] = {"17": "17.10"}
DEFAULT_MAJOR: Final = "17"


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
        return _chosen(engine, DEFAULT_MAJOR)
    if version in creatable(engine):
        return version
    if f"{engine}{version}" in facts.families(engine):
        return _chosen(engine, version)
    raise ServiceError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def creatable(engine: str) -> list[str]:
    """The versions that can be created, oldest first; without those that live on in Extended Support alone."""
    return [name for name in facts.versions(engine) if facts.family(engine, name) in facts.families(engine)]


def _chosen(engine: str, major: str) -> str:
    return OWN_BUILDS.get(major) or facts.newest_minor(engine, major)


def major_of(version: str) -> int:
    """The major of a full version."""
    return int(version.partition(".")[0])


def describe_engine_versions(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The versions that can be created here."""
    found = [
        {
            "Engine": "postgres",
            "EngineVersion": version,
            "MajorEngineVersion": facts.major_of("postgres", version),
            "DBParameterGroupFamily": facts.family("postgres", version),
            "DBEngineDescription": "PostgreSQL",
            "DBEngineVersionDescription": f"PostgreSQL {version}",
            "Status": "available",
            "SupportsReadReplica": True,
            "ExportableLogTypes": sorted(facts.load("log_exports").data["postgres"]),
        }
        for version in creatable("postgres")
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
    """Classes that can be created in this region: one line a class."""
    require_engine(params["Engine"])
    version = full_version("postgres", params.get("EngineVersion"))
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
        for name in classes.orderable(tx.region, params["Engine"])
        if params.get("DBInstanceClass") in (None, name)
    ]
    return page(found, params, "OrderableDBInstanceOptions")


HANDLERS: Final[Mapping[str, Handler]] = {
    "DescribeDBEngineVersions": describe_engine_versions,
    "DescribeOrderableDBInstanceOptions": describe_orderable_options,
}
