"""YAML text to plain values, with the place of each, and every fault at once.

The tree is built from the C parser's events, not by PyYAML's constructor: events carry the place, come one at a
time (so depth and size are bounded before anything is built), and leave the reading of plain words to us. YAML 1.1
readers take `no` for false and `12:30:00` for 45000; where readers disagree, the author is asked to write it so
that they don't. Anchors are refused: an alias can stand for a billion values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from mainstay.core.findings import Finding, Origin
from mainstay.spec.faults import finding

MOST_BYTES: Final = 1_000_000
MOST_DEPTH: Final = 20
_WORDS: Final = re.compile(r"yes|no|on|off|y|n", re.IGNORECASE)
_SEXAGESIMAL: Final = re.compile(r"[-+]?\d+(:[0-5]?\d)+(\.\d*)?")
_OCTAL: Final = re.compile(r"[-+]?0[0-7_]+")
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?\d{1,17}\.\d{1,17}")
_PLAIN: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Path = tuple[str, ...]
_Node = yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent


@dataclass(slots=True)
class Tree:
    """What a text says: `value` (mappings, lists, scalars), `places` by path, and what is wrong with it.

    A path is a tuple, because a key may itself have a dot (`rds.force_ssl`).
    """

    value: Any = None  # Any: YAML holds any value
    places: dict[Path, Origin] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A mapping or a list whose end has not been seen; `key` is the one that waits for its value."""

    path: Path
    items: dict[str, Any] | list[Any]
    key: str | None = None


class _Stop(Exception):  # ends one parse; it never leaves this file
    def __init__(self, fault: Finding) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def parse(text: str, file: str) -> Tree:
    """The tree of one YAML document. It never raises: what is wrong stands in `faults`.

    A text that cannot be read to its end has no value: half a spec would only bring faults that are none.
    """
    tree = Tree()
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        tree.faults.append(
            finding(
                "SP002",
                f"{file} has more than 1 MB.",
                "a spec has a few KB; is this the right file?",
                origin=Origin(file),
            )
        )
        return tree
    try:
        _Builder(file, tree).build(yaml.parse(text, Loader=yaml.CSafeLoader))
    except _Stop as stop:
        tree.value = None
        tree.faults.append(stop.fault)
    except yaml.MarkedYAMLError as error:
        tree.value = None
        mark = error.problem_mark or error.context_mark
        origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
        problem = " ".join(part for part in (error.problem, error.context) if part)
        tree.faults.append(finding("SP001", f"{problem}.", "look at the indentation and quotes there", origin=origin))
    except (yaml.YAMLError, UnicodeError) as error:
        tree.value = None
        reason = str(error).splitlines()[0]
        tree.faults.append(finding("SP001", f"{reason}.", "write the file as UTF-8 text", origin=Origin(file)))
    return tree


class _Builder:
    """Turns events into a tree."""

    def __init__(self, file: str, tree: Tree) -> None:
        self._file = file
        self._tree = tree
        self._open: list[_Open] = []
        self._documents = 0

    def build(self, events: Iterator[yaml.Event]) -> None:
        """Take in all events; `_Stop` ends it early."""
        for event in events:
            origin = _at(event, self._file)
            match event:
                case yaml.DocumentStartEvent():
                    self._begin(origin)
                case yaml.AliasEvent():
                    self._refuse_anchor(event.anchor, origin)
                case yaml.ScalarEvent():
                    self._check(event, origin)
                    self._scalar(event, origin)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._check(event, origin)
                    self._deepen({} if isinstance(event, yaml.MappingStartEvent) else [], origin)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._open.pop()
                case _:
                    pass  # stream start and end, document end

    def _begin(self, origin: Origin) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _Stop(
                finding("SP001", "The file holds more than one document.", "remove the --- line", origin=origin)
            )

    def _refuse_anchor(self, anchor: str | None, origin: Origin) -> None:
        raise _Stop(
            finding(
                "SP002",
                f"The anchor '{anchor}' lets one value stand in many places.",
                "write the value out; environments: holds what differs",
                origin=origin,
            )
        )

    def _check(self, event: _Node, origin: Origin) -> None:
        if event.anchor:
            self._refuse_anchor(event.anchor, origin)
        # `tag` is None where nothing is written; `!` is what a quoted scalar may carry.
        if event.tag not in (None, "!"):
            raise _Stop(finding("SP001", f"The tag {event.tag} has no meaning here.", "remove it", origin=origin))

    def _deepen(self, items: dict[str, Any] | list[Any], origin: Origin) -> None:
        if len(self._open) >= MOST_DEPTH:
            raise _Stop(
                finding("SP002", f"It is nested more than {MOST_DEPTH} levels deep.", "a spec needs six", origin=origin)
            )
        if self._awaits_key():
            raise _Stop(finding("SP007", "A key has to be a word.", "use a key from the reference", origin=origin))
        self._open.append(_Open(self._put(items, origin), items))

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].items, dict) and self._open[-1].key is None

    def _scalar(self, event: yaml.ScalarEvent, origin: Origin) -> None:
        if self._awaits_key():
            self._key(event.value, origin)
        else:
            self._put(self._meaning(event, origin), origin)

    def _key(self, key: str, origin: Origin) -> None:
        top = self._open[-1]
        path = (*top.path, key)
        if key in top.items:
            first, name = self._tree.places[path], ".".join(path)
            self._tree.faults.append(
                finding(
                    "SP003",
                    f"'{name}' stands on lines {first.line} and {origin.line}; readers disagree which counts.",
                    "keep one of them",
                    subject=name,
                    origin=origin,
                )
            )
        top.key = key
        self._tree.places.setdefault(path, origin)

    def _put(self, value: Any, origin: Origin) -> Path:  # Any: YAML holds any value
        """Store a value where it belongs; its path."""
        if not self._open:
            self._tree.value = value
            return ()
        top = self._open[-1]
        if isinstance(top.items, list):
            top.items.append(value)
            path = (*top.path, str(len(top.items) - 1))
            self._tree.places[path] = origin
            return path
        key, top.key = top.key or "", None
        top.items.setdefault(key, value)
        return (*top.path, key)

    def _meaning(self, event: yaml.ScalarEvent, origin: Origin) -> object:
        text = event.value
        if event.style:  # quoted or a block: text, whatever it looks like
            return text
        if text in _PLAIN:
            return _PLAIN[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        trap = _trap(text)
        if trap:
            self._tree.faults.append(finding("SP004", trap[0], trap[1], subject=self._here(), origin=origin))
        return text

    def _here(self) -> str:
        if not self._open:
            return ""
        top = self._open[-1]
        return ".".join((*top.path, str(len(top.items)) if top.key is None else top.key))


def _at(event: yaml.Event, file: str) -> Origin:
    mark = event.start_mark
    return Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)


def _trap(text: str) -> tuple[str, str] | None:
    if _WORDS.fullmatch(text):
        means = "true" if text.lower() in ("yes", "on", "y") else "false"
        return f"'{text}' is {means} to YAML 1.1 and a word to YAML 1.2.", f'write {means}, or "{text}" for the word'
    if _SEXAGESIMAL.fullmatch(text):
        return f"'{text}' is a number in base 60 to YAML 1.1 and text to YAML 1.2.", f'put it in quotes: "{text}"'
    if _OCTAL.fullmatch(text):
        return f"'{text}' is octal to YAML 1.1 and decimal to YAML 1.2.", f'put it in quotes: "{text}"'
    return None
