"""Two values of a field: whether they differ, whether that can be told at all, and how they are shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mainstay.plan.plan import Parameter
from mainstay.plan.values import (
    Attr,
    If,
    Import,
    Join,
    Param,
    Part,
    Pseudo,
    Ref,
    SecretField,
    Unknown,
    Zone,
    is_expression,
)

_MOST: Final = 60
HIDDEN: Final = "(hidden)"
# A password, and what a foreign template may have written where a secret belongs.
_SECRET: Final = frozenset({"password", "environment", "user_data", "code_text"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """`uncertain` comes with the reason why nobody can tell from here."""

    verdict: Literal["same", "differs", "uncertain"]
    reason: str = ""


_SAME: Final = Comparison("same")
_DIFFERS: Final = Comparison("differs")


@dataclass(frozen=True, slots=True)
class Declared:
    """The parameters of the two plans by name: what an equal reference to one may come to."""

    before: Mapping[str, Parameter]
    after: Mapping[str, Parameter]

    def uncertainty(self, name: str) -> str:
        """Why the same parameter may have another value now; empty when nothing says so."""
        old, new = self.before.get(name), self.after.get(name)
        was, now = (one.default if one is not None else None for one in (old, new))
        if was != now and not any(one is not None and one.is_secret for one in (old, new)):
            return f"parameter {name} has the default {_shown(was)} before and {_shown(now)} now; what is given counts"
        return ""


def compare(old: object, new: object, declared: Declared) -> Comparison:
    """Whether a field's values differ; the order of a list says nothing."""
    blind = next((one.reason for one in (*_unknowns(old), *_unknowns(new))), None)
    if _settled(old) == _settled(new):
        if blind is not None and any(one.source is None for one in (*_unknowns(old), *_unknowns(new))):
            return Comparison("uncertain", blind)
        doubts = (declared.uncertainty(name) for name in _parameters(new))
        doubt = next((text for text in doubts if text), "")
        return Comparison("uncertain", doubt) if doubt else _SAME
    if blind is not None:
        return Comparison("uncertain", blind)
    if _is_open(old) != _is_open(new) and None not in (old, new) and not isinstance(old, tuple | Mapping):
        return Comparison("uncertain", f"it is {words(old)} before and {words(new)} now, which may be the same")
    return _DIFFERS


def references(value: object) -> Iterator[str]:
    """The keys of the resources that a value names, at any depth."""
    match value:
        case Ref(key) | Attr(key, _) | SecretField(Ref(key), _):
            yield key
        case Part(of, _, _):
            yield from references(of)
        case _:
            for item in _inside(value):
                yield from references(item)


def words(value: object, field: str = "") -> str:
    """A value for a person, on one line; what may be a secret is hidden."""
    if value is None:
        return "not written"
    if field in _SECRET and not is_expression(value):
        return HIDDEN
    text = _words(value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def entries(old: object, new: object, field: str = "") -> tuple[str, str]:
    """Both values of a field in words; of a mapping, the entries that differ."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return words(old, field), words(new, field)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    is_hidden = field in _SECRET
    return tuple(  # type: ignore[return-value]  # one for each of the two
        ", ".join(
            f"{name}: {HIDDEN if is_hidden else words(one[name])}" if name in one else f"no {name}" for name in names
        )
        for one in (old, new)
    )


def _shown(default: str | None) -> str:
    return "none" if default is None else f"'{default}'"


def _words(value: object) -> str:  # noqa: PLR0911, PLR0912  # one line a shape
    match value:
        case bool():
            return "yes" if value else "no"
        case Ref(key):
            return key
        case Attr(key, name):
            return f"{key}.{name}"
        case Join(parts):
            return "".join(part if isinstance(part, str) else f"{{{_words(part)}}}" for part in parts)
        case Param(name):
            return f"parameter {name}"
        case Pseudo(name) | Import(name):
            return name.replace("_", " ")
        case Zone(index):
            return f"zone {index + 1}"
        case Part(of, _, index):
            return f"part {index} of {_words(of)}"
        case SecretField(Ref(key), name):
            return f"{name} of secret {key}"
        case If(condition, _, _):
            return f"by condition {condition}"
        case Unknown(reason):
            return f"unknown ({reason})"
        case tuple() | list():
            return ", ".join(map(_words, value)) or "none"
        case Mapping():
            return ", ".join(f"{name}: {_words(item)}" for name, item in value.items()) or "none"
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _record(value)
    return str(value)


def _record(value: Any) -> str:  # Any: one of the plan's records
    fields = ((spec.name, getattr(value, spec.name)) for spec in dataclasses.fields(value))
    return ", ".join(f"{name.replace('_', ' ')} {_words(item)}" for name, item in fields if item not in (None, (), {}))


def _settled(value: object) -> object:
    """A value in a form in which equal lists are equal whatever their order."""
    if isinstance(value, tuple):
        return sorted((_settled(item) for item in value), key=repr)
    return value


def _is_open(value: object) -> bool:
    """Whether only the target knows what it comes to."""
    return is_expression(value) or isinstance(value, Ref)


def _unknowns(value: object) -> Iterator[Unknown]:
    if isinstance(value, Unknown):
        yield value
    else:
        for item in _inside(value):
            yield from _unknowns(item)


def _parameters(value: object) -> Iterator[str]:
    if isinstance(value, Param):
        yield value.name
    else:
        for item in _inside(value):
            yield from _parameters(item)


def _inside(value: object) -> Iterator[object]:
    match value:
        case Mapping():
            yield from value.values()
        case tuple() | list():
            yield from value
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            for spec in dataclasses.fields(value):
                yield getattr(value, spec.name)
