"""Fingerprints: a row count and an order-independent sum of row hashes for each table, computed in the database.

A sum, because exclusive-or lets a pair of equal rows cancel out. The hash is 64 bits wide and sees every bit of every
column; the server adds in 128 bits or more, so memory stays bounded and only two numbers a table leave the database.
Tables without a key are as good as any. Each dialect takes them in its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["equal", "differs", "missing", "unexpected", "unreadable", "moving", "outside"]


@dataclass(frozen=True, slots=True)
class TableFingerprint:
    """One table: how many rows, and the sum of their hashes as decimal text; `error` when it could not be read."""

    table: str
    rows: int
    digest: str
    error: str = ""

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"table": self.table, "rows": self.rows, "digest": self.digest, "error": self.error}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something that no fingerprint covers, and why."""

    subject: str
    reason: str

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"subject": self.subject, "reason": self.reason}


Found = TableFingerprint | Exclusion


def added(parts: Sequence[Found]) -> Found:
    """What the parts of one table come to, at least one; the first that could not be read speaks for all."""
    tables = [part for part in parts if isinstance(part, TableFingerprint) and not part.error]
    if len(tables) < len(parts):
        return next(part for part in parts if part not in tables)
    return TableFingerprint(tables[0].table, sum(t.rows for t in tables), str(sum(int(t.digest) for t in tables)))


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Every table of one database, read in one snapshot; what was left out is named."""

    database: str
    tables: tuple[TableFingerprint, ...]
    excluded: tuple[Exclusion, ...]

    @classmethod
    def of(cls, database: str, found: Iterable[Found]) -> Fingerprints:
        """What was found, in its order, tables and what was left out each by themselves."""
        seen = list(found)
        tables = tuple(one for one in seen if isinstance(one, TableFingerprint))
        return cls(database, tables, tuple(one for one in seen if isinstance(one, Exclusion)))

    def by_table(self) -> dict[str, TableFingerprint]:
        """The fingerprints by quoted table name."""
        return {table.table: table for table in self.tables}

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "database": self.database,
            "tables": [table.as_json() for table in self.tables],
            "excluded": [exclusion.as_json() for exclusion in self.excluded],
        }


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table of a restored database against what was seen at the source.

    `moving`: it changed between the two readings that bracket the target, and lies between them by row count,
    which proves little. `outside`: it does not even lie between them. `unreadable`: reading the source failed.
    """

    table: str
    state: State
    expected: str
    observed: str

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"table": self.table, "state": self.state, "expected": self.expected, "observed": self.observed}


def compare(before: Fingerprints, after: Fingerprints | None, restored: Fingerprints) -> tuple[TableComparison, ...]:
    """Each table of a restored database against the source just before the target, and just after it.

    Without `after` the taker vouches that nothing wrote between `before` and the target, so all must be equal.
    """
    first = before.by_table()
    last = first if after is None else after.by_table()
    found = restored.by_table()
    left_out = {exclusion.subject for exclusion in before.excluded}
    names = sorted({*first, *last, *found} - left_out)
    return tuple(_compare(name, first.get(name), last.get(name), found.get(name)) for name in names)


def _compare(
    name: str, first: TableFingerprint | None, last: TableFingerprint | None, found: TableFingerprint | None
) -> TableComparison:
    return TableComparison(name, _state(first, last, found), _expected(first, last), _shown(found))


def _state(first: TableFingerprint | None, last: TableFingerprint | None, found: TableFingerprint | None) -> State:
    """The one word for a table."""
    if (first and first.error) or (last and last.error):
        return "unreadable"
    if first is None or last is None:
        return "unexpected" if first is last else "moving"  # created or dropped within the bracket
    if found is None:
        return "missing"
    if first == last or found.error:
        return "equal" if found == first else "differs"
    low, high = sorted((first.rows, last.rows))
    return "moving" if low <= found.rows <= high else "outside"


def _expected(first: TableFingerprint | None, last: TableFingerprint | None) -> str:
    return _shown(first) if first == last else f"between {_shown(first)} and {_shown(last)}"


def _shown(table: TableFingerprint | None) -> str:
    if table is None:
        return "no such table"
    if table.error:
        return f"not readable: {table.error}"
    return f"{table.rows} rows, sum {table.digest}"


def total_rows(fingerprints: Mapping[str, Fingerprints]) -> int:
    """How many rows the fingerprints of several databases cover."""
    return sum(table.rows for one_database in fingerprints.values() for table in one_database.tables)
