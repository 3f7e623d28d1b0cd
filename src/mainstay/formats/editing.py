"""Pieces of a text in YAML or JSON to replace so that it says something else, and every other byte stays as it is.

JSON is read as the YAML that it also is. What cannot be told apart exactly is not edited: an alias (one text for many
places), a merged mapping, a path that leads through an expression.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import yaml

from mainstay.core.patches import Change, Operation, Replacement
from mainstay.formats.layout import laid_out

_STEP: Final = 2
_WIDE: Final = 100_000
_MERGE: Final = "<<"


class CannotEdit(Exception):
    """The text has no place for a change that could be told exactly."""


def applied(text: str, replacements: Iterable[Replacement]) -> str:
    """The text with its pieces replaced; they do not overlap."""
    for one in sorted(replacements, key=lambda each: (each.start, each.end), reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def edited(text: str, changes: Sequence[Change]) -> str:
    """The text with one change made after the other; CannotEdit when one of them has no place."""
    for change in changes:
        text = applied(text, [replacement(text, change)])
    return text


def replacements(text: str, changes: Sequence[Change]) -> tuple[Replacement, ...]:
    """The pieces of the text as it is that all changes want replaced, in its order; one piece where they would meet.

    CannotEdit when one of them has no place.
    """
    places = _Place(text, _composed(text), are_together=True)
    # Where several begin behind the same line, what belongs deepest comes first.
    wanted = sorted(
        ((places.of(one), -len(one.path)) for one in changes), key=lambda each: (each[0].start, each[0].end, each[1])
    )
    joined: list[Replacement] = []
    for one, _ in wanted:
        before = joined[-1] if joined else None
        if before and before.start == before.end == one.start == one.end:
            joined[-1] = Replacement(one.start, one.end, before.text + one.text)
        elif before and one.start < before.end:
            return (_marked(text, _difference(text, edited(text, changes))),)
        else:
            joined.append(one)
    return tuple(_marked(text, one) for one in joined)


def _difference(before: str, after: str) -> Replacement:
    """The one piece in which two texts differ."""
    start = _shared(before, after)
    same = _shared(before[start:][::-1], after[start:][::-1])
    return Replacement(start, len(before) - same, after[start : len(after) - same])


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    unlike = (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(unlike, min(len(one), len(other)))


def _marked(text: str, one: Replacement) -> Replacement:
    return replace(one, first=_mark(text, one.start), last=_mark(text, one.end))


def replacement(text: str, change: Change) -> Replacement:
    """The piece of the text that one change wants replaced; CannotEdit when there is none."""
    return _Place(text, _composed(text)).of(change)


def _mark(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


@lru_cache(maxsize=2)  # one file has many findings
def _composed(text: str) -> Any:  # Any: nodes are classes of the untyped C extension
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise CannotEdit("it is no single document of YAML") from error
    if root is None:
        raise CannotEdit("it is empty")
    return root


class _Place:
    """Where a change has its place in a text; nodes are those of PyYAML (hence Any)."""

    def __init__(self, text: str, root: Any, *, are_together: bool = False) -> None:
        self.text = text
        self.root = root
        self.are_together = are_together  # several items may be added to one list, each behind the one before
        self.is_json = text.lstrip().startswith("{")

    def of(self, change: Change) -> Replacement:
        """The piece to replace."""
        node, key, owner = self.root, None, None
        for depth, part in enumerate(change.path):
            found = _child(node, part)
            if found is None:
                return self._missing(node, key, change, depth)
            owner, (key, node) = node, found
        if owner is None:
            raise CannotEdit("the whole of a file is no place in it")
        if change.operation is Operation.REMOVE:
            return self._removed(owner, change.path[-1])
        return self._replaced(owner, key, node, change.value)

    def _missing(self, node: Any, key: Any, change: Change, depth: int) -> Replacement:
        """What is written into the deepest mapping or list on the way that is there."""
        if change.operation is Operation.REMOVE:
            raise CannotEdit("it is not there")
        value = change.value
        for part in reversed(change.path[depth + 1 :]):
            if part.isdecimal():
                raise CannotEdit("there is no such list")
            value = {part: value}
        name = change.path[depth]
        if isinstance(node, yaml.MappingNode):
            return self._inserted(node, name, value)
        if isinstance(node, yaml.SequenceNode) and self._is_next(name, len(node.value)):
            return self._inserted(node, None, value)
        if key is not None and isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
            return self._replaced(None, key, node, {name: value})
        raise CannotEdit("something else stands on the way")

    def _is_next(self, name: str, count: int) -> bool:
        return name == str(count) or (self.are_together and name.isdecimal() and int(name) > count)

    def _inserted(self, node: Any, name: str | None, value: object) -> Replacement:
        if not node.value:
            return Replacement(node.start_mark.index, node.end_mark.index, self._empty(name, value))
        starts = [_first(item) for item in node.value]
        end, is_text_block = _end(node.value[-1])
        column = starts[0].column if name is not None else node.start_mark.column
        if node.flow_style:
            before = self.text[self.text.rfind("\n", 0, starts[-1].index) + 1 : starts[-1].index]
            gap = f",\n{before}" if before.strip() == "" and "\n" in self.text[: starts[-1].index] else ", "
            indent = starts[-1].column if gap != ", " else 0
            return Replacement(end, end, gap + self._member(name, value, indent))
        lines = _block(value if name is None else {name: value}, is_item=name is None)
        if is_text_block:
            if name is None:
                raise CannotEdit("a text of several lines ends the list")
            first = starts[0].index
            return Replacement(first, first, f"\n{' ' * column}".join([*lines, ""]))
        end_of_line = self.text.find("\n", end)
        end_of_line = len(self.text) if end_of_line < 0 else end_of_line
        return Replacement(end_of_line, end_of_line, "".join(f"\n{' ' * column}{line}" for line in lines))

    def _empty(self, name: str | None, value: object) -> str:
        member = self._member(name, value, 0)
        return f"[{member}]" if name is None else f"{{{member}}}"

    def _member(self, name: str | None, value: object, indent: int) -> str:
        """A member of a mapping or list in flow style."""
        key = "" if name is None else f"{json.dumps(name)}: " if self.is_json else f"{_flow(name)}: "
        return key + (laid_out(value, indent=indent, used=len(key)) if self.is_json else _flow(value))  # type: ignore[arg-type]  # what JSON holds

    def _replaced(self, owner: Any, key: Any, node: Any, value: object) -> Replacement:
        end, is_text_block = _end(node)
        end -= is_text_block  # its last line end belongs to it
        is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        start = node.start_mark.index
        if self.is_json:
            return Replacement(start, end, laid_out(value, indent=_indent(self.text, start)))  # type: ignore[arg-type]  # what JSON holds
        if isinstance(value, dict | list) and value and not (owner is not None and owner.flow_style):
            if is_block:
                column = node.start_mark.column
                return Replacement(start, end, f"\n{' ' * column}".join(_block(value)))
            if isinstance(value, dict) and key is not None:
                indent = " " * (key.start_mark.column + _STEP)
                return Replacement(key.end_mark.index, end, ":" + "".join(f"\n{indent}{one}" for one in _block(value)))
        if is_block and key is not None:
            return Replacement(key.end_mark.index, end, f": {_flow(value)}")
        written = _quoted(value, node.style) if isinstance(node, yaml.ScalarNode) else _flow(value)
        is_empty = start == end
        return Replacement(start, end, f" {written}" if is_empty else written)

    def _removed(self, owner: Any, part: str) -> Replacement:
        items = owner.value
        index = int(part) if isinstance(owner, yaml.SequenceNode) else [key.value for key, _ in items].index(part)
        if len(items) == 1:
            start, (end, _) = owner.start_mark.index, _end(owner)
            return Replacement(start, end, "[]" if isinstance(owner, yaml.SequenceNode) else "{}")
        start, (end, is_text_block) = _first(items[index]).index, _end(items[index])
        line = self.text.rfind("\n", 0, start) + 1
        if not owner.flow_style and self.text[line:start].strip() == (
            "-" if isinstance(owner.value[0], yaml.Node) else ""
        ):
            end_of_line = self.text.find("\n", end - is_text_block)
            return Replacement(line, len(self.text) if end_of_line < 0 else end_of_line + 1, "")
        if index + 1 < len(items):
            return Replacement(start, _first(items[index + 1]).index, "")
        return Replacement(_end(items[index - 1])[0], end, "")


def _child(node: Any, part: str) -> tuple[Any, Any] | None:
    """The key (None in a list) and the value of a member; None where there is none."""
    if isinstance(node, yaml.SequenceNode):
        if not part.isdecimal() or int(part) >= len(node.value):
            return None
        item = node.value[int(part)]
        if item.start_mark.index < node.start_mark.index:
            raise CannotEdit("an alias stands there")
        return None, item
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == part:
            if value.start_mark.index < key.end_mark.index:
                raise CannotEdit("an alias stands there")
            return key, value
    if any(key.value == _MERGE for key, _ in node.value):
        raise CannotEdit("other mappings are merged there")
    return None


def _first(item: Any) -> Any:
    """The mark at which a member (a key with its value) or an item begins."""
    return (item[0] if isinstance(item, tuple) else item).start_mark


def _end(item: Any) -> tuple[int, bool]:
    """Where a member or an item ends, and whether a text over several lines ends it."""
    node = item[1] if isinstance(item, tuple) else item
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    if isinstance(item, tuple) and node.start_mark.index < item[0].end_mark.index:
        raise CannotEdit("an alias ends the mapping")
    return node.end_mark.index, isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")


def _indent(text: str, position: int) -> int:
    line = text[text.rfind("\n", 0, position) + 1 :]
    return len(line) - len(line.lstrip(" "))


def _flow(value: object) -> str:
    """A value on one line, as YAML."""
    written: str = yaml.safe_dump([value], default_flow_style=True, width=_WIDE, allow_unicode=True, sort_keys=False)
    return written.strip()[1:-1]


def _quoted(value: object, style: str | None) -> str:
    """A value in the quotes that its predecessor had."""
    if isinstance(value, str) and style == '"':
        return json.dumps(value, ensure_ascii=False)
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) and style == "'" else _flow(value)


def _block(value: object, *, is_item: bool = False) -> list[str]:
    """A value over several lines, as YAML."""
    node = [value] if is_item else value
    written: str = yaml.safe_dump(node, width=_WIDE, allow_unicode=True, sort_keys=False)
    return written.rstrip("\n").split("\n")
