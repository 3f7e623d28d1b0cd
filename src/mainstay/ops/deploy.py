"""Putting a plan into an account.

Steps:
1. see who calls, and where
2. look at the stack
3. pack the functions
4. resolve parameters
5. place the template
6. work out the changes
7. show the changes
8. place the functions
9. carry them out
10. protect the stack
11. read the outputs

Every step can be run again: a stack that is moving is watched to its end first, a change set is made anew, and
template and packages lie in the bucket under their own digests. Nothing is carried out that was not approved, and no
code is uploaded before. A plan of several regions goes through all of it region by region.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from mainstay import facts
from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.core.progress import Progress, Silent
from mainstay.formats.cloudformation.nesting import BASE
from mainstay.ops import beginning, change_sets, stack_policy
from mainstay.ops.aws.s3 import artifact_bucket
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.aws.sts import Caller
from mainstay.ops.deployment import Approve, Deployed, Deployment, Part
from mainstay.ops.function_packages import needs_ca_bundle, packages_of, read_ca_bundle
from mainstay.ops.images import parameter_values, refuse_unknown
from mainstay.ops.journal import Journal
from mainstay.ops.lease import hold
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan


def deploy(
    site: Site,
    plan: Plan,
    template: str,
    *,
    stack: str,
    approve: Approve,
    journal: Journal,
    parameters: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    account: str | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Deployed:
    """Deploy the template of the plan's region at this site as a stack of that name, and no other region of it.

    What `deploy_regions` says of one region holds here.
    """
    (done,) = deploy_regions(
        (Part(site=site, region=_region(site, plan), template=template),),
        plan.intent,
        stack=stack,
        approve=approve,
        journal=journal,
        parameters=parameters,
        confirmed=confirmed,
        account=account,
        progress=progress,
        clock=clock,
    )
    return done


def deploy_regions(
    parts: Sequence[Part],
    intent: Intent,
    *,
    stack: str,
    approve: Approve,
    journal: Journal,
    parameters: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    account: str | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> tuple[Deployed, ...]:
    """Deploy each part as a stack of that name in its region, in this order and in one run of the journal.

    A part's parameters take the outputs of those before it, so that each is reviewed when it is its turn: before, it
    could not be told what changes. `confirmed` are logical ids whose loss somebody accepts; `account` refuses every
    other account when given. AnswerIsNo when not approved, Busy when somebody else is at work, TargetRefused with the
    first failure. Run again, it goes on where it stopped.
    """
    clock, progress = clock or SystemClock(), progress or Silent()
    given = parameters or {}
    refuse_unknown([parameter for part in parts for parameter in part.region.parameters], given)
    with hold(journal.directory, stack, operation="deploy", clock=clock):
        run = journal.resume_or_begin("deploy", stack)
        works: list[Deployment] = []
        for part in parts:
            works.append(
                Deployment(
                    site=part.site,
                    region=part.region,
                    intent=intent,
                    template=part.template,
                    children=part.children,
                    stack=stack,
                    approve=approve,
                    given={one.name: given[one.name] for one in part.region.parameters if one.name in given},
                    confirmed=confirmed,
                    account=account,
                    progress=progress,
                    clock=clock,
                    run=run,
                    earlier=tuple(works),
                    of=len(parts),
                )
            )
        steps = [_in_turn(step, work) for work in works for step in STEPS]
        run_steps(steps, None, run=run, progress=progress, resume=_resume(stack))
        results = tuple(_result(work) for work in works)
        run.finish("deployed", status=results[-1].status, changed=any(result.has_changed for result in results))
    return results


def _in_turn(step: Step[Deployment], work: Deployment) -> Step[None]:
    """A step of one region among those of all, named after the region where there are several."""

    def act(_: None) -> None:
        if work.began_at is None:
            work.began_at = work.clock.monotonic()
        step.action(work)
        work.ended_at = work.clock.monotonic()

    return Step(f"{work.site.region}: {step.name}" if work.of > 1 else step.name, act)


def _resume(stack: str) -> str:
    return (
        "run the same command again to go on; what CloudFormation has begun goes on without us, "
        f"and `mainstay status` follows stack {stack}"
    )


def _region(site: Site, plan: Plan) -> RegionPlan:
    if len(plan.regions) == 1:
        return plan.primary
    for region in plan.regions:
        if region.region == site.region:
            return region
    raise InputRefused(
        "nothing planned for this region",
        detail=f"The plan has {', '.join(region.region for region in plan.regions)}; the session is in {site.region}.",
        hint="choose one of these with --region",
    )


def _see_caller(work: Deployment) -> None:
    caller = work.caller = work.site.doors.sts.caller()
    if work.account and caller.account != work.account:
        raise InputRefused(
            "wrong account",
            detail=f"The credentials belong to account {caller.account}, and {work.account} was asked for.",
            hint="choose another --profile or --role-arn",
        )
    work.progress.note(f"{work.site.label} account {caller.account}, {work.site.region}, as {caller.arn}")


def _look_at_stack(work: Deployment) -> None:
    cloudformation = work.site.doors.cloudformation
    state = cloudformation.find_stack(work.stack)
    if state is not None and state.is_moving:
        work.progress.note(f"stack {work.stack} is {state.status}: watching it to its end first")
        follower = work.follower()
        follower.has_begun = True
        state = follower.until_settled()
    if state is not None and state.is_empty_failure:
        _remove_failed(work, state)
        state = None
    if state is not None and not state.takes_updates and not state.is_reviewed:
        raise TargetRefused(
            "the stack takes no changes",
            detail=f"Stack {work.stack} is {state.status}. {state.reason}".strip(),
            hint=_way_out(work, state),
        )
    work.state = state
    work.kind = "UPDATE" if state is not None and state.takes_updates else "CREATE"


def _way_out(work: Deployment, state: StackState) -> str:
    """What to do about a stack in that state before it takes changes again."""
    if not state.status.endswith("_FAILED"):
        return "deploy again; a failed creation is removed first"
    if work.site.is_sandbox:
        return "`mainstay sandbox down` takes it away with everything in the sandbox; then deploy again"
    if state.status == "UPDATE_ROLLBACK_FAILED":
        return "continue its rollback in the CloudFormation console, then deploy again"
    return f"`mainstay destroy --confirm {work.stack}` takes away what is left of it; then deploy again"


def _remove_failed(work: Deployment, state: StackState) -> None:
    work.progress.note(f"stack {work.stack} is {state.status}: an earlier creation failed; removing what it left")
    follower = work.follower()
    with work.run.acting("cloudformation:DeleteStack", stack=state.stack_id):
        work.site.doors.cloudformation.delete_stack(state.stack_id)
    left = follower.until_settled()
    if left is not None:
        raise follower.failure(left, "delete the stack in the CloudFormation console, then deploy again")


def _pack_functions(work: Deployment) -> None:
    """Packages are made before anything is asked: their digests are parameters, by which a stack sees other code."""
    bundle = None
    # The sandbox gives its functions its own authority: what is packed would be another one in every sandbox.
    if not work.site.is_sandbox and needs_ca_bundle(work.region, work.given):
        bundle = read_ca_bundle(work.site.ca_bundle)
    work.packages = packages_of(work.region, work.intent, ca_bundle=bundle, given=work.given)


def _resolve_parameters(work: Deployment) -> None:
    caller = _caller(work)
    places = {
        name: value
        for placed in work.packages
        for name, value in (
            (placed.key_parameter, placed.key),
            (placed.bucket_parameter, artifact_bucket(caller.account, work.site.region)),
        )
    }
    given = {**places, **work.taken(), **work.given}
    beginning.look(work.site, work.region, work.state, work.given, work.confirmed)
    work.parameters = parameter_values(work.site, work.region, work.state, given, work.progress)


def _place_template(work: Deployment) -> None:
    if work.children:
        _place_children(work)
    body = work.template.encode()
    if len(body) <= facts.limit("cloudformation", "inline_bytes"):
        return
    most = facts.limit("cloudformation", "bucket_bytes")
    if len(body) > most:
        raise InputRefused(
            "the template is too large",
            detail=f"It has {len(body):,} bytes; CloudFormation takes {most:,}.",
            hint="split the spec into two databases with a stack each",
        )
    bucket = _artifact_bucket(work)
    key = f"{work.stack}/{hashlib.sha256(body).hexdigest()}.json"
    with work.run.acting("s3:PutObject", bucket=bucket, key=key):
        work.url = work.site.doors.s3.upload(bucket, key, body)
    work.progress.note(f"template of {len(body):,} bytes placed in {bucket}")


def _place_children(work: Deployment) -> None:
    """Children lie under names with their digest, so that one that has not changed is where it was."""
    bucket = _artifact_bucket(work)
    for name, text in work.children.items():
        key = f"{work.stack}/{name}"
        with work.run.acting("s3:PutObject", bucket=bucket, key=key):
            url = work.site.doors.s3.upload(bucket, key, text.encode())
        work.parameters[BASE] = url.rpartition("/")[0]
    work.progress.note(f"{len(work.children)} templates of nested stacks placed in {bucket}")


def _artifact_bucket(work: Deployment) -> str:
    with work.run.acting("s3:CreateBucket"):
        return work.site.doors.s3.ensure_artifact_bucket(_caller(work), work.site.region)


def _place_functions(work: Deployment) -> None:
    """Upload the packages that are not there yet; a bucket that somebody named has to exist."""
    if change_sets.planned_changes(work).is_without_changes:
        return
    s3 = work.site.doors.s3
    own = artifact_bucket(_caller(work).account, work.site.region)
    if any(work.code_bucket(placed) == own for placed in work.packages):
        _artifact_bucket(work)
    for placed in work.packages:
        bucket = work.code_bucket(placed)
        if s3.holds(bucket, placed.key):
            work.progress.note(f"{placed.key} lies in {bucket} already")
            continue
        with work.run.acting("s3:PutObject", bucket=bucket, key=placed.key):
            s3.upload(bucket, placed.key, placed.package.content)
        work.progress.note(f"{placed.key} placed in {bucket}")


def _carry_out(work: Deployment) -> None:
    change_set = change_sets.planned_changes(work)
    if change_set.is_without_changes:
        return
    cloudformation = work.site.doors.cloudformation
    if work.kind == "UPDATE" and work.confirmed and (work.intent.protects_stack or work.children):
        # The policy of the last deployment forbids exactly what was confirmed now; the next step puts it back.
        _guard(work, [key for key in stack_policy.precious(work.region) if key not in work.confirmed])
    follower = work.follower()
    with work.run.acting("cloudformation:ExecuteChangeSet", stack=work.stack, name=change_set.name):
        cloudformation.execute_change_set(work.stack, change_set.name, token=change_set.name)
    work.has_changed = True
    state = follower.until_settled()
    if state is None or not state.is_whole:
        gone = StackState(name=work.stack, stack_id="", status="gone")
        raise follower.failure(state or gone, f"correct the cause; {_way_out(work, state or gone)}")
    work.state = state


def _protect(work: Deployment) -> None:
    keys = stack_policy.precious(work.region)
    if work.children:
        # What changes inside a nested stack was not among the changes that were shown: its own policy refuses it.
        _guard(work, keys)
    if not work.intent.protects_stack:
        return
    cloudformation = work.site.doors.cloudformation
    if not cloudformation.stack(work.stack).has_termination_protection:
        with work.run.acting("cloudformation:UpdateTerminationProtection", stack=work.stack):
            cloudformation.set_termination_protection(work.stack, is_on=True)
    if not work.children:
        _guard(work, keys)
    work.progress.note(f"stack {work.stack} is protected, and so are {', '.join(keys)}")


def _guard(work: Deployment, keys: Collection[str]) -> None:
    """Policies under which none of these is lost, in each stack that holds some; nested stacks are kept themselves."""
    cloudformation = work.site.doors.cloudformation
    nested = {one.logical_id: one.physical_id for one in cloudformation.nested_stacks(work.stack)}
    held = {work.stack: [*nested, *(() if nested else keys)]}
    for child in nested.values():
        inside = {one.logical_id for one in cloudformation.resources(child)}
        held[child] = [key for key in keys if key in inside]
    for stack, protected in held.items():
        with work.run.acting("cloudformation:SetStackPolicy", stack=stack):
            cloudformation.set_policy(stack, stack_policy.policy(protected))


def _read_outputs(work: Deployment) -> None:
    work.state = work.site.doors.cloudformation.stack(work.stack)


STEPS: Final = (
    Step("see who calls, and where", _see_caller),
    Step("look at the stack", _look_at_stack),
    Step("pack the functions", _pack_functions),
    Step("resolve parameters", _resolve_parameters),  # after the stack: it keeps the values that it has
    Step("place the template", _place_template),
    Step("work out the changes", change_sets.work_out),
    Step("show the changes", change_sets.show),
    Step("place the functions", _place_functions),  # not before somebody approved
    Step("carry them out", _carry_out),
    Step("protect the stack", _protect),  # last: a creation that fails must be removable
    Step("read the outputs", _read_outputs),
)


def _caller(work: Deployment) -> Caller:
    return work.caller or work.site.doors.sts.caller()


def _result(work: Deployment) -> Deployed:
    state = work.state or work.site.doors.cloudformation.stack(work.stack)
    return Deployed(
        stack=work.stack,
        stack_id=state.stack_id,
        status=state.status,
        account=work.caller.account if work.caller else "",
        region=work.site.region,
        site=work.site.label,
        has_changed=work.has_changed,
        changes=change_sets.planned_changes(work).changes if work.has_changed else (),
        outputs=state.outputs,
        seconds=(work.ended_at or 0.0) - (work.began_at or 0.0),
        run_id=work.run.id,
        stand_ins=work.site.stand_ins(work.site.doors.cloudformation.resources(work.stack)),
    )
