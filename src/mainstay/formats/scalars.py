"""Codecs for single values: a literal in the plan's own type, or an expression. Every one of them inverts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from mainstay.core.records import dataclass
from mainstay.core.schedules import parse_schedule
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.formats.codec import NOT_WRITTEN, CannotExpress, Dialect, Foreign, Reading
from mainstay.plan.values import If, Json, Unknown, is_expression

_DAY = 86_400
_HOUR = 3_600
_MINUTE = 60
_GIB = 2**30
_MIB = 2**20


@dataclass(frozen=True)
class Scalar:
    """A literal by two functions that undo each other (`from_wire` raises ValueError), and any expression.

    A value that is neither becomes Unknown with what was written, so that it is written back unchanged.
    """

    to_wire: Callable[[Any], Json]  # Any: each codec has a type of its own
    from_wire: Callable[[Any], Any]
    absent: object = NOT_WRITTEN

    def is_silent(self, value: object) -> bool:
        """Whether the value stands for something that was not written."""
        return isinstance(value, Unknown) and value.source is None

    def write(self, value: object, dialect: Dialect) -> Json:
        """The literal or expression in the format's form."""
        if isinstance(value, If):
            chosen = [
                None if side is None else self.write(side, dialect) for side in (value.when_true, value.when_false)
            ]
            return dialect.choice(value, *chosen)
        return dialect.render(value) if is_expression(value) else self.to_wire(value)

    def read(self, node: Json, reading: Reading) -> object:
        """The literal or expression that was written."""
        parsed = reading.dialect.parse(node)
        try:
            return self._typed(parsed)
        except ValueError as error:
            return Unknown(str(error), node, means=parsed if isinstance(parsed, str | int | float) else None)

    def _typed(self, value: object) -> object:
        if isinstance(value, If):
            return If(value.condition, self._typed(value.when_true), self._typed(value.when_false))
        return value if value is None or is_expression(value) else self.from_wire(value)


@dataclass(frozen=True)
class Plain:
    """A literal that is never an expression, by two functions that undo each other (`from_wire` raises ValueError).

    The value `silent` is written as nothing.
    """

    to_wire: Callable[[Any], Json]  # Any: each codec has a type of its own
    from_wire: Callable[[Any], Any]
    silent: object = None
    absent: object = None

    def is_silent(self, value: object) -> bool:
        """Whether the value needs no words."""
        return value == self.silent

    def write(self, value: object, dialect: Dialect) -> Json:
        """The literal in the format's form."""
        return self.to_wire(value)

    def read(self, node: Json, reading: Reading) -> Any:
        """The literal that was written; Foreign when it is something else."""
        try:
            return self.from_wire(node)
        except ValueError as error:
            raise Foreign from error


def as_text(value: object) -> str:
    """A text; numbers and truth values are read as CloudFormation and Terraform turn them into text.

    ValueError for anything else.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("not a text")


def as_integer(value: object) -> int:
    """A whole number, also one that was written as text or as 5.0. ValueError for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= 20:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("not a whole number")


def _as_number(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool) and abs(float(value)) < 1e300:
        return float(value)
    raise ValueError("not a number")


def _number_to_wire(value: float) -> Json:
    if not math.isfinite(value):
        raise CannotExpress(f"{value} is not a number that can be written")
    return int(value) if value.is_integer() else value


def as_boolean(value: object) -> bool:
    """A truth value, also one that was written as text. ValueError for anything else."""
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("neither true nor false")


def _whole(factor: int, unit: str) -> Callable[[int], int]:
    def count(value: int) -> int:
        if value % factor:
            raise CannotExpress(f"{value} is not a whole number of {unit}")
        return value // factor

    return count


_in_gib = _whole(_GIB, "GiB")
_in_mib = _whole(_MIB, "MiB")
_in_days = _whole(_DAY, "days")
_in_hours = _whole(_HOUR, "hours")
_in_minutes = _whole(_MINUTE, "minutes")


def _as_hours(value: object) -> Duration:
    """Hours in the form of Secrets Manager's windows: `3h`. ValueError for anything else."""
    found = re.fullmatch(r"([0-9]{1,6})h", as_text(value))
    if not found:
        raise ValueError("not a number of hours such as 3h")
    return Duration(int(found[1]) * _HOUR)


def _as_word(known: tuple[str, str]) -> Callable[[object], bool]:
    def is_first(value: object) -> bool:
        if value not in known:
            raise ValueError(f"neither {known[0]} nor {known[1]}")
        return value == known[0]

    return is_first


def switch(on: str, off: str) -> Plain:
    """A plain yes or no that the format spells with two words."""
    return Plain(lambda value: on if value else off, _as_word((on, off)))


text = Scalar(str, as_text)
integer = Scalar(int, as_integer)
integer_text = Scalar(str, as_integer)
number = Scalar(_number_to_wire, _as_number)
boolean = Scalar(bool, as_boolean)
gib = Scalar(_in_gib, lambda value: Bytes.gib(as_integer(value)))
gib_text = Scalar(lambda value: str(_in_gib(value)), lambda value: Bytes.gib(as_integer(value)))
mib = Scalar(_in_mib, lambda value: Bytes(as_integer(value) * _MIB))
days = Scalar(_in_days, lambda value: Duration.days(as_integer(value)))
hours = Scalar(_in_hours, lambda value: Duration(as_integer(value) * _HOUR))
hours_text = Scalar(lambda value: f"{_in_hours(value)}h", _as_hours)
minutes = Scalar(_in_minutes, lambda value: Duration.minutes(as_integer(value)))
seconds = Scalar(int, lambda value: Duration(as_integer(value)))
seconds_text = Scalar(lambda value: str(int(value)), lambda value: Duration(as_integer(value)))
daily_window = Scalar(str, lambda value: DailyWindow.parse(as_text(value)))
weekly_window = Scalar(str, lambda value: WeeklyWindow.parse(as_text(value)))
schedule = Scalar(str, lambda value: parse_schedule(as_text(value)))
