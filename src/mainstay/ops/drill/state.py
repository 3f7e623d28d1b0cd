"""What a drill knows while it runs; each step reads some of it and adds some."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from mainstay.core.clock import Clock
from mainstay.core.errors import Inconclusive, MainstayError, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds import Placement
from mainstay.ops.aws.rds_states import DbState, RestorableWindow, SnapshotState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.aws.trail import Call
from mainstay.ops.distant import EITHER, Distant
from mainstay.ops.drill.baseline import Baseline, Reading
from mainstay.ops.drill.model import COPY, SOURCE, Check, CheckKind, DrillRequest, Of, Outcome, Position, Verdict
from mainstay.ops.journal import Run
from mainstay.ops.login import Address, connect
from mainstay.ops.restoration import cut_identifier
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, PURPOSE, RUN_ID
from mainstay.ops.validation_function import FunctionSpent, Whom
from mainstay.plan.values import Json
from mainstay.probe.dialect import Dialect
from mainstay.probe.markers import Marker, MarkerCheck
from mainstay.probe.session import Connection, DriverError
from mainstay.probe.transcript import Listener, Query, Timing

PHASES: Mapping[str, str] = {
    "t_request": "Request accepted",
    "t_create": "Instance visible",
    "t_available": "Restored, available",
    "t_login": "Login over TLS",
    "t_point_verified": "Point verified",
    "t_data_verified": "Data verified",
}


Stage = Literal["choosing", "proving", "cleaning", "telling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another region to restore in, from what is replicated there: its site, where a copy stands in it, and how it is
    reached; `routes` None is directly.
    """

    site: Site
    placement: Placement
    routes: Routes | None = None


@dataclass(slots=True, kw_only=True)
class Drill:
    """One drill under way.

    `backup_arn` is the replicated backup that a drill in another region restores. `restored_as` names an instance that
    is no drill's own, made for another `purpose` whose verification asks the same questions;
    `made_by` is the run that made it, if that is another one. A restore to the latest
    holds everything up to `certain_until`, and may hold more. `way` tells in words what was
    restored and why, where there was a choice. `copy_secret` names the secret of the
    copy's login, for a function. `routes` lead to the site's databases; None is directly.
    `is_unanswered`: a restore was asked for, and nobody knows whether it was heard.

    Of a run that was taken up: `done` are steps that are not done again, `was_restored` whether its copy stands,
    `earlier_calls` and `earlier_reads` what earlier sessions asked of AWS, `session_at` when this one began, and
    `reads_before` what this process had asked by then. `found` holds the checks of each step that is done. `has_ended`
    is whether nothing is left to be proven, `had_ended` whether that was so before this session. `at` is the number of
    the step that was begun last, of this `stage`.
    """

    site: Site
    request: DrillRequest
    run: Run
    workspace: Path
    progress: Progress
    clock: Clock
    started_at: datetime

    elsewhere: Elsewhere | None = None
    source_region: str = ""
    backup_arn: str | None = None
    restored_as: str | None = None
    routes: Routes | None = None
    purpose: str = DRILL
    made_by: str = ""
    certain_until: datetime | None = None
    way: Mapping[str, Json] = field(default_factory=dict)

    source: DbState | None = None
    source_login: Login | None = None
    window: RestorableWindow = field(default_factory=lambda: RestorableWindow(earliest=None, latest=None))
    exposure_s: float | None = None
    target: datetime | None = None
    snapshot: SnapshotState | None = None
    baseline: Baseline | None = None
    markers: tuple[Marker, ...] = ()

    restored: DbState | None = None
    is_unanswered: bool = False
    password: str = field(default="", repr=False)
    copy_secret: str = ""
    engine_build: str = ""
    requested_at_s: float = 0.0
    reached_s: dict[str, float] = field(default_factory=dict)
    marker_check: MarkerCheck | None = None
    checks: list[Check] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    program: Mapping[str, str] = field(default_factory=dict)
    began: tuple[datetime, float] | None = None
    exclusions: list[tuple[str, str, str]] = field(default_factory=list)
    data_databases: tuple[str, ...] = ()
    data: Reading = field(default_factory=dict)
    has_been_written: bool = False

    session_at: datetime | None = None
    done: list[str] = field(default_factory=list)
    found: dict[str, tuple[Check, ...]] = field(default_factory=dict)
    was_restored: bool = False
    has_ended: bool = False
    had_ended: bool = False
    earlier_calls: list[Call] = field(default_factory=list)
    earlier_reads: Mapping[str, int] = field(default_factory=dict)
    reads_before: Mapping[str, int] = field(default_factory=dict)
    at: int = 0
    stage: Stage = "choosing"
    steps: list[dict[str, Json]] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    evidence_path: Path | None = None

    @property
    def target_id(self) -> str:
        """The restored instance's identifier: the source's name and the run's end."""
        return self.restored_as or target_identifier(self.request.source, self.run.id)

    @property
    def there(self) -> Site:
        """Where the restored instance stands."""
        return self.elsewhere.site if self.elsewhere is not None else self.site

    @property
    def dialect(self) -> Dialect:
        """How the source's engine is asked, and its copy's, by whatever way."""
        return EITHER[self.require_source().engine]

    @property
    def has_chosen(self) -> bool:
        """Whether what is restored was decided in an earlier session, and cannot be decided again."""
        return self.was_restored or self.had_ended

    def require_source(self) -> DbState:
        """The source as it was looked at."""
        if self.source is None:
            raise Inconclusive("the drill is inconclusive", detail="The source was never looked at.")
        return self.source

    def require_target(self) -> datetime:
        """The time to restore to, once chosen."""
        if self.target is None:
            raise Inconclusive("the drill is inconclusive", detail="No target time was chosen.")
        return self.target

    def require_restored(self) -> DbState:
        """The restored instance; never the source."""
        if self.restored is None:
            raise Inconclusive("the drill is inconclusive", detail="There is no restored instance.")
        refuse_foreign(self.restored, self)
        return self.restored

    def begin(self) -> None:
        """From now on what is looked at is dated."""
        self.began = (self.clock.now(), self.clock.monotonic())

    def note_check(
        self,
        kind: CheckKind,
        name: str,
        outcome: Outcome,
        expected: str,
        observed: str,
        *,
        database: str = "",
        timing: Timing | None = None,
    ) -> None:
        """Add one check to what was found; without its own timing it took since the last `begin`."""
        at, seconds = timing or self._since_begin()
        self.checks.append(Check(kind, name, outcome, expected, observed, database, at, round(seconds, 6)))

    def _since_begin(self) -> Timing:
        at, start = self.began or (self.clock.now(), self.clock.monotonic())
        return at, max(0.0, self.clock.monotonic() - start)

    def note_position(self, of: Of, when: str, connection: Connection) -> None:
        """Where in its log a server stands; nothing where it does not say."""
        with suppress(*DriverError):
            if position := self.dialect.log_position(connection):
                self.positions.append(Position(of, when, position, self.clock.now()))

    def reach(self, phase: str) -> None:
        """The clock's reading for the end of a phase, counted from the request; the first reading stays."""
        self.reached_s.setdefault(phase, max(0.0, self.clock.monotonic() - self.requested_at_s))

    def source_database(self, name: str) -> Connection:
        """A connection to a database of the source; '' means the one the login names."""
        source = self.require_source()
        if self.source_login is None or source.address is None or source.port is None:
            raise Inconclusive("the drill is inconclusive", detail=f"{source.identifier} has no login or no endpoint.")
        return self._connect(SOURCE, self.source_login, Address(source.address, source.port), name)

    def restored_database(self, name: str) -> Connection:
        """A connection to a database of the restored instance, with the password that only this run knows."""
        restored = self.require_restored()
        if restored.address is None or restored.port is None:
            raise Inconclusive("the drill is inconclusive", detail=f"{restored.identifier} has no endpoint.")
        login = Login(username=restored.username, password=self.password)
        return self._connect(COPY, login, Address(restored.address, restored.port), name)

    @property
    def routes_there(self) -> Routes | None:
        """How the restored instance is reached."""
        return self.elsewhere.routes if self.elsewhere is not None else self.routes

    def leave_function(self, error: FunctionSpent) -> bool:
        """Go through the bastion from here on, where the function was not chosen by name; whether that can be done."""
        why = f"its function was left ({error.summary}: {error.detail})"
        ways = [routes for routes in (self.routes, self.routes_there) if routes is not None]
        is_left = any(routes.leave_function(why) for routes in ways)
        if is_left:
            self.progress.note(f"{error.summary}: going on through the bastion")
        return is_left

    def _connect(self, of: Of, login: Login, address: Address, name: str) -> Connection:
        routes = self.routes if of == SOURCE else self.routes_there
        engine, database = self.require_source().engine, name or self.home
        if routes is not None and (function := routes.asked_by(address)) is not None:
            secret = self.copy_secret if of == COPY else None
            whom = Whom(engine=engine, address=address, database=database, secret=secret)
            function.greet(whom, self.queries)  # as a login is: an error says why there is none
            return Distant(function, whom, self.queries)
        dialled = routes.dial(address) if routes else None
        connection = connect(login, address, self.site.ca_bundle, database=database, engine=engine, dialled=dialled)
        self.dialect.listen(connection, Listener(self.queries, of, database))
        return connection

    @property
    def home(self) -> str:
        """The database that holds the canary: as told, or the instance's own first one."""
        named = self.source.database_name if self.source else None
        return (
            self.request.canary_database
            or named
            or (self.source_login.dbname if self.source_login else None)
            or self.dialect.home
        )

    def forget(self, step: str) -> None:
        """Drop what an earlier try of a step found, which is done again."""
        known = self.found.pop(step, ())
        self.checks = [check for check in self.checks if check not in known]

    def remember(self, step: str, first: int) -> None:
        """Hold the checks from the first one on for what a step found; a step that is done again tells news only."""
        known = self.found.get(step, ())
        told = {(check.kind, check.name, check.database, check.outcome) for check in known}
        self.checks[first:] = [
            check
            for check in self.checks[first:]
            if (check.kind, check.name, check.database, check.outcome) not in told
        ]
        self.found[step] = (*known, *self.checks[first:])

    @property
    def passwords(self) -> tuple[str, ...]:
        """What must stand in no evidence."""
        return tuple(filter(None, (self.password, self.source_login.password if self.source_login else "")))

    def stop(self, error: MainstayError | str) -> None:
        """Remember why the proving steps ended early."""
        if isinstance(error, str):
            self.stopped_by.append(error)
            return
        onwards = error.hint if isinstance(error, FunctionSpent) else ""  # another way: the same one ends so again
        self.stopped_by.append("; ".join(filter(None, (error.summary, error.detail, onwards))))


def target_identifier(source: str, run_id: str) -> str:
    """`<source>-drill-<end of the run>`, cut in the source's name where it is too long."""
    return cut_identifier(source, f"-drill-{run_id.rpartition('-')[2]}")


def refuse_foreign(state: DbState, drill: Drill) -> None:
    """Stop unless an instance is the one that this run restored: by name, by tag, and not the source itself."""
    from_tags = (state.tags.get(RUN_ID), state.tags.get(PURPOSE))
    is_ours = state.identifier == drill.target_id and from_tags == (drill.made_by or drill.run.id, drill.purpose)
    if is_ours and state.resource_id and state.resource_id != drill.require_source().resource_id:
        return
    raise TargetRefused(
        "not the drill's own instance",
        detail=f"{state.identifier} ({state.resource_id}) does not carry the tags of run {drill.run.id}.",
        hint="look at it in the console; the drill touches nothing that it did not create",
    )
