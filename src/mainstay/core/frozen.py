"""Frozen classes of which only `__init__` is compiled.

The standard decorator compiles six functions for every frozen class, each from text that it puts together: 0.6 ms for
a resource with twelve fields, and a check of a template needs 180 classes (CPython 3.11, 2026-11-21). Only `__init__`
needs the fields' names as its own words; the others are closures here. What is not frozen, or ordered, is left to the
standard one; a frozen class and its bases have to be made by the same of the two.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, Final, TypeVar

T = TypeVar("T")
# Any, here and below: the values of a class that this module does not know.
Fields = Sequence[Field[Any]]
Methods = dict[str, Callable[..., Any]]


class _Unset(enum.Enum):
    """What stands in a signature where the value is made for each object."""

    FACTORY = "<factory>"

    def __repr__(self) -> str:
        return self.value


def dataclass(made: type[T] | None = None, /, **options: bool) -> Any:
    """As `dataclasses.dataclass`, with its options."""

    def decorated(cls: type[T]) -> type[T]:
        if not options.get("frozen") or options.get("order"):
            return dataclasses.dataclass(**options)(cls)
        shaped = options | {"frozen": False, "init": False, "repr": False, "eq": False}
        return _frozen(dataclasses.dataclass(**shaped)(cls))

    return decorated if made is None else decorated(made)


def _frozen(cls: type[T]) -> type[T]:
    """The class with what its fields decide, beside what it says itself."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # it was made one just now
    methods = {"__init__": _init(cls, fields), **_by_value(fields), **_guards(cls, fields), **_STATE}
    for name, method in methods.items():
        # Python puts None for the hash of a class that has an equality of its own.
        if cls.__dict__.get(name) is None:
            setattr(cls, name, method)
    return cls


def _init(cls: type, fields: Fields) -> Callable[..., None]:
    """The one that has to be compiled: its parameters are the fields, and `_0` is the default of the first."""
    given: dict[str, object] = {"_set": object.__setattr__, "_unset": _Unset.FACTORY}
    lines: list[str] = []
    for number, field in enumerate(fields):
        value = field.name
        if field.default_factory is not MISSING:
            given |= {f"_{number}": _Unset.FACTORY, f"_make_{number}": field.default_factory}
            value = f"_make_{number}() if {field.name} is _unset else {field.name}"
        elif field.default is not MISSING:
            given[f"_{number}"] = field.default
        lines.append(f"  _set(self, {field.name!r}, {value})")
    lines.append("  self.__post_init__()" if hasattr(cls, "__post_init__") else "  pass")
    head = f"def make({', '.join(given)}):\n def __init__({_parameters(fields, given)}):"
    scope: dict[str, Callable[..., Callable[..., None]]] = {}
    exec("\n".join([head, *lines, " return __init__"]), scope)  # noqa: S102  # names of fields only
    init = scope["make"](**given)
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    init.__annotations__ = {field.name: field.type for field in fields} | {"return": None}
    return init


def _parameters(fields: Fields, given: dict[str, object]) -> str:
    named = [
        (f"{field.name}=_{number}" if f"_{number}" in given else field.name, field.kw_only)
        for number, field in enumerate(fields)
    ]
    ordered = ["self", *(word for word, kw_only in named if not kw_only)]
    by_name = [word for word, kw_only in named if kw_only]
    return ", ".join([*ordered, *(["*", *by_name] if by_name else [])])


def _by_value(fields: Fields) -> Methods:
    """Equal, hashed and shown by the values of the fields."""
    compared = _reader([field.name for field in fields if field.compare])
    shown = [field.name for field in fields if field.repr]

    def equal(self: object, other: object) -> bool:
        return bool(compared(self) == compared(other)) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(compared(self))

    @recursive_repr("...")
    def represented(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    return {"__eq__": equal, "__hash__": hashed, "__repr__": represented}


def _reader(names: Sequence[str]) -> Callable[[object], object]:
    """What gives the values of these fields as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _guards(cls: Any, fields: Fields) -> Methods:
    """A field is neither set nor deleted; what a class below adds for itself may be."""
    names = frozenset(field.name for field in fields)

    def set_one(self: object, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def delete_one(self: object, name: str) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return {"__setattr__": set_one, "__delattr__": delete_one}


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: Sequence[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


# For copies and pickles: these set attributes one by one otherwise, which a frozen class refuses.
_STATE: Final[Methods] = {"__getstate__": _state, "__setstate__": _restore}
