"""Whether an answer has the shape that botocore's model of the service gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "timestamp": (datetime,),
    "blob": (bytes,),
}

# Values on the wire that the model's enums do not list: statuses of a stack among those of resources in its events
# (user guide, "Stack status codes"), and the state of a VPC endpoint, which EC2 writes in lower case (EC2 API,
# VpcEndpoint); both checked 2026-11-21.
_BEYOND_THE_MODEL = {
    ("ResourceStatus", "REVIEW_IN_PROGRESS"),
    ("ResourceStatus", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    ("ResourceStatus", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
    ("State", "available"),
}


def faults(value: Any, shape: Any, path: str = "answer") -> Iterator[str]:
    """Sentences about unknown members, missing required ones, wrong types and unknown values of enums."""
    if shape is None:
        if value:
            yield f"{path} has members, but the operation answers nothing: {sorted(value)}"
        return
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(value, shape, path)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path} is {type(value).__name__}, not a list"
            return
        for number, item in enumerate(value):
            yield from faults(item, shape.member, f"{path}[{number}]")
    elif kind == "map":
        if not isinstance(value, Mapping):
            yield f"{path} is {type(value).__name__}, not a map"
            return
        for name, item in value.items():
            yield from faults(item, shape.value, f"{path}.{name}")
    else:
        yield from _scalar(value, shape, path)


def _structure(value: Any, shape: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path} is {type(value).__name__}, not a structure"
        return
    for name, item in value.items():
        if name not in shape.members:
            yield f"{path}.{name} is no member of {shape.name}"
        elif name == shape.serialization.get("payload") and shape.members[name].type_name == "blob":
            yield from _stream(item, f"{path}.{name}")
        else:
            yield from faults(item, shape.members[name], f"{path}.{name}")
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name} is required by {shape.name}"


def _scalar(value: Any, shape: Any, path: str) -> Iterator[str]:  # Any: whatever was answered
    if shape.type_name == "blob" and shape.serialization.get("streaming"):
        yield from _stream(value, path)
        return
    wanted = _TYPES[shape.type_name]
    if type(value) not in wanted:
        yield f"{path} is {type(value).__name__} {value!r}, not {shape.type_name}"
    elif isinstance(value, datetime) and value.tzinfo is None:
        yield f"{path} is a time without an offset"
    elif getattr(shape, "enum", None) and value not in shape.enum and (shape.name, value) not in _BEYOND_THE_MODEL:
        yield f"{path} is {value!r}, which is none of {shape.enum}"


def _stream(value: Any, path: str) -> Iterator[str]:  # Any: whatever was answered
    if not hasattr(value, "read"):
        yield f"{path} is {type(value).__name__}, not a stream"
