"""One resource as blocks, and back.

What every resource has stands beside the provider's arguments: `depends_on` and `lifecycle` as Terraform's own, the
fate of the real thing (which Terraform knows only as "never destroy") and an unusual key in the block's comment.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass
from mainstay.formats.codec import CannotExpress, Reading
from mainstay.formats.paths import put
from mainstay.formats.terraform.blocks import ASIDE, Beside, Blocks, Doc, Place, body
from mainstay.formats.terraform.counting import COUNT, count_of
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.tables import BY_TYPE, REFUSED, TABLES
from mainstay.formats.terraform.words import Fleeting, Template
from mainstay.plan.resources import Fate, Opaque, Resource
from mainstay.plan.values import Json, Ref

KEPT: Final = frozenset({Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE})
_BESIDE: Final = frozenset(
    {"key", "depends_on", "on_delete", "on_replace", "extras", "address", "origin", "type", "properties"}
)
_SAID: Final = "said"
CONDITION: Final = "@Condition"
"""Where a resource says the condition that it hangs on, in a template's words."""
_FATES: Final = ("on_delete", "on_replace")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a module: `kind` is `resource`, `data` or `ephemeral`."""

    kind: str
    type_name: str
    label: str
    body: Doc


def write_resource(resource: Resource, dialect: Terraform, stack: str) -> Iterator[Block]:
    """The blocks of a resource, its main one first; CannotExpress says what has no form."""
    place = _place(dialect.scope.labels[resource.key], dialect, stack)
    if isinstance(resource, Opaque):
        yield _opaque(resource, place)
        return
    table = _table(resource)
    doc = _doc(resource, table, dialect, place)
    main = body(doc, table.type_name)
    blocks = [Block("resource", table.type_name, place.label, _with_meta(main, resource, dialect, place))]
    for beside in table.beside:
        blocks += _beside(doc, beside, table, place)
    if CONDITION in resource.extras:
        count = count_of(_local(resource.extras[CONDITION], dialect))
        blocks = [dataclasses.replace(block, body={COUNT: count, **block.body}) for block in blocks]
    for block in blocks:
        if block.kind == "resource":
            _refuse_stored_secrets(block.body, block.type_name)
    yield from blocks


def _refuse_stored_secrets(node: Json, path: str) -> None:
    """A secret goes into write-only arguments and nowhere else; a login's name is none, whatever it comes from."""
    is_name = path == "aws_db_instance.username" and "ephemeral." not in str(node)
    if isinstance(node, Fleeting) and not path.endswith("_wo") and not is_name:
        raise CannotExpress(f"a secret in '{path}' would be stored in the state")
    for name, item in node.items() if isinstance(node, dict) else ():
        _refuse_stored_secrets(item, f"{path}.{name}")
    for item in node if isinstance(node, list) else ():
        _refuse_stored_secrets(item, path)


def _local(condition: Json, dialect: Terraform) -> str:
    if not isinstance(condition, str) or condition not in dialect.scope.conditions:
        raise CannotExpress(f"it hangs on the condition {json.dumps(condition)}, which the region does not have")
    return dialect.scope.conditions[condition]


def _place(label: str, dialect: Terraform, stack: str) -> Place:
    return Place(label=label, stack=stack, alias=dialect.scope.alias, prefix=dialect.scope.prefix)


def _table(resource: Resource) -> Blocks:
    table = TABLES.get(type(resource))
    if table is None:
        raise CannotExpress(
            f"a {type(resource).__name__} has no form: {REFUSED.get(type(resource), 'no table knows it')}"
        )
    known = {row.field for row in table.rows}
    for spec in dataclasses.fields(resource):
        value = getattr(resource, spec.name)
        if spec.name not in known | _BESIDE and value is not None and value not in ((), {}):
            raise CannotExpress(f"the provider has no argument for its {spec.name}")
    return table


def _opaque(resource: Opaque, place: Place) -> Block:
    if not resource.type.startswith("aws_"):
        raise CannotExpress(f"{resource.type} is a type of another tool")
    return Block("resource", resource.type, place.label, as_it_is(dict(resource.properties)))


def as_it_is(node: Any) -> Any:  # Any: JSON
    """JSON in which no text is a template, or every one is written out already."""
    if isinstance(node, str):
        return Template(node)
    if isinstance(node, list):
        return [as_it_is(item) for item in node]
    return {name: as_it_is(item) for name, item in node.items()} if isinstance(node, dict) else node


def _doc(resource: Resource, table: Blocks, dialect: Terraform, place: Place) -> Doc:
    doc: Doc = {table.type_name: {}}
    for type_name, written in table.body.write(resource, dialect).items():
        doc[type_name] = written
    for path, value in resource.extras.items():
        if path == CONDITION:
            continue
        if path.split(".")[0] not in table.types:
            raise CannotExpress(f"'{path}' is a property of another tool")
        put(doc, path, as_it_is(value))
    if table.outward:
        table.outward(doc, place)
    for path, value in derived(resource, table, place).items():
        put(doc, path, value)
    for path in table.needs:
        if _lacks(doc, path.split(".")):
            raise CannotExpress(f"the provider cannot do without {path}")
    return doc


def _lacks(node: Json, parts: list[str]) -> bool:
    """Whether a block on the way is there and has no such argument in it."""
    first, *rest = parts
    bodies = [one for one in (node if isinstance(node, list) else [node]) if isinstance(one, dict)]
    return any(_lacks(one[first], rest) if rest and first in one else not rest and first not in one for one in bodies)


def derived(resource: Resource, table: Blocks, place: Place) -> Doc:
    """The arguments that follow from a resource and say nothing of their own, by path."""
    found = {path: value(resource, place) for path, value in table.derived.items()}
    if table.named and getattr(resource, "name", None) is None:
        found[f"{table.type_name}.{table.named}"] = place.name()
    lifecycle = _lifecycle(resource, table)
    if lifecycle:
        found[f"{table.type_name}.lifecycle"] = lifecycle
    return {path: value for path, value in found.items() if value is not None}


def _lifecycle(resource: Resource, table: Blocks) -> Doc:
    kept = resource.on_delete in KEPT or (table.is_precious and resource.on_delete is not Fate.DELETE)
    ignored: list[Json] = [name for name, when in table.ignores.items() if when(resource)]
    # A log group is left alone by an argument of its own.
    guards = {"prevent_destroy": True} if kept and f"{table.type_name}.skip_destroy" not in table.derived else {}
    return guards | ({"ignore_changes": ignored} if ignored else {})


def _with_meta(main: Doc, resource: Resource, dialect: Terraform, place: Place) -> Doc:
    aside = dict(cast("Doc", main.pop(ASIDE, {})))
    if key_of(place.own) != resource.key:
        aside["key"] = resource.key
    if said := _said(resource, place):
        aside[_SAID] = said
    aside |= {name: str(getattr(resource, name)) for name in _FATES if getattr(resource, name) is not None}
    meta: Doc = {ASIDE: aside} if aside else {}
    if place.alias:
        meta["provider"] = f"aws.{place.alias}"
    if resource.depends_on:
        meta["depends_on"] = [_address(ref, dialect) for ref in resource.depends_on]
    return meta | main


def _said(resource: Resource, place: Place) -> list[Json]:
    """The fields that say by themselves what would be derived if they were silent."""
    table = TABLES[type(resource)]
    return [name for path, name in _doubled(table).items() if _says_itself(resource, table, place, path, name)]


def _says_itself(resource: Resource, table: Blocks, place: Place, path: str, name: str) -> bool:
    fields: dict[str, Any] = {name: None}
    value = getattr(resource, name)
    return value is not None and derived(dataclasses.replace(resource, **fields), table, place).get(path) == value


def _doubled(table: Blocks) -> dict[str, str]:
    """Fields by path that are both a row and derived, or named by the module."""
    paths = {row.path: row.field for row in table.rows}
    return {path: paths[path] for path in (*table.derived, f"{table.type_name}.{table.named}") if path in paths}


def _address(ref: Ref[Resource], dialect: Terraform) -> Json:
    written = str(dialect.reference(ref.key, "id")).removeprefix("${").removesuffix("}")
    return Template(".".join(written.split(".")[:2]))


def _beside(doc: Doc, beside: Beside, table: Blocks, place: Place) -> Iterator[Block]:
    found = doc.pop(beside.type_name, None)
    if found is None:
        return
    bodies = cast("list[Doc]", found if isinstance(found, list) else [found])
    for number, arguments in enumerate(bodies, start=1):
        joined: Doc = {"provider": f"aws.{place.alias}"} if place.alias else {}
        for argument, attribute in beside.joins.items():
            joined[argument] = Template(f"${{{table.type_name}.{place.label}.{attribute}}}")
        label = f"{place.label}_{number}" if beside.is_many and len(bodies) > 1 else place.label
        yield Block(beside.block, beside.type_name, label, joined | arguments)


@dataclass(frozen=True, slots=True)
class Inside:
    """Where the fields of a resource stand in its main block, by the plan's names or the provider's."""

    file: str
    places: Callable[[], Mapping[str, tuple[int, int]]]
    type_name: str

    def __call__(self, part: str) -> Origin | None:
        """The place of a field; None where it was not written, or stands in a block beside."""
        table = BY_TYPE.get(self.type_name)
        paths = {row.field: row.path for row in table.rows} if table else {}
        own = paths.get(part, f"{self.type_name}.{part}").removeprefix(f"{self.type_name}.")
        place = self.places().get(own.split(".")[0])
        return Origin(self.file, *place) if place else None


def read_resource(
    key: str,
    label: str,
    table: Blocks,
    doc: Doc,
    dialect: Terraform,
    *,
    stack: str,
    origin: Origin | None,
    address: str = "",
) -> Resource:
    """A resource from its blocks, whose arguments are joined and whose policies stand in their places."""
    place = _place(label, dialect, stack)
    main = body(doc, table.type_name)
    said = _read_said(main)
    fields = _read_meta(main, dialect)
    if table.inward:
        table.inward(doc, place)
    reading = Reading(dialect)
    fields |= table.body.read({name: node for name, node in doc.items() if node or name != table.type_name}, reading)
    resource = table.kind(key=key, origin=origin, address=address, **fields)
    extras = dict(reading.extras)
    return dataclasses.replace(_without_derived(resource, table, place, extras, said), extras=extras)


def _read_meta(main: dict[str, Json], dialect: Terraform) -> dict[str, Any]:  # Any: fields of any type
    aside = main.get(ASIDE)
    fields: dict[str, Any] = {}
    if isinstance(aside, dict):
        rest = dict(aside)
        rest.pop("key", None)
        for name in _FATES:
            fate = rest.get(name)
            if isinstance(fate, str) and fate in set(Fate):
                fields[name] = Fate(fate)
                del rest[name]
        main.pop(ASIDE)
        if rest:
            main[ASIDE] = rest
    main.pop("provider", None)
    depends_on = main.get("depends_on")
    if isinstance(depends_on, list):
        addresses = [str(one).partition(".") for one in depends_on]
        keys = [dialect.names.resources.get((type_name, label)) for type_name, _, label in addresses]
        if all(keys):
            fields["depends_on"] = tuple(Ref(found[0]) for found in keys if found)
            del main["depends_on"]
    return fields


def _read_said(main: Doc) -> list[Json]:
    """The fields that were written although they would be derived, taken out of the comment."""
    aside = main.get(ASIDE)
    if not isinstance(aside, dict) or not isinstance(aside.get(_SAID), list):
        return []
    main[ASIDE] = {name: item for name, item in aside.items() if name != _SAID}
    return cast("list[Json]", aside[_SAID])


def _without_derived(
    resource: Resource, table: Blocks, place: Place, extras: dict[str, Json], said: list[Json]
) -> Resource:
    """The resource, with what follows from it taken out of the extras, and out of fields that it was read into."""
    for path, name in _doubled(table).items():
        if name not in said and _says_itself(resource, table, place, path, name):
            fields: dict[str, Any] = {name: None}
            resource = dataclasses.replace(resource, **fields)
    for path, value in derived(resource, table, place).items():
        if extras.get(path) == value:
            del extras[path]
    return resource
