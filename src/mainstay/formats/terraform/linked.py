"""Which argument names which type of resource, and by which of its attributes: derived from tables and annotations."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import Any, Final

from mainstay.core.records import dataclass
from mainstay.formats.lists import Each, LinkTo
from mainstay.formats.table import Block, Blocks, Row
from mainstay.formats.terraform.codecs import Alone, BlockEach, InList
from mainstay.formats.terraform.tables import TABLES

_KIND: Final = re.compile(r"Link\[(\w+)\]")
_BY_NAME: Final = {kind.__name__: table for kind, table in TABLES.items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The type that an argument names, the attributes that it may be named by, and by mistake: as which others."""

    type_name: str = ""
    attributes: tuple[str, ...] = ()
    mistaken: Mapping[str, str] = field(default_factory=dict)


def wanted(type_name: str, path: str) -> Wanted:
    """What an argument names, by its path without numbers (`rule.target_vault_name`)."""
    return _all().get(f"{type_name}.{path}", Wanted())


# A rule calls things of several kinds, each by its ARN, which is a topic's id as well.
_CALLER: Final = ("aws_cloudwatch_event_target", "arn")
_CALLED: Final = {"aws_sns_topic": ("arn", "id"), "aws_lambda_function": ("arn",)}


def called(type_name: str, path: str, named: str) -> Wanted:
    """What an argument names that takes several types, where its expression names one of this type."""
    return Wanted(named, _CALLED[named]) if (type_name, path) == _CALLER and named in _CALLED else Wanted()


# A dimension has a name of its own for each kind. What else it is named by watches nothing, which a rule can only say
# of a reference that it sees. Since version 5 of the provider `id` is the resource id (version-5-upgrade, 2026-11-20).
_OTHERS: Final = ("resource_id", "arn", "address")
_INSTANCE: Final = Wanted("aws_db_instance", ("identifier",), {"id": "resource_id", **{one: one for one in _OTHERS}})


@cache
def _all() -> Mapping[str, Wanted]:
    found = {path: one for table in TABLES.values() for row in table.rows for path, one in _of(table.kind, row, "")}
    return found | {"aws_cloudwatch_metric_alarm.dimensions.DBInstanceIdentifier": _INSTANCE}


def _of(record: type, row: Row, above: str) -> Iterator[tuple[str, Wanted]]:
    path, codec = f"{above}{row.path}", row.codec
    if isinstance(codec, Block | Blocks):
        for inner in codec.rows.rows:
            yield from _of(codec.rows.record, inner, f"{path}.")
        return
    spec = next(one for one in dataclasses.fields(record) if one.name == row.field)
    kind = _KIND.search(str(spec.type))
    link = _link(codec)
    if kind and link and kind[1] in _BY_NAME:
        table = _BY_NAME[kind[1]]
        names = [table.attributes.get(name, name) for name in link.identities]
        # What the provider calls `id` is for most types what their bare reference stands for elsewhere.
        by_id = ["id"] if table.ref_is in link.identities and "id" not in table.attributes else []
        attributes = tuple(dict.fromkeys(names + by_id))
        yield (
            (f"{path}.{codec.argument}" if isinstance(codec, BlockEach) else path),
            Wanted(table.type_name, attributes),
        )


def _link(codec: Any) -> LinkTo | None:  # Any: a codec of any kind
    match codec:
        case LinkTo():
            return codec
        case Each() | Alone() | InList():
            return _link(codec.item)
        case BlockEach():
            return _link(codec.items)
    return None
