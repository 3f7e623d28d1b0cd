"""The timeline of a run: each step as a bar, and in it the checks that were made meanwhile. Units are the SVG's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mainstay.report import wording
from mainstay.report.charts import Bar, Tick, scale

_WIDTH: Final = 760
_LABELS: Final = 312  # room for the steps' names on the left
_VALUES: Final = 70  # and for their durations on the right
_ROW: Final = 22
_LEAST: Final = 2.0  # what took no time is still drawn
_SEEN: Final = 7.0  # and what accuses is seen


@dataclass(frozen=True, slots=True)
class Timeline:
    """Steps from the run's beginning to its end, and the checks, each where it was made."""

    width: int
    height: float
    steps: tuple[Bar, ...]
    checks: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    description: str


def timeline(evidence: Mapping[str, Any]) -> Timeline | None:
    """The timeline of evidence; None without steps. Any: JSON of the published schema."""
    steps = evidence["steps"]
    if not steps:
        return None
    begin = _at(evidence["started_at"])
    end = max(0.001, *(_since(begin, step) + float(step["seconds"]) for step in steps))
    unit = (_WIDTH - _LABELS - _VALUES) / end
    bars = tuple(_bar(step, begin, row, unit) for row, step in enumerate(steps))
    words = "; ".join(f"{bar.title} {bar.value}" for bar in bars)
    return Timeline(
        width=_WIDTH,
        height=len(bars) * _ROW + 30,
        steps=bars,
        checks=tuple(_checks(evidence["checks"], steps, begin, unit)),
        ticks=tuple(Tick(_LABELS + at * unit, wording.seconds(at) if at else "0") for at in scale(end)),
        description=f"{words}; together {wording.seconds(end)}.",
    )


def _bar(step: Mapping[str, Any], begin: datetime, row: int, unit: float) -> Bar:
    x, width = _LABELS + _since(begin, step) * unit, max(_LEAST, float(step["seconds"]) * unit)
    return Bar(str(step["name"]), x, row * _ROW + 4.0, width, wording.seconds(step["seconds"]), str(step["outcome"]))


def _checks(
    checks: Sequence[Mapping[str, Any]], steps: Sequence[Mapping[str, Any]], begin: datetime, unit: float
) -> Iterator[Bar]:
    """The checks that have a time, in the row of the last step that had begun by then; what accuses is drawn last."""
    begun = [_since(begin, step) for step in steps]
    dated = [check for check in checks if "started_at" in check]
    for check in sorted(dated, key=lambda check: ("passed", "noted", "open", "failed").index(check["outcome"])):
        at = _since(begin, check)
        row = max((number for number, start in enumerate(begun) if start <= at), default=0)
        least = _SEEN if check["outcome"] in ("failed", "open") else _LEAST
        width = max(least, float(check["seconds"]) * unit)
        yield Bar(str(check["name"]), _LABELS + at * unit, row * _ROW + 4.0, width, "", str(check["outcome"]))


def _since(begin: datetime, row: Mapping[str, Any]) -> float:
    return max(0.0, (_at(row["started_at"]) - begin).total_seconds())


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
