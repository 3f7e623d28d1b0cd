"""What a server's tables are, for those who read them whole: one type for every engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table that holds somebody's data. In MySQL and MariaDB a database is its only schema.

    `columns` are names with their types, in the server's own words.
    """

    database: str
    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
