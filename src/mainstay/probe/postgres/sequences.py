"""Sequences of PostgreSQL, and the columns that they feed."""

from __future__ import annotations

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.postgres.session import SYSTEM_SCHEMAS, PostgresConnection, PostgresCursor, one, quoted, reading
from mainstay.probe.sequences import Sequence
from mainstay.probe.transcript import about

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


def take(connection: PostgresConnection, *, timeout_s: float = 600) -> tuple[Sequence, ...]:
    """Every sequence of the database, with the furthest value of the column that it feeds."""
    with about("sequence"), reading(connection, timeout_s=timeout_s) as cursor:
        return tuple(_of_row(cursor, row) for row in cursor.execute(_SEQUENCES).fetchall())


def _of_row(cursor: PostgresCursor, row: tuple[object, ...]) -> Sequence:
    schema, name, increment, last_value, start, *column, persistence, is_readable = row
    step = int(str(increment))
    furthest = None
    if is_readable and persistence == "p":
        table_schema, table, attribute = (str(part) for part in column)
        choose = "max" if step > 0 else "min"
        statement = f"SELECT {choose}({quoted(attribute)}) FROM {quoted(table_schema, table)}"
        with about("sequence", quoted(str(schema), str(name))):
            furthest = one(cursor.execute(statement))[0]
    return Sequence(
        name=quoted(str(schema), str(name)),
        increment=step,
        start=int(str(start)),
        last_value=None if last_value is None else int(str(last_value)),
        column=quoted(*(str(part) for part in column)) if column[0] is not None else None,
        furthest=None if furthest is None else int(furthest),
    )
