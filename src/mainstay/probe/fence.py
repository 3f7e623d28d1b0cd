"""A target that can be told from both sides: a whole second of the database's clock between two markers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.probe.dialect import Dialect
from mainstay.probe.markers import Marker
from mainstay.probe.session import Connection


@dataclass(frozen=True, slots=True)
class Fence:
    """`first` is committed before `target`, `last` was written after it; `target` is a whole second.

    The service may cut a time to seconds, so that a finer target would be another one.
    """

    first: Marker
    target: datetime
    last: Marker


def set_fence(dialect: Dialect, connection: Connection, run_id: str, sleep: Callable[[float], None]) -> Fence:
    """Write both markers, which takes up to about a second; the canary is made where it is missing."""
    dialect.create_canary(connection)
    first = dialect.write_marker(connection, run_id)
    target = first.committed_by.replace(microsecond=0) + timedelta(seconds=1)
    while (left := (target - dialect.database_clock(connection)).total_seconds()) >= 0:
        sleep(left + 0.002)
    return Fence(first, target, dialect.write_marker(connection, run_id))
