"""Worst-case data loss (RPO) and time to recover (RTO) of the plan's databases, one outcome a failure, with reasons.

Derived from the plan alone; each figure behind it stands in `facts/data/recovery.json` with its source.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.forecast.failure import Failure
from mainstay.forecast.way import Reach, Way
from mainstay.forecast.ways import Standing, standing_of, ways_back
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

# What to say first where no way is left.
_GONE: Final = {
    Failure.ROW_DELETED: "Automated backups are off, so there is no point in time to restore to.",
    Failure.INSTANCE_LOST: "There is neither a standby nor a backup.",
    Failure.ZONE_LOST: "There is neither a standby nor a backup.",
    Failure.STACK_DELETED: "The instance is deleted with its automated backups, and no snapshot is taken.",
    Failure.REGION_LOST: "No backup leaves the region.",
    Failure.ACCOUNT_COMPROMISED: "No backup is out of the account's reach.",
    Failure.KEY_LOST: "Nothing is encrypted with another key.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One failure of one database. None for `rpo` means that the data is gone, for `rto_*` that nothing brings it back.

    `rto_least` and `rto_most` bound the range that the named assumptions give. `way` is the name of the best way back,
    empty when there is none; `ways` are all of them, with what became of each and why. `reasons` are the sentences of
    the best one, or of all that are gone. `origin` is where the database is written.
    """

    database: str
    failure: Failure
    rpo: Duration | None
    rto_least: Duration | None
    rto_most: Duration | None
    reasons: tuple[str, ...]
    way: str = ""
    ways: tuple[Way, ...] = ()
    origin: Origin | None = field(default=None, compare=False)

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """How far back one can go, by each way that is left, each once."""
        return tuple(dict.fromkeys(way.reach for way in self.ways if way.reach is not None))

    @property
    def survives(self) -> bool:
        """Whether there is a way back."""
        return self.rpo is not None

    def row(self) -> dict[str, object]:
        """The outcome's line of the matrix, with seconds for durations."""
        return {
            "database": self.database,
            "failure": self.failure.value,
            "survives": self.survives,
            "way": self.way,
            "rpo_s": self.rpo,
            "rto_least_s": self.rto_least,
            "rto_most_s": self.rto_most,
            "reaches": [reach.as_json() for reach in self.reaches],
            "reasons": list(self.reasons),
        }

    def as_json(self) -> dict[str, object]:
        """The line of the matrix, and every way back with the tree of its reasons."""
        return {**self.row(), "ways": [way.as_json() for way in self.ways]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The outcomes of all databases that stand on their own (replicas follow their source)."""

    outcomes: tuple[Outcome, ...] = ()

    def of(self, failure: Failure) -> tuple[Outcome, ...]:
        """The outcomes of one failure, one a database."""
        return tuple(outcome for outcome in self.outcomes if outcome.failure is failure)

    def rows(self) -> list[dict[str, object]]:
        """The matrix alone, as evidence carries it."""
        return [outcome.row() for outcome in self.outcomes]

    def as_json(self) -> dict[str, object]:
        """The promise as it stands in `--json` documents."""
        return {"outcomes": [outcome.as_json() for outcome in self.outcomes]}


def promise(plan: Plan) -> Promise:
    """What the plan promises. What is not written, or what only the target resolves, counts as AWS's default."""
    return Promise(
        outcomes=tuple(
            _outcome(standing, failure, plan.intent)
            for region in plan.regions
            for database in region.of(DbInstance)
            if database.source is None
            for standing in (standing_of(database, region, plan),)
            for failure in Failure
        )
    )


def _outcome(standing: Standing, failure: Failure, intent: Intent) -> Outcome:
    database, ways = standing.database, ways_back(standing, failure)
    best = min((way for way in ways if way.survives), key=lambda way: _cost(way, intent), default=None)
    if best is None:
        return Outcome(
            database=database.address or database.key,
            failure=failure,
            rpo=None,
            rto_least=None,
            rto_most=None,
            reasons=(_GONE[failure], *(reason.text for way in ways for reason in way.reasons)),
            ways=ways,
            origin=database.origin,
        )
    # That there is no standby is why a lost server needs a restore at all.
    missing = [way for way in ways[:1] if way.name == "standby" and not way.survives]
    return Outcome(
        database=database.address or database.key,
        failure=failure,
        rpo=best.rpo,
        rto_least=best.rto_least,
        rto_most=best.rto_most,
        reasons=tuple(reason.text for way in (*missing, best) for reason in way.reasons),
        way=best.name,
        ways=ways,
        origin=database.origin,
    )


def _cost(way: Way, intent: Intent) -> tuple[bool, int, int]:
    """A way that keeps what was promised comes first; then the one that loses least, then the fastest."""
    rpo, rto = way.rpo or 0, way.rto_most or 0
    is_broken = (intent.rpo is not None and rpo > intent.rpo) or (intent.rto is not None and rto > intent.rto)
    return is_broken, rpo, rto
