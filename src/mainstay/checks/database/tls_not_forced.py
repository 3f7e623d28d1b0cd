"""DB030: a server that lets clients in without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Ref

_SWITCHES = {
    "postgres": "rds.force_ssl",
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
}


def _bad() -> Plan:
    """MySQL 8.4 with a group that says nothing of TLS, which is off by default there"""
    db = database(engine="mysql", engine_version="8.4.11", parameter_group=Ref("Settings"))
    return plan_of(db, settings("mysql8.4", slow_query_log="1"))


def _good() -> Plan:
    """PostgreSQL 17 with a group that says nothing of TLS, which is forced by default since 15"""
    return plan_of(database(parameter_group=Ref("Settings")), settings("postgres17", log_connections="1"))


@rule(
    id="DB030",
    severity=Severity.WARNING,
    harm=Harm.SECURITY,
    summary="TLS is not forced",
    source="RDS User Guide, PostgreSQL.Concepts.General.SSL and mysql-ssl-connections; Security Hub RDS.38, RDS.39,"
    " RDS.44 (2026-11-20)",
    applies_to=(DbInstance,),
    field="parameters",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """A client that does not ask for TLS gets none: passwords and rows cross the network readable, and nothing shows
    it, because everything works.
    """
    engine = scene.engine_of(db)
    if engine is None:
        return
    name = _SWITCHES[engine]
    value = scene.setting(db, name)
    if value is None or value.lower() not in ("0", "off"):
        return
    group = scene.group_of(db)
    is_written = group is not None and name in group.parameters
    yield Fault(
        group if group is not None and is_written else db,
        f"{name} is {value} for {db.key}"
        + ("." if is_written else f", the default of {' '.join(filter(None, (engine, scene.version_of(db))))}."),
        f"set {name} to 1 in the parameter group, after every client connects with TLS",
        mend=(replace(group, parameters={**group.parameters, name: "1"}),) if group is not None else (),
    )
