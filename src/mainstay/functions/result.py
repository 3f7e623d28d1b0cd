"""The outcome of a validation: JSON, a metric, and whether the invocation fails, all out of one value."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import AnswerIsNo, MainstayError
from mainstay.functions.comparison import Check
from mainstay.functions.database import Inspection, LoginRefused, StatementRefused

NAMESPACE: Final = "Mainstay"
# CloudWatch Logs cuts an event at 256 KiB (quotas, not re-read), and a line that was cut is no metric.
LONGEST_LINE: Final = 200_000
SHORTENED: Final = 2_000
DIMENSION: Final = "DBInstanceIdentifier"
_UNITS: Final[Mapping[str, str]] = {
    "ValidationSucceeded": "Count",
    "DatabaseReachable": "Count",
    "ChecksFailed": "Count",
    "ValidationDuration": "Milliseconds",
    "ReplicationLag": "Seconds",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a validation of one database came to; `error` is what stopped it, if anything did."""

    subject: str
    trigger: str
    checks: tuple[Check, ...]
    inspection: Inspection | None
    error: MainstayError | None
    duration_s: float

    @property
    def is_reachable(self) -> bool:
        """Whether the server answered: one that judges a login or a statement is there."""
        return self.error is None or isinstance(self.error, LoginRefused | StatementRefused)

    @property
    def trouble(self) -> str:
        """What stopped the validation, in one line; nothing when it came to its end."""
        return "" if self.error is None else f"{self.error.summary}: {self.error.detail}"

    @property
    def failures(self) -> tuple[str, ...]:
        """Everything that is not as expected, one line each."""
        failed = tuple(str(check) for check in self.checks if not check.has_passed)
        return (self.trouble, *failed) if self.trouble else failed

    @property
    def has_passed(self) -> bool:
        """Whether the database answered and all is as expected."""
        return not self.failures

    @property
    def summary(self) -> str:
        """One line for a person."""
        if self.has_passed:
            return f"{self.subject} is as expected: {len(self.checks)} checks"
        return f"{self.subject} is not as expected: " + "; ".join(self.failures)

    def as_json(self) -> dict[str, object]:
        """The result as the function answers it."""
        return {
            "subject": self.subject,
            "trigger": self.trigger,
            "has_passed": self.has_passed,
            "is_reachable": self.is_reachable,
            "trouble": self.trouble,
            "checks": [check.as_json() for check in self.checks],
            "inspection": None if self.inspection is None else self.inspection.as_json(),
            "duration_s": round(self.duration_s, 3),
        }

    def metrics(self) -> dict[str, float]:
        """The figures that CloudWatch keeps; the lag only where one is known."""
        lag = self.inspection.replication.lag_s if self.inspection else None
        return {
            "ValidationSucceeded": int(self.has_passed),
            "DatabaseReachable": int(self.is_reachable),
            "ChecksFailed": len(self.failures),
            "ValidationDuration": round(self.duration_s * 1000),
            **({} if lag is None else {"ReplicationLag": lag}),
        }


def tell(result: Result) -> None:
    """Write the result and its metrics as one line of the log, out of which CloudWatch makes the metrics.

    The embedded metric format needs neither a permission nor an endpoint for CloudWatch inside a closed network:
    CloudWatch user guide, "Specification: Embedded metric format" (not re-read).
    """
    metrics = result.metrics()
    line = {
        "_aws": {
            "Timestamp": round(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in metrics],
                }
            ],
        },
        DIMENSION: result.subject,
        **metrics,
    }
    whole = json.dumps({**line, "result": result.as_json()})
    short = json.dumps({**line, "result": {"has_passed": result.has_passed, "summary": result.summary[:SHORTENED]}})
    print(whole if len(whole) <= LONGEST_LINE else short)  # noqa: T201  Lambda's log is stdout


def demand(result: Result) -> dict[str, object]:
    """The result as JSON. Error: AnswerIsNo when it failed, so that the invocation counts as an error."""
    if not result.has_passed:
        raise AnswerIsNo(
            "the database is not as expected",
            detail="\n".join(result.failures),
            hint="the whole result is in the function's log",
        )
    return result.as_json()
