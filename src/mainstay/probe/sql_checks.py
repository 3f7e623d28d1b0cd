"""The user's own questions: each runs read-only and bounded; an error is a failed check, never a skipped one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """What a statement answered; `rows` None when it failed, `first_row` shortened for a reader."""

    name: str
    statement: str
    expected_rows: int | None
    rows: int | None
    first_row: str = ""
    error: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether it ran, and gave as many rows as were expected."""
        return self.rows is not None and self.expected_rows in {None, self.rows}

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "name": self.name,
            "statement": self.statement,
            "expected_rows": self.expected_rows,
            "rows": self.rows,
            "first_row": self.first_row,
            "error": self.error,
            "has_passed": self.has_passed,
        }


def shortened(row: tuple[object, ...], limit: int = 200) -> str:
    """A row for a reader, cut after so many characters."""
    text = ", ".join("null" if value is None else str(value) for value in row)
    return text if len(text) <= limit else f"{text[:limit]}…"
