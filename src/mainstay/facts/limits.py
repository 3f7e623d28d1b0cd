"""Bounds that AWS sets: names, storage, and single numbers such as ports and days."""

from __future__ import annotations

import re
from typing import Any

from mainstay.core.records import dataclass
from mainstay.facts.loading import load


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLimits:
    """What a name may be: the characters (`pattern`, for the whole name), the length, and words that are taken."""

    most: int
    pattern: str = r"[\s\S]+"
    reserved: tuple[str, ...] = ()
    reserved_prefix: str | None = None

    def admits(self, name: str) -> bool:
        """Whether characters and length are right; a reserved word is one more question."""
        return len(name) <= self.most and re.fullmatch(self.pattern, name) is not None

    def is_reserved(self, name: str) -> bool:
        """Whether the service or the engine keeps this name for itself, however it is capitalised."""
        prefix = self.reserved_prefix
        return name.lower() in self.reserved or (prefix is not None and name.lower().startswith(prefix))


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLimits:
    """One type of RDS storage: sizes in GiB, operations a second, MiB/s. None: the type has no such bound.

    Below `settable_from_gib` performance is the base's and cannot be set.
    """

    least_gib: int
    most_gib: int
    settable_from_gib: int | None = None
    base_iops: int | None = None
    base_mib_s: int | None = None
    least_iops: int | None = None
    most_iops: int | None = None
    least_iops_per_gib: float | None = None
    most_iops_per_gib: float | None = None
    least_mib_s: int | None = None
    most_mib_s: int | None = None
    most_mib_s_per_iops: float | None = None


def storage(kind: str) -> StorageLimits | None:
    """The bounds of a storage type; None for one that RDS does not have, or has no longer."""
    row = load("limits").data["storage"].get(kind)
    return StorageLimits(**row) if row else None


def identifier(kind: str) -> NameLimits:
    """The names of a kind of thing (`instance`, `snapshot`, `alarm` ...); KeyError for a kind not in the table."""
    return _names(load("limits").data["identifiers"][kind])


def database_name(engine: str) -> NameLimits:
    """The name of the database that RDS creates within an instance."""
    return _names(load("limits").data["database_name"][engine])


def username(engine: str) -> NameLimits:
    """The name of the master user."""
    return _names(load("limits").data["username"][engine])


def limit(section: str, name: str) -> int:
    """One whole number of the table: `limit("port", "least")`; KeyError when it has none of that name."""
    return int(load("limits").data[section][name])


def _names(row: dict[str, Any]) -> NameLimits:  # Any: JSON
    return NameLimits(**{**row, "reserved": tuple(row.get("reserved", ()))})
