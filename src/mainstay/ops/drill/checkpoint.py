"""What a drill has found out so far, beside its journal: after every step, so that a run that is killed goes on.

No password is among it. The readings of the source may be large and never change, so they lie in a file of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from mainstay.core.errors import MainstayError
from mainstay.core.units import Bytes
from mainstay.ops.aws.rds_states import RestorableWindow, SnapshotState
from mainstay.ops.aws.trail import Call
from mainstay.ops.drill import called
from mainstay.ops.drill.baseline import Baseline
from mainstay.ops.drill.model import Check, Position
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Run
from mainstay.probe.markers import Marker, MarkerCheck
from mainstay.probe.transcript import Query

VERSION: Final = 1
"""Of the shape of these files."""
_SEEN: Final = "source"
_FOUND: Final = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the source held around the target."""

    baseline: Baseline | None
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The snapshot that is restored, as far as it is asked about later."""

    identifier: str
    source_resource_id: str
    taken_at: datetime | None
    holds_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Which steps are done, and what they found; the members are those of a drill.

    `has_ended`: the proving is over, also where it was stopped, because what it found is a contradiction.
    """

    done: tuple[str, ...]
    has_ended: bool
    found: Mapping[str, tuple[Check, ...]]
    steps: list[dict[str, Any]]  # Any: JSON, here and below
    window: RestorableWindow
    exposure_s: float | None
    target: datetime | None
    point: Point | None
    way: dict[str, Any]
    backup_arn: str | None
    reached_s: dict[str, float]
    engine_build: str
    marker_check: MarkerCheck | None
    queries: list[Query]
    positions: list[Position]
    program: Mapping[str, str]
    exclusions: list[tuple[str, str, str]]
    data_databases: tuple[str, ...]
    has_been_written: bool
    stopped_by: list[str]
    calls: list[Call]
    reads: dict[str, int]


# Members that a checkpoint and a drill have by the same name and in the same shape.
_SAME: Final = tuple(one.name for one in fields(Checkpoint) if one.name not in {"done", "point", "calls", "reads"})
Kept = TypeVar("Kept")


def save(drill: Drill) -> None:
    """Keep what is known now. A disk that does not take it stops nothing: the run can only not be gone on with."""
    state = Checkpoint(
        done=tuple(drill.done),
        point=_point(drill.snapshot),
        calls=called.calls(drill),
        reads=called.reads(drill),
        **{name: getattr(drill, name) for name in _SAME},
    )
    _keep(drill, _FOUND, TypeAdapter(Checkpoint).dump_json(state))


def save_seen(drill: Drill) -> None:
    """Keep what the source held; once, when it was seen whole."""
    seen = Seen(baseline=drill.baseline, markers=drill.markers)
    _keep(drill, _SEEN, TypeAdapter(Seen).dump_json(seen))


def _keep(drill: Drill, name: str, document: bytes) -> None:
    try:
        drill.run.keep(name, document.decode())
    except MainstayError as error:
        drill.progress.note(f"{error.summary}: {error.detail} A drill that is killed now begins anew.")


def load(run: Run) -> Checkpoint | None:
    """What a run had found out; None where it kept nothing, or not all of it."""
    return _read(run, _FOUND, TypeAdapter(Checkpoint))


def load_seen(run: Run) -> Seen | None:
    """What a run had seen of the source; None where it kept nothing, or not all of it."""
    return _read(run, _SEEN, TypeAdapter(Seen))


def _read(run: Run, name: str, shape: TypeAdapter[Kept]) -> Kept | None:
    text = run.kept(name)
    try:
        return shape.validate_json(text) if text is not None else None
    except ValidationError:  # written by a version whose shape is another
        return None


def fill(drill: Drill, known: Checkpoint) -> None:
    """Give a drill what an earlier session of its run had found out."""
    for name in _SAME:
        setattr(drill, name, getattr(known, name))
    drill.found = {step: tuple(checks) for step, checks in known.found.items()}
    drill.checks = [check for checks in drill.found.values() for check in checks]
    drill.earlier_calls, drill.earlier_reads = list(known.calls), dict(known.reads)
    if known.point is not None:
        drill.snapshot = _snapshot(known.point)


def _point(known: SnapshotState | None) -> Point | None:
    if known is None:
        return None
    return Point(
        identifier=known.identifier,
        source_resource_id=known.source_resource_id,
        taken_at=known.taken_at,
        holds_until=known.holds_until,
    )


def _snapshot(point: Point) -> SnapshotState:
    return SnapshotState(
        identifier=point.identifier,
        arn="",
        instance_id="",
        source_resource_id=point.source_resource_id,
        status="",
        kind="",
        storage=Bytes(0),
        is_encrypted=True,
        taken_at=point.taken_at,
        holds_until=point.holds_until,
    )
