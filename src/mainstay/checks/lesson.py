"""What a rule teaches by its two examples."""

from __future__ import annotations

from mainstay import facts
from mainstay.checks.engine import examine
from mainstay.checks.rule import Rule
from mainstay.core.patches import Language, Patch
from mainstay.core.records import dataclass
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The captions of the two examples, what the rule says about the bad one, and whether its fix is mechanical."""

    bad: str
    good: str
    detail: str
    hint: str
    has_patch: bool


def lesson(rule: Rule) -> Lesson:
    """The lesson of a rule; the same on every day."""
    # The table of versions carries the day on which all facts were checked.
    found = examine(rule, rule.bad(), today=facts.load("versions").date, suggest=_noted)
    return Lesson(
        bad=_caption(rule.bad.__doc__),
        good=_caption(rule.good.__doc__),
        detail=found[0].detail,
        hint=found[0].hint,
        has_patch=any(one.patch for one in found),
    )


def _noted(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch:
    return Patch(language=Language.YAML, changes=())


def _caption(docstring: str | None) -> str:
    return " ".join((docstring or "").split())
