"""A patch: what a file should say instead, place by place, so that a finding is gone."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TypeAlias

import yaml

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass


class Language(enum.StrEnum):
    """What a patch is written in."""

    YAML = "yaml"
    JSON = "json"
    TERRAFORM = "terraform"


class Operation(enum.StrEnum):
    """What becomes of a place, in the words of JSON Patch (RFC 6902)."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place. `path` leads to it from the top of the file, through mappings by name and through lists by number.

    `value` is JSON. `subject` is what people call the resource, `origin` the nearest place that was written.
    """

    path: tuple[str, ...]
    operation: Operation = Operation.REPLACE
    value: object = None
    subject: str = ""
    origin: Origin | None = None

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer (RFC 6901)."""
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in self.path)

    def as_json(self) -> dict[str, object]:
        """An operation of JSON Patch, with the file and line that it is for."""
        found: dict[str, object] = {
            "op": self.operation.value,
            "path": self.pointer,
            "subject": self.subject,
            "file": self.origin.file if self.origin else None,
            "line": self.origin.line or None if self.origin else None,
        }
        return found if self.operation is Operation.REMOVE else {**found, "value": self.value}


@dataclass(frozen=True, slots=True)
class Replacement:
    """A piece of a file's text, by its offsets in characters, and what stands there instead.

    `first` and `last` are the line and column of both ends, counted from 1; the last one is behind the piece.
    """

    start: int
    end: int
    text: str
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)


Locate: TypeAlias = "Callable[[Sequence[Change]], dict[str, tuple[Replacement, ...]]]"
"""Finds the pieces of text, by file, that changes want replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """All the places that one fault wants changed.

    `locate` finds the pieces of the files' texts, by file, when somebody asks; it answers nothing where a file's form
    leaves no room for an exact piece, or has no text of its own.
    """

    language: Language
    changes: tuple[Change, ...]
    locate: Locate | None = field(default=None, compare=False, repr=False)

    def replacements(self) -> dict[str, tuple[Replacement, ...]]:
        """The pieces of text to replace, by file; empty where they cannot be told."""
        return self.locate(self.changes) if self.locate else {}

    def as_json(self) -> dict[str, object]:
        """`{"language": ..., "changes": [...], "text": ...}`, as it stands in `--json` documents."""
        return {
            "language": self.language.value,
            "changes": [change.as_json() for change in self.changes],
            "text": "\n".join(line for change in self.changes for line in snippet(change, self.language)),
        }


def snippet(change: Change, language: Language) -> list[str]:
    """The lines as they should read in the file's language; none for what is to be removed."""
    if change.operation is Operation.REMOVE:
        return []
    name = change.path[-1]
    if language is Language.YAML:
        return _yaml(name, change.value)
    value = json.dumps(change.value, indent=2, ensure_ascii=False)
    named = f"{name} = {value}" if language is Language.TERRAFORM else f"{json.dumps(name)}: {value}"
    return (value if name.isdecimal() else named).split("\n")


def _yaml(name: str, value: object) -> list[str]:
    node: object = [value] if name.isdecimal() else {name: value}
    text: str = yaml.safe_dump(node, sort_keys=False, allow_unicode=True, width=10_000)
    return text.rstrip("\n").split("\n")
