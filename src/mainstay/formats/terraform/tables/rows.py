"""Rows that many tables share."""

from __future__ import annotations

from mainstay.formats.lists import Named
from mainstay.formats.scalars import text
from mainstay.formats.table import Row


def tags(type_name: str) -> Row:
    """The tags of a block."""
    return Row("tags", f"{type_name}.tags", Named(text, is_sorted=True))
