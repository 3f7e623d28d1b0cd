"""Sequences: one that stands behind its column hands out keys that are already taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mainstay.probe.session import CANARY_SCHEMA, SYSTEM_SCHEMAS, Connection, Cursor, one, quoted, reading

# A sequence belongs to a column by identity ('i') or by OWNED BY ('a').
# Source: PostgreSQL 17 manual, pg_depend, 2026-11-20.
# The CASE keeps the planner from asking for the privilege before the join has found the sequences.
_SEQUENCES = f"""
SELECT n.nspname, c.relname, s.seqincrement, pg_sequence_last_value(c.oid), s.seqstart,
       tn.nspname, t.relname, a.attname, t.relpersistence::text,
       t.oid IS NOT NULL AND has_table_privilege(t.oid, 'SELECT')
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
     AND d.refclassid = 'pg_class'::regclass
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relpersistence = 'p' AND n.nspname <> '{CANARY_SCHEMA}' AND {SYSTEM_SCHEMAS}
  AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT,USAGE') END
ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Where a sequence stands; `last_value` None means that it never gave a value.

    `furthest` is the greatest value in its column (the least, for one that counts down), None without a column or rows.
    """

    name: str
    increment: int
    start: int
    last_value: int | None
    column: str | None = None
    furthest: int | None = None

    def is_behind(self, value: int | None) -> bool:
        """Whether this sequence would hand out `value`, or one before it, again."""
        if value is None:
            return False
        if self.last_value is None:
            return (value - self.start) * self.increment >= 0
        return (value - self.last_value) * self.increment > 0

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "name": self.name,
            "increment": self.increment,
            "start": self.start,
            "last_value": self.last_value,
            "column": self.column,
            "furthest": self.furthest,
        }


@dataclass(frozen=True, slots=True)
class SequenceComparison:
    """One sequence against its column and against the source; `problem` is empty when it is right."""

    name: str
    expected: str
    observed: str
    problem: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether the sequence can go on from here."""
        return not self.problem

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"name": self.name, "expected": self.expected, "observed": self.observed, "problem": self.problem}


def take(connection: Connection, *, timeout_s: float = 600) -> tuple[Sequence, ...]:
    """Every sequence of the database, with the furthest value of the column that it feeds."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        return tuple(_of_row(cursor, row) for row in cursor.execute(_SEQUENCES).fetchall())


def _of_row(cursor: Cursor, row: tuple[object, ...]) -> Sequence:
    schema, name, increment, last_value, start, *column, persistence, is_readable = row
    step = int(str(increment))
    furthest = None
    if is_readable and persistence == "p":
        table_schema, table, attribute = (str(part) for part in column)
        choose = "max" if step > 0 else "min"
        statement = f"SELECT {choose}({quoted(attribute)}) FROM {quoted(table_schema, table)}"
        furthest = one(cursor.execute(statement))[0]
    return Sequence(
        name=quoted(str(schema), str(name)),
        increment=step,
        start=int(str(start)),
        last_value=None if last_value is None else int(str(last_value)),
        column=quoted(*(str(part) for part in column)) if column[0] is not None else None,
        furthest=None if furthest is None else int(furthest),
    )


def compare(baseline: Iterable[Sequence], restored: Iterable[Sequence]) -> tuple[SequenceComparison, ...]:
    """Each sequence of a restored database against the source just before the target.

    It may stand further than the source did: the server logs 32 values ahead.
    Source: PostgreSQL 17 source, commands/sequence.c SEQ_LOG_VALS, 2026-11-20.
    """
    expected = {sequence.name: sequence for sequence in baseline}
    found = {sequence.name: sequence for sequence in restored}
    return tuple(_compare(name, expected.get(name), found.get(name)) for name in sorted({*expected, *found}))


def _compare(name: str, expected: Sequence | None, found: Sequence | None) -> SequenceComparison:
    wanted = "any position past its column" if expected is None else f"at least {expected.last_value}"
    if found is None:
        return SequenceComparison(name, wanted, "no such sequence", "missing")
    seen = f"at {found.last_value}"
    if found.is_behind(found.furthest):
        return SequenceComparison(name, wanted, seen, f"behind {found.column}, which already holds {found.furthest}")
    if expected is not None and found.is_behind(expected.last_value):
        return SequenceComparison(name, wanted, seen, f"behind the source, which stood at {expected.last_value}")
    return SequenceComparison(name, wanted, seen)
