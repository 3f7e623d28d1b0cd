"""The two windows of a database, in UTC, and whether they collide.

A backup window recurs daily, a maintenance window weekly; both may cross midnight, the latter also the week's
end. AWS accepts windows that touch (end of one = start of the other); it refuses windows that overlap
(RDS User Guide, USER_WorkingWithAutomatedBackups, checked 2026-11-20).
"""

from __future__ import annotations

import re
from typing import Final, Self

from mainstay.core.records import dataclass

DAY: Final = 24 * 60
WEEK: Final = 7 * DAY
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = r"([01]\d|2[0-3]):([0-5]\d)"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """`03:00-04:00`: minutes of the day, start included, end excluded; `end <= start` crosses midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A window from `hh:mm-hh:mm`; ValueError says what is wrong with it."""
        found = re.fullmatch(f"{_CLOCK}-{_CLOCK}", text.strip())
        if not found:
            raise ValueError(f"'{text}' is not a daily window; write it in UTC as 03:00-04:00")
        hours = [int(part) for part in found.groups()]
        return cls(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])

    @property
    def minutes(self) -> int:
        """How long it is open; start equal to end reads as a whole day."""
        return (self.end - self.start) % DAY or DAY

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """`sun:04:00-sun:06:00`: minutes of the week from Monday 00:00, start included, end excluded."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A window from `ddd:hh:mm-ddd:hh:mm`; ValueError says what is wrong with it."""
        days = "|".join(WEEKDAYS)
        found = re.fullmatch(f"({days}):{_CLOCK}-({days}):{_CLOCK}", text.strip().lower())
        if not found:
            raise ValueError(f"'{text}' is not a weekly window; write it in UTC as sun:04:00-sun:05:00")
        start = WEEKDAYS.index(found[1]) * DAY + int(found[2]) * 60 + int(found[3])
        end = WEEKDAYS.index(found[4]) * DAY + int(found[5]) * 60 + int(found[6])
        return cls(start, end)

    @property
    def minutes(self) -> int:
        """How long it is open; start equal to end reads as a whole week."""
        return (self.end - self.start) % WEEK or WEEK

    def __str__(self) -> str:
        return "-".join(f"{WEEKDAYS[at // DAY]}:{_clock(at % DAY)}" for at in (self.start, self.end))


def meet(start: int, minutes: int, other_start: int, other_minutes: int, *, every: int = WEEK) -> bool:
    """Whether two intervals share a minute, when both recur (weekly, or `every` so many minutes)."""
    return (other_start - start) % every < minutes or (start - other_start) % every < other_minutes


def overlap_minutes(daily: DailyWindow, weekly: WeeklyWindow) -> int:
    """For how many minutes of a week both windows are open; 0 when they only touch."""
    total = 0
    for start in (day * DAY + daily.start for day in range(7)):
        for left in (weekly.start - WEEK, weekly.start, weekly.start + WEEK):
            total += max(0, min(start + daily.minutes, left + weekly.minutes) - max(start, left))
    return total
