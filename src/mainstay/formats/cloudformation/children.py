"""The templates of nested stacks: where they come from, and what a parent hands to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final, Protocol

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Origin
from mainstay.core.records import dataclass
from mainstay.formats.cloudformation.document import Document, load
from mainstay.formats.cloudformation.intrinsics import MOST_ITEMS, parse
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.scalars import as_text
from mainstay.formats.table import Table
from mainstay.formats.unseen import unseen
from mainstay.plan.plan import Parameter, Written
from mainstay.plan.values import If, Join, Json, Unknown, Value, join

STACK: Final = "AWS::CloudFormation::Stack"
MOST_STACKS: Final = 200
MOST_LEVELS: Final = 10
# All stacks of a tree together; CloudFormation takes 500 a stack (quotas, "Resources", checked 2026-11-20).
MOST_RESOURCES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Source:
    """A template that was found: its text, its file as the user would name it, and what people call its resources,
    by logical id.
    """

    text: str
    file: str
    addresses: Mapping[str, str] = field(default_factory=dict)


class Finder(Protocol):
    """Where the templates of nested stacks are found."""

    def __call__(self, url: object, body: Mapping[str, Json], file: str) -> Source | str:
        """The template at a `TemplateURL` (as far as it is known) of a resource in `file`, or why it is not seen."""
        ...


@dataclass
class Tree:
    """What all templates of a tree share: every resource's table by key, what was read, and what was not seen."""

    find: Finder | None = None
    tables: dict[str, Table | None] = field(default_factory=dict)
    remarks: list[Finding] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    _documents: dict[str, Document] = field(default_factory=dict)
    _stacks: int = 0

    def open(self, source: Source, chain: tuple[str, ...]) -> Document:
        """A nested stack's template; InputRefused when it stands within itself, or there are too many."""
        if source.file in chain:
            raise InputRefused(
                "nested stacks in a circle",
                detail=f"Each of these nests the next, and the last the first: {', '.join((*chain, source.file))}.",
                hint="take the stack out of its own template",
            )
        self._stacks += 1
        if self._stacks > MOST_STACKS or len(chain) >= MOST_LEVELS:
            raise InputRefused(
                "too many nested stacks",
                detail=f"{chain[0]} holds more than {MOST_STACKS} stacks, or more than {MOST_LEVELS} levels of them.",
                hint="check its parts on their own",
            )
        if source.file not in self._documents:
            self._documents[source.file] = load(source.text, file=source.file)
        return self._documents[source.file]

    def claim(self, names: Mapping[str, Table | None], path: tuple[str, ...]) -> dict[str, str]:
        """A key in the plan for each name of a template: its own, or with the stacks' names where that is taken."""
        keys: dict[str, str] = {}
        for name, table in names.items():
            key = name
            while key in self.tables:
                key = "".join(path) + key
            self.tables[key] = table
            keys[name] = key
        if len(self.tables) > MOST_RESOURCES:
            raise InputRefused(
                "too many resources",
                detail=f"The stacks together hold more than {MOST_RESOURCES:,}.",
                hint="check them one by one",
            )
        return keys

    def remark(self, subject: str, detail: str, origin: Origin) -> None:
        """Note what was not looked at."""
        hint = "nothing is known about what stands there; look at what CloudFormation makes of it"
        self.remarks.append(unseen(subject, detail, hint, origin))


def handed(
    written: object, parameters: tuple[Parameter, ...], scope: Scope, own: Mapping[str, Json]
) -> dict[str, object]:
    """The values of a nested stack's parameters, by name: what the parent hands on, else their defaults.

    `scope` is the parent's, `own` are the defaults. What is not known at all is Unknown.
    """
    written = parse(written, scope)
    if not isinstance(written, dict) or any(name.startswith("Fn::") for name in written):
        return {one.name: Unknown("what the parent hands on is not known here") for one in parameters}
    values: dict[str, object] = dict(own)
    for one in parameters:
        value = parse(written[one.name], scope) if one.name in written else None
        if value is not None and not one.type.startswith("AWS::SSM::Parameter::Value<"):
            values[one.name] = _as_list(value) if _is_list(one.type) else _as_scalar(value)
    return values


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _as_scalar(value: object) -> object:
    if isinstance(value, bool | int | float):
        return as_text(value)
    return Unknown("a list where one value is wanted") if isinstance(value, list | dict) else value


def _as_list(value: object) -> object:
    """A list that was handed on as text with commas; what is none stays as it is."""
    match value:
        case str() if value.count(",") < MOST_ITEMS:
            return [item.strip() for item in value.split(",")]
        case str():
            return Unknown(f"a list of more than {MOST_ITEMS:,} items")
        case Join(parts):
            return list(_split(parts))
        case If(condition, when_true, when_false):
            return If(condition, *(None if side is None else _as_list(side) for side in (when_true, when_false)))
    return value


def _split(parts: tuple[Value[str], ...]) -> Iterator[Value[str]]:
    item: list[Value[str]] = []
    for part in parts:
        first, *others = part.split(",") if isinstance(part, str) else [part]
        item.append(first)
        for other in others:
            yield join(*item)
            item = [other]
    yield join(*item)
