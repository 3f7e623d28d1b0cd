"""Quantities with their unit: `Bytes` and `Duration` are whole numbers that know how to be read and shown."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, Self

_BYTE_UNITS: Final = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SECOND_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
# Bounds keep arithmetic meaningful: 2^63 bytes is 8 EiB, and 1,000 years is beyond any retention.
_MOST_BYTES: Final = 2**63
_MOST_SECONDS: Final = 1_000 * 365 * 86_400


class Bytes(int):
    """A size in bytes, written `100 GiB`, `16MiB`, `512 B`; decimal units (GB) are refused as ambiguous."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A size from text; ValueError says what is wrong with it."""
        found = re.fullmatch(r"\s*(\d{1,19})\s*([A-Za-z]+)\s*", text)
        if not found:
            raise ValueError(f"'{text}' is not a size; write a whole number and a unit, such as 100 GiB")
        unit = found[2]
        if unit not in _BYTE_UNITS:
            near = {name.lower(): name for name in _BYTE_UNITS}
            near |= {"kb": "KiB", "mb": "MiB", "gb": "GiB", "tb": "TiB", "g": "GiB", "m": "MiB", "k": "KiB", "t": "TiB"}
            guess = near.get(unit.lower())
            mean = f"; did you mean {found[1]} {guess}?" if guess else f"; use one of {', '.join(_BYTE_UNITS)}"
            raise ValueError(f"'{unit}' is not a unit of size here{mean}")
        size = int(found[1]) * _BYTE_UNITS[unit]
        if size >= _MOST_BYTES:
            raise ValueError(f"'{text}' is more than any storage holds")
        return cls(size)

    @classmethod
    def gib(cls, count: int) -> Self:
        """So many GiB."""
        return cls(count * 2**30)

    @property
    def in_gib(self) -> Fraction:
        """The exact number of GiB."""
        return Fraction(int(self), 2**30)

    def __str__(self) -> str:
        for name, factor in reversed(_BYTE_UNITS.items()):
            if self and self % factor == 0:
                return f"{self // factor} {name}"
        return "0 B"

    def __repr__(self) -> str:
        return f"Bytes('{self}')"


class Duration(int):
    """A length of time in whole seconds, written `35d`, `5m`, `1h30m`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A duration from text; ValueError says what is wrong with it."""
        compact = text.replace(" ", "")
        found = re.fullmatch(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", compact)
        if not compact or not found:
            raise ValueError(f"'{text}' is not a duration; write days, hours, minutes or seconds, such as 35d or 1h30m")
        seconds = sum(
            int(count or 0) * unit for count, unit in zip(found.groups(), _SECOND_UNITS.values(), strict=True)
        )
        if seconds > _MOST_SECONDS:
            raise ValueError(f"'{text}' is longer than 1,000 years")
        return cls(seconds)

    @classmethod
    def days(cls, count: int) -> Self:
        """So many days of 24 hours."""
        return cls(count * 86_400)

    @classmethod
    def minutes(cls, count: int) -> Self:
        """So many minutes."""
        return cls(count * 60)

    def __str__(self) -> str:
        rest, parts = int(self), []
        for name, factor in _SECOND_UNITS.items():
            count, rest = divmod(rest, factor)
            if count:
                parts.append(f"{count}{name}")
        return "".join(parts) or "0s"

    def __repr__(self) -> str:
        return f"Duration('{self}')"


class Share(Fraction):
    """A part of a whole, written `25%`; exact, so that no rounding decides over a setting."""

    @classmethod
    def parse(cls, text: str) -> Share:
        """A share from text such as `25%` or `12.5%`; ValueError says what is wrong with it."""
        found = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*", text)
        if not found or Fraction(found[1]) > 100:
            raise ValueError(f"'{text}' is not a share; write a percentage from 0% to 100%")
        return cls(Fraction(found[1]) / 100)

    def of(self, whole: int) -> int:
        """This share of `whole`, rounded down to a whole number."""
        return int(self * whole)

    def __str__(self) -> str:
        percent = self * 100
        return f"{percent.numerator}%" if percent.denominator == 1 else f"{float(percent):g}%"

    def __format__(self, spec: str, /) -> str:
        # Fraction formats itself as a quotient since Python 3.13 (library reference, fractions, 2026-11-21).
        return format(str(self), spec)
