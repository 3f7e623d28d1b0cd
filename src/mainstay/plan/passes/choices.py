"""What AWS's tables say about the spec: version, classes, logs, intervals. All faults at once, before anything else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from mainstay import facts
from mainstay.core.findings import Finding
from mainstay.core.naming import nearest
from mainstay.core.units import Bytes, Duration, Share
from mainstay.plan.passes.draft import Draft, fault_at, refusal
from mainstay.plan.passes.engine_limits import engine_faults
from mainstay.plan.passes.versions import full_version
from mainstay.spec import Spec


def choose(spec: Spec, draft: Draft) -> Draft:
    """The draft with version and class memory; InputRefused names every choice that AWS does not offer."""
    faults = [*_class_faults(spec), *_log_faults(spec), *_interval_faults(spec), *engine_faults(spec)]
    version = ""
    try:
        version = full_version(
            spec.database.engine, spec.database.version, is_paid_support_accepted=spec.database.extended_support
        )
    except ValueError as error:
        detail, _, hint = str(error).partition("; ")
        faults.append(fault_at(spec, "SP020", "database.version", f"{detail}.", hint))
    if faults:
        raise refusal(faults)
    return dataclasses.replace(
        draft,
        version=version,
        memory=_memory(spec.database.instance_class),
        replica_memory=_memory(spec.database.replicas.instance_class or spec.database.instance_class),
    )


def _memory(name: str) -> Bytes:
    shape = facts.class_shape(name)
    return shape[1] if shape else Bytes(0)


def _class_faults(spec: Spec) -> Iterator[Finding]:
    classes = {"database.class": spec.database.instance_class}
    if spec.database.replicas.instance_class:
        classes["database.replicas.class"] = spec.database.replicas.instance_class
    for path, name in classes.items():
        if spec.region and facts.class_offered(spec.region, spec.database.engine, name) is False:
            offered = facts.classes_offered(spec.region, spec.database.engine) or []
            hint = f"did you mean {nearest(name, offered)}?" if nearest(name, offered) else "choose another class"
            yield fault_at(spec, "SP021", path, f"{spec.region} offers no {name} for {spec.database.engine}.", hint)
        elif facts.class_shape(name) is None and _needs_memory(spec):
            yield fault_at(
                spec,
                "SP024",
                path,
                f"the memory of {name} is not in the tables, so shares of it cannot be computed.",
                "write alerts.free_memory as a size and alerts.connections as a number, or choose another class",
            )


def _needs_memory(spec: Spec) -> bool:
    return isinstance(spec.alerts.free_memory, Share) or isinstance(spec.alerts.connections, Share)


def _log_faults(spec: Spec) -> Iterator[Finding]:
    known = facts.load("log_exports").data[spec.database.engine]
    for index, name in enumerate(spec.log_exports):
        if name not in known:
            path = f"monitoring.logs.export.{index}"
            detail = f"{spec.database.engine} has no log '{name}' to export."
            yield fault_at(spec, "SP023", path, detail, f"use {', '.join(known)}")


def _interval_faults(spec: Spec) -> Iterator[Finding]:
    table = facts.load("retention").data
    wanted = [
        ("monitoring.logs.keep", spec.monitoring.logs.keep, table["log_group_days"], 86_400),
        ("monitoring.enhanced", spec.monitoring.enhanced, table["monitoring_seconds"], 1),
    ]
    if spec.network.flow_logs:
        wanted.append(("network.flow_logs.keep", spec.network.flow_logs.keep, table["log_group_days"], 86_400))
    if spec.monitoring.insights:
        wanted.append(
            ("monitoring.insights.keep", spec.monitoring.insights.keep, table["performance_insights_days"], 86_400)
        )
    for path, value, allowed, unit in wanted:
        if value not in [number * unit for number in allowed]:
            near = min(allowed, key=lambda number: abs(number * unit - value))
            yield fault_at(
                spec, "SP023", path, f"AWS does not take {value}.", f"the nearest it takes is {Duration(near * unit)}"
            )
