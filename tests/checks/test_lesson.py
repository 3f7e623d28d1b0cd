"""What a rule teaches: its captions, and what it says first of its bad example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks import Fault, Scene, all_rules
from mainstay.checks.lesson import lesson
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Resource


def test_a_lesson_is_the_first_thing_said_of_the_bad_example() -> None:
    def judge(resource: Resource, scene: Scene) -> Iterator[Fault]:
        yield Fault(resource, "first", "do this")
        yield Fault(resource, "second", "do that")

    def bad() -> Plan:
        """Two
        lines
        """
        return rule.bad()

    rule = all_rules()[0]
    taught = lesson(replace(rule, judge=judge, bad=bad))
    assert (taught.bad, taught.detail, taught.hint) == ("Two lines", "first", "do this")
    assert taught.good == " ".join(str(rule.good.__doc__).split())
