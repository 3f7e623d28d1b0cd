"""The hash of a PostgreSQL row: 64 bits in which every bit of every column takes part.

The server's own hash functions are fast, and made for finding equal values quickly: `1.0` hashes as `1.00`, -1 as 1, an
interval of a day as one of 24 hours, and a bigint or a timestamp is folded to 32 bits before anything else, so that 1
and 2^32 have the same hash (hashfunc.c, `hashint8extended`; numeric.c, `hash_numeric_extended`; read and seen
2026-11-21). So each type takes part in a way that loses nothing: by its hash where that sees all of it, a bigint as the
seed of a hash, which is taken in 64 bits, and everything else by its binary form or its text.

Each column has constants of its own, and their exclusive-or is mixed once more: without that, values that swap rows
would leave the sum over the table as it is. All functions came with PostgreSQL 11 or before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from mainstay.probe.postgres.session import quoted

ROW: Final = "mainstay_row"
"""The alias of the table that the expressions are written for; what a column is called cannot be taken for it."""

_C: Final = '{0} COLLATE "C"'  # other collations may take different texts for equal
_TEXT: Final = f"hashtextextended({_C}, {{1}})"
# Its hash takes 0 for -0, and every NaN for the same: these by their bits.
_FLOAT: Final = (
    "CASE WHEN {0} <> 0 AND {0} <> 'NaN' THEN hashfloat{2}extended({0}, {1})"
    " ELSE hashtextextended(encode(float{2}send({0}), 'hex') COLLATE \"C\", {1}) END"
)
# How a column takes part, with the column and its number in place of {0} and {1}; NULL where the column is.
_HASHED: Final[Mapping[str, str]] = {
    "int2": "hashint2extended({0}, {1})",
    "int4": "hashint4extended({0}, {1})",
    "int8": "hashint4extended({1}, {0})",
    "oid": "hashoidextended({0}, {1})",
    "char": "hashcharextended({0}, {1})",
    "uuid": "uuid_hash_extended({0}, {1})",
    **dict.fromkeys(("text", "varchar"), _TEXT),
    # Its hash leaves trailing blanks out.
    "bpchar": f"hashbpcharextended({_C}, {{1}}) # hashint4extended(octet_length({{0}}), -{{1}})",
    "float4": _FLOAT.replace("{2}", "4"),
    "float8": _FLOAT.replace("{2}", "8"),
}
# By the binary form, which is the same on every platform; an array of them is hashed at once.
_SENT: Final[Mapping[str, str]] = {
    "bytea": "{0}",
    **{
        kind: f"{kind}_send({{0}})"
        for kind in ("date", "time", "timetz", "timestamp", "timestamptz", "interval", "numeric")
    },
}
# An array constructor and a row constructor take more than a table has columns: 1600 (MaxHeapAttributeNumber).
Column = tuple[str, str]


def row_hash(columns: Sequence[Column]) -> str:
    """The expression of a row's 64 bits, from its columns' names and types (empty: a type that a user made).

    It is never NULL, and is one for a row without columns.
    """
    terms, sent, others = [], [], []
    for number, (name, kind) in enumerate(columns, start=1):
        column = f"{ROW}.{quoted(name)}"
        if kind == "bool":
            terms.append(_of_truth(column, number))
        elif kind in _HASHED:
            terms.append(f"coalesce({_HASHED[kind].format(column, number)}, {_constant(number, 'null')})")
        elif kind in _SENT:
            sent.append(_SENT[kind].format(column))
        else:
            others.append(column)
    if sent:
        terms.append(f"hash_array_extended(ARRAY[{', '.join(sent)}], {_constant(0, 'sent')})")
    if others:
        terms.append(_TEXT.format(f"ROW({', '.join(others)})::text", _constant(0, "others")))
    return f"hashint4extended(0, {_joined(terms or [_constant(0, 'nothing')])})"


def _of_truth(column: str, number: int) -> str:
    yes, no, null = (_constant(number, word) for word in ("true", "false", "null"))
    return f"CASE WHEN {column} THEN {yes} WHEN NOT {column} THEN {no} ELSE {null} END"


def _constant(number: int, word: str) -> str:
    """64 bits for a column's value that has no hash; such that sums of some are not sums of others."""
    digest = hashlib.blake2b(f"{number} {word}".encode(), digest_size=8).digest()
    return f"({int.from_bytes(digest, 'big', signed=True)})::int8"


def _joined(terms: Sequence[str]) -> str:
    """Exclusive-or in pairs of pairs: one after the other, a wide table's expression would be too deep."""
    if len(terms) == 1:
        return f"({terms[0]})"
    half = len(terms) // 2
    return f"({_joined(terms[:half])} # {_joined(terms[half:])})"
