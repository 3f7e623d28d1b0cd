"""Engines and versions: what RDS creates, and what of it this sandbox can run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.mysql.programs import find_mysql
from mainstay.sandbox.errors import NOT_IMPLEMENTED, ServiceError
from mainstay.sandbox.rds import classes, faults
from mainstay.sandbox.rds.records import Record, filtered, page
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

# By RDS's name: the engine's own name, and its licence.
RUNNABLE: Final[Mapping[str, tuple[str, str]]] = {
    "postgres": ("PostgreSQL", "postgresql-license"),
    "mariadb": ("MariaDB", "general-public-license"),
    "mysql": ("MySQL", "general-public-license"),
}
# Another engine runs in the place of MySQL by explicit choice only.
STAND_IN_VARIABLE: Final = "MAINSTAY_SANDBOX_MYSQL"
STAND_IN: Final = "mariadb"
ENGINES: Final = (
    "postgres", "mysql", "mariadb", "aurora-mysql", "aurora-postgresql", "db2-ae", "db2-se", "oracle-ee",
    "oracle-se2", "sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web",
)  # fmt: skip
# RDS chooses when only a major is asked for: the sandbox takes its own build where there is one, else the newest.
OWN_BUILDS: Final[Mapping[tuple[str, str], str]] = {("postgres", "17"): "17.10"}
DEFAULT_MAJOR: Final[Mapping[str, str]] = {"postgres": "17", "mariadb": "10.11", "mysql": "8.4"}


def require_engine(engine: str) -> None:
    """Refuse engines that RDS does not have, and those that the sandbox cannot run, by name."""
    if engine not in ENGINES:
        raise faults.invalid_value(f"Invalid DB engine: {engine}")
    if engine not in RUNNABLE:
        raise ServiceError(
            NOT_IMPLEMENTED,
            f"the sandbox does not run {engine}, only {', '.join(RUNNABLE)}: it starts real servers, and a stand-in "
            "would prove nothing about yours",
            501,
        )
    if engine == "mysql" and not _is_stand_in_chosen():
        try:
            find_mysql()
        except EnvironmentLacking as error:
            raise ServiceError(
                NOT_IMPLEMENTED, f"the sandbox does not run mysql here. {error.detail} To have it, {error.hint}.", 501
            ) from error


def _is_stand_in_chosen() -> bool:
    return os.environ.get(STAND_IN_VARIABLE) == STAND_IN


def chosen_engine(engine: str) -> str:
    """The engine that is to run for a new instance, as whoever asks for it has chosen."""
    return STAND_IN if engine == "mysql" and _is_stand_in_chosen() else engine


def runs_as(record: Record) -> str:
    """The engine that really runs for an instance."""
    return str(record.get("_runs") or chosen_engine(record["Engine"]))


def series_of(record: Record) -> str:
    """The major version or release series that is to run for an instance; empty where any will do."""
    engine, version = record["Engine"], record["EngineVersion"]
    return facts.major_of(engine, version) if runs_as(record) == engine else ""


def full_version(engine: str, version: str | None) -> str:
    """The full version that RDS would take: a major alone gets a minor, an unknown version is refused."""
    if version is None:
        return _chosen(engine, DEFAULT_MAJOR[engine])
    if version in creatable(engine):
        return version
    if f"{engine}{version}" in facts.families(engine):
        return _chosen(engine, version)
    raise ServiceError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def creatable(engine: str) -> list[str]:
    """The versions that can be created, oldest first; without those that live on in Extended Support alone."""
    return [name for name in facts.versions(engine) if facts.family(engine, name) in facts.families(engine)]


def _chosen(engine: str, major: str) -> str:
    return OWN_BUILDS.get((engine, major)) or facts.newest_minor(engine, major)


def describe_engine_versions(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The versions that can be created here."""
    found = [
        {
            "Engine": engine,
            "EngineVersion": version,
            "MajorEngineVersion": facts.major_of(engine, version),
            "DBParameterGroupFamily": facts.family(engine, version),
            "DBEngineDescription": label,
            "DBEngineVersionDescription": f"{label} {version}",
            "Status": "available",
            "SupportsReadReplica": True,
            "ExportableLogTypes": sorted(facts.load("log_exports").data[engine]),
        }
        for engine, (label, _) in RUNNABLE.items()
        for version in creatable(engine)
    ]
    asked = str(params.get("EngineVersion") or "")
    kept = [one for one in found if asked in ("", one["EngineVersion"], one["MajorEngineVersion"])]
    kept = [one for one in kept if params.get("Engine") in (None, one["Engine"])]
    if params.get("DefaultOnly"):
        kept = [one for one in kept if one["EngineVersion"] == _default_for(one, asked)]
    family = params.get("DBParameterGroupFamily")
    kept = [one for one in kept if family in (None, one["DBParameterGroupFamily"])]
    return page(
        filtered(kept, params.get("Filters") or [], {"engine-version": "EngineVersion"}), params, "DBEngineVersions"
    )


def _default_for(one: Record, asked: str) -> str:
    return full_version(one["Engine"], one["MajorEngineVersion"] if asked else None)


def describe_orderable_options(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Classes that can be created in this region: one line a class."""
    require_engine(params["Engine"])
    engine = params["Engine"]
    version = full_version(engine, params.get("EngineVersion"))
    found = [
        {
            "Engine": engine,
            "EngineVersion": version,
            "DBInstanceClass": name,
            "LicenseModel": RUNNABLE[engine][1],
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
