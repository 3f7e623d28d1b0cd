"""The verdict: PROVEN, DISPROVEN or INCONCLUSIVE, and the proof level that was shown, never a higher one.

PROVEN needs every check passed, nothing undecided below the claimed level, at least the level that was required, and
nothing left behind. DISPROVEN needs a contradiction. Everything else is INCONCLUSIVE, which accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mainstay.core.units import Duration
from mainstay.ops.drill.absence import absent_s
from mainstay.ops.drill.model import LEVELS, Check, CheckKind, Level, Outcome, Verdict
from mainstay.ops.drill.state import Drill

# The latest restorable time is typically within five minutes; twice that is stale (RDS User Guide, USER_PIT,
# 2026-11-20).
_FRESH_S: Final = 600.0
_MOST_REASONS: Final = 6
_DATA: Final[tuple[CheckKind, ...]] = ("table", "sequence", "catalog")


def judge(drill: Drill) -> Verdict:
    """The verdict of a drill whose steps have ended."""
    levels = _levels(drill)
    level = next((shown.level for shown in reversed(levels) if shown.is_shown), "none")
    failed = [check for check in drill.checks if check.outcome == "failed"]
    accusing = _accusing(drill)
    if accusing:
        return Verdict("DISPROVEN", level, _reasons(accusing), levels)
    short = _shortcomings(drill, level)
    if failed or short:
        return Verdict("INCONCLUSIVE", level, (*short, *_reasons(failed)), levels)
    return Verdict("PROVEN", level, (), levels)


def is_contradicted(drill: Drill) -> bool:
    """Whether something accuses the backup already, whatever comes after it."""
    return bool(_accusing(drill))


def _accusing(drill: Drill) -> list[Check]:
    return [check for check in drill.checks if check.outcome == "failed" and check.kind != "cleanup"]


def _shortcomings(drill: Drill, level: str) -> tuple[str, ...]:
    """Why this cannot be called proven though nothing contradicts it."""
    reached = LEVELS.index(level) if level in LEVELS else -1
    reasons = list(drill.stopped_by)
    if reached < LEVELS.index(drill.request.required):
        reasons.append(f"Proof level {level} was shown; {drill.request.required} is required.")
    return tuple(reasons)


def _reasons(checks: Sequence[Check]) -> tuple[str, ...]:
    words = [f"{_named(check)}: expected {check.expected}, found {check.observed}." for check in checks[:_MOST_REASONS]]
    more = len(checks) - len(words)
    return (*words, f"{more} more checks failed.") if more > 0 else tuple(words)


def _named(check: Check) -> str:
    return f"{check.database}: {check.name}" if check.database else check.name


def _levels(drill: Drill) -> tuple[Level, ...]:
    """Each level rests on those before it: after the first that is not shown, none is."""
    judged = (_policy, _fresh, _opens, _exact_point, _equal_data, _usable, _second_way)
    found: list[Level] = []
    for name, judge_level in zip(LEVELS, judged, strict=True):
        title, is_shown, why = judge_level(drill)
        rests = not found or found[-1].is_shown
        if is_shown and not rests:
            why = f"{why} It rests on {found[-1].level}, which was not shown."
        found.append(Level(name, title, is_shown and rests, why))
    return tuple(found)


Judged = tuple[str, bool, str]


def _policy(drill: Drill) -> Judged:
    title, retention = "Backups are kept", drill.source.retention if drill.source else Duration(0)
    if drill.snapshot is not None and not retention:
        return title, True, f"There is no automated backup, and {drill.way['kind']} {drill.way['name']} is kept."
    return title, retention > 0, f"Automated backups are kept for {retention}."


def _fresh(drill: Drill) -> Judged:
    age = drill.exposure_s
    if age is None:
        return "The window is fresh", False, "The service named no latest restorable time."
    bound = max(_FRESH_S, float(drill.request.rpo or 0))
    what = "latest restorable time" if drill.window.latest else str(drill.way.get("kind"))
    why = f"The {what} was {age:.1f} s old when the drill began; {bound:.0f} s count as fresh."
    return "The window is fresh", age <= bound, why


def _opens(drill: Drill) -> Judged:
    is_shown = "t_login" in drill.reached_s and not _any(drill, ("instance",), "failed")
    why = "A login over verified TLS was answered." if is_shown else "No login to a restored instance was answered."
    return "It restores and opens", is_shown, why


def _exact_point(drill: Drill) -> Judged:
    title, found = "The exact point", drill.marker_check
    if found is None:
        return title, False, "The markers were not looked at."
    seen = f"{found.demanded} markers before the target were demanded and {found.forbidden} after it forbidden"
    if not found.has_passed:
        return title, False, f"{seen}; they contradict the target."
    if not found.is_two_sided:
        return title, False, f"{seen}; it takes both sides to tell the point."
    return title, True, f"{seen}; all are as they must be."


def _equal_data(drill: Drill) -> Judged:
    title = "The data are equal"
    if "t_data_verified" not in drill.reached_s:
        return title, False, "The data were not compared."
    for outcome in ("failed", "open"):
        rows = [check for check in drill.checks if check.kind in _DATA and check.outcome == outcome]
        if rows:
            word = "contradicted by the copy" if outcome == "failed" else "left undecided"
            are = "comparison is" if len(rows) == 1 else "comparisons are"
            return title, False, f"{len(rows)} {are} {word}, first {rows[0].name}."
    count = sum(check.kind == "table" for check in drill.checks)
    return (
        title,
        True,
        f"{count} tables in {len(drill.data_databases)} databases, their sequences and the catalog equal.",
    )


def _usable(drill: Drill) -> Judged:
    title = "It is usable"
    if not drill.request.checks:
        return title, False, "No SQL check of the user's own was given, so nobody asked as an application would."
    asked = [check for check in drill.checks if check.kind == "sql"]
    if len(asked) < len(drill.request.checks) or any(check.outcome != "passed" for check in asked):
        return title, False, "Not every SQL check passed."
    if not drill.has_been_written:
        return title, False, "Nothing was written to the restored copy."
    return title, True, f"Every row was read, a commit was taken, and these SQL checks passed: {len(asked)}."


def _second_way(drill: Drill) -> Judged:
    if drill.elsewhere is None:
        return "A second way", False, "This drill restored in one way and in one region."
    there = drill.elsewhere.site.region
    return "A second way", True, f"It was restored in {there}, from what is replicated there."


def _any(drill: Drill, kinds: tuple[CheckKind, ...], outcome: str) -> bool:
    return any(check.kind in kinds and check.outcome == outcome for check in drill.checks)


def note_objectives(drill: Drill) -> None:
    """The promises beside what was measured. A recovery that takes longer than promised contradicts the promise."""
    rto, rpo = drill.request.rto, drill.request.rpo
    measured = drill.reached_s.get("t_data_verified")
    if rto is not None and measured is not None:
        away = absent_s(drill.run, 0.0, measured)
        # With an absence in it the figure is an upper bound: it can show that the promise holds, not that it does not.
        outcome: Outcome = "passed" if measured <= rto else "open" if away else "failed"
        observed = f"{measured:.1f} s" + (f", in which nobody was at work for up to {away:.1f} s" if away else "")
        drill.note_check("objective", "recovery time", outcome, f"at most {rto}", observed)
    proven = drill.marker_check.rpo_s if drill.marker_check else None
    if rpo is not None and proven is not None:
        # Sparse markers make this number large without any loss, so it cannot accuse.
        decided: Outcome = "passed" if proven <= rpo else "open"
        drill.note_check("objective", "recovery point", decided, f"at most {rpo}", f"{proven:.3f} s")
    if rpo is not None and drill.exposure_s is not None and drill.exposure_s > rpo:
        observed = f"{drill.exposure_s:.1f} s when the drill began"
        drill.note_check("objective", "age of the latest restorable time", "noted", f"at most {rpo}", observed)
