"""When nobody was at work on a drill: from its last sign of life until it was taken up again.

A sign is a line in its journal, or a look at what it waits for: a wait of hours writes no line.
A restore goes on without us, so that a figure with such a gap in it is no measured one: with the gap it is more than
the recovery took, and without it may be less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mainstay.core.clock import parse_time, render_time
from mainstay.core.progress import Progress
from mainstay.ops.journal import Entry, Run
from mainstay.plan.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One gap. `heard_at` is the last sign of life before it: a killed process says no good-bye.

    `how` is `killed`, `interrupted` by the operator, or `stopped` by an error, such as a login that ended. `operator`
    is who had been at work; empty where nobody wrote that down.
    """

    heard_at: datetime
    taken_up_at: datetime
    number: int
    step: str
    how: str
    operator: str

    def as_json(self) -> dict[str, Json]:
        """As it stands in evidence."""
        return {
            "heard_at": render_time(self.heard_at),
            "taken_up_at": render_time(self.taken_up_at),
            "absent_s": round((self.taken_up_at - self.heard_at).total_seconds(), 4),
            "number": self.number,
            "step": self.step,
            "how": self.how,
            "operator": self.operator,
        }


class Living:
    """A listener that passes everything on, and lets the journal show life with whatever is heard."""

    def __init__(self, outer: Progress, run: Run) -> None:
        self._outer, self._run = outer, run

    def step(self, number: int, total: int, name: str) -> None:
        """A step, which the journal is told of anyway."""
        self._outer.step(number, total, name)

    def note(self, text: str) -> None:
        """A line."""
        self._run.show_life()
        self._outer.note(text)

    def tick(self, text: str) -> None:
        """What is waited for."""
        self._run.show_life()
        self._outer.tick(text)


def absences(run: Run) -> tuple[Absence, ...]:
    """Every gap of a run, oldest first."""
    return tuple(_absences(run.entries))


def _absences(entries: list[Entry]) -> Iterator[Absence]:
    for place, entry in enumerate(entries):
        if entry.get("event") == "resumed":
            heard = str(entry.get("heard_at") or entries[place - 1]["at"])
            yield _gap(entries[:place], parse_time(heard), parse_time(str(entry["at"])))


def stopped_in(run: Run, now: datetime) -> Absence:
    """The gap that a run is in, if it is taken up now; with `number` 0 no step had begun."""
    return _gap(run.entries, run.heard_at(), now)


def _gap(entries: list[Entry], heard_at: datetime, now: datetime) -> Absence:
    last, steps = entries[-1], [one for one in entries if one.get("event") == "step"]
    event = str(last.get("event"))
    return Absence(
        heard_at=heard_at,
        taken_up_at=now,
        number=int(str(steps[-1]["number"])) if steps else 0,
        step=str(steps[-1]["name"]) if steps else "",
        how=event if event in {"interrupted", "stopped"} else "killed",
        operator=next((str(one["operator"]) for one in reversed(entries) if "operator" in one), ""),
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
