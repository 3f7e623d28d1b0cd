"""`takeover`: the standby takes over on purpose, while clients write, and every write is asked for afterwards.

Steps:
 1. See the database, its standby and the ways to it
 2. Ask for the stack's name
 3. Make the ledger
 4. Break it while clients write
 5. Compare what clients were told with what is there
 6. Write the evidence

Steps 1 and 2 change nothing. What is written is in a table of the canary schema, and is deleted after it was read. Each
fault is in the journal before it is done. A run that was stopped is not taken up again, as a measurement cannot be: the
database is brought back by RDS or by the sandbox, and the next run deletes what was written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mainstay import facts
from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import InputRefused, MainstayError, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.drill.model import SOURCE, Position
from mainstay.ops.journal import Journal
from mainstay.ops.lease import hold
from mainstay.ops.login import Address, connected
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, step_row
from mainstay.ops.takeover import document
from mainstay.ops.takeover.clients import Route
from mainstay.ops.takeover.judging import judge
from mainstay.ops.takeover.model import FAULTS, REBOOT, TakenOver, Takeover, TakeoverRequest
from mainstay.ops.takeover.rounds import play
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import Connection, DriverError
from mainstay.probe.transcript import Listener

OPERATION: Final = "takeover"
# How often it is looked whether a write still comes, and for how many looks in a row none has to.
_LOOKS: Final = 150
_LOOK_S: Final = 0.2
_QUIET: Final = 4
MOST_RUNS, MOST_WRITERS, MOST_SECONDS = 20, 32, 600
_CONNECT_S: Final = 5
Action = Callable[[Takeover], None]


def takeover(
    site: Site,
    request: TakeoverRequest,
    *,
    confirm: str | None,
    workspace: Path,
    journal: Journal,
    progress: Progress,
    clock: Clock | None = None,
    ways: Routes | None = None,
) -> TakenOver:
    """Break the database of a stack, watch its standby take over, and ask for every write afterwards.

    `ways` lead to it and to its proxies, None directly; a tunnel is then part of what clients go through.

    InputRefused for a fault that cannot be done here, without a standby, or without the stack's name (with what would
    be done); Busy while somebody deploys, drills or destroys the stack; Inconclusive when clients cannot write
    beforehand. What comes of the faults is the verdict.
    """
    refuse(site, request)
    ticking = clock or SystemClock()
    with hold(journal.directory, request.stack, operation=OPERATION, clock=ticking):
        run = journal.begin(OPERATION, request.identifier, fault=request.fault, runs=request.runs)
        work = Takeover(
            site=site,
            request=request,
            confirm=confirm,
            run=run,
            journal=journal,
            workspace=workspace,
            progress=progress,
            clock=ticking,
            started_at=ticking.now(),
            ways=ways,
        )
        try:
            run_steps(STEPS, work, run=run, progress=progress, resume="see `mainstay status`, and begin again")
        except BaseException:
            with contextlib.suppress(MainstayError):
                _forget(work)
            raise
        return _result(work)


def refuse(site: Site, request: TakeoverRequest) -> None:
    """InputRefused for a fault that this site does not have, and for numbers out of bounds."""
    if request.fault not in FAULTS:
        raise InputRefused(
            "no such fault", detail=f"'{request.fault}' is none.", hint=f"choose one of {', '.join(FAULTS)}"
        )
    if request.fault != REBOOT and (site.lab is None or request.fault not in site.lab.faults):
        raise InputRefused(
            "this fault cannot be done here",
            detail=f"{request.fault}: {FAULTS[request.fault]}. RDS lets nobody near its servers.",
            hint="--by reboot fails over in AWS; the other faults are for --sandbox",
        )
    for name, value, least, most in (
        ("runs", request.runs, 1, MOST_RUNS),
        ("writers", request.writers, 1, MOST_WRITERS),
        ("seconds", request.seconds, 1, MOST_SECONDS),
    ):
        if not least <= value <= most:
            raise InputRefused(
                "out of bounds", detail=f"--{name} {value:g} is not {least} to {most}.", hint=f"use {least} to {most}"
            )


def _see(work: Takeover) -> None:
    request, doors = work.request, work.site.doors
    state = doors.rds.instance(request.identifier)
    if not state.is_multi_az:
        raise InputRefused(
            "no standby",
            detail=f"{state.identifier} in {work.site.region} runs on one server, so that there is nothing to fail "
            "over to: this would only be an outage.",
            hint="write database.multi_az: true in the spec and deploy",
        )
    if not state.is_available:
        raise TargetRefused(
            "not available",
            detail=f"{state.identifier} is {state.status}.",
            hint="wait until it is available; `mainstay status` shows it",
        )
    login = doors.secrets.read_login(request.secret)
    work.database, work.login = state, login
    if state.address is None or state.port is None:
        raise TargetRefused("no endpoint", detail=f"{state.identifier} has no address.")
    routes = [_route(work, "direct", Address(state.address, state.port), login, state)]
    for name in request.proxies:
        route = _through(work, name, login, state)
        routes += [route] if route is not None else []
    work.routes = tuple(routes)
    for one in routes:
        work.progress.note(f"{one.name}: {one.address}")


def _route(work: Takeover, name: str, address: Address, login: Login, state: DbState) -> Route:
    work.dial(address)  # an address that no way leads to is refused before anything is done

    def opened() -> Connection:
        dialled = work.dial(address)
        return DIALECTS[state.engine].connect(
            host=address.host,
            port=address.port,
            user=login.username,
            password=login.password,
            database=login.dbname,
            ca_bundle=work.site.ca_bundle,
            timeout_s=_CONNECT_S,
            dialled=(dialled.host, dialled.port) if dialled else None,
        )

    return Route(name, str(address), opened)


def _through(work: Takeover, name: str, login: Login, state: DbState) -> Route | None:
    """The way through a proxy; None, with the reason kept, where it cannot be gone from here."""
    proxy = work.site.doors.proxies.find(name)
    if proxy is None or proxy.address is None:
        why = "it does not exist" if proxy is None else f"it is {proxy.status} and has no address"
    elif proxy.demands_tokens:
        why = "it takes tokens of IAM only, and the login of the secret is a password"
    elif not any(target.identifier == state.identifier and target.is_available for target in proxy.targets):
        why = "; ".join(f"{target.identifier} is {target.state} {target.why}" for target in proxy.targets)
    else:
        port = int(facts.load("limits").data["port"]["default"][state.engine])
        try:
            return _route(work, name, Address(proxy.address, port), login, state)
        except TargetRefused as error:
            why = error.detail
    work.exclusions.append((f"proxy {name}", why))
    work.progress.note(f"not measured through {name}: {why}")
    return None


def _ask(work: Takeover) -> None:
    request = work.request
    if work.confirm == request.stack:
        return
    given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
    times = "once" if request.runs == 1 else f"{request.runs} times"
    ways = " and ".join(route.name if route.name == "direct" else f"through {route.name}" for route in work.routes)
    lines = [
        f"Nothing was done, because stack {request.stack} was not confirmed: {given}. This would happen:",
        f"{times}: {FAULTS[request.fault]}, of {work.source.identifier} in {work.site.region} ({work.site.label})",
        "connections of its clients break, and nothing can be written meanwhile: in AWS for a minute or two",
        f"{request.writers} clients {ways} write rows into the schema mainstay_canary, which are deleted afterwards",
    ]
    raise InputRefused(
        "not confirmed", detail="\n".join(lines), hint=f"confirm with the stack's name: --confirm {request.stack}"
    )


def _prepare(work: Takeover) -> None:
    ledger = DIALECTS[work.source.engine].ledger
    with _connected(work) as connection:
        _listen(work, connection, "before the first fault")
        work.build = DIALECTS[work.source.engine].version(connection)
        work.program = work.site.program_of(work.source.identifier)
        ledger.create(connection)
        for stopped in work.journal.unfinished(OPERATION, work.request.identifier):
            if stopped.id != work.run.id:
                ledger.forget(connection, stopped.id)
                stopped.finish("given up")


def _connected(work: Takeover) -> contextlib.AbstractContextManager[Connection]:
    """A connection to the database itself, for the ledger."""
    login, state = work.login, work.source
    if login is None or state.address is None or state.port is None:
        raise TargetRefused("a step is missing", detail="The database was not looked at.")
    address = Address(state.address, state.port)
    ca_bundle = work.site.ca_bundle
    return connected(login, address, ca_bundle, engine=state.engine, dialled=work.dial(address))


def _listen(work: Takeover, connection: Connection, when: str) -> None:
    """From now on what is asked is written down, and first where the database stands in its log."""
    dialect = DIALECTS[work.source.engine]
    dialect.listen(connection, Listener(work.queries, SOURCE, dialect.database_of(connection)))
    with contextlib.suppress(*DriverError):
        if position := dialect.log_position(connection):
            work.positions.append(Position(SOURCE, when, position, work.clock.now()))


def _break(work: Takeover) -> None:
    """Every round; what stops one after the first fault is part of the answer."""
    for number in range(1, work.request.runs + 1):
        try:
            play(work, number)
        except MainstayError as error:
            if not work.run.has_acted:
                raise
            work.rounds = [played for played in work.rounds if played.outages]
            work.reasons.append(": ".join(filter(None, (f"round {number}: {error.summary}", error.detail))))
            work.progress.note(f"stopped: {error.summary}")
            return


def _compare(work: Takeover) -> None:
    try:
        with _connected(work) as connection:
            _listen(work, connection, "after the last fault")
            work.entries = DIALECTS[work.source.engine].ledger.entries(connection, work.run.id)
            work.has_looked = True
        _forget(work)
    except MainstayError as error:
        work.reasons.append(": ".join(filter(None, (error.summary, error.detail))))


def _forget(work: Takeover) -> None:
    """Delete what was written, and what still comes: a write whose client is gone may wait for the standby yet."""
    if work.database is None or work.confirm != work.request.stack:
        return
    ledger, run, quiet = DIALECTS[work.source.engine].ledger, work.run.id, 0
    with _connected(work) as connection:
        for _ in range(_LOOKS):
            ledger.forget(connection, run)
            work.clock.sleep(_LOOK_S)
            quiet = 0 if ledger.under_way(connection, run) or ledger.entries(connection, run) else quiet + 1
            if quiet == _QUIET:
                return


def _tell(work: Takeover) -> None:
    work.verdict = judge(work)
    password = work.login.password if work.login else ""
    composed = document.compose(work, work.verdict)
    signer = evidence.signer_of(work.site, work.request.signing_key)
    work.evidence_path = evidence.store(work.workspace, composed, secrets=(password,), signer=signer)
    sealed = evidence.load(work.evidence_path)["digest"]
    work.run.finish("measured", verdict=work.verdict.word, evidence=sealed)


def _step(number: int, name: str, action: Action) -> Step[Takeover]:
    def timed(work: Takeover) -> None:
        at, start = work.clock.now(), work.clock.monotonic()
        outcome = "failed"
        try:
            action(work)
            outcome = "done"
        finally:
            work.steps.append(step_row(number, name, at, work.clock.monotonic() - start, outcome))

    return Step(name, timed)


_ACTIONS: Final[tuple[tuple[str, Action], ...]] = (
    ("See the database, its standby and the ways to it", _see),
    ("Ask for the stack's name", _ask),
    ("Make the ledger", _prepare),
    ("Break it while clients write", _break),
    ("Compare what clients were told with what is there", _compare),
    ("Write the evidence", _tell),
)
STEPS: Final = tuple(_step(number, name, action) for number, (name, action) in enumerate(_ACTIONS, 1))


def _result(work: Takeover) -> TakenOver:
    if work.verdict is None or work.evidence_path is None:
        raise MainstayError("takeover without a verdict", detail=f"Run {work.run.id} ended without evidence.")
    return TakenOver(
        run_id=work.run.id,
        identifier=work.request.identifier,
        verdict=work.verdict,
        evidence=evidence.load(work.evidence_path),
        evidence_path=work.evidence_path,
    )
