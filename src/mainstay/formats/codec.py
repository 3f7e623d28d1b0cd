"""What a codec is: one property's value, written and read back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field
from typing import Any, Protocol

from mainstay.core.records import dataclass
from mainstay.plan.values import If, Json, Unknown

NOT_WRITTEN = Unknown("not written")
"""What a field holds that the plan requires and the file left out; it is written as nothing."""


class Foreign(Exception):
    """What was read has no form in the plan; the reader keeps it as an extra."""


class CannotExpress(Exception):
    """What the plan holds has no form in the format; the writer refuses the resource, with this reason."""


class Dialect(Protocol):
    """How a format spells the expressions of `plan.values`."""

    def render(self, value: object) -> Json:
        """An expression other than `If`, in the format's form; a literal is returned as it is."""
        ...

    def choice(self, value: If, when_true: Json, when_false: Json) -> Json:
        """A condition's choice between two written values; `when_...` is None where nothing is written."""
        ...

    def parse(self, node: Json) -> object:
        """A literal, a list, or an expression (Unknown where it cannot be resolved); None where nothing is meant."""
        ...

    def reference(self, key: str, identity: str) -> Json:
        """The form of a reference to a resource, by its `id`, `arn` or `name`."""
        ...

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """Whether an attribute of a resource is one of the identities by which it may be named."""
        ...

    def is_list(self, parameter: str) -> bool:
        """Whether a parameter stands for several values."""
        ...


@dataclass(frozen=True)
class Literal:
    """The dialect of a place where nothing is an expression: no name has a meaning there."""

    def render(self, value: object) -> Json:
        """Nothing: only literals are written."""
        raise CannotExpress(f"{value!r} is an expression, and stands where only literals can")

    def choice(self, value: If, when_true: Json, when_false: Json) -> Json:
        """Nothing, as for every expression."""
        return self.render(value)

    def parse(self, node: Json) -> object:
        """What was written."""
        return node

    def reference(self, key: str, identity: str) -> Json:
        """Nothing, as for every expression."""
        return self.render(f"{key}.{identity}")

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """No."""
        return False

    def is_list(self, parameter: str) -> bool:
        """No."""
        return False


@dataclass(slots=True)
class Reading:
    """A place in what is being read: its path, and the extras found at or below it."""

    dialect: Dialect
    path: str = ""
    extras: dict[str, Json] = field(default_factory=dict)


class Codec(Protocol):
    """One kind of value. `absent` stands for it in a field that the plan requires."""

    @property
    def absent(self) -> object:
        """The value of a required field that was not written."""
        ...

    def is_silent(self, value: Any) -> bool:
        """Whether a value is written as nothing."""
        ...

    def write(self, value: Any, dialect: Dialect) -> Json:
        """A plan's value in the format's form; CannotExpress says why not."""
        ...

    def read(self, node: Json, reading: Reading) -> Any:
        """The plan's value; what it has no room for goes to the extras; Foreign when it has no form at all."""
        ...
