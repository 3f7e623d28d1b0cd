"""The same resources under other keys: whoever names one names it by its new key."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, Ref

Keys = Mapping[str, str]


def rekeyed(region: RegionPlan, keys: Keys) -> RegionPlan:
    """A region with its resources under other keys (old → new), in every reference too; what is not named stays."""
    return dataclasses.replace(
        region,
        resources=tuple(_resource(one, keys) for one in region.resources),
        outputs=tuple(_record(one, keys) for one in region.outputs),
    )


def _resource(resource: Resource, keys: Keys) -> Resource:
    renamed: Resource = _record(resource, keys)
    return dataclasses.replace(renamed, key=keys.get(resource.key, resource.key))


def _record(record: Any, keys: Keys) -> Any:  # Any: one of the plan's records
    values = {spec.name: _value(getattr(record, spec.name), keys) for spec in dataclasses.fields(record)}
    return dataclasses.replace(record, **values)


def _value(value: Any, keys: Keys) -> Any:  # Any: a field holds any value shape
    match value:
        case Ref(key):
            return Ref(keys.get(key, key))
        case Attr(key, name):
            return Attr(keys.get(key, key), name)
        case Mapping():
            return {name: _value(item, keys) for name, item in value.items()}
        case tuple():
            return tuple(_value(item, keys) for item in value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _record(value, keys)
    return value
