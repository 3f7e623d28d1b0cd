"""Patterns with another member of an event looked at."""

from __future__ import annotations

from mainstay.checks.patterns import looking_at
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.resources import EventRule


def test_only_the_wrong_member_is_exchanged_with_all_below_it() -> None:
    def pattern(first: str) -> EventPattern:
        paths = (("source",), ("detail", first, "code", "name"), ("detail", first), ("detail", "other"), (first,))
        return EventPattern(tuple(Match(path, ("x",)) for path in paths))

    (found,) = looking_at(EventRule(key="Rule", pattern=pattern("status")), "state", instead_of="status")
    paths = [one.path for one in getattr(found.pattern, "matches", ())]
    assert paths == [
        ("source",),
        ("detail", "state", "code", "name"),
        ("detail", "state"),
        ("detail", "other"),
        ("status",),
    ]
    assert looking_at(EventRule(key="Rule"), "state", instead_of="status") == ()
