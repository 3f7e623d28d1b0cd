"""Waiting: always with a deadline, a pace and a message, and with an eye on failures.

botocore's waiters are not used: `db_instance_available` gives up after 30 minutes (60 looks, 30 s apart; botocore
1.44 rds waiters-2.json, checked 2026-11-20), which a restore of a large database takes longer than, and they tell
nobody what they wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mainstay.core.clock import Clock
from mainstay.core.errors import Busy, Inconclusive, TargetRefused
from mainstay.core.progress import Progress
from mainstay.core.units import Duration

T = TypeVar("T")


def wait_for(
    question: Callable[[], T],
    done: Callable[[T], bool],
    *,
    message: str | Callable[[T], str],
    deadline_s: float,
    pace_s: float,
    progress: Progress,
    clock: Clock,
    failed: Callable[[T], str | None] | None = None,
    holds: int = 1,
) -> T:
    """Ask until the answer is `done` in `holds` looks one after the other; the last answer.

    A question that is not answered for now (Busy: throttled, or no network) is asked again at the same pace.

    `failed` gives the sentence for an answer from which it can never become done: TargetRefused. At the deadline,
    in seconds, Inconclusive: what is waited for goes on without us.
    """
    start = clock.monotonic()
    seen = 0
    while True:
        try:
            answer = question()
        except Busy as error:
            seen, said = 0, f"not answered: {error.summary}, {error.detail}"
        else:
            said = message if isinstance(message, str) else message(answer)
            if failed is not None and (reason := failed(answer)):
                raise TargetRefused("it failed while it was waited for", detail=reason)
            seen = seen + 1 if done(answer) else 0
            if seen >= holds:
                return answer
        waited = clock.monotonic() - start
        if waited + pace_s > deadline_s:
            raise Inconclusive(
                "waited to the deadline",
                detail=f"{said}: not done after {Duration(int(waited))}.",
                hint="it goes on at the target; run the same command again to go on waiting",
            )
        progress.tick(f"{said} ({Duration(int(waited))})")
        clock.sleep(pace_s)
