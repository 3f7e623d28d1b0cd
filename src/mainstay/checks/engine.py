"""Run the rules over a plan: load what is needed, catch what crashes, mark what somebody chose to live with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from mainstay import facts
from mainstay.checks.registry import rules_for
from mainstay.checks.rule import Fault, Rule
from mainstay.checks.scene import Scene
from mainstay.checks.suppression import apply
from mainstay.core.findings import Finding, Harm, Severity, in_order
from mainstay.plan.plan import Plan, RegionPlan

if TYPE_CHECKING:  # a template is checked without loading the spec's models
    from mainstay.core.patches import Patch
    from mainstay.plan.resources import Resource
    from mainstay.spec import Spec

Suggest: TypeAlias = "Callable[[Plan, RegionPlan, tuple[Resource, ...]], Patch | None]"
"""Words a mend for the file that a plan was read from; None where it has no words for it."""

CRASHED = "MS001"
OLD_FACTS = "MS006"
# What AWS offers, ends and charges changes from month to month; these tables say so first.
_PERISHABLE: Final = ("versions", "lifecycle", "prices")
_YEAR: Final = timedelta(days=365)
_LONGEST_DETAIL = 4_000


def run(
    plan: Plan,
    spec: Spec | None = None,
    *,
    beside: Iterable[Finding] = (),
    today: date | None = None,
    suggest: Suggest | None = None,
) -> list[Finding]:
    """All findings about a plan, suppressions applied, in reading order; `today` defaults to the day in UTC.

    Those `beside` come from elsewhere, such as the forecast, and are suppressed like those of rules. With `suggest`
    findings carry a patch where their fault has a mend.
    """
    day = today or datetime.now(UTC).date()
    rules = rules_for(plan)
    findings = [finding for rule in rules for finding in examine(rule, plan, spec, today=day, suggest=suggest)]
    return in_order(apply(plan.intent.suppressions, [*findings, *beside, *_old_facts(day)], day))


def _old_facts(day: date) -> Iterator[Finding]:
    oldest = min((facts.load(name) for name in _PERISHABLE), key=lambda table: table.date)
    if day - oldest.date > _YEAR:
        yield Finding(
            id=OLD_FACTS,
            severity=Severity.INFO,
            harm=Harm.BLIND,
            summary="the tables of facts are old",
            detail=f"What is known of AWS here ({oldest.name}) was checked on {oldest.date}, over a year ago: "
            "versions, dates and prices have changed since.",
            hint="install a newer Mainstay; `mainstay facts` shows every table with its date",
        )


def examined(plan: Plan) -> list[Rule]:
    """The rules that find something to look at in a plan, whether or not they have anything to say."""
    present = tuple({type(resource) for region in plan.regions for resource in region.resources})
    return [rule for rule in rules_for(plan) if any(issubclass(kind, rule.applies_to) for kind in present)]


def examine(
    rule: Rule, plan: Plan, spec: Spec | None = None, *, today: date, suggest: Suggest | None = None
) -> list[Finding]:
    """The findings of one rule, each said once."""
    findings: list[Finding] = []
    for region in plan.regions:
        scene = Scene(plan, region, today, spec)
        for resource in region.resources:
            if isinstance(resource, rule.applies_to):
                findings += _findings(rule, resource, scene, suggest)
    # A group that three instances share is one fault, not three.
    return list(dict.fromkeys(findings))


def _findings(rule: Rule, resource: Resource, scene: Scene, suggest: Suggest | None) -> Iterator[Finding]:
    try:
        faults = list(rule.judge(resource, scene))
    except Exception as error:  # noqa: BLE001  # whatever a rule trips over, the other rules still speak
        yield _crash(rule, resource, error)
    else:
        for fault in faults:
            yield _finding(rule, fault, _patch(fault, scene, suggest))


def _patch(fault: Fault, scene: Scene, suggest: Suggest | None) -> Patch | None:
    try:
        return suggest(scene.plan, scene.region, fault.mend) if suggest and fault.mend else None
    except Exception:  # noqa: BLE001  # what was read may have a form that nobody can write: the finding says enough
        return None


def _finding(rule: Rule, fault: Fault, patch: Patch | None) -> Finding:
    return Finding(
        id=rule.id,
        severity=fault.severity or rule.severity,
        harm=rule.harm,
        summary=rule.summary,
        detail=_bounded(fault.detail),
        hint=fault.hint,
        subject=fault.resource.address or fault.resource.key,
        key=fault.resource.key,
        origin=fault.resource.origin and fault.resource.origin.of(fault.field or rule.field),
        source=rule.source,
        reality=rule.reason,
        patch=patch,
    )


def _bounded(detail: str) -> str:
    """A sentence that may quote what somebody wrote, however long that is."""
    return detail if len(detail) <= _LONGEST_DETAIL else f"{detail[:_LONGEST_DETAIL]}…"


def _crash(rule: Rule, resource: Resource, error: Exception) -> Finding:
    return Finding(
        id=CRASHED,
        severity=Severity.WARNING,
        harm=Harm.BLIND,
        summary="a rule crashed",
        detail=f"{rule.id} ({rule.summary}) could not judge {resource.key}: {type(error).__name__}: {error}.",
        hint=f"look at {resource.key} yourself for what {rule.id} is about, and report the crash",
        subject=resource.key,
        origin=resource.origin,
    )
