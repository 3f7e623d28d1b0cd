"""`mainstay plan`: what would exist, what is wrong with it, and what it promises; nothing is written anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mainstay import checks, forecast
from mainstay.api._source import load_spec
from mainstay.core.findings import Finding, Severity, in_order, worst
from mainstay.forecast import Cost, Promise
from mainstay.forecast.cheaper import Saving, cheaper
from mainstay.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plan in numbers, its findings, its promise, its cost and what would be cheaper."""

    source: str
    plan: Plan
    findings: Sequence[Finding]
    promise: Promise
    cost: Cost
    cheaper: Sequence[Saving] = ()

    @property
    def exit_code(self) -> int:
        """1 when the design has an error that nobody suppressed."""
        return int(worst(self.findings) is Severity.ERROR)

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Region → kind of resource → how many, in the plan's order."""
        return {
            region.region: dict(Counter(type(resource).__name__ for resource in region.resources))
            for region in self.plan.regions
        }

    def as_json(self) -> dict[str, object]:
        """Stacks with their resources by kind, findings and promise."""
        return {
            "source": self.source,
            "stacks": [
                {
                    "name": region.stack,
                    "region": region.region,
                    "resources": [
                        {"key": resource.key, "kind": type(resource).__name__} for resource in region.resources
                    ],
                    "outputs": [output.name for output in region.outputs],
                }
                for region in self.plan.regions
            ],
            "findings": [finding.as_json() for finding in self.findings],
            "promise": self.promise.as_json(),
            "cost": self.cost.as_json(),
            "cheaper": [saving.as_json() for saving in self.cheaper],
        }


def plan(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
) -> PlanResult:
    """Build the plan of a spec and judge it."""
    loaded = load_spec(source, environment=environment, settings=settings, region=region)

    def judged(design: Plan) -> list[Finding]:
        objectives = forecast.judge(forecast.promise(design), design.intent)
        return checks.run(design, loaded.spec, beside=objectives)

    return PlanResult(
        str(source),
        loaded.plan,
        in_order(judged(loaded.plan)),
        forecast.promise(loaded.plan),
        forecast.cost(loaded.plan),
        cheaper(loaded.plan, judged),
    )
