"""The probe's values as JSON and back, for answers that come from elsewhere."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints


def written(value: Any) -> Any:  # Any: a value of the probe's; JSON comes out
    """A value as JSON takes it. What a generator yields becomes a list."""
    if is_dataclass(value):
        return {field.name: written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple | Iterator):
        return [written(each) for each in value]
    return value


def read(kind: Any, value: Any) -> Any:  # Any: a type, and JSON; a value of that type comes out
    """A value of this type out of what `written` made of it. Errors: KeyError, TypeError, ValueError for another."""
    origin, inner = get_origin(kind), get_args(kind)
    if value is None or kind is datetime:
        return value and datetime.fromisoformat(value)
    if origin is UnionType:
        return read(next(each for each in inner if each is not NoneType), value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: read(hints[name], each) for name, each in value.items()})
    if origin is Mapping:
        return {key: read(inner[1], each) for key, each in value.items()}
    if origin in _COLLECTIONS:
        return _COLLECTIONS[origin](read(inner[0], each) for each in value)
    return value


_COLLECTIONS: Final[Mapping[Any, Callable[[Iterable[Any]], Any]]] = {tuple: tuple, list: list, frozenset: frozenset}


def packed(told: Any) -> str:
    """JSON as compressed text: five weeks of markers are some 6 MB otherwise. Any: JSON."""
    return base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()


def unpacked(text: str) -> Any:
    """What `packed` has made that text of. Any: JSON."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
