"""DB024: a buffer pool so large that the server does not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Ref

# PostgreSQL fails to map its memory; for the other two RDS itself checks 1.2 × DBInstanceClassMemory.
_LIMITS = {
    "postgres": ("shared_buffers", Fraction(3, 4)),
    "mysql": ("innodb_buffer_pool_size", Fraction(6, 5)),
    "mariadb": ("innodb_buffer_pool_size", Fraction(6, 5)),
}
# What RDS sets by itself.
_USUAL = {
    "postgres": "{DBInstanceClassMemory/32768}",
    "mysql": "{DBInstanceClassMemory*3/4}",
    "mariadb": "{DBInstanceClassMemory*3/4}",
}
# What each connection of MySQL or MariaDB may take beside it; those that RDS sets by itself are small.
_PER_CONNECTION = (
    "sort_buffer_size",
    "join_buffer_size",
    "read_buffer_size",
    "read_rnd_buffer_size",
    "thread_stack",
    "binlog_cache_size",
)


def _bad() -> Plan:
    """shared_buffers = 1048576 "for 1 GB": it counts 8 KiB pages, so it is 8 GiB"""
    return plan_of(database(parameter_group=Ref("Settings")), settings(shared_buffers="1048576"))


def _good() -> Plan:
    """Exactly 75 % of 8 GiB"""
    return plan_of(database(parameter_group=Ref("Settings")), settings(shared_buffers="786432"))


@rule(
    id="DB024",
    severity=Severity.ERROR,
    harm=Harm.WONT_START,
    summary="the buffer pool exceeds the memory",
    source="RDS User Guide, Appendix.PostgreSQL.CommonDBATasks.Parameters and CHAP_Troubleshooting (2026-11-20)",
    applies_to=(DbInstance,),
    field="parameters",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The setting is accepted, and at the next start the server stops with `could not map anonymous shared memory:
    Cannot allocate memory`; RDS shows `incompatible-parameters` (RDS-EVENT-0035), and the database stays down. For
    MySQL and MariaDB RDS adds up itself what all connections may take, and refuses to start them above 120 %.
    """
    engine, memory, group = scene.engine_of(db), scene.memory_of(db), scene.group_of(db)
    if engine is None or memory is None or group is None:
        return
    name, most = _LIMITS[engine]
    size = scene.size(db, name)
    if size is None:
        return
    connections = scene.number(db, "max_connections") or 0
    # PostgreSQL has none of them.
    own = {each: scene.size(db, each) or 0 for each in _PER_CONNECTION}
    total = size + connections * sum(own.values())
    if size <= memory * most < total:
        most_of_it = max(own, key=own.__getitem__)
        yield Fault(
            group,
            f"{name} and {connections:,} connections with {sum(own.values()) / 2**20:,.4g} MiB of buffers each want"
            f" {total / 2**30:,.4g} GiB, {total / memory:.0%} of the {memory} of"
            f" {scene.inherited(db, 'instance_class', str)}.",
            f"lower {most_of_it}, which each connection may take, or max_connections",
        )
    if size > memory * most:
        yield Fault(
            group,
            f"{name} = {scene.setting(db, name)} is {size / 2**30:,.4g} GiB, {size / memory:.0%} of the {memory} of"
            f" {scene.inherited(db, 'instance_class', str)}.",
            f"keep {name} at 25 % of the memory, and in no case above {float(most):.0%}; mind its unit",
            mend=(replace(group, parameters={**group.parameters, name: _USUAL[engine]}),),
        )
