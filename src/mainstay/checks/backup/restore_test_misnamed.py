"""BK033: a hyphen in the name of a restore test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    restore_tests,
)
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
)
from mainstay.plan.values import (
    Join,
)


def _bad() -> Plan:
    """A plan called shop-prod"""
    return backed_up(RestoreTests=restore_tests(name="shop-prod"))


def _good() -> Plan:
    """A plan called shop_prod"""
    return backed_up(RestoreTests=restore_tests(name="shop_prod"))


@rule(
    id="BK033",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a restore test with a name that AWS Backup refuses",
    source="botocore Backup model, RestoreTestingPlanForCreate.RestoreTestingPlanName (2026-11-20)",
    applies_to=(
        RestoreTestingPlan,
        RestoreTestingSelection,
    ),
    bad=_bad,
    good=_good,
    field="name",
)
def faults(test: Resource, scene: Scene) -> Iterator[Fault]:
    """Everything else in AWS Backup takes hyphens; restore testing plans and their selections take letters, digits and
    underscores only, fifty at most. The stack rolls back.
    """
    name: object = getattr(test, "name", None)
    # A name that is put together is wrong when one of its written parts is.
    written = [part for part in (name.parts if isinstance(name, Join) else (name,)) if isinstance(part, str)]
    if any(not re.fullmatch(load("backup").data["restore_test_name"], part) for part in written):
        yield Fault(
            test,
            f"{test.key} is called '{'…'.join(written)}'.",
            "write letters, digits and underscores only, 50 at most",
            mend=_renamed(test, name) if isinstance(name, str) else (),
        )


def _renamed(test: Resource, name: str) -> tuple[Resource, ...]:
    written = re.sub(r"[^A-Za-z0-9_]", "_", name)[:50]
    if isinstance(test, RestoreTestingPlan):
        return (replace(test, name=written),)
    return (replace(test, name=written),) if isinstance(test, RestoreTestingSelection) else ()
