"""Which servers stand behind an instance: the supervisor's own record, one a DbiResourceId."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from mainstay.engines.process import ProcessProof
from mainstay.sandbox.rds.records import RUNTIME
from mainstay.sandbox.state import Transaction

LETTERS: Final = ("a", "b")


@dataclass(slots=True)
class Server:
    """One server: its port on 127.0.0.1, and whether every commit waits for it (the standby of a Multi-AZ).

    `is_half_made` holds from before a standby's copy is begun until commits wait for it: whatever lies in its place
    until then may be another server's data, or a part, and is of no use to anybody.
    """

    port: int
    is_synchronous: bool = False
    is_half_made: bool = False


@dataclass(slots=True)
class Runtime:
    """An instance's servers, endpoint and archive.

    `kind` is the engine that runs, `major` its major version or release series. `is_up` says that its servers are
    meant to run: what dies is then brought back. `source` is the DbiResourceId that a read replica follows.
    `generation` counts the archives of the instance.
    """

    resource: str
    region: str
    identifier: str
    major: str
    host: str
    port: int
    kind: str = "postgres"
    primary: str = "a"
    servers: dict[str, Server] = field(default_factory=dict)
    generation: int = 1
    has_standby: bool = False
    is_archived: bool = False
    is_up: bool = False
    source: str | None = None
    archiver: dict[str, Any] | None = None
    archiver_port: int | None = None
    engine: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    force_ssl: bool = True
    substitutions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def standby(self) -> str | None:
        """The letter of the standby, or None when there is to be none."""
        return next(letter for letter in LETTERS if letter != self.primary) if self.has_standby else None

    @property
    def lacks_standby(self) -> bool:
        """Whether there is to be a standby, and commits do not wait for it: it may not take over."""
        letter = self.standby
        return letter is not None and not (letter in self.servers and self.servers[letter].is_synchronous)

    @property
    def whole_servers(self) -> list[str]:
        """The letters of the servers that can be configured and started: all but one that is still being made."""
        return [letter for letter, server in self.servers.items() if not server.is_half_made]

    @property
    def stream_name(self) -> str:
        """The name under which a read replica streams."""
        return f"replica_{self.resource.removeprefix('db-').lower()}"

    @property
    def archiver_proof(self) -> ProcessProof | None:
        """The archiver's process, when one was started."""
        return ProcessProof.from_json(self.archiver) if self.archiver else None

    def as_json(self) -> dict[str, Any]:
        """The record."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The runtime of a record."""
        servers = {letter: Server(**members) for letter, members in record["servers"].items()}
        return cls(**{**record, "servers": servers})


def load_runtime(tx: Transaction, resource: str) -> Runtime | None:
    """The runtime of a DbiResourceId, in the transaction's region."""
    record = tx.get(RUNTIME, resource)
    return Runtime.from_json(record) if record is not None else None


def save_runtime(tx: Transaction, runtime: Runtime) -> None:
    """Write it."""
    tx.put(RUNTIME, runtime.resource, runtime.as_json())
