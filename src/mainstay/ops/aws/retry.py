"""The one file for retries: full jitter, a budget, and an injected clock.

botocore repeats single requests by itself (adaptive mode, see doors.py). What comes here has survived that, or was
answered below botocore's loop, and is repeated for longer: throttling of a whole account lasts minutes.
Full jitter after https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (by a second hand, 2026).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mainstay.core.clock import Clock
from mainstay.core.errors import MainstayError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long a call may be repeated: seconds in all, seconds of the first and of the longest pause."""

    total_s: float = 120.0
    first_s: float = 0.5
    most_s: float = 20.0

    def ceiling(self, attempt: int) -> float:
        """The longest pause after attempt number `attempt`, counted from 0."""
        return min(self.most_s, self.first_s * 2.0**attempt)


DEFAULT = Budget()
ONCE = Budget(total_s=0.0)
"""No call is repeated."""


def retrying(
    call: Callable[[], T],
    passes: Callable[[MainstayError], bool],
    *,
    clock: Clock,
    budget: Budget = DEFAULT,
    draw: Callable[[float, float], float] = random.uniform,
) -> T:
    """The answer of `call`, repeated while its error passes by itself and the budget lasts; else that error."""
    start = clock.monotonic()
    attempt = 0
    while True:
        try:
            return call()
        except MainstayError as error:
            pause = draw(0.0, budget.ceiling(attempt))
            if not passes(error) or clock.monotonic() - start + pause > budget.total_s:
                raise
        clock.sleep(pause)
        attempt += 1
