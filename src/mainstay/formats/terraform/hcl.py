"""Values inside an expression: what stands in a body as a text, a list or a number, as an operand, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mainstay.formats.codec import CannotExpress
from mainstay.formats.terraform.words import Perhaps, Template, end_of_quote, escaped, pieces
from mainstay.plan.values import Json

_OPENING, _CLOSING = "([{", ")]}"


def operand(node: Json) -> str:
    """A written value as an operand: `"a-${var.x}"`, `var.x`, `["a"]`, `null`."""
    if isinstance(node, Template):
        return _of_template(node)
    if isinstance(node, str):
        return _quoted(escaped(node))
    if isinstance(node, list):
        return f"[{', '.join(operand(item) for item in node)}]"
    if isinstance(node, dict):
        raise CannotExpress("a block hangs on a condition, and a condition chooses between values only")
    return json.dumps(node)


def _of_template(node: Template) -> str:
    found = pieces(str(node)) or []
    if len(found) == 1 and found[0][0]:
        text = found[0][1]
        return f"({text})" if " ? " in text else text
    return (
        '"'
        + "".join(f"${{{text}}}" if is_expression else _inside(escaped(text)) for is_expression, text in found)
        + '"'
    )


def _quoted(text: str) -> str:
    return f'"{_inside(text)}"'


def _inside(text: str) -> str:
    """A text between quotes; HCL knows fewer escapes than JSON (its specification, "Template expressions")."""
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return written.replace("\\b", "\\u0008").replace("\\f", "\\u000c")


def value_of(text: str) -> Json | None:
    """What an operand stands for in a body; None where it is not one that is written here."""
    text = text.strip()
    if text.startswith('"'):
        return _of_quoted(text)
    if text.startswith("[") and text.endswith("]"):
        items = [value_of(item) for item in split(text[1:-1], ",")] if text[1:-1].strip() else []
        return None if any(item is None for item in items) else items
    if text in ("true", "false") or text.lstrip("-").replace(".", "", 1).isdecimal():
        literal: Json = json.loads(text)
        return literal
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return f"${{{inner}}}"


def _of_quoted(text: str) -> str | None:
    if end_of_quote(text, 1) != len(text) - 1:
        return None
    found = pieces(text[1:-1])
    if found is None:
        return None
    try:
        return "".join(
            f"${{{part}}}" if is_expression else escaped(json.loads(f'"{part}"')) for is_expression, part in found
        )
    except ValueError:
        return None


def split(text: str, mark: str) -> list[str]:
    """The parts between marks that stand at the top: not in quotes, brackets or parentheses."""
    at, parts = 0, []
    for place in _top(text, mark):
        parts.append(text[at:place])
        at = place + len(mark)
    return [*parts, text[at:]]


def _top(text: str, mark: str) -> Iterator[int]:
    at, depth = 0, 0
    while at < len(text):
        character = text[at]
        if character == '"':
            at = end_of_quote(text, at + 1) or len(text)
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif not depth and text.startswith(mark, at):
            yield at
            at += len(mark) - 1
        at += 1


def settled(node: Json) -> Json:
    """A body as it is written: literals escaped, templates as they are."""
    if isinstance(node, Template):
        return str(node)
    if isinstance(node, str):
        return escaped(node)
    if isinstance(node, list) and any(isinstance(item, Perhaps) for item in node):
        return f"${{compact({operand(node)})}}"
    if isinstance(node, list):
        return [settled(item) for item in node]
    if isinstance(node, dict):
        return {escaped(name): settled(item) for name, item in node.items()}
    return node
