"""What a takeover is asked, what it knows on the way, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import Clock
from mainstay.core.progress import Progress
from mainstay.core.units import Duration
from mainstay.ops.aws.rds_states import DbEvent, DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.drill.model import Check, Position, Verdict
from mainstay.ops.journal import Journal, Run
from mainstay.ops.login import Address
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import there
from mainstay.ops.takeover.clients import Route, Tally
from mainstay.ops.takeover.outage import Outage
from mainstay.plan.values import Json
from mainstay.probe.ledger import Entry
from mainstay.probe.transcript import Query

REBOOT: Final = "reboot"
FAULTS: Final[Mapping[str, str]] = {
    REBOOT: "the instance is rebooted with failover",
    "kill": "the primary's processes are killed (kill -9)",
    "hang": "the primary's processes are stopped where they are (SIGSTOP)",
    "partition": "nothing comes back from the standby any more (SIGSTOP)",
}
"""By name, in words. All but the first are done to servers, which only the sandbox lets anybody do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverRequest:
    """What is broken, how often, and who watches. `stack`, whose name is the consent, holds `identifier`.

    `seconds` is how long clients write before a fault and after its end, `writers` how many write on each way.
    `proxies` are the names of those before the database. `deadline` bounds the wait for the end of one fault;
    `signing_key` is a key of KMS that signs in the place of the operator's own.
    """

    stack: str
    identifier: str
    secret: str
    fault: str = REBOOT
    runs: int = 1
    writers: int = 4
    seconds: float = 3.0
    proxies: tuple[str, ...] = ()
    rto: Duration | None = None
    signing_key: str | None = None
    plan_hash: str | None = None
    spec_hash: str | None = None
    findings: Sequence[Mapping[str, object]] = ()
    deadline: Duration = field(default_factory=lambda: Duration(900))


@dataclass(slots=True, kw_only=True)
class Round:
    """One fault: when, what RDS told of it, where the primary was before and after, and what became of the writes.

    `is_over` says that the database was whole again before the deadline.
    """

    number: int
    at: datetime
    fault_at_s: float
    tallies: tuple[Tally, ...]
    events: tuple[DbEvent, ...] = ()
    zones: tuple[str | None, str | None] = (None, None)
    is_over: bool = False
    has_taken_over: bool = False
    is_abandoned: bool = False
    outages: Mapping[str, Outage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What the faults came to. The evidence is as stored; Any: JSON of docs/evidence.schema.json."""

    run_id: str
    identifier: str
    verdict: Verdict
    evidence: Mapping[str, Any]
    evidence_path: Path

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {
            "run_id": self.run_id,
            "identifier": self.identifier,
            "verdict": self.verdict.as_json(),
            "outage": self.evidence["outage"],
            "evidence_file": str(self.evidence_path),
            "evidence": dict(self.evidence),
        }


@dataclass(slots=True, kw_only=True)
class Takeover:
    """What the steps know of each other. `entries` is what the ledger holds in the end.

    `ways` lead to the database from here, None directly; `routes` are what is measured, each on such a way.
    """

    site: Site
    request: TakeoverRequest
    confirm: str | None
    run: Run
    journal: Journal
    workspace: Path
    progress: Progress
    clock: Clock
    started_at: datetime
    ways: Routes | None = None
    database: DbState | None = None
    login: Login | None = None
    routes: tuple[Route, ...] = ()
    rounds: list[Round] = field(default_factory=list)
    entries: frozenset[Entry] = frozenset()
    build: str = ""
    program: Mapping[str, str] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    has_looked: bool = False
    checks: list[Check] = field(default_factory=list)
    exclusions: list[tuple[str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    steps: list[dict[str, Json]] = field(default_factory=list)
    verdict: Verdict | None = None
    evidence_path: Path | None = None

    @property
    def source(self) -> DbState:
        """The database, once it was looked at. Error: TargetRefused before."""
        return there(self.database, "The database was not looked at.")

    def dial(self, address: Address) -> Address | None:
        """Where to open a connection that is to end at this address; None for the address itself."""
        return self.ways.dial(address) if self.ways else None
