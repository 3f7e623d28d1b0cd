"""What was asked of AWS, with the ids by which its support and CloudTrail find it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mainstay.core.clock import Clock, render_time

# Operations that only look: there are thousands of them while a restore is waited for.
_LOOKS: Final = ("Describe", "Get", "Head", "List", "Batch")
_DONE: Final = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that changes something. `outcome` is `done` or an error's code.

    `request_id` is empty when no answer came.
    """

    at: datetime
    region: str
    service: str
    operation: str
    request_id: str
    outcome: str

    def as_json(self) -> dict[str, str]:
        """As it stands in evidence."""
        return {
            "at": render_time(self.at),
            "region": self.region,
            "service": self.service,
            "operation": self.operation,
            "request_id": self.request_id,
            "outcome": self.outcome,
        }


@dataclass(slots=True)
class Trail:
    """The calls of one session in one region: those that change something whole, those that look by their number."""

    clock: Clock
    region: str
    calls: list[Call] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)

    def note(self, service: str, operation: str, answer: Mapping[str, Any] | None, code: str = _DONE) -> None:
        """Write down one call and what came of it. Any: what boto3 answers, which has no types."""
        if operation.startswith(_LOOKS):
            self.reads[f"{service}:{operation}"] += 1
            return
        known = (answer or {}).get("ResponseMetadata", {})
        call = Call(
            at=self.clock.now(),
            region=self.region,
            service=service,
            operation=operation,
            request_id=str(known.get("RequestId", "")),
            outcome=code,
        )
        self.calls.append(call)
