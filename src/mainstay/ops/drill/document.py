"""A drill's evidence document, in the shape of docs/evidence.schema.json (sealed and chained by ops.evidence)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mainstay.core.clock import render_time
from mainstay.ops import evidence
from mainstay.ops.drill import called
from mainstay.ops.drill.absence import absences, absent_s
from mainstay.ops.drill.model import Verdict
from mainstay.ops.drill.state import PHASES, Drill

Part = dict[str, Any]  # Any: JSON of the published schema


def compose(drill: Drill, verdict: Verdict) -> evidence.Document:
    """Everything that the drill knows and may tell; no secret is among it."""
    return {
        "kind": drill.purpose,
        "run": drill.run.id,
        "label": drill.site.label,
        "started_at": render_time(drill.started_at),
        "ended_at": render_time(drill.clock.now()),
        "made_by": evidence.made_by(drill.site, drill.routes, drill.elsewhere.routes if drill.elsewhere else None),
        "hashes": {"spec": drill.request.spec_hash, "plan": drill.request.plan_hash},
        "asked": _asked(drill),
        "source": _source(drill),
        "target": _target(drill),
        "steps": list(drill.steps),
        "phases": _phases(drill),
        "rto": _recovery_time(drill),
        "rpo": _recovery_point(drill),
        "points": _points(drill),
        "positions": [position.as_json() for position in drill.positions],
        "checks": [check.as_json() for check in drill.checks],
        "queries": evidence.queries(drill.queries),
        "exclusions": [
            {"database": database, "subject": subject, "reason": reason}
            for database, subject, reason in drill.exclusions
        ],
        "findings": [dict(finding) for finding in drill.request.findings],
        "forecast": [dict(outcome) for outcome in drill.request.forecast],
        "calls": [call.as_json() for call in called.all_calls(drill)],
        "reads": called.reads(drill),
        "cost": {"usd": drill.request.cost_usd, "basis": drill.request.cost_basis},
        "verdict": verdict.as_json(),
        "cleanup": {"deleted": list(drill.deleted), "left": list(drill.left)},
        **({"way": dict(drill.way)} if drill.way else {}),
        **({"resumed": gaps} if (gaps := [gap.as_json() for gap in absences(drill.run)]) else {}),
    }


def _asked(drill: Drill) -> Part:
    questions = [
        {
            "name": check.name,
            "database": check.database or drill.home,
            "statement": check.statement,
            "expected_rows": check.expected_rows,
        }
        for check in drill.request.checks
    ]
    return {"required_level": drill.request.required, "questions": questions}


def _source(drill: Drill) -> Part:
    source = drill.require_source()
    return {
        "stack": drill.request.stack,
        "identifier": source.identifier,
        "resource_id": source.resource_id,
        "region": drill.source_region or drill.site.region,
        "engine": source.engine,
        "engine_version": source.engine_version,
        "engine_build": drill.engine_build,
        **({"engine_program": dict(drill.program)} if drill.program else {}),
        "databases": list(drill.data_databases),
    }


def _target(drill: Drill) -> Part:
    return {
        "kind": drill.request.kind,
        "time": _time(drill.target),
        "window": {"earliest": _time(drill.window.earliest), "latest": _time(drill.window.latest)},
        "identifier": drill.target_id,
        "region": drill.there.region,
        "resource_id": drill.restored.resource_id if drill.restored else drill.run.fact("resource_id"),
    }


def _time(moment: datetime | None) -> str | None:
    return render_time(moment) if moment else None


def _phases(drill: Drill) -> list[Part]:
    phases, before = [], 0.0
    for name, title in PHASES.items():
        if name in drill.reached_s:
            ends = drill.reached_s[name]
            phase = {"name": name, "title": title, "seconds": round(ends - before, 4), "ends_s": round(ends, 4)}
            away = round(absent_s(drill.run, before, ends), 4)
            phases.append({**phase, "absent_s": away} if away else phase)
            before = ends
    return phases


def _recovery_time(drill: Drill) -> Part:
    """Measured where somebody was at work all the time; else both with the absence in it and without."""
    usable, available = drill.reached_s.get("t_data_verified"), drill.reached_s.get("t_available")
    away = absent_s(drill.run, 0.0, usable or 0.0)
    told = {
        "objective_s": _number(drill.request.rto),
        "measured_s": None if away else _number(usable),
        "available_s": None if absent_s(drill.run, 0.0, available or 0.0) else _number(available),
    }
    if usable is None or not away:
        return told
    return {**told, "with_absence_s": _number(usable), "without_absence_s": _number(usable - away)}


def _recovery_point(drill: Drill) -> Part:
    return {
        "objective_s": _number(drill.request.rpo),
        "proven_s": _number(drill.marker_check.rpo_s if drill.marker_check else None),
        "exposure_s": _number(drill.exposure_s),
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _points(drill: Drill) -> list[Part]:
    found = drill.marker_check
    moments = [
        ("survived", "newest survivor", found.newest.written_at if found and found.newest else None),
        ("target", "target", drill.target),
        ("absent", "first absent", found.first_absent.written_at if found and found.first_absent else None),
        ("disaster", "disaster", drill.request.disaster_at),
    ]
    return [{"kind": kind, "title": title, "time": render_time(at)} for kind, title, at in moments if at]
