"""ST003: a production stack that one call deletes, with everything in it."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import KINDS, DbInstance, Resource


def _plan(*, is_protected: bool) -> Plan:
    return plan_of(database(), intent=Intent(name="shop", environment="prod", protects_stack=is_protected))


def _bad() -> Plan:
    """A production stack that is to be deployed without termination protection"""
    return _plan(is_protected=False)


def _good() -> Plan:
    """The same with termination protection and a stack policy"""
    return _plan(is_protected=True)


@rule(
    id="ST003",
    severity=Severity.WARNING,
    harm=Harm.DATA_LOSS,
    summary="the stack can be deleted at once",
    source="CloudFormation User Guide, using-cfn-protect-stacks and protect-stack-resources (2026-11-20)",
    applies_to=KINDS,
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """Termination protection stops the deletion of a stack, and a stack policy the replacement of what is in it; both
    belong to the stack, not to the template, so of a template alone nothing is said. `mainstay deploy` sets both where
    the design asks for deletion protection.
    """
    intent = scene.plan.intent
    is_ours = bool(intent.name) and scene.is_production and any(scene.region.of(DbInstance))
    if is_ours and not intent.protects_stack and scene.is_first(resource):
        yield Fault(
            scene.whole,
            f"{intent.name} is production, and neither termination protection nor a stack policy keeps it.",
            "set protection.deletion_protection to true in the spec",
        )
