"""The cheapest changes that keep the objectives: each tried on the plan by itself, and shown only if nothing is lost.

A change stands when it saves money for certain, when no warning or error comes up that was not there, and when no
promise gets worse; where both objectives are written down, data loss and recovery within the region may get worse as
far as these allow. What has no price in the tables is never taken for a saving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Final

from mainstay.core.findings import Finding, Severity
from mainstay.core.records import dataclass
from mainstay.forecast.changes import changes_of
from mainstay.forecast.cost import Cost, cost
from mainstay.forecast.judgement import WITHIN
from mainstay.forecast.prices import Range
from mainstay.forecast.promise import Outcome, Promise, promise
from mainstay.forecast.way import Reach
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan

MOST: Final = 3


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
    day = today or datetime.now(UTC).date()
    before, promised, faults = cost(plan, today=day), promise(plan), _grave(judged(plan))
    found: dict[tuple[str, str], Saving] = {}
    for change, other in changes_of(plan, day):
        saved = _saved(before, cost(other, today=day))
        place = (change.subject.key, change.kind)
        if saved is None or (place in found and found[place].saved[1] >= saved[1]):
            continue
        if _is_kept(promised, promise(other), plan.intent) and _grave(judged(other)) <= faults:
            subject = change.subject.address or change.subject.key
            found[place] = Saving(subject=subject, kind=change.kind, what=change.what, saved=saved)
    return tuple(sorted(found.values(), key=lambda one: (-one.saved[1], one.subject, one.kind))[:MOST])


def _grave(findings: Iterable[Finding]) -> frozenset[tuple[str, str, Severity]]:
    grave = (Severity.ERROR, Severity.WARNING)
    return frozenset((one.id, one.subject, one.severity) for one in findings if one.severity in grave)


def _saved(before: Cost, after: Cost) -> Range | None:
    """What is saved; None when it is nothing, or when something without a price, or of an unsure one, comes or goes."""
    unsure = {one.path for one in after.quotes if one.confidence == "low"} - {one.path for one in before.quotes}
    if unsure:
        return None
    unknown = [Counter((one.part, one.what, one.resources) for one in bill.unknown) for bill in (before, after)]
    low, expected, high = sorted(round(one - other, 2) for one, other in zip(before.total, after.total, strict=True))
    return (low, expected, high) if unknown[0] == unknown[1] and low > 0 else None


def _is_kept(before: Promise, after: Promise, intent: Intent) -> bool:
    pairs = zip(before.outcomes, after.outcomes, strict=True)
    return all(
        _is_as_good(one, other) or (_is_allowed(other, intent) and _reaches_as_far(one, other)) for one, other in pairs
    )


def _is_as_good(one: Outcome, other: Outcome) -> bool:
    ends = ((one.rpo, other.rpo), (one.rto_least, other.rto_least), (one.rto_most, other.rto_most))
    return all(was is None or (now is not None and now <= was) for was, now in ends) and _reaches_as_far(one, other)


def _reaches_as_far(one: Outcome, other: Outcome) -> bool:
    """Whether one can go back as far as before, in steps as small."""
    return all(any(_is_within(was, now) for now in other.reaches) for was in one.reaches)


def _is_within(was: Reach, now: Reach) -> bool:
    is_as_long = now.keep is None or (was.keep is not None and was.keep <= now.keep)
    return now.gap <= was.gap and is_as_long


def _is_allowed(one: Outcome, intent: Intent) -> bool:
    """Whether both objectives are written down, are about this failure, and hold in the worst case.

    How far back one can go is no objective, and has to stay as it was.
    """
    if one.failure not in WITHIN or one.rpo is None or one.rto_most is None:
        return False
    return intent.rpo is not None and intent.rto is not None and one.rpo <= intent.rpo and one.rto_most <= intent.rto
