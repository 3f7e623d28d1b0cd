"""JSON with the place of each resource: the top level is walked here, everything below by the standard decoder."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Final, NoReturn, cast

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import yaml_text
from mainstay.plan.values import Json

_SPACE: Final = re.compile(r"[ \t\n\r]*")


class NotJson(Exception):
    """The text is not JSON; `line` and `column` count from 1."""

    def __init__(self, reason: str, text: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = text.count("\n", 0, position) + 1
        self.column = position - text.rfind("\n", 0, position)


class _Repeated(ValueError):
    """A key that stands twice in one mapping."""


def load(text: str, *, file: str) -> tuple[Json, dict[str, tuple[int, int]]]:
    """The data, and the line and column of each member of `Resources`; NotJson, or InputRefused for what JSON allows
    and a template must not have.
    """
    offsets: dict[str, int] = {}
    try:
        root = _top(text, offsets)
    except _Repeated as error:
        raise _located(error, text, file) from error
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, text, error.pos) from error
    except RecursionError as error:
        raise InputRefused(
            "template nested too deeply", detail=f"{file} has more levels than can be read.", hint="flatten it"
        ) from error
    except ValueError as error:
        raise InputRefused(
            "template with an impossible number", detail=f"{file}: {error}.", hint="write a number that JSON knows"
        ) from error
    return root, _places(text, offsets)


def _located(repeated: _Repeated, text: str, file: str) -> InputRefused:
    """The refusal of a repeated key, with the lines of both where the slower reader can tell."""
    try:
        yaml_text.load(text, file=file)
    except InputRefused as refused:
        if refused.summary == yaml_text.REPEATED:
            return refused
    detail = f"{file}: '{repeated}' stands twice in one mapping."
    return InputRefused(yaml_text.REPEATED, detail=detail, hint="remove one of them")


def _top(text: str, offsets: dict[str, int]) -> Json:
    cursor = _Cursor(text)
    members: list[tuple[str, Json]] = []
    for name, _ in cursor.members():
        if name == "Resources" and text.startswith("{", cursor.position):
            members.append((name, _resources(cursor, offsets)))
        else:
            members.append((name, cursor.value()))
    cursor.end()
    return _unique(members)


def _resources(cursor: _Cursor, offsets: dict[str, int]) -> Json:
    members: list[tuple[str, Json]] = []
    for key, position in cursor.members():
        offsets[key] = position
        members.append((key, cursor.value()))
    return _unique(members)


def _places(text: str, offsets: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Line and column of each offset; offsets rise, so every line is counted once."""
    places, line, before = {}, 1, 0
    for key, offset in offsets.items():
        line += text.count("\n", before, offset)
        places[key] = (line, offset - text.rfind("\n", 0, offset))
        before = offset
    return places


class _Cursor:
    """A place in JSON text, standing at the beginning of a value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_space()

    def value(self) -> Json:
        """The value here; the cursor moves behind it."""
        value: Json
        value, self.position = _DECODER.raw_decode(self.text, self.position)
        return value

    def members(self) -> Iterator[tuple[str, int]]:
        """The members of the object here, each with its offset; whoever iterates takes each value."""
        self._expect("{")
        if self._takes("}"):
            return
        while True:
            offset = self.position
            if not self.text.startswith('"', offset):
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self.text, offset)
            name = str(self.value())
            self._skip_space()
            self._expect(":")
            yield name, offset
            self._skip_space()
            if self._takes("}"):
                return
            self._expect(",")

    def end(self) -> None:
        """Nothing but space may follow."""
        self._skip_space()
        if self.position != len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, self.position)

    def _takes(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.position)
        if found:
            self.position += 1
        return found

    def _expect(self, mark: str) -> None:
        if not self._takes(mark):
            raise json.JSONDecodeError(f"Expecting '{mark}'", self.text, self.position)
        self._skip_space()

    def _skip_space(self) -> None:
        self.position = cast("re.Match[str]", _SPACE.match(self.text, self.position)).end()


def _unique(members: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise _Repeated(next(name for name in names if names.count(name) > 1))
    return found


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:40]} is beyond every number")
    return value


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refused)
