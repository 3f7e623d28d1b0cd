"""What clients saw of a fault: how long nothing was acknowledged, when they noticed it, and when it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Outage:
    """In seconds. `longest_s` is the longest time without an acknowledged write that ends after the fault.

    `first_error_s` and `first_success_s` count from the fault: to the first failed or doubtful write, and to the write
    that ended the longest gap; None when there was none.
    """

    longest_s: float
    first_error_s: float | None
    first_success_s: float | None

    def as_json(self) -> dict[str, object]:
        """For a JSON document."""
        return {
            "outage_s": round(self.longest_s, 4),
            "first_error_s": _rounded(self.first_error_s),
            "first_success_s": _rounded(self.first_success_s),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def outage(acknowledged_at: Iterable[float], errors_at: Sequence[float], fault_at: float, ended_at: float) -> Outage:
    """The outage around a fault, by one clock: when writes were acknowledged, when they were not, until the end."""
    moments = sorted(acknowledged_at)
    before = [moment for moment in moments if moment <= fault_at]
    after = [moment for moment in moments if moment > fault_at]
    around = [before[-1] if before else fault_at, *after, max(ended_at, fault_at)]
    longest, end = max((later - sooner, later) for sooner, later in pairwise(around))
    is_ended = bool(after) and end <= after[-1]
    return Outage(
        longest_s=longest,
        first_error_s=min((moment - fault_at for moment in errors_at if moment >= fault_at), default=None),
        first_success_s=end - fault_at if is_ended else None,
    )
