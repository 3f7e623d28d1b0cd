"""Following a stack: its events as they happen, until it has settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mainstay.core.clock import Clock
from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.door import found
from mainstay.ops.aws.stack_states import StackEvent, StackState
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for

# A Multi-AZ database takes 10 to 20 minutes, a large restore hours; past this nobody is watching any more.
DEADLINE_S: Final = 6 * 3600.0
_PACE_S: Final = 5.0
_STACK: Final = "AWS::CloudFormation::Stack"


@dataclass(slots=True)
class Follower:
    """Reads the events of one stack (its id, so that it can be followed until after it is deleted) once each."""

    site: Site
    stack_id: str
    progress: Progress
    clock: Clock
    last: str | None = None
    has_begun: bool = False
    failures: list[StackEvent] = field(default_factory=list)

    def skip_past(self) -> None:
        """Leave out everything that happened so far."""
        past = found(lambda: self.site.doors.cloudformation.events(self.stack_id)) or ()
        self.last = past[-1].event_id if past else None

    def read(self) -> None:
        """Report what happened since the last look, and keep what failed."""
        for event in found(lambda: self.site.doors.cloudformation.events(self.stack_id, self.last)) or ():
            self.last = event.event_id
            # What has only begun is told in passing: a stack of 80 resources would fill the screen twice.
            tell = self.progress.tick if event.status.endswith("_IN_PROGRESS") else self.progress.note
            tell(_line(event))
            self.has_begun = self.has_begun or event.type == _STACK
            if event.is_failure:
                self.failures.append(event)

    def until_settled(self, deadline_s: float = DEADLINE_S) -> StackState | None:
        """The stack when nothing moves any more, None when it is gone. Inconclusive at the deadline.

        A stack that was told to move may look settled until it does: its own first event says that it has begun.
        """

        def look() -> StackState | None:
            # The state first: what happened up to it is then among the events that are read after it.
            state = self.site.doors.cloudformation.find_stack(self.stack_id)
            self.read()
            return None if state is None or state.status == "DELETE_COMPLETE" else state

        return wait_for(
            look,
            lambda state: state is None or (self.has_begun and not state.is_moving),
            message=lambda state: f"stack {state.name} is {state.status}" if state else "stack is gone",
            deadline_s=deadline_s,
            pace_s=self.site.pace(_PACE_S),
            progress=self.progress,
            clock=self.clock,
        )

    def failure(self, state: StackState, hint: str) -> TargetRefused:
        """Why it did not arrive: the first thing that failed by itself, since the rest follows from it."""
        first = next((event for event in self.failures if event.type != _STACK or event.logical_id != state.name), None)
        first = self._cause(first) if first else None
        if first is None:
            return TargetRefused(
                "the stack did not arrive",
                detail=f"Stack {state.name} is {state.status}. {state.reason}".strip(),
                hint=hint,
            )
        return TargetRefused(
            "the stack did not arrive",
            detail=f"{first.logical_id} ({first.type}): {first.reason or first.status}\n"
            f"Stack {state.name} is now {state.status}.",
            hint=hint,
        )

    def _cause(self, event: StackEvent) -> StackEvent:
        """What failed last in a nested stack, whose own failure only says that something in it did."""
        if event.type != _STACK or not event.physical_id:
            return event
        inside = found(lambda: self.site.doors.cloudformation.events(event.physical_id)) or ()
        failed = [one for one in inside if one.is_failure and one.physical_id != event.physical_id]
        return self._cause(failed[-1]) if failed else event


def _line(event: StackEvent) -> str:
    reason = f": {event.reason}" if event.reason else ""
    return f"{event.at:%H:%M:%S} {event.status} {event.logical_id}{reason}"
