"""DB025: memory settings that start, and then work against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, ParameterGroup
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """effective_cache_size = 3145728 "for 3 GB" of 8 GiB: it counts 8 KiB pages, so it is 24 GiB"""
    return plan_of(database(parameter_group=Ref("Settings")), settings(effective_cache_size="3145728"))


def _good() -> Plan:
    """effective_cache_size exactly the memory, and shared_buffers a tenth of it"""
    group = settings(effective_cache_size="1048576", shared_buffers="104858")
    return plan_of(database(parameter_group=Ref("Settings")), group)


@rule(
    id="DB025",
    severity=Severity.WARNING,
    harm=Harm.OUTAGE,
    summary="memory settings are out of proportion",
    source="RDS User Guide, Appendix.PostgreSQL.CommonDBATasks.Parameters (2026-11-20)",
    applies_to=(DbInstance,),
    field="parameters",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Mostly a unit is wrong by 8 or by 1,024: a buffer pool of a few megabytes makes every query read the disk, a
    cache size that does not exist makes the planner choose index scans that never end, and sorts that are promised
    more memory than there is end in the kernel killing the server.
    """
    memory, group = scene.memory_of(db), scene.group_of(db)
    if memory is None or group is None or scene.engine_of(db) != "postgres":
        return
    buffers, cache = scene.size(db, "shared_buffers"), scene.size(db, "effective_cache_size")
    if "shared_buffers" in group.parameters and buffers is not None and buffers * 10 < memory:
        yield _fault(
            group,
            f"shared_buffers is {_gib(buffers)}, under a tenth of {memory}",
            "give it about 25 %",
            _usual(db, scene, group, "shared_buffers"),
        )
    if cache is not None and cache > memory:
        yield _fault(
            group,
            f"effective_cache_size is {_gib(cache)}, the machine has {memory}",
            "give it 50 to 75 %",
            _usual(db, scene, group, "effective_cache_size"),
        )
    is_written = "effective_cache_size" in group.parameters
    if is_written and buffers is not None and cache is not None and cache < buffers:
        pair = f"effective_cache_size ({_gib(cache)}) is below shared_buffers ({_gib(buffers)})"
        hint = "it counts shared_buffers and the system's cache together"
        yield _fault(group, pair, hint, _usual(db, scene, group, "effective_cache_size"))
    if {"work_mem", "max_connections"} <= group.parameters.keys():
        yield from _sorts(db, scene, group, memory)


def _sorts(db: DbInstance, scene: Scene, group: ParameterGroup, memory: Bytes) -> Iterator[Fault]:
    # Only where both were written: RDS's own default admits more connections than anybody opens.
    work_mem, connections = scene.size(db, "work_mem"), scene.number(db, "max_connections")
    if work_mem is not None and connections is not None and work_mem * connections > memory:
        product = f"max_connections × work_mem is {connections} × {_gib(work_mem)} = {_gib(work_mem * connections)}"
        yield _fault(group, f"{product}, of {memory}", "lower one of them, or put a pooler in front")


def _fault(group: ParameterGroup, detail: str, hint: str, mend: tuple[ParameterGroup, ...] = ()) -> Fault:
    units = "shared_buffers and effective_cache_size count 8 KiB pages, work_mem KiB"
    return Fault(group, f"{detail}.", f"{hint}; {units}", mend=mend)


def _usual(db: DbInstance, scene: Scene, group: ParameterGroup, name: str) -> tuple[ParameterGroup, ...]:
    """The group with RDS's own formula for a parameter, where it is known."""
    fact = facts.parameter("postgres", name)
    formula = fact.default(scene.version_of(db)) if fact else None
    return (replace(group, parameters={**group.parameters, name: formula}),) if formula else ()


def _gib(size: int) -> str:
    return f"{size / 2**30:,.3g} GiB"
