"""What every resource has, whatever it is."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from mainstay.core.records import dataclass
from mainstay.plan.values import Json, Ref, Value

if TYPE_CHECKING:
    from mainstay.core.findings import Origin

Tags: TypeAlias = "Mapping[str, Value[str]]"


class Fate(enum.StrEnum):
    """What becomes of the real thing when the plan no longer has it, or replaces it."""

    DELETE = "delete"
    RETAIN = "retain"
    RETAIN_EXCEPT_ON_CREATE = "retain except on create"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that should exist.

    `key` is its logical id, letters and digits, unique in its region; `address` is the foreign name it had where
    it was read (`module.db["a"].aws_db_instance.x`). `on_delete` and `on_replace` are None when nothing was
    written, which is not the same as `DELETE`: AWS has a default per type. `extras` keeps, by property path, what
    a format's table does not know. `origin` is outside equality.
    """

    key: str
    depends_on: tuple[Ref[Resource], ...] = ()
    on_delete: Fate | None = None
    on_replace: Fate | None = None
    extras: Mapping[str, Json] = field(default_factory=dict)
    address: str = field(default="", compare=False)
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque(Resource):
    """A resource of a type that no table knows: its foreign type, and its properties as they were written."""

    type: str
    properties: Mapping[str, Json] = field(default_factory=dict)
