"""A module that Mainstay wrote, as the plan that it was written from.

Every block arrives somewhere: as a resource, as a part of one, or as an Opaque of its own type.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Final, cast

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Origin
from mainstay.formats import json_text
from mainstay.formats.metadata import read_metadata
from mainstay.formats.terraform import sections
from mainstay.formats.terraform.blocks import ASIDE, Beside, Blocks, Doc
from mainstay.formats.terraform.conditions import SECTION, STACK_NAME
from mainstay.formats.terraform.conditions import read as read_condition
from mainstay.formats.terraform.counting import COUNT, count_of, counted_in, without_counts
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.expressions import EXPORT
from mainstay.formats.terraform.module import MAIN, METADATA
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.policies import DOCUMENT, inlined
from mainstay.formats.terraform.region import is_list
from mainstay.formats.terraform.resources import CONDITION, Inside, read_resource
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.tables import BY_TYPE
from mainstay.formats.terraform.understanding import Names
from mainstay.formats.terraform.variables import read_variable
from mainstay.plan.plan import OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.resources import KINDS, Opaque, Resource
from mainstay.plan.values import Json

Address = tuple[str, str]
_Top = dict[str, dict[str, Json]]
_NUMBERED: Final = re.compile(r"(.+)_\d+")


@dataclass
class _Owner:
    """A resource in the making: its key, its table, and its blocks by type."""

    key: str
    label: str
    table: Blocks
    doc: Doc = field(default_factory=dict)


def read(files: Mapping[str, str]) -> Plan:
    """The plan of a module, from the texts of its files by name. InputRefused names the file and the reason."""
    tops, places = _tops(files)
    hanging = {address: local for top in tops.values() for address, local in counted_in(cast("Doc", top)).items()}
    counted = frozenset(hanging)
    if counted:
        tops = {file: cast("_Top", without_counts(cast("Doc", top), counted)) for file, top in tops.items()}
    regions = {file: _Region(top, file, places, hanging) for file, top in tops.items()}
    outputs = {one.about.region: one.top.get("output", {}) for one in regions.values()}
    plans = tuple(one.plan(outputs) for one in regions.values())
    return Plan(regions=plans, intent=regions[MAIN].about.intent)


def _tops(files: Mapping[str, str]) -> tuple[dict[str, _Top], dict[Address, Origin]]:
    """The sections of each region, by the file that says which region it is, `main.tf.json` first; and where each
    resource stands.
    """
    tops: dict[str, _Top] = {MAIN: {}}
    places: dict[Address, Origin] = {}
    for name, text in files.items():
        if not name.endswith(".tf.json"):
            continue
        root = _root(name, text, places)
        aside = root.get(ASIDE)
        own = isinstance(aside, dict) and METADATA in aside
        here = tops.setdefault(name if own else MAIN, {})
        for section, members in root.items():
            if isinstance(members, dict):
                here.setdefault(section, {}).update(members)
    return tops, places


def _root(name: str, text: str, places: dict[Address, Origin]) -> dict[str, Json]:
    try:
        root, offsets = json_text.load(text, file=name, steps=("resource", json_text.ANY, json_text.ANY))
    except json_text.NotJson as error:
        raise _refused(f"{name}:{error.line}:{error.column}: {error.reason}.") from error
    json_text.refuse_depth(root, name)
    if not isinstance(root, dict):
        raise _refused(f"{name} holds no object.")
    for path, place in json_text.places(text, offsets).items():
        _, type_name, label = path
        inner = Inside(name, cache(partial(json_text.places_within, text, offsets[path], place[0])), type_name)
        places[type_name, label] = Origin(name, *place, inner)
    return root


def _refused(detail: str) -> InputRefused:
    return InputRefused("no module of Mainstay", detail=detail, hint="write it anew: mainstay synth --to terraform")


class _Region:
    """One region of a module: its sections, and what they say of themselves."""

    def __init__(
        self, top: _Top, file: str, places: Mapping[Address, Origin], hanging: Mapping[str, str] | None = None
    ) -> None:
        self.top = top
        self.hanging = hanging or {}
        self.file = file
        self.places = places
        metadata = top.get(ASIDE, {}).get(METADATA)
        rest = dict(metadata) if isinstance(metadata, dict) else {}
        self.description = str(rest.pop("Description", ""))
        self.filled = rest.pop("Filled", {})
        odd = rest.pop("Conditions", {})
        self.odd = odd if isinstance(odd, dict) else {}
        order = rest.pop("Parameters", [])
        self.order = [one for one in order if isinstance(one, str)] if isinstance(order, list) else []
        self.about = read_metadata(rest or None, file=file)

    def plan(self, outputs: Mapping[str, Mapping[str, Json]]) -> RegionPlan:
        """The whole of it; `outputs` are those of every region, as written."""
        resources = self._blocks("resource")
        owners, names = self._owners(resources)
        documents = {label: body for (kind, label), body in self._blocks("data").items() if kind == DOCUMENT}
        self._gather(owners, resources, documents)
        parameters = self._parameters()
        dialect = self._dialect(owners, dataclasses.replace(names, sources=self._sources(outputs)), parameters)
        conditions, dialect = self._conditions(dialect)
        found: list[Resource] = [
            self._hanging(
                address,
                read_resource(
                    one.key, one.label, one.table, one.doc, dialect, stack=self.about.stack, origin=self.places[address]
                ),
                dialect.names,
            )
            for address, one in owners.items()
        ]
        found += self._opaques(resources)
        order = {kind: place for place, kind in enumerate(KINDS)}
        found.sort(key=lambda one: order.get(type(one), len(order)))
        return RegionPlan(
            region=self.about.region,
            stack=self.about.stack,
            description=self.description,
            resources=tuple(found),
            parameters=tuple(parameters.values()),
            outputs=tuple(
                sections.read_output(self._own(name), _body(body), dialect)
                for name, body in self._section("output").items()
            ),
            extras={SECTION: conditions} if conditions else {},
        )

    def _conditions(self, dialect: Terraform) -> tuple[dict[str, Json], Terraform]:
        """The locals that are conditions, in a template's words, and the dialect that knows them by name."""
        names = {
            local: str(self.odd.get(local, key_of(self._own(local))))
            for local in self._section("locals")
            if self._own(local) != STACK_NAME
        }
        known = dataclasses.replace(dialect.names, conditions=names)
        found: dict[str, Json] = {}
        for local, name in names.items():
            text = self._section("locals")[local]
            node = read_condition(text[2:-1], known) if isinstance(text, str) and text.startswith("${") else None
            if node is not None:
                found[name] = node
        known = dataclasses.replace(known, conditions={local: name for local, name in names.items() if name in found})
        return found, dataclasses.replace(dialect, names=known)

    def _hanging(self, address: Address, resource: Resource, names: Names) -> Resource:
        local = self.hanging.get(".".join(address))
        if local is None:
            return resource
        kept: dict[str, Json] = {f"{address[0]}.{COUNT}": str(count_of(local))}  # of a local that is no condition
        if local in names.conditions:
            kept = {CONDITION: names.conditions[local]}
        return dataclasses.replace(resource, extras={**resource.extras, **kept})

    @property
    def scope(self) -> Scope:
        """A scope that knows the region and nothing in it."""
        return Scope(alias="" if self.file == MAIN else self.about.region)

    def _own(self, name: str) -> str:
        return name.removeprefix(self.scope.prefix)

    def _parameters(self) -> dict[str, Parameter]:
        """By variable; those that another region fills have none, and stand under their own names."""
        found = {name: read_variable(self._own(name), _body(body)) for name, body in self._section("variable").items()}
        filled = self.filled if isinstance(self.filled, dict) else {}
        for name, source in self.about.sources.items():
            one = read_variable(name, _body(filled.get(name, {})))
            found[name] = dataclasses.replace(one, name=name, source=source)
        places = {name: place for place, name in enumerate(self.order)}
        return dict(sorted(found.items(), key=lambda item: places.get(item[1].name, len(places))))

    def _sources(self, outputs: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
        found = {}
        for name, source in self.about.sources.items():
            value = _told(source, outputs.get(source.region, {})).get("value")
            if isinstance(value, str):
                found[value.removeprefix("${").removesuffix("}")] = name
        return found

    def _section(self, name: str) -> Mapping[str, Json]:
        return self.top.get(name, {})

    def _blocks(self, section: str) -> dict[Address, Doc]:
        return {
            (type_name, label): dict(_body(body))
            for type_name, members in self._section(section).items()
            if isinstance(members, dict)
            for label, body in members.items()
        }

    def _owners(self, blocks: dict[Address, Doc]) -> tuple[dict[Address, _Owner], Names]:
        """The resources by the address of their main block. What stands beside another block is none."""
        beside = {
            (one.type_name, label)
            for (type_name, label) in blocks
            if type_name in BY_TYPE
            for one in BY_TYPE[type_name].beside
        }
        owners = {
            (type_name, label): _Owner(_key(self._own(label), body), label, BY_TYPE[type_name])
            for (type_name, label), body in blocks.items()
            if type_name in BY_TYPE and (type_name, label) not in beside
        }
        secrets = {one.label: one.key for (kind, _), one in owners.items() if kind == "aws_secretsmanager_secret"}
        exports = {
            label: str(body.get("name")) for (kind, label), body in self._blocks("data").items() if kind == EXPORT
        }
        names = Names(
            resources={address: (one.key, one.table) for address, one in owners.items()},
            secrets=secrets,
            exports=exports,
        )
        return owners, names

    def _gather(
        self,
        owners: dict[Address, _Owner],
        blocks: dict[Address, Doc],
        documents: dict[str, Doc],
    ) -> None:
        ephemeral = self._blocks("ephemeral")
        for address, one in owners.items():
            one.doc[address[0]] = inlined(blocks.pop(address), documents)
            for beside in one.table.beside:
                found = self._beside(one, beside, blocks if beside.block == "resource" else ephemeral)
                bodies = [inlined(body, documents) for body in found]
                if bodies:
                    one.doc[beside.type_name] = bodies if beside.is_many else bodies[0]

    def _beside(self, owner: _Owner, beside: Beside, blocks: dict[Address, Doc]) -> list[Doc]:
        joins = {
            argument: f"${{{owner.table.type_name}.{owner.label}.{attribute}}}"
            for argument, attribute in beside.joins.items()
        }
        found = []
        for address in [address for address in blocks if address[0] == beside.type_name]:
            label, body = address[1], blocks[address]
            numbered = _NUMBERED.fullmatch(label)
            fits = label == owner.label or (beside.is_many and numbered is not None and numbered[1] == owner.label)
            if fits and all(body.get(argument) == value for argument, value in joins.items()):
                found.append(
                    {name: value for name, value in blocks.pop(address).items() if name not in (*joins, "provider")}
                )
        return found

    def _dialect(self, owners: dict[Address, _Owner], names: Names, parameters: Mapping[str, Parameter]) -> Terraform:
        scope = dataclasses.replace(
            self.scope,
            tables={one.key: one.table for one in owners.values()},
            labels={one.key: one.label for one in owners.values()},
            parameters={one.name: variable for variable, one in parameters.items()},
            lists={one.name for one in parameters.values() if is_list(one)},
        )
        variables = {variable: one.name for variable, one in parameters.items()}
        return Terraform(scope, dataclasses.replace(names, parameters=variables))

    def _opaques(self, blocks: dict[Address, Doc]) -> list[Resource]:
        return [
            Opaque(key=_key(self._own(address[1]), body), type=address[0], properties=body, origin=self.places[address])
            for address, body in blocks.items()
        ]


def _told(source: OutputOf, outputs: Mapping[str, Json]) -> Mapping[str, Json]:
    """An output's block; those of a region that is not the primary carry its name in theirs."""
    prefix = Scope(alias=source.region).prefix
    found = (
        body for name, node in outputs.items() if _key(name.removeprefix(prefix), body := _body(node)) == source.output
    )
    return next(found, {})


def _key(label: str, body: Mapping[str, Json]) -> str:
    aside = body.get(ASIDE)
    key = aside.get("key") if isinstance(aside, dict) else None
    return key if isinstance(key, str) else key_of(label)


def _body(node: Json) -> Mapping[str, Json]:
    if isinstance(node, list) and len(node) == 1:
        node = node[0]
    return node if isinstance(node, dict) else {}
