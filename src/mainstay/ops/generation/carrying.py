"""A stack brought into another form by one change set, which is looked at before it is carried out."""

from __future__ import annotations

import hashlib
import json

from mainstay import facts
from mainstay.core.clock import Clock
from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Progress
from mainstay.formats.cloudformation.document import load
from mainstay.formats.cloudformation.letting_go import Template
from mainstay.ops import change_sets, stack_policy
from mainstay.ops.aws.cloudformation import ChangeSetRequest, Imported
from mainstay.ops.aws.stack_states import ChangeSetState, StackState
from mainstay.ops.following import Follower
from mainstay.ops.journal import Run
from mainstay.ops.site import Site


def template_of(site: Site, stack: str) -> Template:
    """The template that a stack has, as data."""
    return load(site.doors.cloudformation.template(stack), file=stack).root


class Carrier:
    """Brings one stack into one form after the other."""

    def __init__(self, site: Site, stack: str, run: Run, progress: Progress, clock: Clock) -> None:
        self._site = site
        self._stack = stack
        self._run = run
        self._progress = progress
        self._clock = clock
        self._door = site.doors.cloudformation

    def settle(self) -> StackState:
        """Watch the stack to the end of what moves it; TargetRefused when it takes no changes then."""
        state = self._door.stack(self._stack)
        if state.is_moving:
            follower = self._follower()
            follower.has_begun = True
            state = follower.until_settled() or state
        if not state.takes_updates:
            raise TargetRefused(
                "the stack takes no changes",
                detail=f"Stack {self._stack} is {state.status}. {state.reason}".strip(),
                hint="deploy it first: mainstay deploy",
            )
        return state

    def carry(self, template: Template, *, imports: tuple[Imported, ...] = (), leaving: tuple[str, ...] = ()) -> None:
        """Bring the stack into a form; `leaving` are the logical ids that may leave it. TargetRefused with the reason.

        InputRefused when the change set would lose anything else that holds data.
        """
        change_set = self._work_out(template, imports)
        if change_set.is_without_changes:
            self._forget(change_set.name)
            return
        try:
            stack_policy.refuse_losses(change_set.changes, leaving)
        except BaseException:
            self._forget(change_set.name)
            raise
        follower = self._follower()
        with self._run.acting("cloudformation:ExecuteChangeSet", stack=self._stack, name=change_set.name):
            self._door.execute_change_set(self._stack, change_set.name, token=change_set.name)
        state = follower.until_settled()
        if state is None or not state.is_whole:
            gone = StackState(name=self._stack, stack_id="", status="gone")
            raise follower.failure(state or gone, "correct the cause and run the same command again")

    def differs(self, template: Template) -> tuple[str, ...]:
        """What an update to this template would change, by logical id; nothing is carried out."""
        change_set = self._work_out(template, ())
        self._forget(change_set.name)
        return tuple(change.logical_id for change in change_set.changes)

    def _work_out(self, template: Template, imports: tuple[Imported, ...]) -> ChangeSetState:
        """A fresh change set, worked out; TargetRefused when CloudFormation takes no such template or import."""
        call = "cloudformation:CreateChangeSet"
        made = [str(one["name"]) for one in self._run.entries if (one["event"], one.get("call")) == ("about to", call)]
        for left in made:
            found = self._door.find_change_set(self._stack, left)
            if found is not None and not found.is_carried_out:
                self._door.delete_change_set(self._stack, left)
        name, text = f"mainstay-{self._run.id}-{len(made) + 1}", json.dumps(template, indent=2)
        url = self._placed(text)
        parameters = template.get("Parameters")
        request = ChangeSetRequest(
            stack=self._stack,
            name=name,
            kind="IMPORT" if imports else "UPDATE",
            body=None if url else text,
            url=url,
            parameters=dict.fromkeys(parameters if isinstance(parameters, dict) else ()),
            imports=imports,
        )
        with self._run.acting(call, stack=self._stack, name=name, kind=request.kind):
            self._door.create_change_set(request)
        change_set = change_sets.settled(self._site, self._stack, name, progress=self._progress, clock=self._clock)
        if not change_set.is_ready and not change_set.is_without_changes:
            self._forget(name)
            raise TargetRefused(
                "CloudFormation refused",
                detail=f"{self._stack}: {change_set.reason}",
                hint="correct what is named and run the same command again",
            )
        return change_set

    def _placed(self, text: str) -> str | None:
        """Where a template lies that is too large for a request."""
        body = text.encode()
        if len(body) <= facts.limit("cloudformation", "inline_bytes"):
            return None
        doors = self._site.doors
        with self._run.acting("s3:PutObject", stack=self._stack):
            bucket = doors.s3.ensure_artifact_bucket(doors.sts.caller(), self._site.region)
            return doors.s3.upload(bucket, f"{self._stack}/{hashlib.sha256(body).hexdigest()}.json", body)

    def _forget(self, name: str) -> None:
        with self._run.acting("cloudformation:DeleteChangeSet", stack=self._stack, name=name):
            self._door.delete_change_set(self._stack, name)

    def _follower(self) -> Follower:
        stack_id = self._door.stack(self._stack).stack_id
        follower = Follower(site=self._site, stack_id=stack_id, progress=self._progress, clock=self._clock)
        follower.skip_past()
        return follower
