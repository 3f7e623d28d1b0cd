"""What can be restored in another region, and which of it: the newest moment, or the one that was asked for.

A replicated automated backup holds every second up to its latest restorable time; a recovery point in a vault is a
snapshot and holds one moment. Both lie in the other region and are asked about there only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final, Literal

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import NotFound
from mainstay.core.units import Duration
from mainstay.ops.aws.backup import RecoveryPoint
from mainstay.ops.aws.door import found
from mainstay.ops.aws.rds_states import AutomatedBackup
from mainstay.ops.site import Site
from mainstay.plan.values import Json

BACKUP: Final = "replicated backup"
POINT: Final = "recovery point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is restored. `holds` is the moment up to which it holds the data, `time` that moment when it was asked for.

    `reason` is a sentence for people: why this, and what else there was.
    """

    kind: Literal["replicated backup", "recovery point"]
    arn: str
    holds: datetime
    source_resource_id: str
    engine: str
    engine_version: str
    username: str
    retention_days: int = 0
    time: datetime | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Json]:
        """For the journal and for people's JSON."""
        times = {"holds": render_time(self.holds), "time": render_time(self.time) if self.time else None}
        return {**asdict(self), **times}

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> Choice:
        """Read back from the journal."""
        known: dict[str, object] = dict(document)
        time = document.get("time")
        known |= {"holds": parse_time(str(document["holds"])), "time": parse_time(str(time)) if time else None}
        return cls(**known)  # type: ignore[arg-type]  # members of our own as_json


@dataclass(frozen=True, slots=True)
class Restorable:
    """Everything of one database that the region holds: backups by their latest time, points, newest first."""

    backups: tuple[tuple[datetime, AutomatedBackup], ...]
    points: tuple[tuple[datetime, RecoveryPoint], ...]


def look(site: Site, source: str, source_region: str, vaults: Iterable[str]) -> Restorable:
    """What the region of this site holds of a database of another region, by its identifier there."""
    known = site.doors.rds.replicated_backups(source_region)
    backups = [
        (backup.window.latest, backup)
        for backup in known
        if backup.instance_id == source and backup.window.latest is not None
    ]
    points = [
        (taken, point)
        for vault in vaults
        for point in site.doors.backup.points(vault)
        if point.is_complete and _is_of(point, source, source_region) and (taken := _taken_at(site, point)) is not None
    ]
    return Restorable(
        tuple(sorted(backups, key=lambda pair: pair[0], reverse=True)),
        tuple(sorted(points, key=lambda pair: pair[0], reverse=True)),
    )


def _is_of(point: RecoveryPoint, source: str, region: str) -> bool:
    parts = point.source_arn.split(":")
    return len(parts) == 7 and (parts[3], parts[5], parts[6]) == (region, "db", source)


def _taken_at(site: Site, point: RecoveryPoint) -> datetime | None:
    """The moment that a recovery point holds: a copy is younger than what it is a copy of."""
    snapshot = found(lambda: site.doors.rds.snapshot(point.arn))
    return snapshot.taken_at if snapshot is not None else None


def choose(site: Site, there: Restorable, source: str, time: datetime | None, now: datetime) -> Choice:
    """The newest moment, or the nearest at or before `time`; NotFound when there is nothing."""
    found_ones = [*_of_backups(there, time), *_of_points(site, there, time)]
    if not found_ones:
        asked = f" at or before {render_time(time)}" if time else ""
        raise NotFound(
            "nothing to restore there",
            detail=f"{site.region} holds no replicated backup and no recovery point of {source}{asked}.",
            hint="disaster_recovery in the spec sends both there, once it is deployed; the first take a while",
        )
    best = max(found_ones, key=lambda choice: (choice.holds, choice.kind == BACKUP))
    return _with_reason(best, found_ones, time, now)


def _of_backups(there: Restorable, time: datetime | None) -> Iterable[Choice]:
    for latest, backup in there.backups:
        is_inside = time is not None and backup.window.holds(time)
        if time is None or is_inside or latest <= time:
            yield Choice(
                kind="replicated backup",
                arn=backup.arn,
                holds=time if time is not None and is_inside else latest,
                source_resource_id=backup.resource_id,
                engine=backup.engine,
                engine_version=backup.engine_version,
                username=backup.username,
                retention_days=backup.retention // 86_400,
                time=time if is_inside else None,
            )


def _of_points(site: Site, there: Restorable, time: datetime | None) -> Iterable[Choice]:
    for taken, point in there.points:
        if time is None or taken <= time:
            snapshot = site.doors.rds.snapshot(point.arn)
            yield Choice(
                kind="recovery point",
                arn=point.arn,
                holds=taken,
                source_resource_id=snapshot.source_resource_id,
                engine=snapshot.engine,
                engine_version=snapshot.engine_version,
                username=snapshot.username,
            )
            return  # the newest of them: older ones are no better


def _with_reason(best: Choice, found_ones: list[Choice], asked: datetime | None, now: datetime) -> Choice:
    age = Duration(max(0, int((now - best.holds).total_seconds())))
    words = [f"it holds the data up to {render_time(best.holds)}, {age} ago"]
    words += [f"{render_time(asked)} itself is not there"] if asked is not None and asked != best.holds else []
    others = [choice for choice in found_ones if choice is not best]
    words += [f"the newest {choice.kind} beside it holds {render_time(choice.holds)}" for choice in others[:1]]
    words += ["there is nothing else"] if not others else []
    return replace(best, reason="; ".join(words))
