"""What the resources are for: the promises made, the profile, the drills, and what somebody chose to live with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from mainstay.core.units import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlCheck:
    """A question of the user's own that a restored database must answer: rows expected, in this database."""

    name: str
    statement: str
    database: str | None = None
    expected_rows: int | None = None
    timeout: Duration = field(default_factory=lambda: Duration(60))


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillIntent:
    """How often a restore is proven, and what is asked of the restored data."""

    every: Duration | None = None
    checks: tuple[SqlCheck, ...] = ()


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
