"""One resource with everything that stands beside its properties.

What is no field of the plan there (metadata, a condition, a creation policy) is among the resource's extras under
`@` and its name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.tables import BY_TYPE, REFUSED, TABLES
from mainstay.formats.codec import CannotExpress, Reading
from mainstay.formats.paths import put
from mainstay.formats.table import Table
from mainstay.plan.resources import Fate, Opaque, Resource
from mainstay.plan.values import Json, Ref

# CloudFormation User Guide, aws-attribute-deletionpolicy and aws-attribute-updatereplacepolicy, checked 2026-11-20;
# the latter knows no RetainExceptOnCreate.
_ON_DELETE: Final[Mapping[Fate, str]] = {
    Fate.DELETE: "Delete",
    Fate.RETAIN: "Retain",
    Fate.RETAIN_EXCEPT_ON_CREATE: "RetainExceptOnCreate",
    Fate.SNAPSHOT: "Snapshot",
}
_BESIDE: Final = {"on_delete": "DeletionPolicy", "on_replace": "UpdateReplacePolicy", "depends_on": "DependsOn"}
_ON_REPLACE: Final[Mapping[Fate, str]] = {
    fate: word for fate, word in _ON_DELETE.items() if fate is not Fate.RETAIN_EXCEPT_ON_CREATE
}


def write_resource(resource: Resource, dialect: CloudFormation) -> dict[str, Json]:
    """A member of `Resources`; CannotExpress says what has no form."""
    body: dict[str, Json] = {"Type": _type_name(resource)}
    for ref in resource.depends_on:
        dialect.reference(ref.key, "id")
    depends_on = [ref.key for ref in resource.depends_on]
    if depends_on:
        body["DependsOn"] = depends_on[0] if len(depends_on) == 1 else list[Json](depends_on)
    if resource.on_delete:
        body["DeletionPolicy"] = _ON_DELETE[resource.on_delete]
    if resource.on_replace:
        if resource.on_replace not in _ON_REPLACE:
            raise CannotExpress(f"on_replace cannot be '{resource.on_replace}'")
        body["UpdateReplacePolicy"] = _ON_REPLACE[resource.on_replace]
    properties = _properties(resource, dialect)
    for path, value in resource.extras.items():
        if path.startswith("@"):
            put(body, path[1:], value)
        else:
            put(properties, path, value)
    return body | ({"Properties": properties} if properties else {})


def read_resource(
    key: str,
    body: Mapping[str, Json],
    dialect: CloudFormation,
    *,
    origin: Origin,
    left_out: Collection[str] = (),
    address: str = "",
) -> Resource:
    """A resource from a member of `Resources` with a `Type` and a mapping of properties.

    `left_out` are resources that a settled condition removed: nobody has to wait for them. `address` is what people
    call it, if it does not hold the path of a construct of the CDK itself.
    """
    properties = body.get("Properties", {})
    table = dialect.scope.tables[key]
    reading = Reading(dialect)
    beside = {name: value for name, value in body.items() if name not in ("Type", "Properties")}
    fields: dict[str, Any] = {  # Any: fields of any type
        "key": key,
        "origin": origin,
        "address": _construct_path(body) or address,
        "depends_on": _read_depends_on(beside, dialect, left_out),
        "on_delete": _read_fate(beside, "DeletionPolicy", _ON_DELETE, dialect),
        "on_replace": _read_fate(beside, "UpdateReplacePolicy", _ON_REPLACE, dialect),
    }
    if table is None:
        fields |= {"type": body["Type"], "properties": properties}
    else:
        fields |= table.body.read(properties, reading)  # type: ignore[arg-type]  # the reader looked at its shape
    extras = reading.extras | {f"@{name}": value for name, value in beside.items()}
    kind: type[Resource] = table.kind if table else Opaque
    return kind(**fields, extras=extras)


@dataclass(frozen=True, slots=True)
class Inside:
    """Where the fields of a resource stand, by the plan's names or the template's; `name` is its own there."""

    file: str
    places: Callable[[], Mapping[str, tuple[int, int]]]
    table: Table | None
    name: str = ""

    def __call__(self, part: str) -> Origin | None:
        """The place of a field; None where it was not written."""
        rows = self.table.rows if self.table else ()
        paths = {row.field: row.path for row in rows} | _BESIDE
        place = self.places().get(paths.get(part, part).split(".")[0])
        return Origin(self.file, *place) if place else None


def _type_name(resource: Resource) -> str:
    if isinstance(resource, Opaque):
        if resource.type in BY_TYPE:
            raise CannotExpress(f"it is opaque, but {resource.type} is a type with a table")
        return resource.type
    table = TABLES.get(type(resource))
    if table is None:
        reason = REFUSED.get(type(resource), "no table knows it")
        raise CannotExpress(f"a {type(resource).__name__} has no form: {reason}")
    return table.type_name


def _properties(resource: Resource, dialect: CloudFormation) -> dict[str, Json]:
    if isinstance(resource, Opaque):
        return dict(resource.properties)
    return TABLES[type(resource)].body.write(resource, dialect)


def _read_depends_on(
    beside: dict[str, Json], dialect: CloudFormation, left_out: Collection[str]
) -> tuple[Ref[Resource], ...]:
    written = beside.get("DependsOn", [])
    names = written if isinstance(written, list) else [written]
    if any(not isinstance(name, str) for name in names):
        return ()
    keys = [dialect.scope.key(str(name)) for name in names if name not in left_out]
    if None in keys:
        return ()
    beside.pop("DependsOn", None)
    return tuple(Ref(key) for key in keys if key is not None)


def _construct_path(body: Mapping[str, Json]) -> str:
    """Where the CDK made it (`aws:cdk:path`, in the metadata of what `cdk synth` writes, 2026-11-21)."""
    metadata = body.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
    return path if isinstance(path, str) else ""


def _read_fate(beside: dict[str, Json], name: str, words: Mapping[Fate, str], dialect: CloudFormation) -> Fate | None:
    # The language extensions take an expression here (their reference, DeletionPolicy, 2026-11-21).
    written = dialect.parse(beside.get(name))
    for fate, word in words.items():
        if written == word:
            del beside[name]
            return fate
    return None
