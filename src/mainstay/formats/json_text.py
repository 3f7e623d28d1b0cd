"""JSON with the places of some members: objects on the way are walked here, everything else by the standard decoder.

What JSON allows and no document of ours may have is refused: a key that stands twice, a number beyond every number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NoReturn, cast

from mainstay.core.errors import InputRefused
from mainstay.plan.values import Json

REPEATED: Final = "a key stands twice"
TOO_DEEP: Final = "nested too deeply"
MOST_LEVELS: Final = 100
ANY: Final = None
"""Every member of an object, as a step on the way to what is to be found again."""
Steps = Sequence[str | None]
Place = tuple[int, int]
"""Line and column, from 1."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],]')
# No property of AWS has as many digits; a number with thousands of them takes for ever to be written in decimal.
_MOST_DIGITS: Final = 40


class NotJson(Exception):
    """The text is not JSON; `line` and `column` count from 1."""

    def __init__(self, reason: str, text: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line, self.column = _place(text, position)


class _Repeated(ValueError):
    """A key that stands twice in one mapping."""


def load(text: str, *, file: str, steps: Steps = ()) -> tuple[Json, dict[tuple[str, ...], int]]:
    """The data, and the offset of each member that `steps` lead to, by the names on the way.

    `("Resources", ANY)` finds the members of `Resources`. NotJson, or InputRefused for what no document may have.
    """
    offsets: dict[tuple[str, ...], int] = {}
    try:
        cursor = _Cursor(text)
        root = cursor.walk(steps, (), offsets)
        cursor.end()
    except _Repeated as error:
        raise _twice(text, file) from error
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, text, error.pos) from error
    except RecursionError as error:
        raise InputRefused(TOO_DEEP, detail=f"{file} has more levels than can be read.", hint="flatten it") from error
    except ValueError as error:
        raise InputRefused(
            "an impossible number", detail=f"{file}: {error}.", hint="write a number that JSON knows"
        ) from error
    return root, offsets


def refuse_depth(root: Json, file: str, most: int = MOST_LEVELS) -> None:
    """InputRefused when mappings and lists stand in each other more than `most` levels deep."""
    level: list[Json] = [root]
    for _ in range(most):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        ]
        if not level:
            return
    raise InputRefused(
        TOO_DEEP,
        detail=f"{file} has more than {most} levels.",
        hint="flatten it; no tool of AWS or Terraform writes so many levels",
    )


def places(text: str, offsets: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], Place]:
    """Line and column of each offset; offsets rise, so every line is counted once."""
    found, line, before = {}, 1, 0
    for path, offset in offsets.items():
        line += text.count("\n", before, offset)
        found[path] = (line, offset - text.rfind("\n", 0, offset))
        before = offset
    return found


def places_within(text: str, offset: int, line: int, inner: str = "") -> dict[str, Place]:
    """Where the members of an object stand whose own name is at `offset` in `line`, and those of its member `inner`.

    The text was read before, so it is JSON.
    """
    cursor = _Cursor(text, offset)
    cursor.value()
    cursor.expect(":")
    offsets: dict[tuple[str, ...], int] = {}
    start = cursor.position
    cursor.walk((ANY,), (), offsets)
    if (inner,) in offsets:
        cursor.position = start
        cursor.walk((inner, ANY), (), offsets)
    return {
        path[-1]: (line + text.count("\n", offset, position), position - text.rfind("\n", 0, position))
        for path, position in offsets.items()
    }


def _place(text: str, position: int) -> Place:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _twice(text: str, file: str) -> InputRefused:
    """The refusal of a repeated key, with the places of both."""
    name, first, second = _both(text)
    (line, column), (before, _) = _place(text, second), _place(text, first)
    return InputRefused(
        REPEATED,
        detail=f"{file}:{line}:{column}: '{name}' stands on line {before} already.",
        hint="remove one of them",
    )


def _both(text: str) -> tuple[str, int, int]:
    """The first key that an object has twice, and the offsets where it stands first and where again."""
    stack: list[dict[str, int] | None] = []
    before = ""
    tokens = _TOKEN.finditer(text)
    while True:  # it ends, because the decoder has seen one
        token = next(tokens)
        mark = token[0]
        keys = stack[-1] if stack else None
        if mark in "{[":
            stack.append({} if mark == "{" else None)
        elif mark in "}]":
            stack.pop()
        elif keys is not None and mark != "," and before in ("{", ","):
            name = json.loads(mark)
            if name in keys:
                return name, keys[name], token.start()
            keys[name] = token.start()
        before = mark


class _Cursor:
    """A place in JSON text, standing at the beginning of a value."""

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        self._skip_space()

    def walk(self, steps: Steps, path: tuple[str, ...], offsets: dict[tuple[str, ...], int]) -> Json:
        """The value here; what the steps lead to leaves its offset."""
        if not steps or not self.text.startswith("{", self.position):
            return self.value()
        members: list[tuple[str, Json]] = []
        for name, offset in self._members():
            here, rest = (*path, name), steps[1:]
            is_on_the_way = steps[0] in (ANY, name)
            if is_on_the_way and not rest:
                offsets[here] = offset
            members.append((name, self.walk(rest, here, offsets) if is_on_the_way else self.value()))
        return _unique(members)

    def value(self) -> Json:
        """The value here; the cursor moves behind it and the space after it."""
        value: Json
        value, self.position = _DECODER.raw_decode(self.text, self.position)
        self._skip_space()
        return value

    def expect(self, mark: str) -> None:
        """Move behind a mark and the space after it."""
        if not self._takes(mark):
            raise json.JSONDecodeError(f"Expecting '{mark}'", self.text, self.position)

    def end(self) -> None:
        """Nothing may follow."""
        if self.position != len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, self.position)

    def _members(self) -> Iterator[tuple[str, int]]:
        """The members of the object here, each with its offset; whoever iterates takes each value."""
        self.expect("{")
        if self._takes("}"):
            return
        while True:
            offset = self.position
            if not self.text.startswith('"', offset):
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self.text, offset)
            name = str(self.value())
            self.expect(":")
            yield name, offset
            if self._takes("}"):
                return
            self.expect(",")

    def _takes(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.position)
        if found:
            self.position += 1
            self._skip_space()
        return found

    def _skip_space(self) -> None:
        self.position = cast("re.Match[str]", _SPACE.match(self.text, self.position)).end()


def _unique(members: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(members)
    if len(found) < len(members):
        raise _Repeated
    return found


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:_MOST_DIGITS]} is beyond every number")
    return value


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"{digits[:_MOST_DIGITS]}… has {len(digits):,} digits")
    return int(digits)


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_int=_whole, parse_constant=_refused
)
