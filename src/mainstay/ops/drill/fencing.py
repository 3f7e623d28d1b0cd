"""A target that can be told from both sides: a whole second of the database's clock between two markers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.probe import markers
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


def set_fence(connection: Connection, run_id: str, sleep: Callable[[float], None]) -> Fence:
    """Write both markers, which takes up to about a second; the canary is made where it is missing."""
    markers.create_canary(connection)
    first = markers.write(connection, run_id)
    target = first.committed_by.replace(microsecond=0) + timedelta(seconds=1)
    while (left := (target - markers.database_clock(connection)).total_seconds()) >= 0:
        sleep(left + 0.002)
    return Fence(first, target, markers.write(connection, run_id))
