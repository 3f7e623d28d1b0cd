"""`restore --undo`: back to the old generation, by the same moves in the other direction; the new one is kept aside.

Steps:
1. Look at both generations, and at what the new one took since
2. Ask for the stack's name, and for the new generation's where its writes would stay behind
3. Give the old generation the login that clients have
4. Move the new generation's name away
5. Give the old one its name back
6. Point the secret at it
7. Lead the name in DNS to it
8. Move the proxies to it

A swap that was stopped half way is undone as well. Each step looks at how things stand before it acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

from mainstay.core.clock import Clock, SystemClock, parse_time
from mainstay.core.errors import InputRefused, MainstayError, NotFound
from mainstay.core.progress import Progress
from mainstay.ops.aws.door import found
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check, Outcome
from mainstay.ops.evidence.chain import path_of
from mainstay.ops.generation import moved, moves, naming
from mainstay.ops.generation.moved import Filing
from mainstay.ops.generation.reconciled import RECONCILE, believed
from mainstay.ops.generation.serving import telling_gaps
from mainstay.ops.generation.standing import Stand
from mainstay.ops.generation.swaps import find_swap
from mainstay.ops.inventory import DATABASE
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.login import Address
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import DriverError

_UNDO: Final = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Which run was undone, what bears the name now, and what is kept aside; `lost` tells what it had taken, and
    `remaining` what is left to do.
    """

    site: str
    run_id: str
    identifier: str
    resource_id: str
    address: str
    port: int
    kept: str
    kept_resource_id: str
    lost: str
    evidence_file: str
    remaining: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {**asdict(self), "remaining": list(self.remaining)}


@dataclass(slots=True, kw_only=True)
class Undoing:
    """What the steps know of each other: `swapped` is the run that is undone, `run` this one's own."""

    site: Site
    stack: str
    secret: str
    confirm: str | None
    confirm_loss: str | None
    swapped: Run
    run: Run
    progress: Progress
    clock: Clock
    filing: Filing
    routes: Routes | None = None
    writes: str = ""

    @property
    def stand(self) -> Stand:
        """Where the moves work."""
        return Stand(site=self.site, run=self.run, progress=self.progress, clock=self.clock, routes=self.routes)

    @property
    def way(self) -> str:
        """By what clients were moved."""
        return str(self.swapped.fact("swap"))

    @property
    def old(self) -> str:
        """The resource id of the old generation."""
        return moves.old_resource(self.swapped)

    @property
    def new(self) -> str:
        """The resource id of the new one."""
        return moves.new_resource(self.swapped)


def undo(
    site: Site,
    stack: str,
    *,
    secret: str,
    run_id: str | None,
    confirm: str | None,
    confirm_loss: str | None,
    journal: Journal,
    filing: Filing,
    progress: Progress,
    clock: Clock | None = None,
    routes: Routes | None = None,
) -> Undone:
    """Undo a swap of a stack, the newest one without `run_id`. `secret` is the login that clients have, and `filing`
    says where the evidence goes.

    NotFound when there is none, or when a generation is gone; InputRefused without the stack's name, and without the
    new generation's as `confirm_loss` when it took writes since the swap, or when nobody can tell.
    """
    ticking = clock or SystemClock()
    with hold(journal.directory, stack, operation=_UNDO, clock=ticking):
        swapped = _find(journal, stack, run_id)
        work = Undoing(
            site=site,
            stack=stack,
            secret=secret,
            confirm=confirm,
            confirm_loss=confirm_loss,
            swapped=swapped,
            run=journal.resume_or_begin(_UNDO, swapped.id),
            progress=progress,
            clock=ticking,
            filing=filing,
            routes=routes,
        )
        with telling_gaps(work.stand, swapped):
            run_steps(UNDO_STEPS, work, run=work.run, progress=progress, resume="run the same command again to go on")
        old, new = work.stand.find(work.old), work.stand.find(work.new)
        sealed = moved.store(_moved(work, old, new), filing)
        swapped.finish("undone", undone=work.run.id)
        work.run.finish("undone", kept=new.identifier, evidence=sealed["digest"])
    return Undone(
        site=site.label,
        run_id=swapped.id,
        identifier=old.identifier,
        resource_id=old.resource_id,
        address=old.address or "",
        port=old.port or 0,
        kept=new.identifier,
        kept_resource_id=new.resource_id,
        lost=str(work.run.fact("lost") or ""),
        evidence_file=str(path_of(filing.workspace, work.run.id)),
        remaining=tuple(_remaining(work, journal, new)),
    )


def _moved(work: Undoing, old: DbState, new: DbState) -> moved.Moved:
    """What was done, and what leads clients to the old generation now."""
    swapped = work.swapped
    leading = moved.Leading(work.way, work.secret, moves.proxies(swapped), str(swapped.fact("source")))
    lost = str(work.run.fact("lost") or "") or "nothing"
    stays = Check("write", "what stays behind in the other one", "noted", "nothing, or what was agreed to", lost)
    return moved.Moved(
        kind=moved.UNDO,
        run=work.run.id,
        stack=work.stack,
        where=work.stand,
        away_from=new,
        to=old,
        entries=work.run.entries,
        checks=(*moved.standing(work.stand, leading, old), _come(work, old), stays, moved.kept(new)),
        cost=(0.0, "the sandbox costs nothing") if work.site.is_sandbox else (None, "two generations stand"),
    )


def _come(work: Undoing, old: DbState) -> Check:
    """Log in as clients do; the new generation's marker must not be there."""
    name, wanted = "clients reach it by the stack's secret", "an answer without the other one's marker"
    number, at = work.swapped.fact("marker_id"), work.swapped.fact("marker_at")
    if old.address is None or old.port is None or number is None or work.site.ca_bundle is None:
        return Check("usable", name, "open", wanted, "not looked at from here")
    login = work.site.doors.secrets.read_login(work.secret)
    marker, home = (int(str(number)), parse_time(str(at))), str(work.swapped.fact("database"))
    try:
        with work.stand.open(login, Address(old.address, old.port), old.engine, home) as connection:
            markers = {(one.id, one.written_at) for one in DIALECTS[old.engine].read_markers(connection)}
    except (*DriverError, MainstayError) as error:
        return Check("usable", name, "open", wanted, str(error).splitlines()[0])
    outcome: Outcome = "failed" if marker in markers else "passed"
    return Check("usable", name, outcome, wanted, f"{len(markers):,} markers of its own")


def _remaining(work: Undoing, journal: Journal, new: DbState) -> Iterator[str]:
    """What a reconciliation before left: the stack still holds the generation that nobody reaches any more."""
    resources = found(lambda: work.site.doors.cloudformation.resources(work.stack)) or ()
    holds = any((one.type, one.physical_id) == (DATABASE, new.identifier) for one in resources)
    is_half = any(run.fact("literals") for run in journal.unfinished(RECONCILE, work.stack))
    if holds or is_half or believed(journal, work.stack) == new.resource_id:
        yield (
            f"Stack {work.stack} holds {new.resource_id} or is on the way to it, and deployments change that. To hold "
            f"the old one again, by an import: mainstay generation reconcile --run {work.swapped.id} --confirm "
            f"{work.stack}; then take database.identifier out of the spec."
        )


def _find(journal: Journal, stack: str, run_id: str | None) -> Run:
    """The run that moved clients and was not undone."""
    run = find_swap(
        journal,
        stack,
        run_id,
        _has_moved,
        nothing="nothing to undo",
        which="that was not undone",
        hint="a swap says the id of its run; it is undone from the workspace in which it was made",
    )
    _refuse_discarded(run)
    return run


def _refuse_discarded(run: Run) -> None:
    if run.fact("discarded"):
        last = run.fact("last_snapshot")
        raise NotFound(
            "the old generation is gone",
            detail=f"{run.fact('discarded')} was given up for good; its last snapshot: {last or 'none was taken'}.",
            hint=f"restore that: mainstay restore --snapshot {last} --swap rename" if last else "restore to a time",
        )


def _has_moved(run: Run) -> bool:
    return bool(run.fact("swap") and run.fact("settled") and not run.fact("undone"))


def _see(work: Undoing) -> None:
    new = work.stand.find(work.new)
    work.stand.find(work.old)
    work.writes = _writes_since(work, new)
    if work.writes:
        work.progress.note(f"{new.identifier}: {work.writes}")


def _writes_since(work: Undoing, new: DbState) -> str:
    """What the new generation took since it was put in place, in words; empty for certainly nothing."""
    before = work.swapped.fact("position")
    if not before or new.address is None or new.port is None:
        return "nobody can tell what it took since"
    login = work.site.doors.secrets.read_login(work.secret)
    dialect, home = DIALECTS[new.engine], str(work.swapped.fact("database"))
    try:
        with work.stand.open(login, Address(new.address, new.port), new.engine, home) as connection:
            position = dialect.log_position(connection)
            markers = dialect.read_markers(connection)
    except (*DriverError, MainstayError) as error:
        return f"nobody can tell what it took since ({str(error).splitlines()[0]})"
    if position == before:
        return ""
    since = parse_time(str(work.swapped.fact("marker_at")))
    count = sum(marker.written_at > since for marker in markers)
    return f"its log went from {before} to {position} since the swap, with {count} markers"


def _ask(work: Undoing) -> None:
    if work.run.fact("agreed"):
        return
    new = work.stand.find(work.new)
    if work.confirm != work.stack:
        given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
        raise InputRefused(
            "not confirmed",
            detail=f"Nothing was changed, because stack {work.stack} was not confirmed: {given}. Clients would go back "
            f"from {new.identifier} ({work.new}) to {work.stand.find(work.old).identifier} ({work.old}).",
            hint=f"confirm: --confirm {work.stack}",
        )
    if work.writes and work.confirm_loss != work.new:
        raise InputRefused(
            "writes would stay behind",
            detail=f"Clients have used {new.identifier} since the swap: {work.writes}. None of it is in the old "
            "generation; it is kept aside in the new one.",
            hint=f"save what is needed first, or confirm by its resource id: --confirm-loss {work.new}",
        )
    work.run.write("agreed", agreed=True, lost=work.writes)


def _give_login(work: Undoing) -> None:
    work.stand.give_login(work.old, work.site.doors.secrets.read_login(work.secret))


def _move_new_away(work: Undoing) -> None:
    if work.way == "rename":
        work.stand.rename(work.new, str(work.swapped.fact("made_as")))


def _give_name_back(work: Undoing) -> None:
    if work.way == "rename":
        work.stand.rename(work.old, str(work.swapped.fact("source")))


def _point_secret(work: Undoing) -> None:
    if work.way in ("secret", "proxy", "dns"):
        work.stand.point_secret(work.secret, work.old)


def _lead_name(work: Undoing) -> None:
    if work.way == "dns":
        naming.lead(work.stand, work.swapped, work.old)


def _move_proxies(work: Undoing) -> None:
    if work.way in ("rename", "proxy"):
        for name in moves.proxies(work.swapped):
            work.stand.move_proxy(name, away_from=work.new, to=work.old)


_ACTIONS: Final[tuple[tuple[str, Callable[[Undoing], None]], ...]] = (
    ("Look at both generations", _see),
    ("Ask for the names", _ask),
    ("Give the old generation the login that clients have", _give_login),
    ("Move the new generation's name away", _move_new_away),
    ("Give the old one its name back", _give_name_back),  # free only once the new one is away
    ("Point the secret at it", _point_secret),
    ("Lead the name in DNS to it", _lead_name),
    ("Move the proxies to it", _move_proxies),
)
UNDO_STEPS: Final = tuple(Step(name, action) for name, action in _ACTIONS)
