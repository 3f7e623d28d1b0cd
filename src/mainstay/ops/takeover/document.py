"""A takeover's evidence document, in the shape of docs/evidence.schema.json."""

from __future__ import annotations

from typing import Any

from mainstay.core.clock import render_time
from mainstay.ops import evidence
from mainstay.ops.drill.model import Verdict
from mainstay.ops.takeover.clients import Tally
from mainstay.ops.takeover.judging import longest_s, lost
from mainstay.ops.takeover.model import Round, Takeover

Part = dict[str, Any]  # Any: JSON of the published schema


def compose(work: Takeover, verdict: Verdict) -> evidence.Document:
    """Everything that was seen and may be told. Nothing was restored, so what belongs to a restore is empty."""
    request, source, worst = work.request, work.source, longest_s(work)
    return {
        "kind": "takeover",
        "run": work.run.id,
        "label": work.site.label,
        "started_at": render_time(work.started_at),
        "ended_at": render_time(work.clock.now()),
        "made_by": evidence.made_by(work.site, work.ways),
        "hashes": {"spec": request.spec_hash, "plan": request.plan_hash},
        "source": {
            "stack": request.stack,
            "identifier": source.identifier,
            "resource_id": source.resource_id,
            "region": work.site.region,
            "engine": source.engine,
            "engine_version": source.engine_version,
            "engine_build": work.build,
            **({"engine_program": dict(work.program)} if work.program else {}),
            "databases": [],
        },
        "target": {
            "kind": "standby",
            "time": None,
            "window": {"earliest": None, "latest": None},
            "identifier": source.identifier,
            "region": work.site.region,
            "resource_id": source.resource_id,
        },
        "steps": list(work.steps),
        "phases": [],
        "rto": {
            "objective_s": float(request.rto) if request.rto is not None else None,
            "measured_s": round(worst, 4) if worst is not None else None,
            "available_s": None,
        },
        "rpo": {"objective_s": None, "proven_s": _loss_s(work), "exposure_s": None},
        "points": [],
        "outage": {
            "fault": request.fault,
            "writers": request.writers,
            "seconds": request.seconds,
            "rounds": [_round(work, played) for played in work.rounds],
        },
        "positions": [position.as_json() for position in work.positions],
        "checks": [check.as_json() for check in work.checks],
        "queries": evidence.queries(work.queries),
        "exclusions": [{"database": "", "subject": subject, "reason": reason} for subject, reason in work.exclusions],
        "findings": [dict(finding) for finding in request.findings],
        "calls": [call.as_json() for call in work.site.doors.trail.calls if call.at >= work.started_at],
        "reads": dict(sorted(work.site.doors.trail.reads.items())),
        "cost": {"usd": 0.0, "basis": "a failover costs nothing"},
        "verdict": verdict.as_json(),
        "cleanup": {"deleted": [], "left": []},
    }


def _loss_s(work: Takeover) -> float | None:
    """0 where nothing that was acknowledged is gone; None where something is, or nobody could look."""
    tallies = [tally for played in work.rounds for tally in played.tallies]
    return 0.0 if work.has_looked and tallies and not any(lost(work, tally) for tally in tallies) else None


def _round(work: Takeover, played: Round) -> Part:
    return {
        "number": played.number,
        "at": render_time(played.at),
        "has_taken_over": played.has_taken_over,
        "is_over": played.is_over,
        "zone_before": played.zones[0],
        "zone_after": played.zones[1],
        "events": [{"at": render_time(event.at), "message": event.message} for event in played.events],
        "routes": [_route(work, played, tally) for tally in played.tallies],
    }


def _route(work: Takeover, played: Round, tally: Tally) -> Part:
    return {
        "name": tally.route.name,
        "address": tally.route.address,
        "acknowledged": len(tally.acknowledged),
        "failed": len(tally.failed),
        "in_doubt": len(tally.in_doubt),
        "in_doubt_there": len(tally.in_doubt & work.entries) if work.has_looked else None,
        "lost": lost(work, tally) if work.has_looked else None,
        **played.outages[tally.route.name].as_json(),
        "errors": dict(tally.errors),
    }
