"""A shown plan or state as a plan, through the same tables as our own modules."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.core.findings import Finding, Origin
from mainstay.core.records import dataclass
from mainstay.formats.table import Block as Nested
from mainstay.formats.table import Blocks as Several
from mainstay.formats.table import Row, Rows
from mainstay.formats.terraform.blocks import Beside, Blocks, Doc
from mainstay.formats.terraform.codecs import Alone
from mainstay.formats.terraform.configured import Configuration
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.older import apart, newer
from mainstay.formats.terraform.parts import Parts
from mainstay.formats.terraform.resolving import References
from mainstay.formats.terraform.resources import read_resource
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.shown import Instance, load
from mainstay.formats.terraform.splitting import destination, split
from mainstay.formats.terraform.tables import BY_TYPE
from mainstay.formats.terraform.understanding import Names
from mainstay.formats.unseen import unseen
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import KINDS, DbInstance, Fate, Opaque, Resource
from mainstay.plan.values import Json

_PART: Final = "The plan is not complete: Terraform was told to plan a part, or has put some of it off."
_WHOLE: Final = "plan without -target, and apply what comes first; then check the rest"
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


def read_shown(text: str, *, file: str) -> Plan:
    """The plan behind the output of `terraform show -json`, as `read_seen` has it."""
    return read_seen(text, file=file).plan


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan, and remarks on what Terraform has not shown of it."""

    plan: Plan
    remarks: tuple[Finding, ...] = ()


def read_seen(text: str, *, file: str) -> Seen:
    """The plan behind the output of `terraform show -json`; InputRefused says why it cannot be read.

    A resource keeps its address. What no table knows is an Opaque; what is unknown until it is applied, or hidden, is
    Unknown. The regions of several providers are regions of the plan, that of the default one first.
    """
    shown = load(text, file=file)
    regions: dict[str, list[Instance]] = {shown.region: []}
    routes = {destination(one.values) for one in shown.instances if one.type_name == "aws_route"}
    for one in shown.instances:
        regions.setdefault(one.region, []).extend(split(one, apart=routes))
    order = {kind: place for place, kind in enumerate(KINDS)}

    def region_of(name: str, instances: list[Instance]) -> RegionPlan:
        found = _Reading(instances, file, shown.configuration).resources()
        resources = sorted(found, key=lambda one: order.get(type(one), len(order)))
        return RegionPlan(region=name, resources=tuple(resources))

    read = tuple(region_of(name, instances) for name, instances in regions.items())
    plan = Plan(regions=tuple(one for place, one in enumerate(read) if place == 0 or one.resources))
    return Seen(plan, () if shown.is_whole else (unseen(file, _PART, _WHOLE, Origin(file)),))


class _Reading:
    """What was shown of a region, with labels, bodies with references in them, and who stands beside whom."""

    def __init__(self, instances: list[Instance], file: str, configuration: Configuration) -> None:
        self.instances = instances
        self.file = file
        self.labels = _labels(instances)
        self.references = References(instances, self.labels, configuration)
        self.bodies = {one.address: self._body(one) for one in instances}
        parts = Parts(instances, self.bodies, self.labels, self.references)
        self.parts = {one.address: parts.of(one) for one in instances}
        taken = {address for found in self.parts.values() for addresses in found.values() for address in addresses}
        self.mains = [one for one in instances if one.address not in taken]
        self.keys = _keys(self.mains, self.labels)
        self.dialect = _dialect([one for one in self.mains if one.type_name in BY_TYPE], self.keys, self.labels)

    def resources(self) -> Iterator[Resource]:
        """A resource for each main block, and an Opaque for each of a type that no table knows."""
        for one in self.mains:
            yield self._resource(one) if one.type_name in BY_TYPE else self._opaque(one)

    def _body(self, one: Instance) -> Doc:
        own = f"${{{one.type_name}.{self.labels[one.address]}.id}}"
        return newer(one.type_name, self.references.values_of(one), own)

    def _opaque(self, one: Instance) -> Resource:
        return Opaque(
            key=self.keys[one.address],
            type=one.type_name,
            properties=_kept(self.bodies[one.address]),
            address=one.address,
            origin=Origin(self.file),
        )

    def _resource(self, one: Instance) -> Resource:
        table = BY_TYPE[one.type_name]
        main = dict(self.bodies[one.address])
        doc: Doc = {one.type_name: main}
        for beside in table.beside:
            addresses = self.parts[one.address].get(beside.type_name, [])
            found: list[Json] = [_without(self.bodies[address], beside) for address in addresses]
            if found:
                doc[beside.type_name] = found if beside.is_many else found[0]
        apart(doc, main, one.type_name)
        doc = {name: _shaped(bodies, name, table) for name, bodies in doc.items()}
        resource = read_resource(
            self.keys[one.address],
            self.labels[one.address],
            table,
            doc,
            self.dialect,
            stack="",
            origin=Origin(self.file),
            address=one.address,
        )
        return _with_fate(resource, one)


def _labels(instances: list[Instance]) -> dict[str, str]:
    """A label for each address, unique among those of its type."""
    labels: dict[str, str] = {}
    taken: Counter[tuple[str, str]] = Counter()
    for one in instances:
        module = one.module.replace("module.", "")
        words = "_".join(word for word in _WORDS.split(f"{module}.{one.name}.{one.index}") if word)
        taken[one.type_name, words] += 1
        number = taken[one.type_name, words]
        labels[one.address] = words if number == 1 else f"{words}_{number}x"
    return labels


def _keys(mains: list[Instance], labels: Mapping[str, str]) -> dict[str, str]:
    """A key for each address: the label's words, with the type before them where types share a label."""
    shared = Counter(key_of(labels[one.address]) for one in mains)
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for one in mains:
        key = key_of(labels[one.address])
        if shared[key] > 1 or not key[:1].isalpha():
            key = key_of(one.type_name.removeprefix("aws_")) + key
        while key in taken:
            key += "X"
        taken.add(key)
        keys[one.address] = key
    return keys


def _dialect(known: list[Instance], keys: Mapping[str, str], labels: Mapping[str, str]) -> Terraform:
    scope = Scope(
        tables={keys[one.address]: BY_TYPE[one.type_name] for one in known},
        labels={keys[one.address]: labels[one.address] for one in known},
    )
    names = {(one.type_name, labels[one.address]): (keys[one.address], BY_TYPE[one.type_name]) for one in known}
    return Terraform(scope, Names(resources=names))


def _with_fate(resource: Resource, one: Instance) -> Resource:
    """What Terraform does with a database that is no longer wanted (`lifecycle` is not among what it shows)."""
    skips = one.values.get("skip_final_snapshot")
    if isinstance(resource, DbInstance) and isinstance(skips, bool):
        fate = Fate.DELETE if skips else Fate.SNAPSHOT
        return dataclasses.replace(resource, on_delete=fate, on_replace=fate)
    return resource


def _without(body: Doc, beside: Beside) -> Doc:
    return {name: value for name, value in body.items() if name not in beside.joins}


def _shaped(bodies: Json, type_name: str, table: Blocks) -> Json:
    """A block's values as a module would have them: no unset ones, and a lone block without its list."""
    known = table.body.tree.get(type_name)
    return [_shape(one, known) for one in bodies] if isinstance(bodies, list) else _shape(bodies, known)


def _shape(node: Json, known: object) -> Json:
    inner = _inner(known)
    if isinstance(node, list) and isinstance(known, dict) and len(node) == 1:
        return _shape(node[0], known)
    if isinstance(node, list) and isinstance(known, Row) and _is_lone(known.codec) and len(node) == 1:
        return _shape(node[0], known)
    if isinstance(node, list):
        return [_shape(item, known) for item in node]
    if isinstance(node, dict):
        members = {name: _shape(item, inner.get(name) if inner is not None else None) for name, item in node.items()}
        return _kept(members)
    return node


def _inner(known: object) -> Mapping[str, object] | None:
    """The tree of what stands below; None where nothing is known of it."""
    if isinstance(known, dict):
        return known
    codec = known.codec if isinstance(known, Row) else None
    if isinstance(codec, Alone):
        codec = codec.item
    rows = codec.rows if isinstance(codec, Nested | Several) else None
    return rows.tree if isinstance(rows, Rows) else None


def _is_lone(codec: object) -> bool:
    return isinstance(codec, Nested | Alone)


def _kept(body: Mapping[str, Json]) -> Doc:
    """What is set: the provider shows every other argument as empty."""
    return {name: value for name, value in body.items() if value is not None and value not in ("", [], {})}
