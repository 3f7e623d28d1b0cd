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
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import InputRefused, NotFound
from mainstay.core.progress import Progress, Silent
from mainstay.ops import tags
from mainstay.ops.aws.door import found
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.following import Follower
from mainstay.ops.instances import wait_available, wait_gone
from mainstay.ops.inventory import DATABASE, Fated, Inventory, fates, left_after
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.restoration import secret_name
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps
from mainstay.ops.vaults import VAULT, Filled, filled, give_up, refuse_kept

_DEADLINE_S: Final = 4 * 3600.0

Show = Callable[[tuple[Fated, ...], tuple[DbState, ...]], None]


@dataclass(slots=True, kw_only=True)
class _Destruction:
    """What the steps know of each other. `tests` are restored instances that go with the stack, `tenants` are
    instances of others that stand on what it would delete, `vaults` would go and hold something.
    """

    site: Site
    stack: str
    confirm: str | None
    discard: Collection[str]
    gives_up_points: bool
    show: Show | None
    run: Run
    journal: Journal
    progress: Progress
    clock: Clock
    state: StackState | None = None
    fated: tuple[Fated, ...] = ()
    databases: tuple[DbState, ...] = ()
    tests: tuple[DbState, ...] = ()
    tenants: tuple[DbState, ...] = ()
    vaults: tuple[Filled, ...] = ()
    inventory: Inventory | None = None
    deleted: list[str] = field(default_factory=list)


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
    """Take a stack down; `confirm` has to be its name. `show` is told first what would go and stay; `discard` names
    restored instances that go with it, `gives_up_points` that recovery points in its vaults do.

    NotFound when there is no such stack, InputRefused without the confirmation, TargetRefused with the first
    resource that could not be deleted; run again, it goes on.
    """
    clock, progress = clock or SystemClock(), progress or Silent()
    with hold(journal.directory, stack, operation="destroy", clock=clock):
        run, state = _resume(site, stack, journal)
        if state is None:
            return _finish(site, stack, run)
        work = _Destruction(
            site=site,
            stack=stack,
            confirm=confirm,
            discard=discard,
            gives_up_points=gives_up_points,
            show=show,
            run=run,
            journal=journal,
            progress=progress,
            clock=clock,
            state=state,
        )
        again = f"run the same command again to go on; stack {stack} may be going already"
        run_steps(STEPS, work, run=run, progress=progress, resume=again)
        inventory = work.inventory or Inventory(site=site.label, stack=stack, deleted=tuple(work.deleted), left=())
        run.finish("destroyed", left=len(inventory.left))
    return inventory


def _resume(site: Site, stack: str, journal: Journal) -> tuple[Run, StackState | None]:
    """The run and the stack; no stack when it went while nobody looked, which only an unfinished run can tell."""
    state = site.doors.cloudformation.find_stack(stack)
    left = journal.unfinished("destroy", stack)
    if state is None and left and left[0].fact("holds"):
        return left[0], None
    if state is None:
        raise NotFound(
            "nothing to destroy",
            detail=f"There is no stack {stack} in {site.region} ({site.label}).",
            hint="if it has another name or place, give --stack, --region or --profile",
        )
    return journal.resume_or_begin("destroy", stack, stack_id=state.stack_id), state


def _finish(site: Site, stack: str, run: Run) -> Inventory:
    fated = _noted(run)
    left = left_after(site, fated, _replicated(run))
    inventory = Inventory(site=site.label, stack=stack, deleted=_names(fated), left=left)
    run.finish("destroyed", left=len(inventory.left))
    return inventory


def _noted(run: Run) -> tuple[Fated, ...]:
    """What the stack held when this run first looked, before anything was deleted."""
    held = run.fact("holds")
    rows = held if isinstance(held, list) else []
    return tuple(Fated(*map(str, row)) for row in rows if isinstance(row, list))


def _replicated(run: Run) -> tuple[str, ...]:
    """The copies of automated backups in other regions, as they were when this run first looked."""
    known = run.fact("replicated")
    return tuple(map(str, known)) if isinstance(known, list) else ()


def _names(fated: tuple[Fated, ...]) -> tuple[str, ...]:
    return tuple(f"{item.logical_id} ({item.physical_id})" for item in fated if item.fate != "Retain")


def _see(work: _Destruction) -> None:
    site, stack = work.site, _state(work)
    work.fated = _noted(work.run) or fates(site.doors.cloudformation.resources(stack.stack_id), _template(work))
    names = [item.physical_id for item in work.fated if item.type == DATABASE]
    seen = [found_one for name in names if (found_one := site.doors.rds.find_instance(name)) is not None]
    # Replicas first: deleting a source promotes them (facts B.5, 2026-11-20).
    work.databases = tuple(sorted(seen, key=lambda state: not state.is_replica))
    work.run.write(
        "holds",
        holds=[[item.logical_id, item.physical_id, item.type, item.fate] for item in work.fated],
        replicated=list(_replicated(work.run)) or [arn for state in seen for arn in state.replicated_backup_arns],
    )
    others = [state for state in site.doors.rds.instances() if state.identifier not in names]
    work.tests = tuple(state for state in others if _goes_with(work, state))
    held = {item.physical_id for item in work.fated if item.fate != "Retain"}
    work.tenants = tuple(state for state in others if state not in work.tests and _stands_on(state, held))
    going = [item.physical_id for item in work.fated if item.type == VAULT and item.fate != "Retain"]
    work.vaults = filled(site, going)
    work.deleted += _names(work.fated)


def _goes_with(work: _Destruction, state: DbState) -> bool:
    """Whether it was restored from this stack by a drill that our journal knows, or was given up by its name."""
    sources = {database.resource_id for database in work.databases}
    if state.tags.get(tags.SOURCE) not in sources:
        return False
    known = {run.id for run in work.journal.runs()}
    is_drill = state.tags.get(tags.PURPOSE) == tags.DRILL and state.tags.get(tags.RUN_ID) in known
    return is_drill or state.identifier in work.discard


def _stands_on(state: DbState, held: set[str]) -> bool:
    """Whether an instance uses a subnet group, a security group, a parameter group or a key of the stack."""
    key = (state.key_id or "").rsplit("/", maxsplit=1)[-1]
    return not held.isdisjoint({state.subnet_group, state.parameter_group, key, *state.security_group_ids})


def _template(work: _Destruction) -> str:
    return found(lambda: work.site.doors.cloudformation.template(work.stack)) or ""


def _ask(work: _Destruction) -> None:
    if work.show is not None:
        work.show(work.fated, work.tests)
    if work.tenants:
        names = [state.identifier for state in work.tenants]
        raise InputRefused(
            "others stand on it",
            detail=f"Stack {work.stack} was not touched. Its network, parameters or key serve {', '.join(names)}.",
            hint="delete these instances first; what was restored from this stack can be given up by name: "
            + " ".join(f"--discard {name}" for name in names),
        )
    refuse_kept(work.site, work.vaults, are_given_up=work.gives_up_points, now=work.clock.now())
    if work.confirm != work.stack:
        raise InputRefused(
            "not confirmed",
            detail="\n".join(_sentences(work)),
            hint=f"confirm with the stack's name: --confirm {work.stack}",
        )


def _sentences(work: _Destruction) -> list[str]:
    given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
    lines = [f"Stack {work.stack} was not touched, because {given}. This would happen:"]
    lines += [f"delete restored instance {state.identifier}" for state in work.tests]
    lines += [f"delete for good: {vault.sentence}" for vault in work.vaults]
    verbs = {"Retain": "keep", "Snapshot": "delete after a snapshot", "Delete": "delete"}
    lines += [f"{verbs.get(item.fate, item.fate)} {item.logical_id} ({item.type})" for item in work.fated]
    return lines


def _delete_tests(work: _Destruction) -> None:
    for state in work.tests:
        if state.status != "deleting":
            with work.run.acting("rds:DeleteDBInstance", target=state.identifier, resource_id=state.resource_id):
                work.site.doors.rds.delete_without_snapshot(state.identifier)
        wait_gone(work.site, state.identifier, deadline_s=_DEADLINE_S, progress=work.progress, clock=work.clock)
        with work.run.acting("secretsmanager:DeleteSecret", name=secret_name(state.identifier)):
            found(partial(work.site.doors.secrets.delete, secret_name(state.identifier)))
        work.deleted.append(state.identifier)


def _give_up_points(work: _Destruction) -> None:
    give_up(work.site, work.vaults, work.run, work.progress, work.clock)
    work.deleted += [point.arn for vault in work.vaults for point in vault.points]


def _unprotect_stack(work: _Destruction) -> None:
    state = _state(work)
    if state.has_termination_protection and not state.status.startswith("DELETE_"):
        with work.run.acting("cloudformation:UpdateTerminationProtection", stack=work.stack):
            work.site.doors.cloudformation.set_termination_protection(work.stack, is_on=False)


def _unprotect_databases(work: _Destruction) -> None:
    kept = {item.physical_id for item in work.fated if item.fate == "Retain"}
    for database in work.databases:
        if not database.has_deletion_protection or database.identifier in kept:
            continue
        with work.run.acting("rds:ModifyDBInstance", target=database.identifier, change="deletion protection off"):
            work.site.doors.rds.set_deletion_protection(database.identifier, is_on=False)
        wait_available(
            work.site,
            database.identifier,
            deadline_s=_DEADLINE_S,
            progress=work.progress,
            clock=work.clock,
            settled=True,
        )


def _delete(work: _Destruction) -> None:
    state = _state(work)
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


def _see_what_is_left(work: _Destruction) -> None:
    left = left_after(work.site, work.fated, _replicated(work.run))
    for item in left:
        work.progress.note(f"left: {item.kind} {item.name}: {item.why}")
    work.inventory = Inventory(site=work.site.label, stack=work.stack, deleted=tuple(work.deleted), left=left)


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


def _state(work: _Destruction) -> StackState:
    if work.state is None:
        raise InputRefused("no stack", detail=work.stack)
    return work.state
