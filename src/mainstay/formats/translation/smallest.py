"""What is in the way when a format refuses a thing as a whole: found by leaving out one part after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from mainstay.formats.codec import CannotExpress
from mainstay.plan.plan import Parameter
from mainstay.plan.resources import Resource

T = TypeVar("T")
R = TypeVar("R", bound=Resource)


def refusal(write: Callable[[T], object], one: T) -> str | None:
    """The reason with which a thing is refused; None when it is written."""
    try:
        write(one)
    except CannotExpress as reason:
        return str(reason)
    return None


def sayable_parameter(write: Callable[[Parameter], object], one: Parameter) -> tuple[Parameter, list[tuple[str, str]]]:
    """A parameter without the checks that cannot be said, each with its reason."""
    lost: list[tuple[str, str]] = []
    for name, less in _lessened(one):
        reason = refusal(write, one)
        if reason is not None and refusal(write, less(one)) != reason:
            lost.append((name, reason))
            one = less(one)
    return one, lost


def _lessened(one: Parameter) -> Iterator[tuple[str, Callable[[Parameter], Parameter]]]:
    yield "AllowedPattern", lambda it: dataclasses.replace(it, pattern=None)
    for name in one.extras:
        yield (
            name,
            lambda it, gone=name: dataclasses.replace(  # type: ignore[misc]  # its default is its type
                it, extras={key: value for key, value in it.extras.items() if key != gone}
            ),
        )


def sayable_resource(write: Callable[[R], object], one: R) -> tuple[R | None, list[tuple[str, str]]]:
    """A resource without the fields that cannot be said, each with its reason; None when it needs one of them.

    A field is in the way when the resource is refused with this field alone, or is written without it.
    """
    bare = one
    optional = dict(_optional(one))
    for name, silent in optional.items():
        bare = _with(bare, name, silent)
    told = refusal(write, bare)
    if told is not None:
        return None, [("", told)]
    lost: list[tuple[str, str]] = []
    for name, silent in optional.items():
        reason = refusal(write, _with(bare, name, getattr(one, name)))
        if reason is not None:
            lost.append((name, reason))
            one = _with(one, name, silent)
    return _without_pairs(write, one, optional, lost)


def _without_pairs(
    write: Callable[[R], object], one: R, optional: dict[str, object], lost: list[tuple[str, str]]
) -> tuple[R | None, list[tuple[str, str]]]:
    """What can be said alone may be refused together: then one field after the other goes until it is written."""
    for name, silent in reversed(optional.items()):
        reason = refusal(write, one)
        if reason is None:
            return one, lost
        less = _with(one, name, silent)
        if refusal(write, less) != reason:
            lost.append((name, reason))
            one = less
    reason = refusal(write, one)
    return (one, lost) if reason is None else (None, [("", reason)])


def _optional(one: Resource) -> Iterator[tuple[str, object]]:
    """The fields that are set and need not be, with what they are when nothing is said."""
    for spec in dataclasses.fields(one):
        silent = spec.default_factory() if spec.default_factory is not dataclasses.MISSING else spec.default
        if silent is not dataclasses.MISSING and getattr(one, spec.name) != silent:
            yield spec.name, silent


def _with(one: R, name: str, value: object) -> R:
    fields: dict[str, Any] = {name: value}  # Any: fields of any type
    return dataclasses.replace(one, **fields)
