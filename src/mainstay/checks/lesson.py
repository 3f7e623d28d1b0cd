"""What a rule teaches by its two examples."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay import facts
from mainstay.checks.engine import examine
from mainstay.checks.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The captions of the two examples, and what the rule says about the bad one."""

    bad: str
    good: str
    detail: str
    hint: str


def lesson(rule: Rule) -> Lesson:
    """The lesson of a rule; the same on every day."""
    # The table of versions carries the day on which all facts were checked.
    said = examine(rule, rule.bad(), today=facts.load("versions").date)[0]
    return Lesson(bad=_caption(rule.bad.__doc__), good=_caption(rule.good.__doc__), detail=said.detail, hint=said.hint)


def _caption(docstring: str | None) -> str:
    return " ".join((docstring or "").split())
