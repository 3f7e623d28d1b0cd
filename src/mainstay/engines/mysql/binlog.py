"""Reading archived binary logs of MySQL: which transactions there are, and when each was committed.

The event that begins a transaction carries the microsecond of its commit at the server where it was first committed
(MySQL 8.4 source, Gtid_event; 8.0.1 and later; read 2026-11-21). So a moment needs no heartbeat to be found.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from mainstay.engines.mariadb.binlog import QUERY, XA_PREPARE, XID, events, statement
from mainstay.engines.mysql.gtid import Gtid

GTID, PAYLOAD = 33, 40
_SERVER: Final = slice(1, 17)
_NUMBER: Final = slice(17, 25)
_IMMEDIATE: Final = slice(42, 49)
_ORIGINAL: Final = slice(49, 56)
_HAS_ORIGINAL: Final = 1 << 55
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Committed:
    """A transaction in a log, and when it was committed first (aware, UTC, microseconds)."""

    gtid: Gtid
    at: datetime
    file: Path


def transactions(path: Path) -> Iterator[Committed]:
    """The transactions of one log file, in order; one that is cut short at the file's end is left out.

    Error: TargetRefused when an event is damaged.
    """
    begun: Committed | None = None
    is_first = False
    for event in events(path):
        if event.kind == GTID:
            begun, is_first = _begun(event.body, path), True
        elif begun is not None and event.kind in (QUERY, XID, XA_PREPARE, PAYLOAD):
            text = statement(event.body) if event.kind == QUERY else b""
            # A statement without BEGIN before it is a transaction of its own, such as a CREATE TABLE.
            if event.kind != QUERY or text in (b"COMMIT", b"ROLLBACK") or (is_first and not _begins(text)):
                yield begun
                begun = None
            is_first = False


def _begins(text: bytes) -> bool:
    return text == b"BEGIN" or text.startswith(b"XA START")


def _begun(body: bytes, path: Path) -> Committed:
    immediate = int.from_bytes(body[_IMMEDIATE], "little")
    moment = int.from_bytes(body[_ORIGINAL], "little") if immediate & _HAS_ORIGINAL else immediate
    gtid = Gtid(str(uuid.UUID(bytes=body[_SERVER])), int.from_bytes(body[_NUMBER], "little"))
    return Committed(gtid, _EPOCH + timedelta(microseconds=moment), path)
