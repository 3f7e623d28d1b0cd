"""The user's own questions: each runs read-only and bounded; an error is a failed check, never a skipped one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HASHED: Final = 1_000
"""So many rows of an answer are always hashed, so that a drill tells the hash that one may then expect."""
_ESCAPED: Final = {b"\\": b"\\\\", b"\t": b"\\t", b"\n": b"\\n", b"\r": b"\\r"}


class RowHash:
    r"""SHA-256 over rows in their order: values as the server writes them in a pinned session, separated by tabs, `\N`
    for null, a newline after each row; backslash, tab and line ends escaped, as COPY does.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, row: Iterable[bytes | None]) -> None:
        """The next row."""
        self._hash.update(written(row))

    def __str__(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def written(row: Iterable[bytes | None]) -> bytes:
    """A row as COPY writes it."""
    return b"\t".join(b"\\N" if value is None else _escaped(value) for value in row) + b"\n"


def _escaped(value: bytes) -> bytes:
    for plain, written in _ESCAPED.items():
        value = value.replace(plain, written)
    return value


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """What a statement answered; `rows` None when it failed, `first_row` shortened for a reader.

    `hash` is that of all rows, empty where nobody expected one and there were too many.
    """

    name: str
    statement: str
    expected_rows: int | None
    rows: int | None
    first_row: str = ""
    error: str = ""
    expected_hash: str | None = None
    hash: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether it ran, and gave as many rows as were expected, and these."""
        are_as_many = self.rows is not None and self.expected_rows in {None, self.rows}
        return are_as_many and self.expected_hash in {None, self.hash}

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "name": self.name,
            "statement": self.statement,
            "expected_rows": self.expected_rows,
            "rows": self.rows,
            "first_row": self.first_row,
            "expected_hash": self.expected_hash,
            "hash": self.hash,
            "error": self.error,
            "has_passed": self.has_passed,
        }


def shortened(row: tuple[object, ...], limit: int = 200) -> str:
    """A row for a reader, cut after so many characters."""
    text = ", ".join("null" if value is None else str(value) for value in row)
    return text if len(text) <= limit else f"{text[:limit]}…"
