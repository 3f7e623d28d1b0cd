"""What one engine takes and another refuses: names, the password's length, Performance Insights by class."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.core.findings import Finding
from mainstay.plan.passes.draft import fault_at
from mainstay.spec import Spec
from mainstay.spec.monitoring import Insights

# RDS User Guide, USER_PerfInsights.Overview.Engines, 2026-11-20.


def engine_faults(spec: Spec) -> Iterator[Finding]:
    """Settings that the spec's engine refuses, though another takes them."""
    engine, limits = spec.database.engine, facts.load("limits").data
    name, names = spec.database.name, facts.database_name(engine)
    if not names.admits(name):
        start = "a letter or _" if engine == "postgres" else "a letter"
        yield fault_at(
            spec,
            "SP023",
            "database.name",
            f"{engine} takes no database '{name[:40]}'.",
            f"start with {start}, then letters, digits and _, {names.most} at most",
        )
    most = facts.username(engine).most
    if len(spec.credentials.username) > most:
        detail = f"{engine} takes {most} characters at most, not {len(spec.credentials.username)}."
        yield fault_at(spec, "SP023", "credentials.username", detail, "choose a shorter name")
    most = limits["password"][engine]["most"]
    if spec.credentials.password_length > most:
        detail = f"{engine} takes {most} characters at most, not {spec.credentials.password_length}."
        yield fault_at(spec, "SP023", "credentials.password_length", detail, f"write {most} or less")
    if spec.monitoring.audit and engine == "postgres":
        detail, hint = "postgres has no audit plugin of RDS.", "preload pgaudit by database.parameters"
        yield fault_at(spec, "SP023", "monitoring.audit", detail, hint)
    yield from _insights_faults(spec)


def insights_of(spec: Spec, instance_class: str) -> Insights | None:
    """Performance Insights of an instance of this class: as written; by default, where the class supports it."""
    is_written = "insights" in spec.monitoring.model_fields_set
    return spec.monitoring.insights if is_written or _supports_insights(spec, instance_class) else None


def _supports_insights(spec: Spec, instance_class: str) -> bool:
    return facts.has_performance_insights(spec.database.engine, instance_class)


def _insights_faults(spec: Spec) -> Iterator[Finding]:
    replicas = spec.database.replicas
    classes = {spec.database.instance_class}
    if replicas.count:
        classes.add(replicas.instance_class or spec.database.instance_class)
    row = facts.conflict("insights-small-class")
    for name in sorted(classes):
        if insights_of(spec, name) and not _supports_insights(spec, name):
            yield fault_at(
                spec,
                row.spec_fault,
                "monitoring.insights",
                f"{name} has no Performance Insights with {spec.database.engine}.",
                "write insights: null, leave it out, or choose a class from medium on",
                source=row.citation,
            )
