"""What the resources are for, carried beside them, so that nothing below the passes needs the spec."""

from __future__ import annotations

from mainstay.core.units import Duration
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.passes.validation import manifest_of
from mainstay.spec import Spec


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
    suppressions = tuple(
        Suppression(rule=one.rule, reason=one.reason, resource=one.resource, until=one.until) for one in spec.suppress
    )
    return Intent(
        name=spec.name,
        environment=spec.environment,
        account=spec.account,
        profile=spec.profile,
        rpo=spec.objectives.rpo,
        rto=spec.objectives.rto,
        drill=DrillIntent(every=spec.drill.every, proof_lasts=spec.drill.proof_lasts, checks=checks),
        suppressions=suppressions,
        protects_stack=spec.protection.deletion_protection,
        manifest=manifest_of(spec),
    )
