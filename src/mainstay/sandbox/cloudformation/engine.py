"""Carries out what is under way on a stack, a short transaction at a time.

`advance` looks at the tasks of the stack's operation, asks those that run whether they are done, starts those whose
needs are met, and moves to the next phase when none is left. What a handler does and what is written about it are one
transaction: a process that is killed at any moment leaves either both or neither, so nothing is ever made twice.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.sandbox.cloudformation import nesting, phases
from mainstay.sandbox.cloudformation.operations import Task
from mainstay.sandbox.cloudformation.records import find_stack, put_stack
from mainstay.sandbox.cloudformation.tasks import ACTIONS, Site
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import Record, State, Transaction

# Tasks started in one transaction: few enough that other writers wait some milliseconds at most.
BATCH: Final = 5


def advance(state: State, stack_id: str, region: str) -> bool:
    """Do the next bit of work on a stack; whether anything is still to do, or to be waited for."""
    with state.transaction(region) as tx:
        stack = find_stack(tx, stack_id)
        if stack is None or not stack.get("_operation"):
            return False
        _Work(tx, stack).step()
        return bool(stack.get("_operation"))


class _Work:
    def __init__(self, tx: Transaction, stack: Record) -> None:
        self._tx = tx
        self._stack = stack
        self._operation: Record = stack["_operation"]
        self._tasks: list[Task] = self._operation["tasks"]

    def step(self) -> None:
        """Poll, start, and go on to the next phase when nothing is left of this one."""
        if nesting.waits_for_parent(self._tx, self._stack):
            return
        phase = phases.PHASES[self._operation["phase"]]
        self._poll()
        failed = self._in("failed")
        may_start = phase.goes_on or not (failed or self._operation.get("cancelled"))
        if may_start:
            self._start_ready()
        is_over = not self._in("running") and not (may_start and self._ready())
        if is_over and not nesting.waits_for_children(self._tx, self._stack):
            failed = self._in("failed")
            is_cut = bool(self._operation.get("cancelled")) and not phase.goes_on
            (phase.on_failure if failed or is_cut else phase.on_done)(self._tx, self._stack)
        put_stack(self._tx, self._stack)

    def _poll(self) -> None:
        for task in self._in("running"):
            self._guarded(task, ACTIONS[task["action"]].poll)

    def _start_ready(self) -> None:
        for task in self._ready()[:BATCH]:
            task["state"] = "running"
            self._guarded(task, ACTIONS[task["action"]].start)

    def _guarded(self, task: Task, step: Callable[[Site, Task], None]) -> None:
        """Take a step of a task; when it is refused, what it did is undone and the task has failed."""
        site = Site(self._tx, self._stack)
        before = copy.deepcopy(task)
        try:
            with self._tx.savepoint():
                step(site, task)
        except (ServiceError, MainstayError, LookupError, TypeError, ValueError) as error:
            # The last three would be faults of ours; a stack that says so and rolls back is better than one that hangs.
            task.clear()
            task.update(before, state="failed", reason=_reason(error, before))
            ACTIONS[task["action"]].failed(site, task)

    def _in(self, state: str) -> list[Task]:
        return [task for task in self._tasks if task["state"] == state]

    def _ready(self) -> list[Task]:
        open_keys = {task["key"] for task in self._tasks if task["state"] != "done"}
        return [task for task in self._in("waiting") if not open_keys & set(task["needs"])]


def _reason(error: Exception, task: Task) -> str:
    if isinstance(error, ServiceError):
        return f"{error.message} (Service error {error.code}, HTTP status {error.http_status})"
    if isinstance(error, MainstayError):
        return f"{error.summary}: {error.detail}"
    return f"Internal failure while {task['key']} was in {task['action']}: {type(error).__name__}: {error}"


def unfinished(tx: Transaction) -> list[str]:
    """The ids of the region's stacks on which something is under way."""
    stacks: list[Mapping[str, object]] = list(tx.all("cfn:stack"))
    return [str(stack["StackId"]) for stack in stacks if stack.get("_operation")]
