"""Property paths: `Rules.0.ObjectOwnership` leads through mappings by name and through lists by number.

A name that could be mistaken is escaped as in JSON Pointer (RFC 6901), with two additions: `~` is `~0`, `.` is
`~1`, a leading `@` (kept for what stands beside the properties) is `~2`, and a name of digits only starts with `~3`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias, cast

from mainstay.formats.codec import CannotExpress
from mainstay.plan.values import Json

Container: TypeAlias = "dict[str, Json] | list[Json]"


def segment(name: str) -> str:
    """A property's name as one segment of a path."""
    safe = name.replace("~", "~0").replace(".", "~1")
    if safe.startswith("@"):
        return f"~2{safe[1:]}"
    return f"~3{safe}" if safe.isdecimal() or not safe else safe


def name_of(part: str) -> str:
    """The property's name that `segment` was made from."""
    if part.startswith("~2"):
        part = f"@{part[2:]}"
    return part.removeprefix("~3").replace("~1", ".").replace("~0", "~")


def below(path: str, part: str) -> str:
    """The path of a part inside the thing at `path`; an empty path is the top."""
    return f"{path}.{part}" if path else part


def put(root: dict[str, Json], path: str, value: Json) -> None:
    """Set a value at a path, making what lies between; CannotExpress when something else is in the way."""
    parts = path.split(".")
    here: Container = root
    for part, following in pairwise(parts):
        fresh: Container = [] if following.isdecimal() else {}
        found = _get(here, part)
        if found is None:
            _set(here, part, cast("Json", fresh), path)
            here = fresh
        elif isinstance(found, dict | list):
            here = cast("Container", found)
        else:
            raise CannotExpress(f"'{path}' leads through a value that is set elsewhere")
    if _get(here, parts[-1]) is not None:
        raise CannotExpress(f"'{path}' is set twice, by a field and by an extra")
    _set(here, parts[-1], value, path)


def _get(here: Container, part: str) -> Json:
    if isinstance(here, list):
        return here[int(part)] if part.isdecimal() and int(part) < len(here) else None
    return here.get(name_of(part))


def _set(here: Container, part: str, value: Json, path: str) -> None:
    if isinstance(here, dict):
        here[name_of(part)] = value
    elif part == str(len(here)):
        here.append(value)
    else:
        raise CannotExpress(f"'{path}' names an element of a list that has {len(here)}")
