"""The continuous archive of a MySQL server's binary log, laid out as MariaDB's is.

`mysqlbinlog --raw --stop-never` writes each file of the log again when it starts, so each start gets a directory of
its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mainstay.engines.home import write_private
from mainstay.engines.mariadb.archive import (
    Archive,
    Position,
    Stretch,
    archived_until,
    drop_slot,
    latest_restorable,
    new_stretch,
    number_of_log,
    receive,
    wait_archived,
)
from mainstay.engines.mariadb.session import Session, ask, rows, tell
from mainstay.engines.mysql.cluster import HEARTBEAT, Cluster
from mainstay.engines.mysql.replication import executed
from mainstay.engines.process import ProcessProof

__all__ = [
    "Archive",
    "Beat",
    "drop_slot",
    "fence",
    "heartbeat",
    "latest_restorable",
    "pulse",
    "start_archiver",
]


HAS: Final = "executed"  # in each stretch: what the server had when it began


@dataclass(frozen=True, slots=True)
class Beat:
    """A commit that we made: a time just before it (aware, UTC, the server's clock), and the position after it."""

    at: datetime
    position: Position


def start_archiver(archive: Archive, primary: Cluster) -> ProcessProof:
    """Archive what this primary writes, from where the archive ends; again after a death or a promotion.

    A new archive begins with the file that is being written. Error: TargetRefused.
    """
    primary.identity.own_directory(archive.directory)
    before = archive.stretches()
    with primary.session() as opened:
        first, has = _first_file(opened, primary.server_id, before), executed(opened)
    stretch = new_stretch(archive, primary, before)
    write_private(stretch / HAS, has, primary.identity)
    return receive(archive, primary, stretch, [
        *primary.binaries.command("mysqlbinlog"), f"--defaults-file={primary.client_file}",
        f"--connection-server-id={archive.receiver_id}", first,
    ])  # fmt: skip


def _first_file(opened: Session, server: int, before: Sequence[Stretch]) -> str:
    present = [str(row[0]) for row in rows(opened, "SHOW BINARY LOGS")]
    last = next((each for each in reversed(before) if each.files()), None)
    if last is None:
        return present[-1]
    if last.server != server:
        return present[0]  # what it has from before its promotion shows where the old primary's log ends
    number = max(last.files())
    # Where the server no longer has it, a restore finds the gap and says so.
    return next((name for name in present if number_of_log(name) >= number), present[-1])


def heartbeat(primary: Cluster) -> Beat:
    """Commit one row, as RDS does, so that an idle server has a time to restore to. Error: TargetRefused."""
    with primary.session() as opened:
        at: datetime = ask(opened, "SELECT SYSDATE(6)")[0].replace(tzinfo=UTC)
        tell(opened, f"UPDATE {HEARTBEAT} SET beat_at = SYSDATE(6) WHERE id = 1")  # noqa: S608 - a constant
        name, offset = ask(opened, "SHOW BINARY LOG STATUS")[:2]
        return Beat(at, Position(primary.server_id, number_of_log(str(name)), int(offset)))


def pulse(archive: Archive, primary: Cluster) -> tuple[Beat, Position | None]:
    """A heartbeat, and up to where this primary's log is archived after it (None: nothing). Error: TargetRefused."""
    return heartbeat(primary), archived_until(archive, primary)


def fence(archive: Archive, primary: Cluster, timeout_s: float = 30.0) -> Beat:
    """Make everything committed before now restorable: a heartbeat, waited for until it is archived."""
    beat = heartbeat(primary)
    wait_archived(archive, primary, beat.position, timeout_s)
    return beat
