"""When nobody was at work on a drill: from its last sign of life until it was taken up again.

A restore goes on without us, so that a figure with such a gap in it is no measured one: with the gap it is more than
the recovery took, and without it may be less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mainstay.core.clock import parse_time, render_time
from mainstay.ops.journal import Entry, Run
from mainstay.plan.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One gap. `heard_at` is the last line of the journal before it: a killed process says no good-bye.

    `how` is `killed`, `interrupted` by the operator, or `stopped` by an error, such as a login that ended.
    """

    heard_at: datetime
    taken_up_at: datetime
    number: int
    step: str
    how: str

    def as_json(self) -> dict[str, Json]:
        """As it stands in evidence."""
        return {
            "heard_at": render_time(self.heard_at),
            "taken_up_at": render_time(self.taken_up_at),
            "absent_s": round((self.taken_up_at - self.heard_at).total_seconds(), 4),
            "number": self.number,
            "step": self.step,
            "how": self.how,
        }


def absences(run: Run) -> tuple[Absence, ...]:
    """Every gap of a run, oldest first."""
    return tuple(_absences(run.entries))


def _absences(entries: list[Entry]) -> Iterator[Absence]:
    for place, entry in enumerate(entries):
        if entry.get("event") == "resumed":
            yield stopped_in(entries[:place], parse_time(str(entry["at"])))


def stopped_in(entries: list[Entry], now: datetime) -> Absence:
    """The gap after these lines, which ends now; with `number` 0 no step had begun."""
    last, steps = entries[-1], [one for one in entries if one.get("event") == "step"]
    event = str(last.get("event"))
    return Absence(
        heard_at=parse_time(str(last["at"])),
        taken_up_at=now,
        number=int(str(steps[-1]["number"])) if steps else 0,
        step=str(steps[-1]["name"]) if steps else "",
        how=event if event in {"interrupted", "stopped"} else "killed",
    )


def absent_s(run: Run, begins_s: float, ends_s: float) -> float:
    """Seconds of absence between two moments, both in seconds since the restore was asked for."""
    asked = run.calls("rds:RestoreDB")
    if not asked:
        return 0.0
    zero, total = parse_time(str(asked[0]["at"])), 0.0
    for one in absences(run):
        begins, ends = ((moment - zero).total_seconds() for moment in (one.heard_at, one.taken_up_at))
        total += max(0.0, min(ends, ends_s) - max(begins, begins_s))
    return total
