"""`mainstay check`: what is wrong with a design, and which promises its parts keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mainstay import checks, forecast
from mainstay.api._source import Loaded, load_all
from mainstay.core.findings import Finding, Severity, in_order, worst
from mainstay.forecast import Cost, Promise
from mainstay.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Findings in the order in which to act, the promise that the design keeps, and what it costs.

    `stacks` are the names of those that were checked, empty for one that has none.
    """

    source: str
    findings: Sequence[Finding]
    promise: Promise
    cost: Cost
    fail_on: Severity = Severity.ERROR
    stacks: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when a finding that nobody suppressed is at least as grave as `fail_on`."""
        gravest = worst(self.findings)
        return int(gravest is not None and gravest.rank <= self.fail_on.rank)

    def as_json(self) -> dict[str, object]:
        """`{"findings": [...], "promise": {...}, "cost": {...}, ...}`."""
        return {
            "source": self.source,
            "stacks": list(self.stacks),
            "findings": [finding.as_json() for finding in self.findings],
            "promise": self.promise.as_json(),
            "cost": self.cost.as_json(),
            "exit_code": self.exit_code,
        }


def check(
    source: Path,
    *,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    fail_on: Severity = Severity.ERROR,
    today: date | None = None,
) -> CheckResult:
    """Check a spec, a CloudFormation template, a folder that the CDK wrote, or what Terraform shows.

    `parameters` are values for a template's parameters; defaults hold for the rest. Raises InputRefused when the file
    cannot be read as any of these; a finding is never raised.
    """
    found = load_all(source, environment=environment, settings=settings, region=region, parameters=parameters or {})
    judged = [_judged(loaded, today) for loaded in found]
    return CheckResult(
        str(source),
        in_order(finding for findings, _ in judged for finding in findings),
        Promise(outcomes=tuple(outcome for _, promise in judged for outcome in promise.outcomes)),
        forecast.cost(Plan(regions=tuple(region for loaded in found for region in loaded.plan.regions))),
        fail_on,
        tuple(region.stack for loaded in found for region in loaded.plan.regions),
    )


def _judged(loaded: Loaded, today: date | None) -> tuple[list[Finding], Promise]:
    promise = forecast.promise(loaded.plan)
    findings = checks.run(loaded.plan, loaded.spec, today=today)
    return [*loaded.remarks, *findings, *forecast.judge(promise, loaded.plan.intent)], promise
