"""The continuous archive: every byte of the binary log, streamed out as it is written.

`mariadb-binlog --raw --stop-never` writes each file of the log again when it starts, from the file's beginning. So
each start gets a directory of its own, a stretch, and nothing that is archived is ever written over:

    <archive>/0001-<server>/binlog.000004 ...      0002-<server>/binlog.000007 ...
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.mariadb.binlog import beat_statement, transactions
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.configuration import BINLOG
from mainstay.engines.mariadb.gtid import Gtid, last_gtid
from mainstay.engines.mariadb.session import Session, ask, rows, tell
from mainstay.engines.process import ProcessProof, spawn_detached

POLL_S: Final = 0.003


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in one server's log: number of the file and bytes in it. Only those of one server can be compared."""

    server: int
    file: int
    offset: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A commit that we made: a time just before it (aware, UTC, the server's clock), its id, a position after it."""

    at: datetime
    gtid: Gtid
    position: Position


class Placed(Protocol):
    """A heartbeat of either engine: its time, and the place behind it."""

    @property
    def at(self) -> datetime:
        """A time just before it."""
        ...

    @property
    def position(self) -> Position:
        """The place in the log behind it."""
        ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one start of the archiver received: its place in the order, the server, its directory."""

    number: int
    server: int
    directory: Path

    def files(self) -> dict[int, Path]:
        """The log files by their number."""
        named = (path for path in self.directory.glob(f"{BINLOG}.*") if path.suffix[1:].isdecimal())
        return {int(path.suffix[1:]): path for path in sorted(named)}


@dataclass(frozen=True, slots=True)
class Archive:
    """A directory of binary logs, for one instance and one generation of it."""

    directory: Path
    name: str

    def stretches(self) -> list[Stretch]:
        """What is archived, oldest first."""
        if not self.directory.is_dir():
            return []
        named = (path for path in sorted(self.directory.iterdir()) if path.is_dir())
        parts = ((path, path.name.split("-")) for path in named)
        return [
            Stretch(int(words[0]), int(words[1]), path)
            for path, words in parts
            if len(words) == 2 and all(word.isdecimal() for word in words)
        ]

    @property
    def receiver_id(self) -> int:
        """The number under which the archiver asks for the log; a server ends the older of two equal ones."""
        return 1 + int.from_bytes(hashlib.sha256(f"archive {self.name}".encode()).digest()[:4]) % (2**32 - 2)


def start_archiver(archive: Archive, primary: Cluster) -> ProcessProof:
    """Archive what this primary writes, from where the archive ends; again after a death or a promotion.

    A new archive begins with the file that is being written. Error: TargetRefused.
    """
    primary.identity.own_directory(archive.directory)
    before = archive.stretches()
    with primary.session() as opened:
        first = _first_file(opened, primary.server_id, before)
    stretch = new_stretch(archive, primary, before)
    return receive(archive, primary, stretch, [
        primary.binaries.program("mariadb-binlog"), f"--defaults-extra-file={primary.client_file}",
        f"--stop-never-slave-server-id={archive.receiver_id}", first,
    ])  # fmt: skip


def new_stretch(archive: Archive, primary: Cluster, before: Sequence[Stretch]) -> Path:
    """The directory of one more start of the archiver, after those before."""
    number = before[-1].number + 1 if before else 1
    return primary.identity.own_directory(archive.directory / f"{number:04d}-{primary.server_id}")


def receive(archive: Archive, primary: Cluster, stretch: Path, command: Sequence[str]) -> ProcessProof:
    """Start the receiving program of either engine, with what both call alike."""
    *program, first = command
    return spawn_detached(
        [*program, "--read-from-remote-server", "--raw", "--stop-never", f"--result-file={stretch}/", first],
        identity=primary.identity,
        env=primary.binaries.environment,
        log_path=archive.directory.with_name(archive.directory.name + ".log"),
        cwd=primary.home,
        marker=f"{stretch}/",
    )


def _first_file(opened: Session, server: int, before: Sequence[Stretch]) -> str:
    present = [str(row[0]) for row in rows(opened, "SHOW BINARY LOGS")]
    last = next((each for each in reversed(before) if each.files()), None)
    if last is None:
        return present[-1]
    if last.server == server:
        number = max(last.files())
        # Where the server no longer has it, a restore finds the gap and says so.
        return next((name for name in present if number_of_log(name) >= number), present[-1])
    end = _end(last)
    for name in reversed(present):
        begins = last_gtid(str(ask(opened, "SELECT BINLOG_GTID_POS(%s, 4)", (name,))[0] or ""))
        if begins is None or end is None or begins.sequence <= end.sequence:
            return name
    return present[0]


def _end(stretch: Stretch) -> Gtid | None:
    """The last transaction of a stretch, from the newest of its files that has one."""
    for _, path in sorted(stretch.files().items(), reverse=True):
        found = [each.gtid for each in transactions(path)]
        if found:
            return found[-1]
    return None


def drop_slot(archive: Archive, primary: Cluster) -> None:
    """Nothing: unlike PostgreSQL's, a MariaDB server keeps no log for an archive, it keeps each for a day."""


def archived_until(archive: Archive, primary: Cluster) -> Position | None:
    """The place up to which this primary's log is archived; None before anything of it is."""
    stretches = archive.stretches()
    if not stretches or stretches[-1].server != primary.server_id:
        return None
    files = stretches[-1].files()
    if not files:
        return None
    number = max(files)
    return Position(primary.server_id, number, files[number].stat().st_size)


def heartbeat(primary: Cluster) -> Heartbeat:
    """Commit one row, as RDS does, so that an idle server has a time to restore to and a busy one an exact one.

    Logged as a statement, so that the log tells its moment. Error: TargetRefused.
    """
    with primary.session() as opened:
        tell(opened, "SET SESSION binlog_format = 'STATEMENT', tx_isolation = 'REPEATABLE-READ'")
        # The server's clock, and the one that its log has: TIMESTAMP columns are kept in UTC, and so is the session.
        at: datetime = ask(opened, "SELECT SYSDATE(6)")[0].replace(tzinfo=UTC)
        tell(opened, beat_statement(at))
        gtid = Gtid.parse(str(ask(opened, "SELECT @@last_gtid")[0]))
        return Heartbeat(at, gtid, _position(opened, primary))


def pulse(archive: Archive, primary: Cluster) -> tuple[Heartbeat, Position | None]:
    """A heartbeat, and up to where this primary's log is archived after it (None: nothing). Error: TargetRefused."""
    return heartbeat(primary), archived_until(archive, primary)


def _position(opened: Session, primary: Cluster) -> Position:
    name, offset = ask(opened, "SHOW MASTER STATUS")[:2]
    return Position(primary.server_id, number_of_log(str(name)), int(offset))


def number_of_log(name: str) -> int:
    """The number of a log file. Error: InputRefused for a name without one."""
    digits = name.rpartition(".")[2]
    if not digits.isdecimal():
        raise InputRefused("log file not understood", detail=f"{name!r} ends in no number.", hint="leave log_bin alone")
    return int(digits)


def latest_restorable(heartbeats: Sequence[Placed], archived: Position | None) -> datetime | None:
    """The newest time that a restore can reach: that of a heartbeat which is archived."""
    if archived is None:
        return None
    known = (beat for beat in heartbeats if beat.position.server == archived.server)
    return max((beat.at for beat in known if beat.position <= archived), default=None)


def wait_archived(archive: Archive, primary: Cluster, position: Position, timeout_s: float = 30.0) -> None:
    """Wait until the archive is written up to this position. Error: TargetRefused at the deadline."""
    deadline = time.monotonic() + timeout_s
    while (reached := archived_until(archive, primary)) is None or reached < position:
        if time.monotonic() >= deadline:
            told = f"file {reached.file}, byte {reached.offset}" if reached is not None else "nothing"
            raise TargetRefused(
                "archive does not advance",
                detail=f"{archive.directory} reached {told} of file {position.file}, byte {position.offset}"
                f" within {timeout_s:g} s.",
                hint="see whether its archiver runs, and the log beside the directory",
            )
        time.sleep(POLL_S)


def fence(archive: Archive, primary: Cluster, timeout_s: float = 30.0) -> Heartbeat:
    """Make everything committed before now restorable: a heartbeat, waited for until it is archived."""
    beat = heartbeat(primary)
    wait_archived(archive, primary, beat.position, timeout_s)
    return beat


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is archived of one server in a row: the fullest copy of each of its log files, by number."""

    server: int
    files: Mapping[int, Path]


def epochs(archive: Archive) -> list[Epoch]:
    """The servers that the archive followed, in order."""
    found: list[Epoch] = []
    for stretch in archive.stretches():
        known = found.pop().files if found and found[-1].server == stretch.server else {}
        files = dict(known)
        for number, path in stretch.files().items():
            if number not in files or path.stat().st_size >= files[number].stat().st_size:
                files[number] = path
        found.append(Epoch(stretch.server, dict(sorted(files.items()))))
    return found
