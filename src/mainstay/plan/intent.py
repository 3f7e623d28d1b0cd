"""What the resources are for: the promises made, the profile, the drills, and what somebody chose to live with."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.units import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofMetric:
    """The metric of which a drill that ends PROVEN puts one value; its dimension holds the instance's identifier."""

    namespace: str
    metric: str
    dimension: str


PROOF_METRIC: Final = ProofMetric(namespace="Mainstay/Drill", metric="Proven", dimension="DBInstanceIdentifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlCheck:
    """A question of the user's own that a restored database must answer: so many rows, of this hash, in a database."""

    name: str
    statement: str
    database: str | None = None
    expected_rows: int | None = None
    expected_hash: str | None = None
    timeout: Duration = field(default_factory=lambda: Duration(60))


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillIntent:
    """How often a restore is proven, how long a proof lasts where that is said, and what is asked of restored data.

    `parallel` is how many processes may read the source at once; None leaves it to the drill.
    """

    every: Duration | None = None
    proof_lasts: Duration | None = None
    parallel: int | None = None
    checks: tuple[SqlCheck, ...] = ()

    @property
    def longest(self) -> Duration | None:
        """How old a proof may become: as said, or so that one drill may be missed; None without any expectation."""
        if self.proof_lasts is not None or self.every is None:
            return self.proof_lasts
        return Duration(2 * self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding somebody lives with: rule id, resource key (`*` for all), the reason, and until when."""

    rule: str
    reason: str
    resource: str = "*"
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Carried beside the resources: as template metadata, or in a sidecar file where a format has no room.

    `manifest` is what a validation expects of the database, as the JSON text that is packed with its functions.
    `account` is the one it is meant for, None when nobody said so.
    """

    name: str = ""
    environment: str = ""
    account: str | None = None
    profile: str = "prod"
    rpo: Duration | None = None
    rto: Duration | None = None
    drill: DrillIntent = field(default_factory=DrillIntent)
    suppressions: tuple[Suppression, ...] = ()
    protects_stack: bool = False
    manifest: str | None = None
