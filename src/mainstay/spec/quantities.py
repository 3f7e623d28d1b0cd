"""How a spec writes sizes, durations, shares, windows, address ranges and days: text in, unit types out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from mainstay.core.units import Bytes, Duration, Share
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.spec.faults import fault

T = TypeVar("T")
N = TypeVar("N", bound=int)

_DAY: Final = Duration.days(1)


def _reader(parse: Callable[[str], T], what: str, example: str) -> Callable[[object], object]:
    def read(value: object) -> object:
        if not isinstance(value, str):
            if isinstance(value, (Bytes, Duration, Share, DailyWindow, WeeklyWindow, IPv4Network, date)):
                return value  # a default, which is written in units already
            raise fault(
                "SP007", f"{_shown(value)} is not {what}.", f"write it as text with its unit, such as {example}"
            )
        try:
            return parse(value)
        except ValueError as error:
            reason, _, fix = str(error).partition("; ")
            raise fault("SP008", f"{reason}.", fix or f"write it as {example}") from error

    return read


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value!r}"[:60]


def _cidr(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        try:
            meant = IPv4Network(text, strict=False)
        except ValueError:
            raise ValueError(f"'{text}' is not an IPv4 range; write it like 10.0.0.0/16") from error
        raise ValueError(f"'{text}' has bits set beyond its prefix; did you mean {meant}?") from error


def _time_of_day(text: str) -> Duration:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if not found:
        raise ValueError(f"'{text}' is not a time of day; write it in UTC as 02:00")
    return Duration.minutes(int(found[1]) * 60 + int(found[2]))


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(f"'{text}' is not a day; write it as 2026-12-31")
    return date.fromisoformat(text)


def between(low: N, high: N) -> Callable[[N], N]:
    """A validator for bounds that are both included; the message shows them in their own unit."""

    def check(value: N) -> N:
        if not low <= value <= high:
            raise fault("SP009", f"{value} is outside {low} to {high}.", f"choose from {low} to {high}")
        return value

    return check


def whole_days(value: Duration) -> Duration:
    """A validator for periods that AWS counts in days."""
    if value % _DAY:
        raise fault("SP008", f"{value} is not a whole number of days.", "write days, such as 7d")
    return value


def whole_minutes(value: Duration) -> Duration:
    """A validator for periods that AWS counts in minutes."""
    if value % 60:
        raise fault("SP008", f"{value} is not a whole number of minutes.", "write minutes, such as 5m")
    return value


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


_SHOWN_AS_TEXT: Final = PlainSerializer(str, return_type=str)

Size = Annotated[
    Bytes,
    PlainValidator(_reader(Bytes.parse, "a size", "100 GiB")),
    _SHOWN_AS_TEXT,
    _text(r"^\s*\d+\s*(B|KiB|MiB|GiB|TiB)\s*$", "100 GiB", "16MiB"),
]
Period = Annotated[
    Duration,
    PlainValidator(_reader(Duration.parse, "a duration", "7d or 5m")),
    _SHOWN_AS_TEXT,
    _text(r"^(\d+d)? ?(\d+h)? ?(\d+m)? ?(\d+s)?$", "7d", "5m", "1h30m"),
]
Percentage = Annotated[
    Share,
    PlainValidator(_reader(Share.parse, "a share", "80%")),
    _SHOWN_AS_TEXT,
    _text(r"^\d{1,3}(\.\d{1,4})?%$", "80%"),
]
Daily = Annotated[
    DailyWindow,
    PlainValidator(_reader(DailyWindow.parse, "a daily window", "03:00-04:00")),
    _SHOWN_AS_TEXT,
    _text(r"^\d\d:\d\d-\d\d:\d\d$", "03:00-04:00"),
]
Weekly = Annotated[
    WeeklyWindow,
    PlainValidator(_reader(WeeklyWindow.parse, "a weekly window", "sun:04:00-sun:06:00")),
    _SHOWN_AS_TEXT,
    _text(r"^[A-Za-z]{3}:\d\d:\d\d-[A-Za-z]{3}:\d\d:\d\d$", "sun:04:00-sun:06:00"),
]
Cidr = Annotated[
    IPv4Network,
    PlainValidator(_reader(_cidr, "an IPv4 range", "10.0.0.0/16")),
    _SHOWN_AS_TEXT,
    _text(r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$", "10.0.0.0/16"),
]
Day = Annotated[
    date,
    PlainValidator(_reader(_day, "a day", "2026-12-31")),
    _SHOWN_AS_TEXT,
    _text(r"^\d{4}-\d\d-\d\d$", "2026-12-31"),
]
TimeOfDay = Annotated[
    Duration,
    PlainValidator(_reader(_time_of_day, "a time of day", '"02:00"')),
    _text(r"^\d\d:\d\d$", "02:00"),
]
Days = Annotated[Period, AfterValidator(whole_days)]
Minutes = Annotated[Period, AfterValidator(whole_minutes)]


def _share_or(parse: Callable[[str], object], what: str, example: str) -> Callable[[str], object]:
    def read(text: str) -> object:
        return Share.parse(text) if text.rstrip().endswith("%") else parse(text)

    return _reader(read, f"a share or {what}", f"10% or {example}")


def _share_or_count(value: Any) -> Any:  # Any: a validator's door
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _share_or(Share.parse, "a number", "500")(value)


ShareOrSize = Annotated[
    Share | Bytes,
    PlainValidator(_share_or(Bytes.parse, "a size", "10 GiB")),
    _SHOWN_AS_TEXT,
    _text(r"^\s*\d+(\.\d+)?\s*(%|B|KiB|MiB|GiB|TiB)\s*$", "10%", "10 GiB"),
]
ShareOrCount = Annotated[
    Share | int,
    PlainValidator(_share_or_count),
    WithJsonSchema(
        {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d+(\.\d+)?%$"}], "examples": ["80%"]}
    ),
]


def _version(value: Any) -> Any:  # Any: a validator's door
    if isinstance(value, float):
        # 17.10 as a number is 17.1, another version: whoever reads the file as numbers loses the zero.
        raise fault(
            "SP007", f"The version was read as the number {value}, which loses zeros at its end.", "put it in quotes"
        )
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Version = Annotated[
    str,
    BeforeValidator(_version),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}], "examples": ["17", "17.10"]}),
]
