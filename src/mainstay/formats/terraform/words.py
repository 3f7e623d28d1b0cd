"""Text with expressions in it, as Terraform's templates spell it: `${…}` is evaluated, `$${` stands for itself.

HCL native syntax specification, "Template Expressions", and Terraform's JSON syntax, "Expression Mapping" (2026-11-21).
"""

from __future__ import annotations

import re
from typing import Final

_MARKS: Final = re.compile(r"([$%])\{")
_ESCAPED: Final = re.compile(r"([$%])\1\{")


class Template(str):
    """A text that holds expressions already, so that nothing in it is escaped any more."""

    __slots__ = ()


class Perhaps(Template):
    """A template of a value that may be nothing, and is left out of a list then."""

    __slots__ = ()


class Fleeting(Template):
    """A template of a value that must never be stored: only write-only arguments take it."""

    __slots__ = ()


def escaped(text: str) -> str:
    """A literal text inside a template."""
    return _MARKS.sub(r"\1\1{", text)


def literal(text: str) -> str:
    """What an escaped text stands for."""
    return _ESCAPED.sub(r"\1{", text)


def pieces(text: str) -> list[tuple[bool, str]] | None:
    """A template's parts: (whether it is an expression, its text without the marks).

    None where a directive (`%{if …}`) stands in it, or an expression does not end.
    """
    found: list[tuple[bool, str]] = []
    at, plain = 0, ""
    while at < len(text):
        if text.startswith(("$${", "%%{"), at):
            plain += text[at + 1 : at + 3]
            at += 3
        elif text.startswith("%{", at):
            return None
        elif text.startswith("${", at):
            end = _end(text, at + 2)
            if end is None:
                return None
            if plain:
                found.append((False, plain))
                plain = ""
            found.append((True, text[at + 2 : end].strip()))
            at = end + 1
        else:
            plain += text[at]
            at += 1
    if plain:
        found.append((False, plain))
    return found


def _end(text: str, at: int) -> int | None:
    """Where the brace that closes an expression stands; quoted text is skipped, with the expressions in it."""
    depth = 0
    while at < len(text):
        character = text[at]
        if character == '"':
            closing = end_of_quote(text, at + 1)
            if closing is None:
                return None
            at = closing
        elif character == "{":
            depth += 1
        elif character == "}":
            if not depth:
                return at
            depth -= 1
        at += 1
    return None


def end_of_quote(text: str, at: int) -> int | None:
    """Where the quote ends in which this place is; None where it does not."""
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            return at
        elif text.startswith(("$${", "%%{"), at):
            at += 2
        elif text.startswith("${", at):
            end = _end(text, at + 2)
            if end is None:
                return None
            at = end
        at += 1
    return None
