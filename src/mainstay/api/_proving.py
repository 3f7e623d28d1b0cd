"""What every operation that ends in a verdict shares: what its evidence says of the design, and its exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from mainstay import checks, forecast
from mainstay.api._custody import Custodian
from mainstay.api._site import Where
from mainstay.api._source import Loaded
from mainstay.forecast import Promise
from mainstay.formats import cloudformation
from mainstay.ops.evidence import digest_of
from mainstay.ops.generation.moved import Filing
from mainstay.plan.plan import Plan

EXIT_CODES: Final = {"PROVEN": 0, "DISPROVEN": 1, "INCONCLUSIVE": 3}
"""By the verdict's word."""


class Design(TypedDict):
    """What was designed, by the names that requests have for it: digests of plan and spec, and what speaks against it
    as `Finding.as_json`.
    """

    plan_hash: str
    spec_hash: str
    findings: Sequence[Mapping[str, object]]


def design_of(loaded: Loaded, promise: Promise | None = None) -> Design:
    """What evidence says of a design; `promise` is its forecast where somebody has it already."""
    plan = loaded.plan
    objectives = forecast.judge(promise or forecast.promise(plan), plan.intent)
    findings = checks.run(plan, loaded.spec, beside=objectives)
    return Design(
        plan_hash=plan_hash(plan),
        spec_hash=digest_of(loaded.text),
        findings=[finding.as_json() for finding in findings],
    )


def plan_hash(plan: Plan) -> str:
    """A plan by the digest of the templates that it becomes."""
    return digest_of(cloudformation.render(plan))


def filing_of(where: Where, deployed: Loaded, holder: Custodian) -> Filing:
    """Where the evidence of a change of generations goes, who signs it, and of which design it is."""
    return Filing(
        workspace=where.workspace,
        signing_key=holder.key,
        plan_hash=plan_hash(deployed.plan),
        spec_hash=digest_of(deployed.text),
    )
