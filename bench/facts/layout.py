"""How a table of facts is written: what fits into a line stands in one, and lists of plain values always do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_WIDTH: Final = 120


def written(document: Mapping[str, Any]) -> str:  # Any: JSON
    """The file's text; the document and its data are always broken."""
    lines = [f"  {_text(name)}: {_laid_out(value, '  ', broken=name == 'data')}" for name, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _laid_out(value: Any, indent: str, *, broken: bool = False) -> str:  # Any: JSON
    line = _text(value)
    plain = not isinstance(value, dict | list) or (
        isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)
    )
    if plain or not value or (not broken and len(indent) + len(line) <= _WIDTH):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        items = [f"{inner}{_text(name)}: {_laid_out(one, inner)}" for name, one in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _laid_out(one, inner) for one in value) + f"\n{indent}]"


def _text(value: Any) -> str:  # Any: JSON
    return json.dumps(value, ensure_ascii=False)
