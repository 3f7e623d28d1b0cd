"""What a drill is asked, what it finds, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from mainstay.core.clock import render_time
from mainstay.core.errors import AnswerIsNo, Inconclusive
from mainstay.core.units import Duration
from mainstay.ops.drill.baseline import Baseline
from mainstay.plan.intent import SqlCheck
from mainstay.probe.markers import Marker

TargetKind = Literal["latest", "time", "random", "before-disaster", "snapshot", "recovery-point"]
CheckKind = Literal[
    "instance", "marker", "table", "sequence", "catalog", "sql", "usable", "objective", "cleanup", "write", "event"
]  # fmt: skip
Outcome = Literal["passed", "failed", "open", "noted"]
Word = Literal["PROVEN", "DISPROVEN", "INCONCLUSIVE"]
Of = Literal["source", "copy"]
SOURCE: Final[Of] = "source"
COPY: Final[Of] = "copy"
LEVELS = ("P0", "P1", "P2", "P3", "P4", "P5", "P6")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRequest:
    """What to drill. `source` is the primary's instance identifier, `secret` the ARN or name of its login.

    `time` None means the latest that can be proven, or with `is_random` any second of the restorable window. With
    `snapshot` (a name or an ARN) that snapshot is restored, and with `vaults` the newest recovery point in these, or
    the one that `snapshot` names. `baseline` and `markers` tell what the source held around
    `time` where somebody saw it; without them the drill looks itself, which it can only do for the latest time.
    `canary_database` is where those markers were written; None means the instance's own first database.
    `required` is the lowest proof level that counts as PROVEN. `stack` names the lease. `cost_usd` is what it costs
    by list prices, as far as it is known; `cost_basis` says of what. `forecast` are the lines of the plan's matrix of
    failures. `is_heard` puts a metric when it is PROVEN, for the alarm that waits for one. `signing_key` is the ARN of
    the key in KMS that signs; None lets the operator's own. `parallel` is how many processes may read the
    source at once; None means few.
    """

    stack: str
    source: str
    secret: str
    time: datetime | None = None
    is_random: bool = False
    snapshot: str | None = None
    vaults: tuple[str, ...] = ()
    disaster_at: datetime | None = None
    baseline: Baseline | None = None
    markers: tuple[Marker, ...] = ()
    canary_database: str | None = None
    checks: tuple[SqlCheck, ...] = ()
    rpo: Duration | None = None
    rto: Duration | None = None
    required: str = "P3"
    plan_hash: str | None = None
    spec_hash: str | None = None
    findings: Sequence[Mapping[str, object]] = ()
    forecast: Sequence[Mapping[str, object]] = ()
    is_heard: bool = False
    signing_key: str | None = None
    cost_usd: float | None = None
    cost_basis: str = "not computed"
    lifetime: Duration = field(default_factory=lambda: Duration(6 * 3600))
    restore_deadline: Duration = field(default_factory=lambda: Duration(4 * 3600))
    catch_up_deadline: Duration = field(default_factory=lambda: Duration(900))
    parallel: int | None = None
    statement_timeout: Duration = field(default_factory=lambda: Duration(3600))

    @property
    def kind(self) -> TargetKind:
        """How the target was chosen."""
        if self.vaults:
            return "recovery-point"
        if self.snapshot is not None:
            return "snapshot"
        if self.is_random:
            return "random"
        if self.time is None:
            return "latest"
        return "time" if self.disaster_at is None else "before-disaster"

    @property
    def is_of_snapshot(self) -> bool:
        """Whether one moment is restored, which was chosen when it was taken."""
        return bool(self.vaults) or self.snapshot is not None

    @property
    def is_fenced(self) -> bool:
        """Whether the drill may choose the target by its own markers."""
        return self.kind == "latest"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was expected and what was seen instead, or just so.

    `open`: it could not be decided. `noted`: worth knowing, decides nothing. `started_at` is when it was begun to be
    looked at, and `seconds` how long that took.
    """

    kind: CheckKind
    name: str
    outcome: Outcome
    expected: str
    observed: str
    database: str = ""
    started_at: datetime | None = None
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        timing = {"started_at": render_time(self.started_at), "seconds": self.seconds} if self.started_at else {}
        return {
            "kind": self.kind,
            "name": self.name,
            "database": self.database,
            "outcome": self.outcome,
            "expected": self.expected,
            "observed": self.observed,
            **timing,
        }


@dataclass(frozen=True, slots=True)
class Position:
    """Where in its log a server stood, in its words: an LSN, or global transaction ids; `when` says at what point."""

    of: Of
    when: str
    position: str
    at: datetime

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"of": self.of, "when": self.when, "position": self.position, "at": render_time(self.at)}


@dataclass(frozen=True, slots=True)
class Level:
    """One proof level of recovery: whether it was shown, and why or why not."""

    level: str
    title: str
    is_shown: bool
    why: str

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"level": self.level, "title": self.title, "is_shown": self.is_shown, "why": self.why}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: a word, the highest level shown (`none` when not even P0), and the reasons for anything less."""

    word: Word
    level: str
    reasons: tuple[str, ...]
    levels: tuple[Level, ...]

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Verdict:
        """As it stands in evidence. Any: JSON of docs/evidence.schema.json."""
        levels = tuple(Level(**level) for level in known["levels"])
        return cls(known["word"], known["level"], tuple(known["reasons"]), levels)

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "word": self.word,
            "level": self.level,
            "reasons": list(self.reasons),
            "levels": [level.as_json() for level in self.levels],
        }


@dataclass(frozen=True, slots=True)
class DrillResult:
    """The end of a drill: its evidence as stored, and where."""

    run_id: str
    verdict: Verdict
    evidence: Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json
    evidence_path: Path

    def require_proven(self) -> None:
        """Nothing when PROVEN; AnswerIsNo when DISPROVEN; Inconclusive otherwise."""
        detail = "\n".join(self.verdict.reasons) or f"Proof level {self.verdict.level} was reached."
        hint = f"every check is in {self.evidence_path}"
        if self.verdict.word == "DISPROVEN":
            raise AnswerIsNo("the backup is disproven", detail=detail, hint=hint)
        if self.verdict.word == "INCONCLUSIVE":
            raise Inconclusive("the drill is inconclusive", detail=detail, hint=hint)
