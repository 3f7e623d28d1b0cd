"""The few shapes a value in a plan can have. A format renders and parses each of them once.

A field typed `Value[T]` holds a literal `T` or one of the expressions below. A field typed `Link[SubnetGroup]`
names another resource: a typed reference that the plan resolves, or the id of something outside the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from mainstay.core.records import dataclass

if TYPE_CHECKING:
    from mainstay.plan.resources.resource import Resource

R_co = TypeVar("R_co", bound="Resource", covariant=True)
T = TypeVar("T")

Json: TypeAlias = "bool | int | float | str | list[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Ref(Generic[R_co]):
    """Another resource as such; a format picks the identifier that the property wants (id, name or ARN)."""

    key: str


@dataclass(frozen=True, slots=True)
class Attr:
    """An attribute of a resource, by its plan name: `Attr("Database", "endpoint_address")`.

    The name `id` is the identifier that the resource's own service uses for it.
    """

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Join:
    """A concatenation; no two neighbouring literals and no nested Join (build it with `join`)."""

    parts: tuple[Value[str], ...]


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the plan, by name; its default stands in the region's parameters."""

    name: str


@dataclass(frozen=True, slots=True)
class Pseudo:
    """What only the target knows."""

    name: Literal["account", "region", "partition", "url_suffix", "stack_name", "stack_id"]


@dataclass(frozen=True, slots=True)
class Zone:
    """The n-th availability zone of the region, from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class Part:
    """The n-th part, from 0, of an attribute split at a separator: an id that only its ARN tells."""

    of: Attr
    separator: str
    index: int


@dataclass(frozen=True, slots=True)
class SecretField:
    """One field of a secret's JSON, read by the target when it deploys; the value never reaches a template."""

    secret: Ref[Resource]
    field: str


@dataclass(frozen=True, slots=True)
class Import:
    """A value that another stack exports under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class If:
    """A condition's choice."""

    condition: str
    when_true: Value[object]
    when_false: Value[object]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known here, and why; `source` keeps what was written, so that it can be
    written back; with `is_list` it stands for all the elements of a list, as its only element.

    `means` is what a function or a parameter's default came to, where the field has no room for that.
    """

    reason: str
    source: Json = None
    is_list: bool = False
    means: str | float | None = field(default=None, compare=False)


Expression: TypeAlias = "Attr | Join | Param | Part | Pseudo | Zone | SecretField | Import | If | Unknown"
Value: TypeAlias = "T | Attr | Join | Param | Part | Pseudo | Zone | SecretField | Import | If | Unknown"
# What another resource is named by: a reference into this plan, or the id or ARN of something outside it.
Link: TypeAlias = "Ref[R_co] | str | Attr | Join | Param | Part | Pseudo | Zone | SecretField | Import | If | Unknown"

EXPRESSIONS = (Attr, Join, Param, Part, Pseudo, Zone, SecretField, Import, If, Unknown)

ACCOUNT = Pseudo("account")
REGION = Pseudo("region")
PARTITION = Pseudo("partition")
STACK_NAME = Pseudo("stack_name")


def is_expression(value: object) -> bool:
    """Whether a value is neither a literal nor a plain reference."""
    return isinstance(value, EXPRESSIONS)


def join(*parts: Value[str]) -> Value[str]:
    """A concatenation in its one normal form: flat, neighbouring literals merged, a lone part as itself."""
    flat: list[Value[str]] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Join) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else Join(tuple(flat))


def arn(
    service: str, resource: Value[str], *, region: Value[str] = REGION, account: Value[str] = ACCOUNT
) -> Value[str]:
    """An ARN built from names, in the target's own partition, region and account unless others are named.

    Some services want region or account empty. Across regions there is no other way to name a thing.
    """
    return join("arn:", PARTITION, f":{service}:", region, ":", account, ":", resource)
