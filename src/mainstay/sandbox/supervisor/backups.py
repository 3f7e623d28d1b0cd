"""Base backups and snapshots: taking them, finding them, and removing what nobody needs any more."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import TargetRefused
from mainstay.engines.copying import copy_tree
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import BACKUP, OPERATION, SNAPSHOT, put_instance
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.house import House, find_instance
from mainstay.sandbox.supervisor.runtime import Runtime
from mainstay.sandbox.supervisor.work import Steps, Work

LIVING: Final = ("available", "backing-up")
READERS_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class BaseBackup:
    """One base backup of the automated kind: its id, the archive's generation, and when it ended (UTC).

    `home` is where a replicated one lies, below the data; None with the instance itself.
    """

    id: str
    resource: str
    generation: int
    ended_at: datetime
    size_bytes: int
    home: str | None = None

    def path(self, house: House) -> Path:
        """Where it lies."""
        return house.layout.backups(self.resource, self.home) / self.id

    def as_json(self) -> dict[str, Any]:
        """Its record."""
        members = {"id": self.id, "resource": self.resource, "generation": self.generation, "home": self.home}
        return members | {"ended_at": render_time(self.ended_at), "size_bytes": self.size_bytes}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The base backup of a record."""
        return cls(**{**record, "ended_at": parse_time(record["ended_at"])})


def base_backups(house: House, region: str, resource: str) -> list[BaseBackup]:
    """The finished base backups of a DbiResourceId, oldest first."""
    with house.state.reading(region) as tx:
        found = [BaseBackup.from_json(each) for each in tx.all(BACKUP) if each["resource"] == resource]
    return sorted(found, key=lambda each: each.ended_at)


def first_backup(house: House, runtime: Runtime) -> None:
    """Start the archive and take a base backup: from its end on, every moment can be restored."""
    region, resource = runtime.region, runtime.resource
    servers.keep_archiving(house, runtime)
    known = [each for each in base_backups(house, region, resource) if each.generation == runtime.generation]
    if not known:
        servers.sweep(house, house.layout.backups(resource))
        house.identity.own_directory(house.layout.backups(resource))
        known = [_take(house, runtime)]
    beat = house.engine(runtime).fence(house.archive(runtime), house.cluster(runtime))
    with house.state.transaction(region) as tx:
        record = find_instance(tx, resource)
        if record is not None:
            record |= {"_earliest": render_time(known[0].ended_at), "LatestRestorableTime": render_time(beat.at)}
            put_instance(tx, record)
            emit(tx, "RDS-EVENT-0002", record["DBInstanceIdentifier"])


def _take(house: House, runtime: Runtime) -> BaseBackup:
    identifier = uuid.uuid4().hex
    taken = house.engine(runtime).take_backup(
        house.cluster(runtime), house.layout.backups(runtime.resource) / identifier
    )
    backup = BaseBackup(identifier, runtime.resource, runtime.generation, taken.ended_at, taken.size_bytes)
    with house.state.transaction(runtime.region) as tx:
        tx.put(BACKUP, backup.id, backup.as_json())
    return backup


def end_backups(house: House, region: str, resource: str, home: str | None = None) -> None:
    """Remove the base backups and archives of a DbiResourceId, once no restore reads them."""
    with house.state.transaction(region) as tx:
        for record in tx.all(BACKUP):
            if record["resource"] == resource:
                tx.delete(BACKUP, record["id"])
    servers.sweep(house, house.layout.backups(resource, home))
    for archive in house.layout.instance(home or resource).glob("archive-*"):
        servers.sweep(house, archive)


def await_readers(house: House, region: str, resource: str) -> None:
    """Wait until no restore reads the backups of this DbiResourceId any more, or the supervisor ends."""
    while is_read_by_restore(house, region, resource) and not house.stopping.is_set():
        house.stopping.wait(READERS_POLL_S)


def is_read_by_restore(house: House, region: str, resource: str) -> bool:
    """Whether a restore that is under way still needs the backups of this DbiResourceId."""
    with house.state.reading(region) as tx:
        return any(
            each["kind"] == "restore" and each["params"].get("source") == resource and "restore" not in each["done"]
            for each in tx.all(OPERATION)
        )


def snapshot(work: Work) -> None:
    """Copy the running server into the snapshot's directory."""
    house, runtime = work.house, work.runtime()
    with house.state.reading(work.region) as tx:
        record = tx.get(SNAPSHOT, work.params["snapshot"])
    if record is None:
        return
    into = house.layout.data / record["_directory"]
    servers.sweep(house, into.with_name(into.name + ".partial"))
    servers.sweep(house, into)
    house.event(runtime, "RDS-EVENT-0001")
    began = render_time(datetime.now(UTC))
    taken = house.engine(runtime).take_backup(house.cluster(runtime), into)
    with house.state.transaction(work.region) as tx:
        ended = render_time(taken.ended_at)
        record |= {"Status": "available", "PercentProgress": 100, "SnapshotCreateTime": ended,
                   "OriginalSnapshotCreateTime": ended, "SnapshotDatabaseTime": began,
                   "FullSnapshotSizeInBytes": taken.size_bytes}  # fmt: skip
        tx.put(SNAPSHOT, record["DBSnapshotIdentifier"], record)
        emit(tx, "RDS-EVENT-0042", record["DBSnapshotIdentifier"], source_type="db-snapshot")


def finish_snapshot(work: Work) -> None:
    """Call the instance available again, unless it is already on its way out."""
    with work.house.state.transaction(work.region) as tx:
        record = find_instance(tx, work.resource)
        if record is not None and record["DBInstanceStatus"] == "backing-up":
            record["DBInstanceStatus"] = "available"
            put_instance(tx, record)
            emit(tx, "RDS-EVENT-0002", record["DBInstanceIdentifier"])


def _is_read_by_copy(house: House, directory: str) -> bool:
    with house.state.reading("") as tx:
        return any(each["params"].get("from") == directory for each in tx.all(OPERATION, every_region=True))


def erase(work: Work) -> None:
    """Remove the files of a deleted snapshot, or of automated backups that were kept for a while."""
    for directory in work.params.get("directories") or []:
        while _is_read_by_copy(work.house, directory) and not work.house.stopping.is_set():
            work.house.stopping.wait(READERS_POLL_S)
        servers.sweep(work.house, work.house.layout.data / directory)
    resource, home = work.params.get("backups_of"), work.params.get("home")
    if resource:
        await_readers(work.house, work.region, resource)
        end_backups(work.house, work.region, resource, home)
        servers.sweep(work.house, work.house.layout.instance(home or resource))


def copy_snapshot(work: Work) -> None:
    """Copy the files of another region's snapshot: what is copied outlives the first one."""
    house = work.house
    source, into = (house.layout.data / work.params[name] for name in ("from", "into"))
    building = into.with_name(into.name + ".partial")
    servers.sweep(house, building)
    servers.sweep(house, into)
    house.identity.own_directory(house.layout.snapshots)
    try:
        copy_tree(source, building, identity=house.identity)
    except OSError as error:
        raise TargetRefused("snapshot cannot be copied", detail=f"{source.name}: {error.strerror}.") from error
    building.rename(into)
    with house.state.transaction(work.region) as tx:
        record = tx.get(SNAPSHOT, work.params["snapshot"])
        if record is not None:
            tx.put(SNAPSHOT, work.params["snapshot"], {**record, "Status": "available", "PercentProgress": 100})


SNAPSHOT_STEPS: Final[Steps] = (("copy", snapshot), ("finish", finish_snapshot))
COPY: Final[Steps] = (("copy", copy_snapshot),)
ERASE: Final[Steps] = (("erase", erase),)
