"""What every part of the supervisor shares: state, paths, programs, and the board of the event loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.engines.certificates import Authority, create_authority
from mainstay.engines.engine import Engine
from mainstay.engines.identity import Identity, engine_identity
from mainstay.engines.pgbouncer.programs import Program, find_pgbouncer
from mainstay.engines.table import ENGINES
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import INSTANCE, PROXY_RUNTIME, RUNTIME, Record, put_instance
from mainstay.sandbox.state import State, Transaction
from mainstay.sandbox.supervisor.layout import Layout
from mainstay.sandbox.supervisor.proxy_runtime import ProxyRuntime, proxies_of
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime, save_runtime
from mainstay.sandbox.supervisor.trash import Trash

if TYPE_CHECKING:
    from mainstay.sandbox.supervisor.board import Board

LOOPBACK: Final = "127.0.0.1"
log = logging.getLogger("mainstay.supervisor")


@dataclass(slots=True)
class House:
    """One sandbox as its supervisor sees it. Everything here may be called from any thread."""

    state: State
    layout: Layout
    identity: Identity
    authority: Authority
    trash: Trash
    stopping: Event = field(default_factory=Event)
    _board: Board | None = None
    _binaries: dict[tuple[str, str], Any] = field(default_factory=dict)  # Any: each engine's own type
    _pgbouncer: list[Program | None] = field(default_factory=list)  # empty until it was looked for
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, directory: Path) -> House:
        """The house of a sandbox directory; authority and paths are made when they are not there yet."""
        identity = engine_identity()
        layout = Layout.create(directory, identity)
        authority = create_authority(layout.authority, name="Mainstay sandbox")
        layout.authority.chmod(0o700)
        if not layout.ca_file.exists():
            layout.ca_file.write_bytes(authority.certificate.read_bytes())
        return cls(State(layout.directory), layout, identity, authority, Trash(layout.data / "trash"))

    @property
    def board(self) -> Board:
        """The endpoints and watchers, which live in the event loop's thread."""
        if self._board is None:
            raise RuntimeError("the event loop has not begun")
        return self._board

    def attach(self, board: Board) -> None:
        """Name the board, once the event loop runs."""
        self._board = board

    def engine(self, runtime: Runtime) -> Engine:
        """The engine that an instance runs."""
        return ENGINES[runtime.kind]

    # Any, here and below: programs, clusters and archives are their engine's own types.
    def binaries(self, kind: str, major: str) -> Any:
        """The programs of an engine for this major or series, found once. Error: EnvironmentLacking."""
        with self._lock:
            if (kind, major) not in self._binaries:
                self._binaries[kind, major] = ENGINES[kind].find(major, self.identity)
            return self._binaries[kind, major]

    def pgbouncer(self) -> Program | None:
        """PgBouncer, looked for once; None where there is none."""
        with self._lock:
            if not self._pgbouncer:
                try:
                    self._pgbouncer.append(find_pgbouncer(identity=self.identity))
                except EnvironmentLacking as error:
                    log.info("%s: %s", error.summary, error.detail)
                    self._pgbouncer.append(None)
            return self._pgbouncer[0]

    def cluster(self, runtime: Runtime, letter: str | None = None) -> Any:
        """One server of an instance, by default its primary (of a replica: its only one)."""
        chosen = letter or runtime.primary
        home = self.layout.instance(runtime.resource) / chosen
        programs = self.binaries(runtime.kind, runtime.major)
        return self.engine(runtime).cluster(home, LOOPBACK, runtime.servers[chosen].port, programs, self.identity)

    def archive(self, runtime: Runtime) -> Any:
        """The archive of the instance's present generation."""
        return self.engine(runtime).archive(*self.layout.archive(runtime.resource, runtime.generation))

    @contextmanager
    def instance(self, runtime: Runtime) -> Iterator[tuple[Transaction, Record]]:
        """The instance's record to be changed, in a transaction; written when the block ends.

        Error: TargetRefused when the record is gone.
        """
        with self.state.transaction(runtime.region) as tx:
            record = find_instance(tx, runtime.resource)
            if record is None:
                raise TargetRefused("instance is gone", detail=f"{runtime.resource} has no record any more.")
            yield tx, record
            put_instance(tx, record)

    def save(self, runtime: Runtime) -> None:
        """Write the runtime."""
        with self.state.transaction(runtime.region) as tx:
            save_runtime(tx, runtime)

    def load(self, region: str, resource: str) -> Runtime | None:
        """The runtime of a DbiResourceId."""
        with self.state.reading(region) as tx:
            return load_runtime(tx, resource)

    def runtimes(self) -> list[Runtime]:
        """Those of every region."""
        with self.state.reading("") as tx:
            return [Runtime.from_json(record) for record in tx.all(RUNTIME, every_region=True)]

    def proxies(self) -> list[ProxyRuntime]:
        """What stands behind the proxies of every region."""
        with self.state.reading("") as tx:
            return proxies_of(tx)

    def save_proxy(self, runtime: ProxyRuntime) -> None:
        """Write a proxy's runtime."""
        with self.state.transaction(runtime.region) as tx:
            tx.put(PROXY_RUNTIME, runtime.resource, runtime.as_json())

    def replicas_of(self, runtime: Runtime) -> list[Runtime]:
        """The read replicas that follow this instance."""
        return [other for other in self.runtimes() if other.source == runtime.resource]

    def event(self, runtime: Runtime, *ids: str, **names: str) -> None:
        """Write down events of the instance."""
        with self.state.transaction(runtime.region) as tx:
            for each in ids:
                emit(tx, each, runtime.identifier, **names)


def find_instance(tx: Transaction, resource: str) -> Record | None:
    """An instance's record by DbiResourceId; its identifier may have changed."""
    return next((db for db in tx.all(INSTANCE) if db["DbiResourceId"] == resource), None)


Change = Callable[[Record], None]
