"""`mainstay check`: what is wrong with a design, and which promises its parts keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mainstay import checks, forecast
from mainstay.api._source import load
from mainstay.core.findings import Finding, Severity, in_order, worst
from mainstay.forecast import Cost, Promise


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Findings in the order in which to act, the promise that the design keeps, and what it costs."""

    source: str
    findings: Sequence[Finding]
    promise: Promise
    cost: Cost
    fail_on: Severity = Severity.ERROR

    @property
    def exit_code(self) -> int:
        """1 when a finding that nobody suppressed is at least as grave as `fail_on`."""
        gravest = worst(self.findings)
        return int(gravest is not None and gravest.rank <= self.fail_on.rank)

    def as_json(self) -> dict[str, object]:
        """`{"findings": [...], "promise": {...}, "cost": {...}, ...}`."""
        return {
            "source": self.source,
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
    """Check a spec or a CloudFormation template.

    `parameters` are values for a template's parameters. Raises InputRefused when the file cannot be read as
    either; a finding is never raised.
    """
    loaded = load(source, environment=environment, settings=settings, region=region, parameters=parameters)
    promise = forecast.promise(loaded.plan)
    findings = [*checks.run(loaded.plan, loaded.spec, today=today), *forecast.judge(promise, loaded.plan.intent)]
    return CheckResult(str(source), in_order(findings), promise, forecast.cost(loaded.plan), fail_on)
