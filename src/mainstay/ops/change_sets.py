"""Change sets: worked out, shown to whoever approves, and removed again when nobody does."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import Clock
from mainstay.core.errors import AnswerIsNo, InputRefused, TargetRefused
from mainstay.core.progress import Progress
from mainstay.diff import RegionDifference
from mainstay.ops import stack_policy
from mainstay.ops.aws.cloudformation import ChangeSetRequest
from mainstay.ops.aws.stack_states import ChangeSetState
from mainstay.ops.deployment import Deployment, Review, Upload
from mainstay.ops.differences import difference, read_standing
from mainstay.ops.site import Site
from mainstay.ops.standing import standing_stack
from mainstay.ops.wait import wait_for

_DEADLINE_S: Final = 900.0
_PACE_S: Final = 3.0
_EMPTY_STACK_DEADLINE_S: Final = 120.0


def work_out(work: Deployment) -> None:
    """Have CloudFormation say what changes; TargetRefused with its reason when it refuses the template."""
    cloudformation = work.site.doors.cloudformation
    name = _fresh_name(work)
    request = ChangeSetRequest(
        stack=work.stack,
        name=name,
        kind=work.kind,
        body=None if work.url else work.template,
        url=work.url,
        parameters=work.parameters,
        tags={"ManagedBy": "mainstay"},
    )
    with work.run.acting("cloudformation:CreateChangeSet", stack=work.stack, name=name, kind=work.kind):
        cloudformation.create_change_set(request)
    work.change_set = settled(work.site, work.stack, name, progress=work.progress, clock=work.clock)
    if not work.change_set.is_ready and not work.change_set.is_without_changes:
        reason = work.change_set.reason
        _forget(work)
        raise TargetRefused(
            "the template was refused", detail=f"{work.stack}: {reason}", hint="correct what is named and deploy again"
        )


def settled(site: Site, stack: str, name: str, *, progress: Progress, clock: Clock) -> ChangeSetState:
    """A change set once CloudFormation has worked it out, or has said why it can't."""
    return wait_for(
        lambda: site.doors.cloudformation.change_set(stack, name),
        lambda seen: seen.is_settled,
        message=f"working out what changes in stack {stack}",
        deadline_s=_DEADLINE_S,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
    )


def _fresh_name(work: Deployment) -> str:
    """A name that this run has not used; what it used before and never carried out is out of date and removed."""
    cloudformation = work.site.doors.cloudformation
    call = "cloudformation:CreateChangeSet"
    used = [
        str(entry["name"]) for entry in work.run.entries if (entry["event"], entry.get("call")) == ("about to", call)
    ]
    for name in used:
        left = cloudformation.find_change_set(work.stack, name)
        if left is not None and not left.is_carried_out:
            cloudformation.delete_change_set(work.stack, name)
    return f"mainstay-{work.run.id}-{len(used) + 1}"


def show(work: Deployment) -> None:
    """Show the changes to whoever approves; AnswerIsNo, with nothing left of them, when they do not."""
    change_set = planned_changes(work)
    if change_set.is_without_changes:
        work.progress.note(f"stack {work.stack} is as planned already: nothing to do")
        _forget(work)
        return
    account = work.caller.account if work.caller else ""
    changed = _difference(work)
    review = Review(
        stack=work.stack,
        account=account,
        region=work.site.region,
        kind=work.kind,
        changes=change_set.changes,
        difference=changed,
        uploads=tuple(
            Upload(work.code_bucket(placed), placed.key, len(placed.package.content)) for placed in work.packages
        ),
        number=len(work.earlier) + 1,
        of=work.of,
    )
    try:
        stack_policy.refuse_losses(change_set.changes, work.confirmed, changed)
        is_approved = work.approve(review)
    except BaseException:
        _forget(work)
        raise
    work.run.write("answered", approved=is_approved, changes=len(change_set.changes))
    if not is_approved:
        _forget(work)
        work.run.finish("not approved")
        raise AnswerIsNo(
            "not approved",
            detail=f"{len(change_set.changes)} changes to stack {work.stack} were shown and not approved.",
            hint=work.left_by_earlier or "nothing was changed",
        )


def _difference(work: Deployment) -> RegionDifference | None:
    """What the deployment does to what stands; None for a new stack.

    One that this caller may not read, or that somebody else's tool wrote in a way that cannot be read, is reviewed by
    CloudFormation's own words: they are refused by the same rule, and nothing is guessed.
    """
    if work.kind == "CREATE":
        return None
    try:
        stack = standing_stack(work.site, work.stack)
        if stack is None:
            return None
        held = stack.parameters
        given = {name: held.get(name) if value is None else value for name, value in work.parameters.items()}
        known = {name: value for name, value in given.items() if value is not None}
        values = read_standing(work.template, known, work.stack)
        return difference(stack, work.region, values, work.intent)
    except (TargetRefused, InputRefused) as stop:
        work.progress.note(
            f"what stands cannot be compared ({stop.summary}: {stop.detail}); CloudFormation's own words"
        )
        return None


def _forget(work: Deployment) -> None:
    """Remove the change set, and the empty stack that a first change set makes."""
    cloudformation = work.site.doors.cloudformation
    with work.run.acting("cloudformation:DeleteChangeSet", stack=work.stack, name=planned_changes(work).name):
        cloudformation.delete_change_set(work.stack, planned_changes(work).name)
    state = cloudformation.find_stack(work.stack)
    if state is not None and state.is_reviewed:
        with work.run.acting("cloudformation:DeleteStack", stack=state.stack_id):
            cloudformation.delete_stack(state.stack_id)
        wait_for(
            lambda: cloudformation.find_stack(work.stack),
            lambda seen: seen is None,
            message=f"removing the empty stack {work.stack}",
            deadline_s=_EMPTY_STACK_DEADLINE_S,
            pace_s=work.site.pace(_PACE_S),
            progress=work.progress,
            clock=work.clock,
        )


def planned_changes(work: Deployment) -> ChangeSetState:
    """The change set that was worked out."""
    if work.change_set is None:
        raise TargetRefused("no change set", detail=f"stack {work.stack}")
    return work.change_set
