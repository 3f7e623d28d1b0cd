"""One table at a time: its carried parts as the packages have them today, its source and date, and what changed.

A source names a package by its version, `botocore 1.44.5` or `cfn-lint 1.58.0 (2026-10-20)`, with the day of
cfn-lint's schemas; both are written anew. The date of a table is the day on which somebody last checked it. Where a
package carries all of it, that is the day of its schemas, or for botocore, which tells none, the day on which another
version of it was taken over. Where a person read a part of it, the date stays: nobody has read that part again.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cfnlint.schema import ResourceNotFoundError

from bench.facts.carriers import BOTOCORE, CFN_LINT, carrier_version, schemas_date
from bench.facts.layout import written
from bench.facts.parts import PARTS, Part

DATA: Final = Path(__file__).parents[2] / "src" / "mainstay" / "facts" / "data"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A table before and after; `changes` are lines for a reader."""

    path: Path
    before: str
    after: str
    changes: Sequence[str]

    @property
    def is_changed(self) -> bool:
        """Whether the file has to be written."""
        return self.before != self.after


def tables() -> list[str]:
    """The tables of which a package carries something."""
    return list(dict.fromkeys(part.table for part in PARTS))


def refreshed(table: str, today: str, folder: Path = DATA) -> Refreshed:
    """The table as the installed packages have it; nothing is written. LookupError when a package stopped saying it."""
    path = folder / f"{table}.json"
    before = path.read_text(encoding="utf-8")
    document = json.loads(before)
    parts = [part for part in PARTS if part.table == table]
    data = copy.deepcopy(document["data"])
    for part in parts:
        data = _with(data, part)
    source = _source(document["source"], {part.carrier for part in parts})
    is_same = (data, source) == (document["data"], document["source"])
    new = {**document, "source": source, "date": _date(document["date"], parts, today, is_same=is_same), "data": data}
    changes = list(_changes(document, new))
    return Refreshed(path, before, written(new), changes)


def _with(data: Any, part: Part) -> Any:  # Any: JSON
    """The data with the part as the package has it; the part has to stand there already."""
    if not part.steps:
        return _asked(part, data)
    holder = data
    for step in part.steps[:-1]:
        holder = holder[step]
    holder[part.steps[-1]] = _asked(part, holder[part.steps[-1]])
    return data


def _asked(part: Part, table: Any) -> Any:  # Any: JSON
    try:
        return part.ask(table)
    except (LookupError, ValueError, ResourceNotFoundError) as error:
        place = f"{part.table}.{part.path}" if part.path else part.table
        raise LookupError(f"{place}, of {part.carrier}: {type(error).__name__} {error}") from error


def _source(source: str, carriers: set[str]) -> str:
    """The source with the installed versions; ValueError when it does not name a package that carries a part."""
    for carrier in sorted(carriers):
        new = f"{carrier} {carrier_version(carrier)}" + (f" ({schemas_date()})" if carrier == CFN_LINT else "")
        source, count = re.subn(rf"{carrier} [\d.]+\d(?: \(\d{{4}}-\d\d-\d\d\))?", new, source)
        if count != 1:
            raise ValueError(f"the source has to name {carrier} once, by version: {source}")
    return source


def _date(date: str, parts: Sequence[Part], today: str, *, is_same: bool) -> str:
    if any(part.steps or part.is_shared for part in parts):
        return date
    if any(part.carrier == BOTOCORE for part in parts):
        return date if is_same else today
    return schemas_date()


def _changes(old: Any, new: Any, where: str = "") -> Iterator[str]:  # Any: JSON
    """`data.sizes.m9g: + 96xlarge`: one line for each value that came, went or changed."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(one for one in new if one not in old)]:
            place = f"{where}.{name}" if where else name
            if name not in new:
                yield f"{place}: gone, was {json.dumps(old[name])}"
            elif name not in old:
                yield f"{place}: new, {json.dumps(new[name])}"
            else:
                yield from _changes(old[name], new[name], place)
    elif isinstance(old, list) and isinstance(new, list) and old != new:
        came, went = [one for one in new if one not in old], [one for one in old if one not in new]
        told = [f"{sign} {json.dumps(one)}" for sign, those in (("+", came), ("-", went)) for one in those]
        yield f"{where}: {', '.join(told) or 'in another order'}"
    elif old != new:
        yield f"{where}: {json.dumps(old)} -> {json.dumps(new)}"
