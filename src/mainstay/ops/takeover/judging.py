"""What the ledger says against what the clients were told, and the verdict on the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mainstay.core.clock import render_time
from mainstay.ops.drill.model import Check, Outcome, Verdict
from mainstay.ops.takeover.clients import Tally
from mainstay.ops.takeover.model import Round, Takeover


def judge(work: Takeover) -> Verdict:
    """The verdict, with a check for every expectation kept in `work.checks`.

    DISPROVEN when a write that was acknowledged is not there, one that failed is, or the outage is longer than
    promised; INCONCLUSIVE when that could not be seen; PROVEN otherwise.
    """
    for played in work.rounds:
        known = len(work.checks)
        _judge_events(work, played)
        for tally in played.tallies:
            _judge_writes(work, played, tally)
        ended_at_s = max((tally.ended_at for tally in played.tallies), default=0.0)
        _date(work, known, played.at, ended_at_s - played.fault_at_s)
    known = len(work.checks)
    _judge_objective(work)
    _date(work, known, work.started_at, (work.clock.now() - work.started_at).total_seconds())
    failed = [check for check in work.checks if check.outcome == "failed"]
    opened = [check for check in work.checks if check.outcome == "open"]
    if failed:
        return Verdict("DISPROVEN", "none", _reasons(failed), ())
    if work.reasons or opened or len(work.rounds) < work.request.runs:
        return Verdict("INCONCLUSIVE", "none", (*work.reasons, *_reasons(opened)), ())
    return Verdict("PROVEN", "none", (), ())


def _date(work: Takeover, first: int, at: datetime, seconds: float) -> None:
    """What was seen of a round was seen from its fault to its end."""
    work.checks[first:] = [
        replace(check, started_at=at, seconds=round(max(0.0, seconds), 6)) for check in work.checks[first:]
    ]


def _reasons(checks: list[Check]) -> tuple[str, ...]:
    return tuple(f"{check.name}: expected {check.expected}, found {check.observed}." for check in checks)


def lost(work: Takeover, tally: Tally) -> int:
    """How many acknowledged writes of a tally are not in the ledger."""
    return len(tally.acknowledged - work.entries)


def _judge_writes(work: Takeover, played: Round, tally: Tally) -> None:
    name = f"round {played.number}, {tally.route.name}"
    if not work.has_looked:
        work.checks.append(
            Check("write", f"{name}: acknowledged writes", "open", "all there", "the ledger was not read")
        )
        return
    gone, risen = lost(work, tally), len(tally.failed & work.entries)
    total = len(tally.acknowledged)
    found: Outcome = "failed" if gone else "passed" if total else "open"
    work.checks.append(
        Check("write", f"{name}: acknowledged writes", found, f"all {total:,} there", f"{total - gone:,} there")
    )
    what = f"none of {len(tally.failed):,} there"
    work.checks.append(
        Check("write", f"{name}: failed writes", "failed" if risen else "passed", what, f"{risen:,} there")
    )
    there = len(tally.in_doubt & work.entries)
    seen = f"{there:,} there, {len(tally.in_doubt) - there:,} not"
    work.checks.append(Check("write", f"{name}: writes in doubt", "noted", f"{len(tally.in_doubt):,} either way", seen))
    is_back = played.outages[tally.route.name].first_success_s is not None
    work.checks.append(
        Check("usable", f"{name}: writes go on", "passed" if is_back else "open", "yes", "yes" if is_back else "no")
    )


def _judge_events(work: Takeover, played: Round) -> None:
    name = f"round {played.number}"
    told = "; ".join(event.message for event in played.events) or "nothing"
    if played.is_abandoned:
        work.checks.append(Check("event", f"{name}: what RDS tells", "open", "a failover", f"abandoned: {told}"))
    elif work.request.fault == "partition":
        work.checks.append(Check("event", f"{name}: what RDS tells", "noted", "no failover: the primary lives", told))
    else:
        taken: Outcome = "passed" if played.has_taken_over else "open"
        work.checks.append(Check("event", f"{name}: what RDS tells", taken, "failover completed", told))
        work.checks.append(
            Check("instance", f"{name}: zone", "noted", "another one", " → ".join(str(zone) for zone in played.zones))
        )
    whole: Outcome = "passed" if played.is_over else "open"
    work.checks.append(
        Check("instance", f"{name}: whole again", whole, f"within {work.request.deadline}", _when(played))
    )


def _when(played: Round) -> str:
    return "yes" if played.is_over else f"not since {render_time(played.at)}"


def _judge_objective(work: Takeover) -> None:
    rto, worst = work.request.rto, longest_s(work)
    if rto is not None and worst is not None:
        outcome: Outcome = "passed" if worst <= rto else "failed"
        work.checks.append(Check("objective", "longest outage", outcome, f"at most {rto}", f"{worst:.3f} s"))


def longest_s(work: Takeover) -> float | None:
    """The longest outage of any round and route, in seconds; None without one."""
    return max((one.longest_s for played in work.rounds for one in played.outages.values()), default=None)
