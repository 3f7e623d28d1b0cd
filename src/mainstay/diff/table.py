"""The whole table: kind × field → what a change does, beside the replacements that `facts` tells of each type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.diff import instance_rows, other_rows, storage_rows
from mainstay.diff.row import Row
from mainstay.plan.resources import Resource

ROWS: Final[tuple[Row, ...]] = (*instance_rows.ROWS, *storage_rows.ROWS, *other_rows.ROWS)
BY_FIELD: Final[Mapping[tuple[type[Resource], str], Row]] = {(row.kind, row.field): row for row in ROWS}
