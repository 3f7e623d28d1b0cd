"""What the resources are for, carried beside them, so that nothing below the passes needs the spec."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.core.units import Duration
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.passes.validation import manifest_of
from mainstay.spec import Spec
from mainstay.spec.objectives import Suppression as Written


def lived_with(suppress: Iterable[Written]) -> tuple[Suppression, ...]:
    """What somebody wrote down to live with, in a spec or in a file of its own, as a plan carries it."""
    return tuple(
        Suppression(rule=one.rule, reason=one.reason, resource=one.resource, until=one.until) for one in suppress
    )


def intent_of(spec: Spec) -> Intent:
    """Promises, profile, drills and suppressions of a spec."""
    checks = tuple(
        SqlCheck(
            name=check.name,
            statement=check.sql,
            database=check.database or spec.database.name,
            expected_rows=check.rows,
            expected_hash=check.hash,
            timeout=Duration(check.timeout),
        )
        for check in spec.drill.checks
    )
    return Intent(
        name=spec.name,
        environment=spec.environment,
        account=spec.account,
        profile=spec.profile,
        rpo=spec.objectives.rpo,
        rto=spec.objectives.rto,
        drill=DrillIntent(
            every=spec.drill.every,
            proof_lasts=spec.drill.proof_lasts,
            parallel=spec.drill.parallel,
            checks=checks,
        ),
        suppressions=lived_with(spec.suppress),
        protects_stack=spec.protection.deletion_protection,
        manifest=manifest_of(spec),
    )
