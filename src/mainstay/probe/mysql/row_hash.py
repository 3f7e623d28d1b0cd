"""The hash of a row of MySQL or MariaDB, as an SQL expression: 64 bits that the server adds up over a table.

Two numbers are made of each row, and both see every column: the exclusive-or of what each column comes to, multiplied
by a constant of its own, modulo a prime of 32 bits. The row's hash is the product of the two, so that rows which
exchange the values of a column do not come to the same sum, and a column's constants keep apart what changes places
within a row. A whole number takes part as it is; of a text, 32 bits are made in two ways that have nothing in common.

SQL has no name for a part of an expression: what is needed twice is computed twice. What costs most there is to put
texts together, to convert them, and to make a number of hexadecimal digits, and none of it is done here.
docs/decisions/2026-11-21-what-a-fingerprint-sees.md has the measurements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mainstay.probe.mysql.flavours import Flavour
from mainstay.probe.mysql.session import quoted


@dataclass(frozen=True, slots=True)
class Column:
    """A column as information_schema tells of it: `kind` is its type's name in lower case, `declared` all of its type.

    `octets` is the longest text that fits, in bytes; `digits` are those of a second's fraction. None for other types.
    """

    name: str
    kind: str
    declared: str
    may_be_null: bool
    octets: int | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class _Half:
    """One of the two numbers: its prime, the one that what has 64 bits is divided by before, and how 32 bits are made
    of a text that is short, and of one of any length. `writes_moments` is whether one with a fraction takes part as
    text.

    The primes end well below 2^32, or -1 would be the same as some small number.
    """

    name: str
    prime: int
    wide: int
    short: str
    long: str
    writes_moments: bool = True


@dataclass(frozen=True, slots=True)
class _Value:
    """What a column comes to before it is multiplied by a constant of so many bits; together they fit in 64."""

    expression: str
    bits: int
    is_unsigned: bool


_FIRST: Final = _Half("first", 4199999929, 4294899977, "CRC32({0})", "CRC32({0})")
# CRC-32 is linear, so two of another start or seed would miss the same. Base 64 and SHA-2 are not.
_SECOND: Final = _Half(
    "second", 4099999993, 4289999969, "CRC32(TO_BASE64({0}))", "CRC32(LEFT(SHA2({0}, 256), 16))"
)  # fmt: skip
# Of another polynomial: together they are a CRC of 64 bits.
_SECOND_OF_CRC32C: Final = replace(_SECOND, short="CRC32C({0})", long="CRC32C({0})")
# TO_BASE64 gives NULL for more than max_allowed_packet, and SHA2 is faster for what is longer.
_SHORT_OCTETS: Final = 1024

# Operators stand on the server's stack one upon the other, and MariaDB's ends at some 900 of them.
_TOGETHER: Final = 32
# Of how many bits the constant is that a whole number is multiplied by.
_WHOLE: Final = {"tinyint": 55, "smallint": 47, "mediumint": 39, "int": 31, "year": 31, "date": 31, "time": 31}
_WIDE: Final = frozenset({"bigint", "bit"})
_MOMENTS: Final = frozenset({"datetime", "timestamp"})
_UNSIGNED: Final = frozenset({"year", "bit"})
# What has a short text that tells any two values apart, the number of which would cost more; FLOAT's has six digits.
_WRITTEN: Final = {
    **dict.fromkeys(("decimal", "double", "time", "datetime", "timestamp"), "{0}"),
    "float": "CAST({0} AS DOUBLE)",
}
# What is hashed in the bytes that are stored.
_BYTES: Final = frozenset({
    "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json", "binary", "varbinary",
    "tinyblob", "blob", "mediumblob", "longblob", "vector", "geometry", "point", "linestring", "polygon", "multipoint",
    "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
})  # fmt: skip


def row_hash(columns: Sequence[Column], flavour: Flavour) -> str:
    """An unsigned number below 2^64 that depends on the value of every column and on the columns' order."""
    first, second = _halves(flavour)
    return f"({_number(columns, first)}) * ({_number(columns, second)})"


def _halves(flavour: Flavour) -> tuple[_Half, _Half]:
    both = (_FIRST, _SECOND_OF_CRC32C if flavour.has_crc32c else _SECOND)
    first, second = (replace(half, writes_moments=flavour.writes_moments) for half in both)
    return first, second


def _number(columns: Sequence[Column], half: _Half) -> str:
    terms = [_term(column, place, half) for place, column in enumerate(columns, 1)]
    groups = [terms[first : first + _TOGETHER] for first in range(0, len(terms), _TOGETHER)]
    parts = [f"({' ^ '.join(group)})" for group in groups]
    return f"({' ^ '.join([str(_constant(0, half.name, 64)), *parts])}) % {half.prime}"


def _term(column: Column, place: int, half: _Half) -> str:
    """What a column comes to, never NULL: one would take the whole row out of the sum."""
    value = _value(column, half)
    product = f"{value.expression.format(quoted(column.name))} * {_constant(place, half.name, value.bits)}"
    if not column.may_be_null and (column.kind in _WHOLE or column.kind in _WIDE):
        return f"({product})"
    # Of the same sign, or the server would go on with a decimal.
    null = _constant(place, f"{half.name}, null", 64 if value.is_unsigned else 62)
    return f"COALESCE({product}, {null})"


def _value(column: Column, half: _Half) -> _Value:
    is_unsigned = column.kind in _UNSIGNED or column.declared.endswith(("unsigned", "unsigned zerofill"))
    if column.kind in _WHOLE and not column.digits:
        return _Value("{0}", _WHOLE[column.kind], is_unsigned)
    if column.kind in _WIDE:
        return _Value(f"{{0}} % {half.wide}", 31, is_unsigned)
    if column.kind in _MOMENTS and not column.digits:
        return _Value(f"({{0}} % {half.wide} | 0)", 31, True)  # unsigned on both servers
    if column.kind in _MOMENTS and not half.writes_moments:
        # As a whole number it is rounded, which the fraction tells.
        fraction = f"MICROSECOND({{0}}) * {_constant(0, f'{half.name}, fraction', 43)}"
        return _Value(f"(({{0}} ^ ({fraction})) % {half.wide})", 31, True)
    return _Value(_of_text(column, half), 31, True)


def _of_text(column: Column, half: _Half) -> str:
    """32 bits of a column that is no whole number."""
    if column.kind in _WRITTEN:
        return half.short.format(_WRITTEN[column.kind])
    if column.kind not in _BYTES:
        return half.long.format("CAST({0} AS CHAR)")
    return (half.short if (column.octets or _SHORT_OCTETS + 1) <= _SHORT_OCTETS else half.long).format("{0}")


def _constant(place: int, use: str, bits: int) -> int:
    """An odd number of so many bits, the same for ever."""
    drawn = int.from_bytes(hashlib.sha256(f"{use} {place}".encode()).digest()[:8]) >> (64 - bits)
    return drawn | 1 << (bits - 1) | 1
