"""One lane an instance: a thread that carries out its operations one after the other, and repairs what died.

A lane ends when there is nothing left to do; the loop opens another one when there is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

from mainstay.core.errors import EnvironmentLacking, MainstayError
from mainstay.sandbox.rds import operations
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import OPERATION, SNAPSHOT, Record, put_instance
from mainstay.sandbox.supervisor import backups, changing, creating, exporting, failover, removing
from mainstay.sandbox.supervisor.creating import IncompatibleRestore
from mainstay.sandbox.supervisor.house import House, find_instance, log
from mainstay.sandbox.supervisor.servers import IncompatibleParameters
from mainstay.sandbox.supervisor.work import Steps, Work

OPERATIONS: Final[Mapping[str, Steps]] = {
    operations.CREATE: creating.CREATE,
    operations.CREATE_REPLICA: creating.CREATE_REPLICA,
    operations.RESTORE: creating.RESTORE,
    operations.MODIFY: changing.MODIFY,
    operations.REBOOT: changing.REBOOT,
    operations.STOP: changing.STOP,
    operations.START: changing.START,
    operations.PROMOTE: changing.PROMOTE,
    operations.RELOAD: changing.RELOAD,
    operations.SNAPSHOT: backups.SNAPSHOT_STEPS,
    operations.COPY: backups.COPY,
    operations.DELETE: removing.DELETE,
    operations.ERASE: backups.ERASE,
    operations.EXPORT: exporting.EXPORT_STEPS,
}
# An operation that a dying server cut short is tried again once the server is back.
TRIES: Final = 3
REPAIR_PAUSES_S: Final = (0.05, 0.2, 1.0, 3.0)


class Lane:
    """The work of one DbiResourceId."""

    def __init__(self, house: House, resource: str, region: str) -> None:
        self.resource = resource
        self.region = region
        self._house = house
        self._dirty = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._has_ended = True

    def wake(self, *, repair: bool = False) -> None:
        """See to it that the lane runs; with `repair` it looks after the servers first."""
        if repair:
            self._dirty.set()
        with self._lock:
            if self._has_ended and not self._house.stopping.is_set():
                self._has_ended = False
                self._thread = threading.Thread(target=self._run, name=f"lane-{self.resource}", daemon=True)
                self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done."""
        return self._has_ended

    def join(self, timeout_s: float) -> None:
        """Wait until the present step is done."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._house.stopping.is_set():
            try:
                self._repair_if_dirty()
                operation = self._next()
                if operation is not None:
                    self._carry_out(operation)
                elif self._end_if_done():
                    return
            except Exception:  # noqa: BLE001  a lane that dies would leave its instance without care; logged whole
                log.exception("lane of %s", self.resource)
                time.sleep(REPAIR_PAUSES_S[-1])
        self._has_ended = True

    def _end_if_done(self) -> bool:
        with self._lock:
            # A wake that came between the look and here has set the flag or written an operation.
            if self._dirty.is_set() or self._next() is not None:
                return False
            self._has_ended = True
            return True

    def _next(self) -> Record | None:
        with self._house.state.reading(self.region) as tx:
            waiting = [each for each in tx.all(OPERATION) if each["resource"] == self.resource]
        return min(waiting, key=lambda each: str(each["id"]), default=None)

    def _repair_if_dirty(self) -> None:
        for pause_s in REPAIR_PAUSES_S:
            if not self._dirty.is_set():
                return
            self._dirty.clear()
            runtime = self._house.load(self.region, self.resource)
            if runtime is None or not runtime.is_up:
                return
            try:
                failover.repair(self._house, runtime)
            except MainstayError as error:
                log.warning("repair of %s: %s", runtime.identifier, error)
                self._dirty.set()
                self._house.stopping.wait(pause_s)
        if self._dirty.is_set():
            self._dirty.clear()
            self._give_up_repair()

    def _give_up_repair(self) -> None:
        """A primary that runs goes on without its standby, which the loop has tried again; another has failed."""
        runtime = self._house.load(self.region, self.resource)
        if runtime is not None and failover.is_degraded(self._house, runtime):
            log.error("%s goes on without its standby", runtime.identifier)
            return
        reason = "the server cannot be brought back; the supervisor's log says why"
        if runtime is not None and runtime.lacks_standby:
            reason += "; its standby may not take over, as it lacks commits that clients were told of"
        self._call_failed(reason, "RDS-EVENT-0031", "failed")

    def _carry_out(self, operation: Record) -> None:
        work = Work(self._house, operation)
        log.info("%s %s begins (done: %s)", work.kind, operation["instance"], operation["done"])
        for attempt in range(TRIES):
            try:
                for name, step in OPERATIONS[work.kind]:
                    if self._house.stopping.is_set():
                        return
                    work.do(name, step)
            except MainstayError as error:
                if self._dirty.is_set() and attempt + 1 < TRIES:
                    self._repair_if_dirty()
                    continue
                self._give_up(work, error)
            break
        with self._house.state.transaction(work.region) as tx:
            tx.delete(OPERATION, operation["id"])
        log.info("%s %s ended", work.kind, operation["instance"])

    def _give_up(self, work: Work, error: MainstayError) -> None:
        log.error("%s %s failed: %s", work.kind, work.operation["instance"], error)
        reason = f"{error.summary}: {' '.join(error.detail.split())}" + (f" ({error.hint})" if error.hint else "")
        if work.kind in (operations.SNAPSHOT, operations.COPY):
            self._fail_snapshot(work, reason)
        elif work.kind == operations.EXPORT:
            exporting.fail(work, reason)
        elif work.kind in (operations.DELETE, operations.ERASE):
            self._call_failed(reason, "RDS-EVENT-0031", "failed")
        elif isinstance(error, IncompatibleParameters):
            self._call_failed(reason, "RDS-EVENT-0035", "incompatible-parameters")
        elif isinstance(error, IncompatibleRestore):
            self._call_failed(reason, "RDS-EVENT-0031", "incompatible-restore")
        elif isinstance(error, EnvironmentLacking) and "space" in error.summary:
            self._call_failed(reason, "RDS-EVENT-0007", "storage-full")
        else:
            self._call_failed(reason, "RDS-EVENT-0031", "failed")

    def _call_failed(self, reason: str, event: str, status: str) -> None:
        with self._house.state.transaction(self.region) as tx:
            record = find_instance(tx, self.resource)
            if record is None:
                return
            record |= {
                "DBInstanceStatus": status,
                "StatusInfos": [{"StatusType": "sandbox", "Normal": False, "Status": "error", "Message": reason}],
                "_failure": reason,
            }
            put_instance(tx, record)
            emit(tx, event, record["DBInstanceIdentifier"], reason=reason)

    def _fail_snapshot(self, work: Work, reason: str) -> None:
        with self._house.state.transaction(self.region) as tx:
            snapshot = tx.get(SNAPSHOT, work.params["snapshot"])
            if snapshot is not None:
                tx.put(SNAPSHOT, snapshot["DBSnapshotIdentifier"], snapshot | {"Status": "failed", "_failure": reason})
        backups.finish_snapshot(work)
