"""The pulse of each primary: a heartbeat, how far the archive has come, and the time up to which one can restore."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import MainstayError
from mainstay.sandbox.rds.records import put_instance
from mainstay.sandbox.supervisor.house import House, find_instance, log
from mainstay.sandbox.supervisor.runtime import Runtime

WRITTEN_EVERY_S: Final = 1.0


class Pulse:
    """The heartbeats of one instance that are not archived yet."""

    def __init__(self, house: House, resource: str, region: str) -> None:
        self._house = house
        self._resource = resource
        self._region = region
        self._beats: list[Any] = []  # each engine's own heartbeats
        self._written_at = 0.0
        self._due_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def tick(self, runtime: Runtime) -> None:
        """Beat when it is time and the last beat has ended; in the loop's thread."""
        now = time.monotonic()
        if now < self._due_at or (self._task is not None and not self._task.done()):
            return
        self._due_at = now + self._house.engine(runtime).beat_s
        self._task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._beat, runtime))

    def _beat(self, runtime: Runtime) -> None:
        try:
            engine, primary = self._house.engine(runtime), self._house.cluster(runtime)
            beat, archived = engine.pulse(self._house.archive(runtime), primary)
            self._beats.append(beat)
            latest = engine.latest_restorable(self._beats, archived)
        except MainstayError as error:
            log.debug("no heartbeat of %s: %s", runtime.identifier, error.summary)
            return
        if latest is None:
            return
        self._beats = [beat for beat in self._beats if beat.at >= latest]
        if time.monotonic() - self._written_at >= WRITTEN_EVERY_S:
            self._written_at = time.monotonic()
            self._write(latest)

    def _write(self, latest: datetime) -> None:
        with self._house.state.transaction(self._region) as tx:
            record = find_instance(tx, self._resource)
            # Only ever forward, and only where a base backup makes the time restorable.
            known = record.get("LatestRestorableTime") if record else None
            if record is None or not record.get("_earliest") or (known and parse_time(known) >= latest):
                return
            record["LatestRestorableTime"] = render_time(latest)
            put_instance(tx, record)
