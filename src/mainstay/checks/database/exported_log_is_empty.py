"""DB022: a log exported that the server's settings leave empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, DbOption, LogGroup, OptionGroup, ParameterGroup
from mainstay.plan.values import Ref

_SWITCHES = {"general": "general_log", "slowquery": "slow_query_log"}
_OFF = ("0", "off", "false")
_PLUGIN = "MARIADB_AUDIT_PLUGIN"


def _plan(**parameters: str) -> Plan:
    group = LogGroup(key="Log", name="/aws/rds/instance/shop/slowquery", retention=Duration.days(30))
    db = database(
        engine="mysql",
        engine_version="8.4.11",
        identifier="shop",
        log_exports=("slowquery",),
        parameter_group=Ref("Settings"),
    )
    return plan_of(db, settings("mysql8.4", require_secure_transport="1", **parameters), group)


def _bad() -> Plan:
    """Slowquery exported, and slow_query_log is on, but writes into a table"""
    return _plan(slow_query_log="1")


def _good() -> Plan:
    """slow_query_log is on, and log_output is FILE"""
    return _plan(slow_query_log="1", log_output="FILE")


@rule(
    id="DB022",
    severity=Severity.WARNING,
    harm=Harm.BLIND,
    summary="an exported log stays empty",
    source="RDS User Guide, USER_LogAccess.MySQLDB.PublishtoCloudWatchLogs and Appendix.MySQL.Options.AuditPlugin"
    " (2026-11-20)",
    applies_to=(DbInstance,),
    field="log_exports",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The export is accepted, the log group is there, and nothing is ever in it: MySQL and MariaDB write general and
    slow log only when they are switched on, into tables unless told otherwise, and the audit log only by a plugin.
    """
    if scene.engine_of(db) not in ("mysql", "mariadb"):
        return
    for log in (literal(each, str) for each in db.log_exports):
        if log in _SWITCHES:
            yield from _fed_by_settings(db, scene, log, _SWITCHES[log])
        elif log == "audit" and _has_no_plugin(db, scene):
            hint = f"give it an option group with {_PLUGIN}, or drop audit from the exports"
            yield Fault(db, f"{db.key} exports its audit log, but no option group of it has {_PLUGIN}.", hint)


def _fed_by_settings(db: DbInstance, scene: Scene, log: str, switch: str) -> Iterator[Fault]:
    value, output = scene.setting(db, switch), scene.setting(db, "log_output")
    if value is not None and value.lower() in _OFF:
        hint = f"set {switch} to 1 and log_output to FILE in its parameter group"
        mend = _with(db, scene, {switch: "1", "log_output": "FILE"})
        yield Fault(db, f"{db.key} exports its {log} log, but {switch} is {value}.", hint, mend=mend)
    elif value is not None and output is not None and "FILE" not in output.upper():
        hint = "set log_output to FILE in its parameter group"
        mend = _with(db, scene, {"log_output": "FILE"})
        yield Fault(db, f"{db.key} exports its {log} log, but log_output is {output}, not FILE.", hint, mend=mend)


def _with(db: DbInstance, scene: Scene, parameters: Mapping[str, str]) -> tuple[ParameterGroup, ...]:
    group = scene.group_of(db)
    return (replace(group, parameters={**group.parameters, **parameters}),) if group is not None else ()


def _has_no_plugin(db: DbInstance, scene: Scene) -> bool:
    links = [each.option_group for each in scene.lineage(db) if each.option_group is not None]
    if not links or str(links[0]).startswith("default:"):
        return not hides(db, "optiongroup")
    group = scene.region.resolve(links[0], OptionGroup)
    if group is None or hides(group, "option") or not all(isinstance(each, DbOption) for each in group.options):
        return False
    names = [literal(each.name, str) for each in group.options]
    return None not in names and _PLUGIN not in names
