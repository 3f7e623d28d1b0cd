"""The geometry of the two charts; the template draws what stands here. Units are the SVG's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mainstay.report import wording

_WIDTH: Final = 760
_LABELS: Final = 190  # room for the names on the left
_VALUES: Final = 84  # and for the durations on the right
_ROW: Final = 30
_LEAST: Final = 2.0  # a phase of no length is still drawn
_INSET: Final = 70  # from the chart's edge to the first and last point


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase, step or check: `x` and `width` along the scale, `y` its row, what is written beside it, and how it
    ended where that is told apart.
    """

    title: str
    x: float
    y: float
    width: float
    value: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale with its label."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class PhaseChart:
    """The recovery time as a cascade of phases; `objective_x` is None where the objective is off the scale."""

    width: int
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    objective_x: float | None
    description: str


def phase_chart(phases: Sequence[Mapping[str, Any]], objective_s: float | None) -> PhaseChart | None:
    """The chart of evidence's `phases`; None when nothing was measured. Any: JSON rows of the published schema."""
    if not phases:
        return None
    total = max(float(phases[-1]["ends_s"]), 0.001)
    has_room = objective_s is not None and objective_s <= 1.6 * total
    end = max(total, objective_s) * 1.02 if has_room and objective_s is not None else total
    unit = (_WIDTH - _LABELS - _VALUES) / end
    bars = tuple(_bar(phase, row, unit) for row, phase in enumerate(phases))
    words = "; ".join(f"{bar.title} {bar.value}" for bar in bars)
    return PhaseChart(
        width=_WIDTH,
        height=len(bars) * _ROW + 36,
        bars=bars,
        ticks=tuple(Tick(_LABELS + at * unit, wording.seconds(at) if at else "0") for at in scale(end)),
        objective_x=_LABELS + objective_s * unit if has_room and objective_s is not None else None,
        description=f"{words}; together {wording.seconds(total)}.",
    )


def _bar(phase: Mapping[str, Any], row: int, unit: float) -> Bar:
    length, ends = float(phase["seconds"]), float(phase["ends_s"])
    width = max(_LEAST, length * unit)
    return Bar(str(phase["title"]), _LABELS + (ends - length) * unit, 8.0 + row * _ROW, width, wording.seconds(length))


def scale(end: float) -> list[float]:
    """Three to six round values from 0 that cover `end`."""
    magnitude = 10.0 ** (len(str(int(end))) - 1) if end >= 1 else 0.1
    steps = [magnitude * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5)]
    step = next(step for step in steps if end / step <= 6)
    return [round(step * index, 6) for index in range(int(end / step) + 1)]


@dataclass(frozen=True, slots=True)
class Point:
    """One moment on the line: `kind` decides its form, `offset` is its distance from the target."""

    kind: str
    x: float
    title: str
    time: str
    offset: str


@dataclass(frozen=True, slots=True)
class PointChart:
    """What survived and what did not, in order of time; not to scale, each distance is written.

    `is_reached` is False where nothing that survived was seen.
    """

    width: int
    points: tuple[Point, ...]
    target_x: float
    description: str
    is_reached: bool


def point_chart(points: Sequence[Mapping[str, Any]]) -> PointChart | None:
    """The chart of evidence's `points`; None without a target. Any: JSON rows of the published schema."""
    target = next((point for point in points if point["kind"] == "target"), None)
    if target is None:
        return None
    ordered = sorted(points, key=lambda point: (point["time"], point["kind"] != "survived"))
    gap = (_WIDTH - 2 * _INSET) / max(1, len(ordered) - 1)
    drawn = tuple(_point(point, _INSET + index * gap, str(target["time"])) for index, point in enumerate(ordered))
    at = next(point.x for point in drawn if point.kind == "target")
    words = "; ".join(f"{point.title} at {point.time} ({point.offset})" for point in drawn)
    return PointChart(_WIDTH, drawn, at, words + ".", any(point.kind == "survived" for point in drawn))


def _point(point: Mapping[str, Any], x: float, target: str) -> Point:
    time = str(point["time"])
    offset = "" if point["kind"] == "target" else wording.offset(time, target)
    return Point(str(point["kind"]), x, str(point["title"]), wording.moment(time)[11:23], offset)
