"""YAML with CloudFormation's short tags, built from libyaml's events: no recursion, no objects, aliases on a budget.

Scalars follow YAML 1.1 as CloudFormation does, without its timestamps: `2012-10-17` stays a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from mainstay.core.errors import InputRefused
from mainstay.formats.json_text import REPEATED, Place
from mainstay.plan.values import Json

NOT_YAML: Final = "template is neither JSON nor YAML"
# How many nodes aliases may stand for; a template that copies a block of 100 nodes 1,000 times is no template.
_MOST_ALIASED: Final = 100_000
_MOST_LEVELS: Final = 200

_FUNCTIONS: Final = frozenset(
    {
        *("And", "Equals", "If", "Not", "Or"),
        *("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll"),
        *("Base64", "Cidr", "FindInMap", "GetAtt", "GetAZs", "ImportValue", "Join", "Select", "Split", "Sub"),
        *("ForEach", "Length", "ToJsonString", "Transform"),
    }
)
# The numbers of YAML 1.1 (yaml.org/type, int and float, checked 2026-11-20) without base 2 and base 60.
_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...]] = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9_]*)"), int),
    (re.compile(r"0[0-7]+"), lambda digits: int(digits, 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda digits: int(digits, 16)),
    (re.compile(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"), float),
)
_LONGEST_NUMBER: Final = 40
_WORDS: Final[dict[str, bool | None]] = {
    spelled: value
    for words, value in (("yes true on", True), ("no false off", False), ("null", None))
    for word in words.split()
    for spelled in (word, word.capitalize(), word.upper())
} | {"~": None, "": None}


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read. `size` counts the nodes below it, aliases in full."""

    value: Any  # Any: a list or a mapping of what YAML holds
    tag: str | None
    anchor: str | None
    key: str | None = None
    size: int = 1
    lines: dict[str, int] = field(default_factory=dict)


def load(text: str, *, file: str) -> tuple[Json, dict[str, Place], dict[str, dict[str, Place]]]:
    """The data, the place of each member of `Resources`, and by member those of its own and of its properties.

    InputRefused with line and reason.
    """
    try:
        builder = _Builder(file)
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(file, mark, str(error.problem or error.context), summary=NOT_YAML)
    except (yaml.YAMLError, UnicodeError) as error:
        # A character that YAML has no room for; the reader knows no line.
        _refuse(file, None, str(error).splitlines()[0], summary=NOT_YAML)
    return builder.root, builder.places, builder.inside


def _events(text: str) -> Iterator[Any]:  # Any: events are classes of the untyped C extension
    return yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _refuse(file: str, mark: Any, reason: str, *, summary: str = "template cannot be used", hint: str = "") -> NoReturn:
    place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
    raise InputRefused(summary, detail=f"{place}: {reason}.", hint=hint or "correct the text at that line")


class _Builder:
    """Events in, plain data out, on a stack of its own."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Json = None
        self.places: dict[str, Place] = {}
        self.inside: dict[str, dict[str, Place]] = {}
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._aliased = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _refuse(self.file, event.start_mark, "a second document begins", hint="keep one template a file")

    def _scalar(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            self._key(top, event)
        else:
            self._add(self._tagged(event, event.tag, _literal(event)), 1, event.anchor)

    def _key(self, top: _Open, event: Any) -> None:
        name, line = event.value, event.start_mark.line + 1
        if name in top.lines:
            _refuse(
                self.file,
                event.start_mark,
                f"'{name}' stands on line {top.lines[name]} already",
                summary=REPEATED,
                hint="remove one of them",
            )
        top.key, top.lines[name] = name, line
        if 2 <= len(self._stack) <= 4 and self._stack[0].key == "Resources":
            self._keep(name, (line, event.start_mark.column + 1))

    def _keep(self, name: str, place: Place) -> None:
        """The place of a resource, of a member of it, or of one of its properties."""
        path = [one.key for one in self._stack[1:-1]]
        if not path:
            self.places[name] = place
        elif path[0] is not None and path[1:] in ([], ["Properties"]):
            self.inside.setdefault(path[0], {})[name] = place

    def _open(self, event: Any) -> None:
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            _refuse(self.file, event.start_mark, "a key that is not a text")
        if len(self._stack) == _MOST_LEVELS:
            _refuse(self.file, event.start_mark, "nested too deeply", hint="flatten it")
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Open(value, event.tag, event.anchor))

    def _close(self, event: Any) -> None:
        done = self._stack.pop()
        self._add(self._tagged(event, done.tag, done.value), done.size, done.anchor)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            _refuse(self.file, event.start_mark, f"'*{event.anchor}' names nothing that is complete before it")
        value, size = self._anchors[event.anchor]
        self._aliased += size
        if self._aliased > _MOST_ALIASED:
            _refuse(
                self.file,
                event.start_mark,
                f"aliases stand for more than {_MOST_ALIASED:,} values",
                hint="write the blocks out, or split the template",
            )
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            _refuse(self.file, event.start_mark, "a key that is an alias")
        self._add(value, size, None)

    def _add(self, value: Any, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        top.size += size
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key == "<<":
            _merge(top, value)
        else:
            top.value[top.key] = value
        top.key = None

    def _tagged(self, event: Any, tag: str | None, value: Any) -> Any:
        if tag is None or tag == "!" or tag.startswith("tag:yaml.org,2002:"):
            return value
        name = tag.removeprefix("!")
        if name in ("Ref", "Condition"):
            return {name: value}
        if name == "GetAtt" and isinstance(value, str):
            return {"Fn::GetAtt": value.split(".", 1)}
        if name in _FUNCTIONS:
            return {f"Fn::{name}": value}
        return _refuse(self.file, event.start_mark, f"'{tag}' is no tag of CloudFormation")


def _merge(top: _Open, value: Any) -> None:
    """Members of other mappings; what the mapping writes itself wins, before or after."""
    for other in value if isinstance(value, list) else [value]:
        for name, item in other.items() if isinstance(other, dict) else ():
            top.value.setdefault(name, item)


def _literal(event: Any) -> Json:
    text: str = event.value
    if event.tag in ("!", "tag:yaml.org,2002:str") or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER:
        for pattern, number in _NUMBERS:
            if pattern.fullmatch(text):
                value = number(text.replace("_", ""))
                # A number beyond every float would be written as `Infinity`, which is not JSON.
                return value if math.isfinite(value) else text
    return text
