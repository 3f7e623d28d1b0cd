"""Whether a promise keeps the objectives that somebody wrote down."""

from __future__ import annotations

from mainstay.core.findings import Finding, Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.forecast.failure import Failure
from mainstay.forecast.promise import Outcome, Promise
from mainstay.plan.intent import Intent

# An objective is about accidents within the region. Where backups leave it, a lost region is judged as well, as a
# thing to know: what the other region can give is bounded by AWS, not by the design.
WITHIN = (Failure.ROW_DELETED, Failure.INSTANCE_LOST, Failure.ZONE_LOST)
_SOURCE = "RDS User Guide, USER_PIT and Concepts.MultiAZ; measured restores, see facts/data/recovery.json (2026-11-20)"


def judge(promise: Promise, intent: Intent) -> list[Finding]:
    """Findings where the worst case of a failure within the region exceeds `intent.rpo` or `intent.rto`."""
    findings = []
    for outcome in promise.outcomes:
        if outcome.failure not in WITHIN:
            continue
        if intent.rpo is not None and (outcome.rpo is None or outcome.rpo > intent.rpo):
            findings.append(_data_at_risk(outcome, intent.rpo))
        if intent.rto is not None and (outcome.rto_most is None or outcome.rto_most > intent.rto):
            findings.append(_too_slow(outcome, intent.rto))
    return findings + [
        _only_within(outcome, intent) for outcome in promise.of(Failure.REGION_LOST) if _exceeds(outcome, intent)
    ]


def _exceeds(outcome: Outcome, intent: Intent) -> bool:
    if outcome.rpo is None or outcome.rto_most is None:
        return False
    return (intent.rpo is not None and outcome.rpo > intent.rpo) or (
        intent.rto is not None and outcome.rto_most > intent.rto
    )


def _only_within(outcome: Outcome, intent: Intent) -> Finding:
    return Finding(
        id="FC003",
        severity=Severity.INFO,
        harm=Harm.UNPROTECTED,
        summary="the objectives hold within the region only",
        detail=f"{outcome.failure}: {outcome.database} comes back by {outcome.way}, loses up to {outcome.rpo} and"
        f" is away for {outcome.rto_least} to {outcome.rto_most}; objectives: {_written(intent)}. {outcome.reasons[0]}",
        hint="tell those who rely on the objectives; a read replica in the other region would lose less",
        subject=outcome.database,
        origin=outcome.origin,
        source=_SOURCE,
    )


def _written(intent: Intent) -> str:
    named = {"rpo": intent.rpo, "rto": intent.rto}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)


def _data_at_risk(outcome: Outcome, objective: Duration) -> Finding:
    lost = "everything" if outcome.rpo is None else f"up to {outcome.rpo}"
    return Finding(
        id="FC001",
        severity=Severity.ERROR,
        harm=Harm.UNPROTECTED,
        summary="the recovery point objective is not kept",
        detail=f"{outcome.failure}: {outcome.database} loses {lost}; objective: {objective}. {outcome.reasons[0]}",
        hint=_against_loss(outcome),
        subject=outcome.database,
        origin=outcome.origin,
        source=_SOURCE,
    )


def _too_slow(outcome: Outcome, objective: Duration) -> Finding:
    """An error when even the best case is too slow, a warning when only the worst is."""
    is_certain = outcome.rto_least is None or outcome.rto_least > objective
    away = "for ever" if outcome.rto_most is None else f"for {outcome.rto_least} to {outcome.rto_most}"
    return Finding(
        id="FC002",
        severity=Severity.ERROR if is_certain else Severity.WARNING,
        harm=Harm.OUTAGE,
        summary="the recovery time objective is not kept",
        detail=f"{outcome.failure}: {outcome.database} is away {away}, the objective is {objective}."
        f" {outcome.reasons[-1]}",
        hint=_against_absence(outcome),
        subject=outcome.database,
        origin=outcome.origin,
        source=_SOURCE,
    )


def _against_loss(outcome: Outcome) -> str:
    if outcome.failure is not Failure.ROW_DELETED:
        return "add a standby (Multi-AZ), which loses nothing"
    least = Duration(load("recovery").data["log_upload_s"])
    if outcome.rpo is not None and outcome.rpo <= least:
        return f"RDS restores no nearer than {least} to now; write down an objective that allows for it"
    return f"turn on automated backups: any second up to the last {least} can then be restored"


def _against_absence(outcome: Outcome) -> str:
    if outcome.failure is not Failure.ROW_DELETED and outcome.way != "standby":
        return "add a standby (Multi-AZ), which takes over within minutes"
    if not outcome.survives:
        return "turn on automated backups, and measure a restore by a drill"
    return "measure it by a drill, and write down an objective that allows for its time"
