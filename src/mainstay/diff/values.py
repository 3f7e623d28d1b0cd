"""Two values of a field: whether they differ, whether that can be told at all, and how they are shown."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from mainstay.core.records import dataclass
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
# What a reader says of a field that stands nowhere: nothing differs where both say so.
_NOTHING: Final = "not written"
# By which a resource is named, so that a bare reference is the same.
_IDENTITIES: Final = frozenset({"arn", "group_id", "id", "key_id", "name"})
# What holds a secret, and where a foreign template may have written one.
_SECRET: Final = re.compile(
    r"(?i)(passw|pwd|secret_?string|token|private_?key|credential|environment|user_?data|code_text)"
)


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
        is_secret = any(one is not None and one.is_secret for one in (old, new)) or _SECRET.search(name)
        if was != now and is_secret:
            return f"parameter {name} has another default than before; what is given counts"
        if was != now:
            return f"parameter {name} has the default {_shown(was)} before and {_shown(now)} now; what is given counts"
        return ""


def compare(old: object, new: object, declared: Declared) -> Comparison:  # noqa: PLR0911  # one answer a shape
    """Whether a field's values differ; the order of a list says nothing."""
    if old == new:
        blind = next((one.reason for one in _unknowns(new) if one.source is None and one.reason != _NOTHING), "")
        doubt = blind or next((text for name in _parameters(new) if (text := declared.uncertainty(name))), "")
        return Comparison("uncertain", doubt) if doubt else _SAME
    match old, new:
        case (Unknown(reason), _) | (_, Unknown(reason)):
            return Comparison("uncertain", reason)
        case (Ref(one), Attr(other, name)) | (Attr(other, name), Ref(one)) if one == other and name in _IDENTITIES:
            return _SAME
        case (tuple(), tuple()):
            return _lists(old, new, declared)
        case (Mapping(), Mapping()) if old.keys() == new.keys():
            return _worst([compare(old[name], new[name], declared) for name in old])
        case _ if _is_record(old) and type(old) is type(new):
            return _worst([compare(one, other, declared) for one, other in zip(_parts(old), _parts(new), strict=True)])
    if _is_open(old) != _is_open(new) and None not in (old, new):
        return Comparison("uncertain", f"it is {words(old)} before and {words(new)} now, which may be the same")
    return _DIFFERS


def _lists(old: tuple[object, ...], new: tuple[object, ...], declared: Declared) -> Comparison:
    """Lists in any order: what only one of them has decides."""
    gone, come = _without(old, new), _without(new, old)
    unknown = next((one.reason for item in (*gone, *come) for one in _unknowns(item)), None)
    if unknown is not None:
        return Comparison("uncertain", unknown)
    if len(gone) != len(come):
        return _DIFFERS
    return _worst([compare(one, other, declared) for one, other in zip(gone, come, strict=True)])


def _without(some: tuple[object, ...], others: tuple[object, ...]) -> list[object]:
    left = list(others)
    kept = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            kept.append(one)
    return kept


def _worst(found: list[Comparison]) -> Comparison:
    order = ("differs", "uncertain", "same")
    return min(found, key=lambda one: order.index(one.verdict), default=_SAME)


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
    if _SECRET.search(field) and not is_expression(value):
        return HIDDEN
    text = _words(value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def entries(old: object, new: object, field: str = "") -> tuple[str, str]:
    """Both values of a field in words; of a mapping, the entries that differ."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return words(old, field), words(new, field)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    hidden = field if _SECRET.search(field) else ""
    return tuple(  # type: ignore[return-value]  # one for each of the two
        ", ".join(f"{name}: {words(one[name], hidden or name)}" if name in one else f"no {name}" for name in names)
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
            return ", ".join(f"{name}: {words(item, str(name))}" for name, item in value.items()) or "none"
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _record(value)
    return str(value)


def _record(value: Any) -> str:  # Any: one of the plan's records
    if any("__str__" in vars(kind) for kind in type(value).__mro__[:-1]):
        return str(value)  # a window, a schedule
    fields = ((spec.name, getattr(value, spec.name)) for spec in dataclasses.fields(value))
    return ", ".join(
        f"{name.replace('_', ' ')} {words(item, name)}" for name, item in fields if item not in (None, (), {})
    )


def _is_open(value: object) -> bool:
    """Whether only the target knows what it comes to."""
    return is_expression(value) or isinstance(value, Ref)


def _is_record(value: object) -> bool:
    """Whether it is one of the plan's records, such as a statement of a policy."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and not _is_open(value)


def _parts(value: Any) -> list[object]:  # Any: one of the plan's records
    return [getattr(value, spec.name) for spec in dataclasses.fields(value)]


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
