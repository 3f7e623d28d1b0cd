"""What a failover is asked, what it knows on the way, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mainstay.core.clock import Clock
from mainstay.core.progress import Progress
from mainstay.core.units import Duration
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Verdict
from mainstay.ops.drill.state import Drill
from mainstay.ops.drill.staying import since_request_s
from mainstay.ops.evidence import Signer
from mainstay.ops.failover.points import Choice
from mainstay.ops.journal import Journal, Run
from mainstay.ops.restoration import Restoration, Restored
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import there
from mainstay.plan.intent import SqlCheck
from mainstay.plan.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverRequest:
    """What to fail over. `source` is the identifier of the database in `source_region`, which may be lost.

    `stack` is the stack in the other region, whose name is the consent; its outputs say where a database stands there.
    `target` names the new instance. `keeping` and the members after it are the settings that the plan gives the
    primary; `lacks` names in words what the primary has beside itself and nothing of which is in the other region.
    `time` None means the newest second there is.
    """

    stack: str
    source: str
    source_region: str
    target: str
    keeping: Keeping
    instance_class: str | None = None
    is_multi_az: bool = False
    port: int | None = None
    ca_certificate: str | None = None
    database: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    time: datetime | None = None
    checks: tuple[SqlCheck, ...] = ()
    rpo: Duration | None = None
    rto: Duration | None = None
    plan_hash: str | None = None
    spec_hash: str | None = None
    findings: Sequence[Mapping[str, object]] = ()
    restore_deadline: Duration = field(default_factory=lambda: Duration(86_400))


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedOver:
    """The new primary, what it holds, how long it took, and what is left to do by hand.

    `primary` is what the old one's region said about it, in a sentence. The evidence is as stored.
    """

    restored: Restored
    region: str
    choice: Choice
    exposure_s: float
    primary: str
    verdict: Verdict
    remaining: tuple[str, ...]
    evidence: Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json
    evidence_path: Path

    @property
    def contradictions(self) -> int:
        """How many checks contradict what was promised of the data."""
        return sum(check["outcome"] == "failed" for check in self.evidence["checks"])

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {
            **self.restored.as_json(),
            "region": self.region,
            "restored_from": self.choice.as_json(),
            "exposure_s": round(self.exposure_s, 3),
            "primary": self.primary,
            "verdict": self.verdict.as_json(),
            "remaining": list(self.remaining),
            "evidence_file": str(self.evidence_path),
            "evidence": dict(self.evidence),
        }


@dataclass(slots=True, kw_only=True)
class Failover:
    """What the steps know of each other. `old` is the primary's site, asked once and never needed.

    `routes` lead to what was restored, None directly.
    """

    site: Site
    old: Site | None
    request: FailoverRequest
    confirm: str | None
    run: Run
    journal: Journal
    workspace: Path
    progress: Progress
    clock: Clock
    started_at: datetime
    routes: Routes | None = None
    signer: Signer | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    primary: str = ""
    existing: DbState | None = None
    choice: Choice | None = None
    restoration: Restoration | None = None
    inspection: Drill | None = None
    steps: list[dict[str, Json]] = field(default_factory=list)
    reached_s: dict[str, float] = field(default_factory=dict)
    remaining: tuple[str, ...] = ()
    verdict: Verdict | None = None
    evidence_path: Path | None = None

    @property
    def chosen(self) -> Choice:
        """What is restored, once it is chosen."""
        return there(self.choice, "nothing was chosen")

    @property
    def restoring(self) -> Restoration:
        """The restore, once it is agreed to."""
        return there(self.restoration, "nothing was restored")

    @property
    def looking(self) -> Drill:
        """The questions asked of what was restored."""
        return there(self.inspection, "nothing was restored")

    def reach(self, phase: str) -> None:
        """The clock's reading at the end of a phase, counted from the request, whichever run asked for it."""
        self.reached_s[phase] = max(0.0, since_request_s(self.run, self.clock))

    @property
    def exposure_s(self) -> float:
        """Seconds between the newest data there is and the begin of this failover."""
        return max(0.0, (self.started_at - self.chosen.holds).total_seconds())
