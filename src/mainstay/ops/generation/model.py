"""What a new generation is asked, what its steps know of each other, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from mainstay.core.clock import Clock
from mainstay.core.progress import Progress
from mainstay.core.units import Duration
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Journal, Run
from mainstay.ops.restoration import Restoration, Restored, point_in_words
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import there
from mainstay.plan.intent import SqlCheck
from mainstay.plan.values import Json

Swap = Literal["rename", "secret", "proxy", "dns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseName:
    """The stack's name for its database: a CNAME in a zone, by the zone's id.

    `key` is the record's logical id, `address` its address in Terraform.
    """

    zone: str
    name: str
    key: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What to restore, and by what clients come to it. `source` is the primary's identifier, `secret` its login's ARN.

    `time` and `snapshot` None mean the latest there is; `swap` None verifies only. `key` is the database's logical id,
    `address` its address in Terraform. `keeping` and the members after it are the settings that the plan gives it.
    `accepts` names a verdict other than PROVEN that is good enough. `monthly_usd` is what an instance costs, if
    known. `signing_key` is a key of KMS that signs in the place of the operator's own.
    `name` is what the stack calls its database in DNS, None where it does not.
    """

    stack: str
    source: str
    secret: str
    key: str
    address: str
    swap: Swap | None = None
    time: datetime | None = None
    snapshot: str | None = None
    target: str | None = None
    keeping: Keeping = field(default_factory=Keeping)
    is_multi_az: bool = False
    database: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    accepts: str | None = None
    checks: tuple[SqlCheck, ...] = ()
    rpo: Duration | None = None
    rto: Duration | None = None
    plan_hash: str | None = None
    spec_hash: str | None = None
    findings: Sequence[Mapping[str, object]] = ()
    signing_key: str | None = None
    monthly_usd: float | None = None
    name: DatabaseName | None = None
    restore_deadline: Duration = field(default_factory=lambda: Duration(86_400))

    @property
    def point(self) -> str:
        """The point in words."""
        return point_in_words(self.time, self.snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The new generation, its verdict, what stands where now, and what is left to do, with the commands.

    `old_identifier` is the name that the old generation bears now. The evidence is as stored.
    """

    restored: Restored
    swap: Swap | None
    old_identifier: str
    old_resource_id: str
    word: str
    level: str
    remaining: tuple[str, ...]
    reconcile: tuple[str, ...]
    evidence: Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json
    evidence_path: Path

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {
            **self.restored.as_json(),
            "swap": self.swap,
            "old": {"identifier": self.old_identifier, "resource_id": self.old_resource_id},
            "verdict": dict(self.evidence["verdict"]),
            "remaining": list(self.remaining),
            "reconcile": list(self.reconcile),
            "evidence_file": str(self.evidence_path),
            "evidence": dict(self.evidence),
        }


@dataclass(slots=True, kw_only=True)
class Generating:
    """What the steps know of each other. What a later run has to know too is in the journal."""

    site: Site
    request: GenerationRequest
    confirm: str | None
    run: Run
    journal: Journal
    workspace: Path
    progress: Progress
    clock: Clock
    started_at: datetime
    routes: Routes | None = None
    old: DbState | None = None
    restoration: Restoration | None = None
    inspection: Drill | None = None
    steps: list[dict[str, Json]] = field(default_factory=list)
    remaining: tuple[str, ...] = ()
    reconcile: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The new generation's first name."""
        return str(self.run.fact("made_as"))

    @property
    def is_settled(self) -> bool:
        """Whether it is made, verified, and found good enough: what comes next is to put it in place."""
        return self.run.fact("settled") is not None

    @property
    def restoring(self) -> Restoration:
        """The restore, once it is begun."""
        return there(self.restoration, "nothing was restored")

    @property
    def looking(self) -> Drill:
        """The questions asked of what was restored."""
        return there(self.inspection, "nothing was restored")
