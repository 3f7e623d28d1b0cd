"""Where the self-test works: a sandbox of its own with a small shop, whose disaster is known to the second."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mainstay import sandbox
from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Progress
from mainstay.core.units import Duration
from mainstay.engines.engine import Engine
from mainstay.engines.identity import Identity, engine_identity
from mainstay.engines.table import ENGINES
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import DrillRequest, DrillResult
from mainstay.ops.drill import drill as run_drill
from mainstay.ops.journal import Journal
from mainstay.ops.login import Address, connect
from mainstay.ops.parameter_groups import label, of_drills
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, PURPOSE
from mainstay.ops.workload import Application, Disaster
from mainstay.probe.session import Connection
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime

REGION: Final = "eu-central-1"
SOURCE: Final = "selftest-db"
_SECRET: Final = "selftest-login"  # noqa: S105 - the name of a secret
_DATABASE: Final = "shop"
_PATIENCE_S: Final = 300.0
_POLL_S: Final = 0.05
_ORDERS: Final = 300
# Somebody else than the owner, whose rights a restore has to bring back.
_AUDITED: Final = {
    "postgres": ("CREATE ROLE auditor", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor"),
    "mariadb": ("CREATE USER auditor", "GRANT SELECT ON shop.* TO auditor"),
}
_CLOSED_BY: Final = {"postgres": "SELECT pg_switch_wal()", "mariadb": "FLUSH BINARY LOGS"}
STATEMENT_S: Final = Duration(20)


@dataclass(slots=True)
class Ground:
    """A sandboxed database with backups, a history that crosses a failover, and the disaster at its end."""

    site: Site
    directory: Path
    workspace: Path
    engine: str
    identity: Identity
    disaster: Disaster | None = None
    clock: Clock = field(default_factory=SystemClock)

    @property
    def layout(self) -> Layout:
        """Where the sandbox keeps what."""
        return Layout.load(self.directory)

    @property
    def source(self) -> DbState:
        """The living database."""
        return self.site.doors.rds.instance(SOURCE)

    @property
    def journal(self) -> Journal:
        """The drills of the self-test."""
        return Journal(self.workspace / "journal")

    @property
    def backup(self) -> Path:
        """The files of the base backup that restores begin with: the oldest, which is before everything."""
        found = sorted(self.layout.backups(self.source.resource_id).iterdir(), key=lambda path: path.stat().st_mtime)
        return found[0]

    @property
    def archive(self) -> Path:
        """The directory of the archived log."""
        return self.layout.archive(self.source.resource_id, 1)[0]

    @property
    def supervisor(self) -> int:
        """The process that restores."""
        return int(json.loads(self.layout.proof.read_text())["pid"])

    def open(self, database: str = "") -> Connection:
        """A connection to the living database, as an application has one."""
        state, login = self.source, self.site.doors.secrets.read_login(_SECRET)
        if state.address is None or state.port is None:
            raise TargetRefused("no endpoint", detail=f"{SOURCE} is {state.status}.")
        address = Address(state.address, state.port)
        return connect(login, address, self.site.ca_bundle, database=database or _DATABASE, engine=self.engine)

    def request(self) -> DrillRequest:
        """A drill to just before the disaster, by somebody who saw it."""
        disaster = self.disaster
        if disaster is None:
            raise TargetRefused("no disaster yet", detail="The ground is not laid.")
        return replace(
            latest_request(),
            time=disaster.target,
            disaster_at=disaster.at,
            baseline=disaster.baseline,
            markers=disaster.markers,
            canary_database=disaster.database,
        )

    def drill(self, request: DrillRequest, progress: Progress) -> DrillResult:
        """The drill itself, as everybody runs it."""
        return run_drill(
            self.site, request, workspace=self.workspace, journal=self.journal, progress=progress, clock=self.clock
        )

    def copy(self) -> Servers:
        """The restored instance of the drill that is under way."""
        (state,) = self.site.doors.rds.instances_tagged(PURPOSE, DRILL)
        return self.server(state)

    def server(self, state: DbState) -> Servers:
        """The servers behind an instance."""
        opened = State(self.directory)
        try:
            with opened.reading(REGION) as tx:
                runtime = load_runtime(tx, state.resource_id)
        finally:
            opened.close()
        if runtime is None:
            raise TargetRefused("no servers", detail=f"Nothing stands behind {state.identifier}.")
        return Servers(self, runtime)

    def leftovers(self) -> list[str]:
        """Instances beside the source, and groups of drills: none, after a drill."""
        instances = [state.identifier for state in self.site.doors.rds.instances() if state.identifier != SOURCE]
        return [*instances, *(label(group.name) for group in of_drills(self.site))]


def site_of(directory: Path) -> Site:
    """The site of a sandbox's directory."""
    made = sandbox.session(directory, REGION)
    return Site(doors=Doors(made), label="sandbox", region=REGION, ca_bundle=directory / "ca.pem")


def latest_request() -> DrillRequest:
    """A drill to the latest time, of somebody who saw nothing."""
    return DrillRequest(
        stack="selftest", source=SOURCE, secret=_SECRET, statement_timeout=STATEMENT_S, restore_deadline=Duration(240)
    )


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers behind an instance, as their own administrator sees them."""

    ground: Ground
    runtime: Runtime

    @property
    def cluster(self) -> Any:  # Any: each engine's own type
        """Its one server."""
        engine: Engine = ENGINES[self.runtime.kind]
        letter = self.runtime.primary
        home = self.ground.layout.instance(self.runtime.resource) / letter
        programs = engine.find(self.runtime.major, self.ground.identity)
        return engine.cluster(home, "127.0.0.1", self.runtime.servers[letter].port, programs, self.ground.identity)

    @property
    def data(self) -> Path:
        """Its data directory."""
        return Path(self.cluster.data_directory)

    def session(self, database: str = _DATABASE) -> AbstractContextManager[Any]:  # Any: the engine's own session
        """A session of the administrator, past every right and endpoint."""
        session: AbstractContextManager[Any] = self.cluster.session(database)
        return session

    def tell(self, *statements: str) -> None:
        """Run statements as the administrator, one by one."""
        with self.session() as opened, opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def laid(engine: str, directory: Path, progress: Progress) -> Iterator[Ground]:
    """The ground in a directory: database, orders, a failover, more orders, a dropped table. Gone afterwards."""
    box = directory / "sandbox"
    try:
        progress.note(f"a sandbox with a {engine} database, a standby and some orders")
        site = site_of(box)
        ground = Ground(site, box, directory, engine, engine_identity())
        _create(sandbox.session(box, REGION), engine)
        _until(lambda: ground.source.is_available and _restorable(ground), f"{SOURCE} to be available", progress)
        application = Application(ground.open, run_id="selftest", engine=engine)
        application.seed(_ORDERS)
        with ground.open() as connection:
            for statement in _AUDITED.get(engine, ()):
                connection.execute(statement)
        progress.note("a failover, so that the log forks, then more orders and the disaster")
        site.doors.rds.reboot(SOURCE, with_failover=True)
        _until(lambda: ground.source.is_available, "the failover", progress)
        for _ in range(2):
            application.run_for(20, limit=100)
            _close_log(ground)
        application.run_for(20, limit=100)
        ground.disaster = application.drop_table()
        _close_log(ground)
        _until(lambda: _covers(ground), "the log of the disaster to be archived", progress)
        yield ground
    finally:
        sandbox.down(box)


def _create(made: Any, engine: str) -> None:  # Any: boto3 publishes no types
    password = secrets.token_urlsafe(20)
    login = {"username": "owner", "password": password, "dbname": _DATABASE}
    made.client("secretsmanager").create_secret(Name=_SECRET, SecretString=json.dumps(login))
    made.client("rds").create_db_instance(
        DBInstanceIdentifier=SOURCE,
        DBInstanceClass="db.t4g.micro",
        Engine=engine,
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword=password,
        DBName=_DATABASE,
        BackupRetentionPeriod=7,
        MultiAZ=True,
    )


def _close_log(ground: Ground) -> None:
    """So that what a restore needs lies in files that nobody writes to any more."""
    ground.server(ground.source).tell(_CLOSED_BY[ground.engine])


def _restorable(ground: Ground) -> bool:
    return ground.site.doors.rds.restorable_window(SOURCE).latest is not None


def _covers(ground: Ground) -> bool:
    latest = ground.site.doors.rds.restorable_window(SOURCE).latest
    return ground.disaster is not None and latest is not None and latest > ground.disaster.at


def _until(question: Callable[[], bool], what: str, progress: Progress) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not question():
        if time.monotonic() > deadline:
            raise TargetRefused("the self-test's ground was not laid", detail=f"Waited {_PATIENCE_S:.0f} s for {what}.")
        progress.tick(f"waiting for {what}")
        time.sleep(_POLL_S)
