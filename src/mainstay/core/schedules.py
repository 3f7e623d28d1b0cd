"""When AWS runs something: `cron(0 2 * * ? *)` and `rate(12 hours)`, in UTC.

Six fields: minutes, hours, day of month, month, day of week (1 is Sunday), year; one of the two days is `?`
(EventBridge User Guide, eb-cron-expressions and eb-scheduled-rule-pattern, checked 2026-11-21).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Self, TypeAlias

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.core.windows import DAY

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS: Final = (1970, 2199)
_UNITS: Final = {"minute": 60, "hour": 3_600, "day": 86_400}
# The calendar of weekdays and leap years repeats every 28 years up to 2099.
_CYCLE: Final = 28 * 366
_HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: its name, its bounds, and the words that stand for its numbers."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()

    def numbers(self, text: str) -> frozenset[int]:
        """The numbers that a field without `?`, `L`, `W` and `#` stands for; ValueError says what is wrong."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def number(self, text: str) -> int:
        """One number or word; ValueError when it is neither, or out of bounds."""
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.least
        if not re.fullmatch(r"[0-9]{1,4}", text) or not self.least <= int(text) <= self.most:
            raise ValueError(f"'{text}' is not a value of {self.name}, which goes from {self.least} to {self.most}")
        return int(text)

    def _part(self, text: str) -> range:
        span, _, step = text.partition("/")
        if "/" in text and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
            raise ValueError(f"'{text}' in {self.name} has no step after its slash")
        if span == "*":
            first, last = self.least, self.most
        else:
            start, _, end = span.partition("-")
            first = self.number(start)
            last = self.number(end) if "-" in span else self.most if step else first
        if last < first:
            raise ValueError(f"'{text}' in {self.name} ends before it begins")
        return range(first, last + 1, int(step or 1))


_MINUTE: Final = _Field("minutes", 0, 59)
_HOURS: Final = _Field("hours", 0, 23)
_MONTH: Final = _Field("month", 1, 12, _MONTHS)
_MONTH_DAY: Final = _Field("day of month", 1, 31)
_WEEK_DAY: Final = _Field("day of week", 1, 7, _DAYS)
_YEAR: Final = _Field("year", *_YEARS)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression; two are equal when they are written alike."""

    text: str
    minutes: frozenset[int] = field(compare=False, repr=False)
    hours: frozenset[int] = field(compare=False, repr=False)
    months: frozenset[int] = field(compare=False, repr=False)
    years: frozenset[int] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """An expression from `cron(...)`; ValueError says what is wrong with it."""
        found = re.fullmatch(r"cron\(([^()]*)\)", text)
        fields = found[1].split() if found else []
        if len(fields) != 6:
            raise ValueError(
                f"'{text}' is not a cron expression; write six fields, such as cron(0 2 * * ? *) for 02:00 every day"
            )
        minutes, hours, month_day, month, week_day, year = fields
        if (month_day == "?") == (week_day == "?"):
            raise ValueError(f"'{text}' needs '?' as exactly one of day of month and day of week")
        cron = cls(text, _MINUTE.numbers(minutes), _HOURS.numbers(hours), _MONTH.numbers(month), _YEAR.numbers(year))
        # A day field is read once here for its faults; January 2024 is a month like any other.
        cron._month_days(2024, 1)
        return cron

    def at_minute(self, minute: int) -> Self:
        """The same hours and days, at one minute of the hour."""
        _, *others = self.text.removeprefix("cron(").removesuffix(")").split()
        return type(self).parse(f"cron({' '.join([str(minute), *others])})")

    @property
    def times_of_day(self) -> tuple[int, ...]:
        """The minutes of a day at which it runs on the days on which it runs, in order."""
        return tuple(sorted(hour * 60 + minute for hour in self.hours for minute in self.minutes))

    @property
    def times_of_week(self) -> tuple[int, ...]:
        """The minutes of a week from Monday 00:00 at which it ever runs, in order; for collisions with windows."""
        weekdays = sorted({day.weekday() for day in _days_of_cycle(self)})
        return tuple(day * DAY + minute for day in weekdays for minute in self.times_of_day)

    @property
    def shortest_gap(self) -> Duration | None:
        """The shortest time between two runs; None where there are never two."""
        gaps = _gaps(self)
        return gaps[0] if gaps else None

    @property
    def longest_gap(self) -> Duration | None:
        """The longest time between two runs; None where there are never two."""
        gaps = _gaps(self)
        return gaps[-1] if gaps else None

    def next_after(self, moment: datetime) -> datetime | None:
        """The first run later than a moment with a time zone, in UTC; None where there is none before 2200."""
        return next(self.runs_from(moment), None)

    def runs_from(self, moment: datetime) -> Iterator[datetime]:
        """Every run later than a moment with a time zone, in order, in UTC."""
        start = moment.astimezone(UTC)
        for day in self._days_from(start.date()):
            for minute in self.times_of_day:
                run = datetime.combine(day, time(minute // 60, minute % 60), UTC)
                if run > start:
                    yield run

    def __str__(self) -> str:
        return self.text

    def _days_from(self, start: date, end: date = date.max) -> Iterator[date]:
        """The days on which it runs, from a day on, before the end."""
        for year in sorted(year for year in self.years if year >= start.year):
            for month in sorted(self.months):
                for number in sorted(self._month_days(year, month)):
                    day = date(year, month, number)
                    if day >= end:
                        return
                    if day >= start:
                        yield day

    def _month_days(self, year: int, month: int) -> set[int]:
        """The days of one month on which it runs."""
        _, _, month_day, _, week_day, _ = self.text[5:-1].split()
        last = calendar.monthrange(year, month)[1]
        if week_day != "?":
            return _by_week_day(week_day, year, month, last)
        return _by_month_day(month_day, year, month, last)


@lru_cache(maxsize=1024)
def _gaps(cron: Cron) -> tuple[Duration, ...]:
    """The times between two runs of one turn of the calendar, each once, the shortest first."""
    times = cron.times_of_day
    within = {later - earlier for earlier, later in pairwise(times)}
    days = {(later - earlier).days for earlier, later in pairwise(_days_of_cycle(cron))}
    return tuple(Duration.minutes(gap) for gap in sorted(within | {d * DAY - times[-1] + times[0] for d in days}))


def _days_of_cycle(cron: Cron) -> tuple[date, ...]:
    """The days of one turn of the calendar on which an expression runs."""
    return _days_of(" ".join(cron.text[5:-1].split()[2:]))


@lru_cache(maxsize=64)
def _days_of(fields: str) -> tuple[date, ...]:
    """The same by the fields that speak of days, which hundreds of schedules have in common."""
    cron = Cron.parse(f"cron(0 0 {fields})")
    first = date(max(2024, min(cron.years)), 1, 1)
    return tuple(cron._days_from(first, first + timedelta(days=_CYCLE)))


def _by_month_day(text: str, year: int, month: int, last: int) -> set[int]:
    if text == "L":
        return {last}
    if text.endswith("W"):
        wanted = _MONTH_DAY.number(text.removesuffix("W"))
        return {_nearest_weekday(wanted, year, month, last)} if wanted <= last else set()
    return {day for day in _MONTH_DAY.numbers(text) if day <= last}


def _nearest_weekday(wanted: int, year: int, month: int, last: int) -> int:
    """The working day nearest to a day, within the month."""
    match date(year, month, wanted).weekday():
        case 5:
            return wanted - 1 if wanted > 1 else wanted + 2
        case 6:
            return wanted + 1 if wanted < last else wanted - 2
    return wanted


def _by_week_day(text: str, year: int, month: int, last: int) -> set[int]:
    if "#" in text:
        name, _, nth = text.partition("#")
        if nth not in {"1", "2", "3", "4", "5"}:
            raise ValueError(f"'{text}' in day of week has no number from 1 to 5 after '#'")
        days = _days_named({_WEEK_DAY.number(name)}, year, month, last)
        return set(days[int(nth) - 1 : int(nth)])
    if text.upper().endswith("L"):
        # `L` alone is Saturday, the seventh day; after a day it is the month's last such day.
        name = text[:-1]
        days = _days_named({_WEEK_DAY.number(name) if name else 7}, year, month, last)
        return {days[-1]} if name else set(days)
    return set(_days_named(_WEEK_DAY.numbers(text), year, month, last))


def _days_named(numbers: set[int] | frozenset[int], year: int, month: int, last: int) -> list[int]:
    return [day for day in range(1, last + 1) if date(year, month, day).isoweekday() % 7 + 1 in numbers]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate expression: runs `period` apart, counted from when AWS begins."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """An expression from `rate(...)`; ValueError says what is wrong with it."""
        found = re.fullmatch(r"rate\(([1-9][0-9]{0,5}) (minute|hour|day)(s?)\)", text)
        if not found or (found[1] == "1") == bool(found[3]):
            raise ValueError(f"'{text}' is not a rate expression; write rate(1 day) or rate(12 hours)")
        return cls(int(found[1]), found[2])

    @classmethod
    def each(cls, period: Duration) -> Self:
        """The expression for a period of whole minutes, in the largest unit that divides it."""
        unit = next(name for name in reversed(_UNITS) if not period % _UNITS[name])
        return cls(period // _UNITS[unit], unit)

    @property
    def period(self) -> Duration:
        """The time between two runs."""
        return Duration(self.count * _UNITS[self.unit])

    @property
    def shortest_gap(self) -> Duration:
        """The time between two runs."""
        return self.period

    @property
    def longest_gap(self) -> Duration:
        """The time between two runs."""
        return self.period

    def __str__(self) -> str:
        return f"rate({self.count} {self.unit}{'' if self.count == 1 else 's'})"


Schedule: TypeAlias = Cron | Rate


def parse_schedule(text: str) -> Schedule:
    """A schedule from `cron(...)` or `rate(...)`; ValueError says what is wrong with it."""
    return Rate.parse(text) if text.startswith("rate") else Cron.parse(text)


def backup_fault(schedule: Schedule) -> str | None:
    """Why AWS Backup does not keep a schedule, or None: it makes backups hourly at most
    (AWS Backup Developer Guide, plan-options-and-configuration, checked 2026-11-20).
    """
    gap = schedule.shortest_gap
    if gap is not None and gap < _HOUR:
        return f"{schedule} runs again after {gap}; AWS Backup makes a backup every hour at most"
    return None
