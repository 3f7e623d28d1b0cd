"""JSON laid out for a reader: two spaces a level, and whatever fits stands on one line. The same bytes every time."""

from __future__ import annotations

import json
from typing import Final

from mainstay.plan.values import Json

# Short pairs such as tags on one line make a template half as long, and small enough to be sent without a bucket.
_WIDTH: Final = 120


def laid_out(node: Json, *, indent: int = 0, used: int = 0) -> str:
    """A JSON text without a line end; `used` columns of the first line are taken already."""
    short = json.dumps(node, allow_nan=False)
    if not isinstance(node, dict | list) or not node or indent + used + len(short) <= _WIDTH:
        return short
    inner = indent + 2
    pad, end = " " * inner, " " * indent
    if isinstance(node, list):
        lines = [f"{pad}{laid_out(item, indent=inner)}" for item in node]
        return "[\n" + ",\n".join(lines) + f"\n{end}]"
    names = {name: json.dumps(name) for name in node}
    lines = [
        f"{pad}{names[name]}: {laid_out(item, indent=inner, used=len(names[name]) + 3)}" for name, item in node.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{end}}}"
