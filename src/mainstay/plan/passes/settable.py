"""Which key of a spec a field of the plan comes from, for whoever wants that field to be another.

A row says how a value of the plan is written there. What no row names follows from several keys, or is said by Mainstay
itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mainstay.core.records import dataclass
from mainstay.plan.passes.logical import DATABASE, DATABASE_PARAMETERS
from mainstay.plan.resources import DbInstance, DbProxyTargetGroup, ParameterGroup, Resource


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of a spec, as a path (a parameter's own dots belong to its name), and its value; None removes the key."""

    path: tuple[str, ...]
    value: object


@dataclass(frozen=True, slots=True)
class Key:
    """One row: the dotted key that a field comes from, and how its value is written (hence Any)."""

    path: str
    written: Callable[[Any], object] = str


def _as_it_is(value: object) -> object:
    return value


def _opposite(value: object) -> object:
    return not value


def _percent(value: object) -> object:
    return f"{value}%"


# Of the primary instance: a replica takes some from it, and says others for itself.
_PRIMARY: Final[Mapping[str, Key]] = {
    "engine_version": Key("database.version"),
    "is_multi_az": Key("database.multi_az", _as_it_is),
    "max_storage": Key("storage.max_size"),
    "backup_retention": Key("protection.backups.keep"),
    "backup_window": Key("protection.backups.window"),
    "deletes_automated_backups": Key("protection.backups.keep_after_deletion", _opposite),
    "maintenance_window": Key("protection.maintenance"),
    "has_deletion_protection": Key("protection.deletion_protection", _as_it_is),
}
KEYS: Final[Mapping[type[Resource], Mapping[str, Key]]] = {
    DbInstance: _PRIMARY,
    DbProxyTargetGroup: {
        "max_connections_percent": Key("access.proxy.max_connections", _percent),
        "max_idle_percent": Key("access.proxy.max_idle", _percent),
    },
}
_PARAMETERS: Final = ("database", "parameters")


def settings_for(before: Resource, after: Resource) -> tuple[Setting, ...] | None:
    """What a spec has to say so that a resource of its plan is another; None where no key leads to a field."""
    found: list[Setting] = []
    for spec in dataclasses.fields(after):
        old, new = getattr(before, spec.name), getattr(after, spec.name)
        if old == new:
            continue
        if isinstance(after, ParameterGroup) and spec.name == "parameters" and after.key == DATABASE_PARAMETERS:
            found += _parameters(old, new)
            continue
        key = KEYS.get(type(after), {}).get(spec.name)
        if key is None or new is None or (isinstance(after, DbInstance) and after.key != DATABASE):
            return None
        found.append(Setting(tuple(key.path.split(".")), key.written(new)))
    return tuple(found)


def _parameters(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Setting]:
    for name, value in new.items():
        if old.get(name) != value:
            yield Setting((*_PARAMETERS, name), int(value) if isinstance(value, str) and value.isdecimal() else value)
    yield from (Setting((*_PARAMETERS, name), None) for name in old if name not in new)
