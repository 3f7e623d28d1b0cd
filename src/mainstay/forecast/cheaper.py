"""The cheapest changes that keep the objectives: each tried on the plan by itself, and shown only if nothing is lost.

A change stands when it saves money for certain, when no warning or error comes up that was not there, and when no
promise gets worse; where both objectives are written down, data loss and recovery within the region may get worse as
far as these allow. What has no price in the tables is never taken for a saving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Bytes
from mainstay.facts import class_shape
from mainstay.forecast.cost import Cost, cost
from mainstay.forecast.judgement import WITHIN
from mainstay.forecast.prices import Range
from mainstay.forecast.promise import Outcome, Promise, promise
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

MOST: Final = 3
# Graviton's families of the sizes of Intel's (RDS User Guide, Concepts.DBInstanceClass, 2026-11-20).
_GRAVITON: Final = {"t3": ("t4g",), "m5": ("m7g", "m6g"), "m6i": ("m7g", "m6g"), "r5": ("r7g", "r6g"), "r6i": ("r7g",)}
# What gp3 has by itself below 400 GiB and from there on (RDS User Guide, CHAP_Storage, 2026-11-20).
_GP3_LARGE, _GP3_IOPS, _GP3_LARGE_IOPS = Bytes.gib(400), 3_000, 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A change of one resource, and what it saves a month in USD, low, expected and high, made by itself."""

    subject: str
    kind: str
    what: str
    saved: Range

    def as_json(self) -> dict[str, object]:
        """The change as it stands in `--json` documents."""
        low, expected, high = (round(one, 2) for one in self.saved)
        return {
            "subject": self.subject,
            "change": self.what,
            "saved": {"low_usd": low, "expected_usd": expected, "high_usd": high},
        }


def cheaper(
    plan: Plan, judged: Callable[[Plan], Iterable[Finding]], *, today: date | None = None
) -> tuple[Saving, ...]:
    """At most three changes, the largest saving first; `judged` gives every finding about a plan."""
    before, promised, faults = cost(plan, today=today), promise(plan), _grave(judged(plan))
    found: dict[tuple[str, str], Saving] = {}
    for database, kind, what, other in _candidates(plan):
        saved = _saved(before, cost(other, today=today))
        known = found.get((database.key, kind))
        if saved is None or (known is not None and known.saved[1] >= saved[1]):
            continue
        if _is_kept(promised, promise(other), plan.intent) and _grave(judged(other)) <= faults:
            subject = database.address or database.key
            found[database.key, kind] = Saving(subject=subject, kind=kind, what=what, saved=saved)
    return tuple(sorted(found.values(), key=lambda one: (-one.saved[1], one.subject, one.kind))[:MOST])


def _grave(findings: Iterable[Finding]) -> frozenset[tuple[str, str, Severity]]:
    grave = (Severity.ERROR, Severity.WARNING)
    return frozenset((one.id, one.subject, one.severity) for one in findings if one.severity in grave)


def _candidates(plan: Plan) -> Iterator[tuple[DbInstance, str, str, Plan]]:
    """Resource, kind of change, its words, and the plan with it."""
    for region in plan.regions:
        for database in region.of(DbInstance):
            for kind, what, other in _changed(database):
                resources = tuple(other if one is database else one for one in region.resources)
                regions = tuple(replace(one, resources=resources) if one is region else one for one in plan.regions)
                yield database, kind, what, replace(plan, regions=regions)


def _changed(database: DbInstance) -> Iterator[tuple[str, str, DbInstance]]:
    prefix, _, shape = str(database.instance_class).removeprefix("db.").partition(".")
    for family in _GRAVITON.get(prefix, ()):
        name = f"db.{family}.{shape}"
        if class_shape(name) is not None and class_shape(name) == class_shape(str(database.instance_class)):
            what = f"{database.instance_class} → {name}, of the same vCPUs and memory"
            yield "class", what, replace(database, instance_class=name)
    size, iops = database.storage, database.iops
    if database.storage_type == "io1" and isinstance(size, Bytes) and isinstance(iops, int):
        own = _GP3_IOPS if size < _GP3_LARGE else _GP3_LARGE_IOPS
        if iops <= own:
            what = f"io1 with {iops:,} IOPS → gp3, which has {own:,} by itself"
            yield "storage", what, replace(database, storage_type="gp3", iops=None)
    if database.is_multi_az is True:
        yield "standby", "without the standby in another zone", replace(database, is_multi_az=False)


def _saved(before: Cost, after: Cost) -> Range | None:
    """What is saved; None when it is nothing, or when something without a price comes or goes."""
    unknown = [Counter((one.part, one.what, one.resources) for one in bill.unknown) for bill in (before, after)]
    low, expected, high = sorted(round(one - other, 2) for one, other in zip(before.total, after.total, strict=True))
    return (low, expected, high) if unknown[0] == unknown[1] and low > 0 else None


def _is_kept(before: Promise, after: Promise, intent: Intent) -> bool:
    pairs = zip(before.outcomes, after.outcomes, strict=True)
    return all(_is_as_good(one, other) or _is_allowed(other, intent) for one, other in pairs)


def _is_as_good(one: Outcome, other: Outcome) -> bool:
    ends = ((one.rpo, other.rpo), (one.rto_least, other.rto_least), (one.rto_most, other.rto_most))
    return all(was is None or (now is not None and now <= was) for was, now in ends)


def _is_allowed(one: Outcome, intent: Intent) -> bool:
    """Whether both objectives are written down, are about this failure, and hold in the worst case."""
    if one.failure not in WITHIN or one.rpo is None or one.rto_most is None:
        return False
    return intent.rpo is not None and intent.rto is not None and one.rpo <= intent.rpo and one.rto_most <= intent.rto
