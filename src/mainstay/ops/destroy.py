"""Taking a stack down, in the order in which nothing is orphaned.

Steps:
1. see what it holds
2. ask for its name
3. delete what was restored from it
4. delete the recovery points that were given up
5. take its protection off
6. take the databases' protection off
7. delete the stack
8. see what is left

What somebody restored to keep (`mainstay restore`) is theirs. It stands in the stack's network and is encrypted
with its key, so that the stack is not touched before each such instance is gone, or given up by its name. A vault that
holds recovery points goes only when they are given up, and never against its lock or policy. Without the stack's name
as confirmation nothing is changed either, and the refusal shows what would be deleted and what would stay.

Of several regions the one goes first that takes from the others; steps 1 to 4 are done in all of them before that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import InputRefused, NotFound
from mainstay.core.progress import Progress, Silent
from mainstay.ops import tags
from mainstay.ops.aws.door import found
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.destruction import Destruction, Show, noted
from mainstay.ops.following import Follower
from mainstay.ops.instances import wait_available, wait_gone
from mainstay.ops.inventory import DATABASE, Fated, Inventory, fates, left_after
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.parameter_groups import delete_beside
from mainstay.ops.restoration import secret_name
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps
from mainstay.ops.vaults import VAULT, filled, give_up, refuse_kept

_DEADLINE_S: Final = 4 * 3600.0


def destroy(
    site: Site,
    stack: str,
    *,
    confirm: str | None,
    journal: Journal,
    discard: Collection[str] = (),
    gives_up_points: bool = False,
    show: Show | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Inventory:
    """Take a stack down in one region. What `destroy_regions` says of one region holds here."""
    (done,) = destroy_regions(
        (site,),
        stack,
        confirm=confirm,
        journal=journal,
        discard=discard,
        gives_up_points=gives_up_points,
        show=show,
        progress=progress,
        clock=clock,
    )
    return done


def destroy_regions(
    sites: Sequence[Site],
    stack: str,
    *,
    confirm: str | None,
    journal: Journal,
    discard: Collection[str] = (),
    gives_up_points: bool = False,
    show: Show | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> tuple[Inventory, ...]:
    """Take the stacks of that name down, in the order of these sites: what takes from another goes before it.

    `confirm` has to be the name. `show` is told first what would go and stay; `discard` names restored instances that
    go with it, `gives_up_points` that recovery points in its vaults do. One inventory a region that had a stack.

    NotFound when there is no such stack, InputRefused without the confirmation, TargetRefused with the first
    resource that could not be deleted; run again, it goes on.
    """
    clock, progress = clock or SystemClock(), progress or Silent()
    with hold(journal.directory, stack, operation="destroy", clock=clock):
        states = [(site, site.doors.cloudformation.find_stack(stack)) for site in sites]
        run = _resume_or_begin(states, stack, journal)
        works: list[Destruction] = []
        works += [
            Destruction(
                site=site,
                stack=stack,
                confirm=confirm,
                discard=discard,
                gives_up_points=gives_up_points,
                show=show,
                run=run,
                known_runs=frozenset(known.id for known in journal.runs()),
                progress=progress,
                clock=clock,
                state=state,
                every=works,
            )
            for site, state in states
            if state is not None or noted(run, site.region)
        ]
        again = f"run the same command again to go on; stack {stack} may be going already"
        run_steps(_in_order(works), None, run=run, progress=progress, resume=again)
        inventories = tuple(work.inventory for work in works if work.inventory is not None)
        run.finish("destroyed", left=sum(len(inventory.left) for inventory in inventories))
    return inventories


def _resume_or_begin(states: Sequence[tuple[Site, StackState | None]], stack: str, journal: Journal) -> Run:
    """The run that began to take these very stacks down, or a new one.

    Of stacks that went while nobody looked only an unfinished run can tell; NotFound when there is none.
    """
    ids = {state.stack_id for _, state in states if state is not None}
    for run in journal.unfinished("destroy", stack):
        known = run.fact("stack_ids")
        if isinstance(known, list) and ids <= {str(one) for one in known} and (ids or run.fact("holds")):
            journal.resume(run)
            return run
    if ids:
        return journal.begin("destroy", stack, stack_ids=[*sorted(ids)])
    places = " or ".join(f"{site.region} ({site.label})" for site, _ in states)
    raise NotFound(
        "nothing to destroy",
        detail=f"There is no stack {stack} in {places}.",
        hint="if it has another name or place, give --stack, --region or --profile",
    )


def _in_order(works: list[Destruction]) -> list[Step[None]]:
    """All regions are looked at, the name is asked for once, what was restored goes; then one stack after the other."""
    together, apart, last = STEPS[:_TOGETHER], STEPS[_TOGETHER:-1], STEPS[-1]
    return [
        *(_in_turn(step, work) for step in together for work in (works[:1] if step.action is _ask else works)),
        *(_in_turn(step, work) for work in works for step in apart),
        *(_in_turn(last, work) for work in works),
    ]


def _in_turn(step: Step[Destruction], work: Destruction) -> Step[None]:
    is_one = len(work.every) == 1 or step.action is _ask
    return Step(step.name if is_one else f"{work.site.region}: {step.name}", lambda _: step.action(work))


def _names(fated: tuple[Fated, ...]) -> tuple[str, ...]:
    return tuple(f"{item.logical_id} ({item.physical_id})" for item in fated if item.fate != "Retain")


def _see(work: Destruction) -> None:
    site = work.site
    if work.state is None:
        work.fated = work.noted
    else:
        resources = site.doors.cloudformation.resources(work.state.stack_id)
        work.fated = work.noted or fates(resources, _template(work))
        names = [item.physical_id for item in work.fated if item.type == DATABASE]
        seen = [found_one for name in names if (found_one := site.doors.rds.find_instance(name)) is not None]
        # Replicas first: deleting a source promotes them (facts B.5, 2026-11-20).
        work.databases = tuple(sorted(seen, key=lambda state: not state.is_replica))
        if not work.entry:
            work.run.write(
                "holds",
                region=site.region,
                holds=[[item.logical_id, item.physical_id, item.type, item.fate] for item in work.fated],
                sources=[state.resource_id for state in seen],
                replicated=[arn for state in seen for arn in state.replicated_backup_arns],
            )
        going = [item.physical_id for item in work.fated if item.type == VAULT and item.fate != "Retain"]
        work.vaults = filled(site, going)
    work.deleted += _names(work.fated)


def _look_around(work: Destruction) -> None:
    """Which other instances of the region go with the stack, and which stand in its way."""
    names = {item.physical_id for item in work.fated if item.type == DATABASE}
    others = [state for state in work.site.doors.rds.instances() if state.identifier not in names]
    held = {item.physical_id for item in work.fated if item.fate != "Retain"}
    work.tests = tuple(state for state in others if _goes_with(work, state, held))
    work.tenants = tuple(state for state in others if state not in work.tests and _stands_on(state, held))


def _goes_with(work: Destruction, state: DbState, held: set[str]) -> bool:
    """Whether it was restored from our databases by a drill that our journal knows, or was given up by its name.

    Where the databases are gone and nothing tells what they were, a name counts if the instance stands on the stack.
    """
    source, sources = state.tags.get(tags.SOURCE), work.sources
    if source is None or (sources and source not in sources):
        return False
    is_drill = state.tags.get(tags.PURPOSE) == tags.DRILL and state.tags.get(tags.RUN_ID) in work.known_runs
    return (is_drill and source in sources) or (
        state.identifier in work.discard and (bool(sources) or _stands_on(state, held))
    )


def _stands_on(state: DbState, held: set[str]) -> bool:
    """Whether an instance uses a subnet group, a security group, a parameter group or a key of the stack."""
    key = (state.key_id or "").rsplit("/", maxsplit=1)[-1]
    return not held.isdisjoint({state.subnet_group, state.parameter_group, key, *state.security_group_ids})


def _template(work: Destruction) -> str:
    return found(lambda: work.site.doors.cloudformation.template(work.stack)) or ""


def _ask(work: Destruction) -> None:
    for one in work.every:
        _look_around(one)
        if one.show is not None:
            one.show(one)
    for one in work.every:
        _refuse_protected(one)
        _refuse_tenants(one)
        refuse_kept(one.site, one.vaults, are_given_up=one.gives_up_points, now=one.clock.now())
    if work.confirm != work.stack:
        given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
        lines = [f"Stack {work.stack} was not touched, because {given}. This would happen:"]
        raise InputRefused(
            "not confirmed",
            detail="\n".join(lines + [line for one in work.every for line in _sentences(one)]),
            hint=f"confirm with the stack's name: --confirm {work.stack}",
        )


def _refuse_protected(work: Destruction) -> None:
    """What was failed over to is somebody's database: giving it up by name is not enough while it is protected."""
    protected = [state.identifier for state in work.tests if state.has_deletion_protection]
    if protected:
        raise InputRefused(
            "a restored instance is protected",
            detail=f"Stack {work.stack} was not touched. {', '.join(protected)} in {work.site.region} is protected "
            "from deletion, as a database that was failed over to is.",
            hint="keep it; or take its protection off first: aws rds modify-db-instance --no-deletion-protection "
            f"--region {work.site.region} --db-instance-identifier {protected[0]}",
        )


def _refuse_tenants(work: Destruction) -> None:
    if work.tenants:
        names = [state.identifier for state in work.tenants]
        raise InputRefused(
            "others stand on it",
            detail=f"Stack {work.stack} was not touched. Its network, parameters or key in {work.site.region} serve "
            f"{', '.join(names)}.",
            hint="delete these instances first; what was restored from this stack can be given up by name: "
            + " ".join(f"--discard {name}" for name in names),
        )


def _sentences(work: Destruction) -> list[str]:
    lines = [f"in {work.site.region}:"] if len(work.every) > 1 else []
    lines += [f"delete restored instance {state.identifier}" for state in work.tests]
    lines += [f"delete for good: {vault.sentence}" for vault in work.vaults]
    verbs = {"Retain": "keep", "Snapshot": "delete after a snapshot", "Delete": "delete"}
    return lines + [f"{verbs.get(item.fate, item.fate)} {item.logical_id} ({item.type})" for item in work.fated]


def _delete_tests(work: Destruction) -> None:
    for state in work.tests:
        if state.status != "deleting":
            with work.run.acting("rds:DeleteDBInstance", target=state.identifier, resource_id=state.resource_id):
                work.site.doors.rds.delete_without_snapshot(state.identifier)
        wait_gone(work.site, state.identifier, deadline_s=_DEADLINE_S, progress=work.progress, clock=work.clock)
        work.deleted += delete_beside(work.site, work.run, state, work.progress, work.clock)
        with work.run.acting("secretsmanager:DeleteSecret", name=secret_name(state.identifier)):
            found(partial(work.site.doors.secrets.delete, secret_name(state.identifier)))
        work.deleted.append(state.identifier)


def _give_up_points(work: Destruction) -> None:
    give_up(work.site, work.vaults, work.run, work.progress, work.clock)
    work.deleted += [point.arn for vault in work.vaults for point in vault.points]


def _unprotect_stack(work: Destruction) -> None:
    state = work.state
    if state is not None and state.has_termination_protection and not state.status.startswith("DELETE_"):
        with work.run.acting("cloudformation:UpdateTerminationProtection", stack=work.stack):
            work.site.doors.cloudformation.set_termination_protection(work.stack, is_on=False)


def _unprotect_databases(work: Destruction) -> None:
    kept = {item.physical_id for item in work.fated if item.fate == "Retain"}
    for database in work.databases:
        if not database.has_deletion_protection or database.identifier in kept:
            continue
        with work.run.acting("rds:ModifyDBInstance", target=database.identifier, change="deletion protection off"):
            work.site.doors.rds.set_deletion_protection(database.identifier, is_on=False)
        if database.status == "failed":
            continue  # it stays so, and its protection is off all the same
        wait_available(
            work.site,
            database.identifier,
            deadline_s=_DEADLINE_S,
            progress=work.progress,
            clock=work.clock,
            settled=True,
        )


def _delete(work: Destruction) -> None:
    state = work.state
    if state is None:
        return
    follower = Follower(site=work.site, stack_id=state.stack_id, progress=work.progress, clock=work.clock)
    follower.skip_past()
    if state.status == "DELETE_IN_PROGRESS":
        follower.has_begun = True
    else:
        with work.run.acting("cloudformation:DeleteStack", stack=state.stack_id):
            work.site.doors.cloudformation.delete_stack(state.stack_id)
    left = follower.until_settled(_DEADLINE_S)
    if left is not None:
        raise follower.failure(left, "empty or free what is named, then run the same command again")


def _see_what_is_left(work: Destruction) -> None:
    left = left_after(work.site, work.fated, work.replicated)
    for item in left:
        work.progress.note(f"left: {item.kind} {item.name}: {item.why}")
    work.inventory = Inventory(
        site=work.site.label, region=work.site.region, stack=work.stack, deleted=tuple(work.deleted), left=left
    )


STEPS: Final = (
    Step("see what it holds", _see),
    Step("ask for its name", _ask),
    Step("delete what was restored from it", _delete_tests),  # first: they stand in the stack's subnet group
    Step("delete the recovery points that were given up", _give_up_points),  # before: AWS deletes only empty vaults
    Step("take its protection off", _unprotect_stack),
    Step("take the databases' protection off", _unprotect_databases),
    Step("delete the stack", _delete),
    Step("see what is left", _see_what_is_left),
)
# So many steps are taken in every region before any region goes on: see, ask, and delete what was restored.
_TOGETHER: Final = 4
