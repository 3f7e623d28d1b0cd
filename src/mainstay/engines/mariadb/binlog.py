"""Reading archived binary logs: which transactions there are, in which second, and where our heartbeats lie.

An event's own time has whole seconds. The heartbeats that we commit carry microseconds in their text, so a moment
between two of them is known to lie between two transactions (MariaDB's pages "2-Binlog Event Header", "GTID_EVENT" and
"QUERY_EVENT", read 2026-11-21).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mainstay.core.errors import TargetRefused
from mainstay.engines.mariadb.gtid import Gtid
from mainstay.engines.mariadb.template import HEARTBEAT

MAGIC: Final = b"\xfebin"
HEADER: Final = struct.Struct("<IBIIIH")  # second, type, server, length, next position, flags
CHECKSUM: Final = struct.Struct("<I")
QUERY_HEADER: Final = struct.Struct("<IIBHH")  # thread, seconds, length of the database's name, error, status length
GTID_HEADER: Final = struct.Struct("<QIB")  # sequence, domain, flags
QUERY, FORMAT, XID, XA_PREPARE, GTID = 2, 15, 16, 38, 162
STANDALONE: Final = 1  # the flag of a transaction that is one statement, without an event for its end
BEAT_FORMAT: Final = "%Y-%m-%d %H:%M:%S.%f"
_BEAT: Final = re.compile(
    rb"UPDATE "
    + re.escape(HEARTBEAT.encode())
    + rb" SET beat_at = '(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})' WHERE id = 1"
)


@dataclass(frozen=True, slots=True)
class Committed:
    """A transaction in a log: the second in which its commit began, and the moment of a heartbeat (else None)."""

    gtid: Gtid
    second: int
    beat_at: datetime | None
    file: Path

    @property
    def at(self) -> datetime:
        """When it was, as exactly as the log tells (aware, UTC)."""
        return self.beat_at or datetime.fromtimestamp(self.second, UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a log: its kind, second and server, and what stands between header and checksum."""

    kind: int
    second: int
    server: int
    body: bytes


def beat_statement(at: datetime) -> str:
    """The heartbeat's statement, whose text in the log tells its moment."""
    moment = at.astimezone(UTC).strftime(BEAT_FORMAT)
    return f"UPDATE {HEARTBEAT} SET beat_at = '{moment}' WHERE id = 1"  # noqa: S608 - a constant and digits


def transactions(path: Path) -> Iterator[Committed]:
    """The transactions of one log file, in order; one that is cut short at the file's end is left out.

    Error: TargetRefused when an event is damaged, with the last transaction before it.
    """
    begun: Gtid | None = None
    second, beat_at, is_standalone = 0, None, False
    for event in events(path):
        if event.kind == GTID:
            sequence, domain, flags = GTID_HEADER.unpack_from(event.body)
            begun, second, beat_at = Gtid(domain, event.server, sequence), event.second, None
            is_standalone = bool(flags & STANDALONE)
        elif begun is not None and event.kind in (QUERY, XID, XA_PREPARE):
            text = statement(event.body) if event.kind == QUERY else b""
            beat_at = _beat(text) or beat_at
            if event.kind != QUERY or is_standalone or text in (b"COMMIT", b"ROLLBACK"):
                yield Committed(begun, second, beat_at, path)
                begun = None


def events(path: Path) -> Iterator[Event]:
    """The whole events of a log file. Error: TargetRefused when one does not fit its checksum."""
    content = path.read_bytes()
    if content[: len(MAGIC)] != MAGIC[: len(content)]:
        raise _damaged(path, 0)
    start = len(MAGIC)
    while start + HEADER.size <= len(content):
        second, kind, server, length, _, _ = HEADER.unpack_from(content, start)
        if length < HEADER.size + CHECKSUM.size:
            raise _damaged(path, start)
        end = start + length
        if end > len(content):
            return  # it is still being written
        # The first event's checksum leaves out the mark of a file that is in use (log_event.cc, read 2026-11-21).
        sum_at = end - CHECKSUM.size
        if kind != FORMAT and zlib.crc32(content[start:sum_at]) != CHECKSUM.unpack_from(content, sum_at)[0]:
            raise _damaged(path, start)
        yield Event(kind, second, server, content[start + HEADER.size : sum_at])
        start = end


def statement(body: bytes) -> bytes:
    """The text of a QUERY event."""
    _, _, database_length, _, status_length = QUERY_HEADER.unpack_from(body)
    return body[QUERY_HEADER.size + status_length + database_length + 1 :]


def _beat(text: bytes) -> datetime | None:
    told = _BEAT.fullmatch(text)
    return datetime.strptime(told[1].decode(), BEAT_FORMAT).replace(tzinfo=UTC) if told is not None else None


def _damaged(path: Path, offset: int) -> TargetRefused:
    return TargetRefused(
        "archive is damaged",
        detail=f"{path} is damaged at byte {offset}.",
        hint="restore to a time before it, or from a backup that was taken after it",
    )
