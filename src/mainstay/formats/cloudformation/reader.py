"""A template as a plan. Every path of the input arrives somewhere: in a field, in the extras, or in an Opaque."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Origin
from mainstay.core.naming import nearest
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.formats.cloudformation.children import STACK, Finder, Source, Tree, handed
from mainstay.formats.cloudformation.conditions import decide
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.document import Document, load
from mainstay.formats.cloudformation.intrinsics import parse
from mainstay.formats.cloudformation.resources import Inside, read_resource
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.sections import TEMPLATE_VERSION, read_output, read_parameter
from mainstay.formats.cloudformation.tables import BY_TYPE
from mainstay.formats.metadata import MEMBER, Metadata, damaged, read_metadata
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan, Written
from mainstay.plan.resources import Resource
from mainstay.plan.values import Json

_MOST_NAMED: Final = 5
_TRANSFORM: Final = "Fn::Transform"
_LONGEST_VALUE: Final = 4_096
_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]{1,255}")
_Bodies = Mapping[str, Mapping[str, Json]]


def read(text: str, *, file: str, parameters: Mapping[str, str] | None = None) -> Plan:
    """The plan of one region from a template in JSON or YAML.

    With `parameters` (values by name) everything that hangs on them is settled: references become literals,
    conditions are decided, resources and outputs whose condition is false are left out; defaults hold for the rest.
    Without, they stay expressions, as a secret parameter does always.
    InputRefused names file, line, reason and next step.
    """
    return read_tree(Source(text, file), parameters=parameters).plan


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan, and remarks on what of the template was not looked at."""

    plan: Plan
    remarks: tuple[Finding, ...] = ()


def read_tree(source: Source, *, parameters: Mapping[str, str] | None = None, find: Finder | None = None) -> Reading:
    """A template with the nested stacks whose templates are found: their resources stand in the plan beside its own,
    and what they hand to each other is resolved. A name that two of them use carries those of its stacks.
    """
    tree = Tree(find)
    template = _Template(load(source.text, file=source.file), source, tree)
    return Reading(template.plan(parameters), tuple(tree.remarks))


def read_regions(files: Mapping[str, str]) -> Plan:
    """The plan of several regions from its templates by file name, as `render` gives them, in any order.

    InputRefused when they are not the templates of one plan.
    """
    plans = {file: read(text, file=file) for file, text in files.items()}
    others = [file for file, plan in plans.items() if plan.intent != next(iter(plans.values())).intent]
    if others or not plans:
        raise InputRefused(
            "not one plan",
            detail=f"{', '.join(others) or 'No template'}: what stands in its metadata is another plan's.",
            hint="give the templates that one run of mainstay synth wrote",
        )
    # Files come in any order; the primary is the one that takes outputs of the others.
    regions = sorted((plan.primary for plan in plans.values()), key=lambda region: not region.awaits)
    plan = Plan(regions=tuple(regions), intent=next(iter(plans.values())).intent)
    _ = plan.in_deploy_order  # refuses a template whose parameters come from a region that is not there
    return plan


class _Template:
    """One template and where it was written; sections leave `top` as they are understood.

    `path` holds the names of the stacks that it is nested in, `chain` the files of their templates and its own.
    """

    def __init__(
        self, document: Document, source: Source, tree: Tree, path: tuple[str, ...] = (), chain: tuple[str, ...] = ()
    ) -> None:
        self.file = source.file
        self.addresses = source.addresses
        self.document = document
        self.top = dict(document.root)
        self.tree = tree
        self.path = path
        self.chain = (*chain, source.file)
        self.loops: dict[str, Json] = {}
        self.children: dict[str, _Template | None] = {}
        self.told: dict[tuple[str, str], object] = {}
        self._check_version()
        # Loops belong to the language extensions, which expand them before anything else is looked at.
        declared = self._members("Parameters")
        self.parameters = tuple(self._parameter(name, node) for name, node in declared.items())
        self.bodies = self._members("Resources")
        self.outputs = self._members("Outputs")
        self._check_resources(self.bodies)
        self.scope = Scope()
        tree.written.append(self._written(source))

    def plan(self, given: Mapping[str, str] | None) -> Plan:
        """The whole of it."""
        self.settle(None if given is None else self._values(given))
        metadata = self._metadata()
        ours = read_metadata(metadata.pop(MEMBER, None), file=self.file)
        resources = tuple(self.resources())
        template = RegionPlan(
            region=ours.region,
            stack=ours.stack,
            description=self._description(),
            resources=resources,
            parameters=(*self._filled(self.parameters, ours), *self._of_children()),
            outputs=(*self._outputs(), *self._told_by_children()),
            extras=self.top | ({"Metadata": metadata} if metadata else {}) | self.loops,
            written=tuple(self.tree.written),
        )
        return Plan(regions=(template,), intent=ours.intent)

    def _written(self, source: Source) -> Written:
        return Written(
            file=self.file,
            size=Bytes(len(source.text.encode(errors="surrogatepass"))),
            resources=len(self.bodies),
            parameters=len(self.parameters),
            outputs=len(self.outputs),
            dynamic_references=source.text.count("{{resolve:"),
        )

    def settle(self, values: Mapping[str, object] | None) -> None:
        """Give names their meaning, with the values of parameters that are known."""
        mappings, conditions = (self.top.get(name, {}) for name in ("Mappings", "Conditions"))
        scope = Scope(
            parameters={parameter.name: parameter.type for parameter in self.parameters},
            mappings=mappings if isinstance(mappings, dict) else {},
            given={} if values is None else values,
            keys={},
        )
        settled = decide(conditions, scope) if values is not None and isinstance(conditions, dict) else {}
        present = {name: BY_TYPE.get(str(body["Type"])) for name, body in self.bodies.items() if _holds(body, settled)}
        self.scope = dataclasses.replace(
            scope,
            tables=self.tree.tables,
            given={name: value for name, value in scope.given.items() if not self._is_hidden(name, value)},
            decisions=settled,
            keys=self.tree.claim(present, self.path),
            prefix="".join(f"{name}." for name in self.path),
            told=self._output_of,
        )
        self._remark()

    def resources(self) -> Iterator[Resource]:
        """Its own resources, then those of its nested stacks."""
        dialect = CloudFormation(self.scope)
        keys = self.scope.keys or {}
        left_out = self.bodies.keys() - keys.keys()
        for name, key in keys.items():
            yield read_resource(
                key,
                self.bodies[name],
                dialect,
                origin=self._origin(name, key),
                left_out=left_out,
                address=self.addresses.get(name, "" if key == name else "/".join((*self.path, name))),
            )
        for name, key in keys.items():
            child = self._child(name, key)
            if child is not None:
                yield from child.resources()

    def _origin(self, name: str, key: str) -> Origin:
        inside = Inside(self.file, lambda: self.document.inside(name), self.tree.tables[key], name)
        return Origin(self.file, *self.document.places.get(name, (0, 0)), inside)

    def _child(self, name: str, key: str) -> _Template | None:
        """The template of a nested stack; None where it is none, or nobody has it."""
        body = self.bodies[name]
        if body["Type"] != STACK or self.tree.find is None:
            return None
        if key not in self.children:
            self.children[key] = None  # whoever asks while it is being read, asks in a circle
            properties = body.get("Properties", {})
            written = properties if isinstance(properties, dict) else {}
            found = self.tree.find(parse(written.get("TemplateURL"), self.scope), body, self.file)
            if isinstance(found, str):
                self.tree.remark(key, f"'{name}' nests a template that is not here: {found}.", self._origin(name, key))
                return None
            document = self.tree.open(found, self.chain)
            child = _Template(document, found, self.tree, (*self.path, name), self.chain)
            child.settle(handed(written.get("Parameters", {}), child.parameters, self.scope, child._values({})))
            self.children[key] = child
        return self.children[key]

    def _output_of(self, key: str, output: str) -> object:
        """What a nested stack tells; None where nobody knows."""
        if (key, output) not in self.told:
            name = next(name for name, own in (self.scope.keys or {}).items() if own == key)
            child = self._child(name, key)
            node = child.outputs.get(output) if child else None
            is_there = child is not None and node is not None and _holds(node, child.scope.decisions)
            self.told[key, output] = parse(node.get("Value"), child.scope) if is_there and node and child else None
        return self.told[key, output]

    def _of_children(self) -> Iterator[Parameter]:
        """Parameters of nested stacks that have no value here: they are told apart by the stack's name."""
        for child in filter(None, self.children.values()):
            for one in child.parameters:
                if one.name not in child.scope.given:
                    yield dataclasses.replace(one, name=child.scope.prefix + one.name)
            yield from child._of_children()

    def _told_by_children(self) -> Iterator[Output]:
        for child in filter(None, self.children.values()):
            for output in child._outputs():
                yield dataclasses.replace(output, name=child.scope.prefix + output.name)
            yield from child._told_by_children()

    def _remark(self) -> None:
        """What CloudFormation expands before it looks, and we do not."""
        what = [f"what the transform {name} makes of it" for name in _transforms(self.top.get("Transform"))]
        what += [f"what {_TRANSFORM} makes of it"] if _TRANSFORM in self.top else []
        what += [f"what {_TRANSFORM} makes of {name}" for name, body in self.bodies.items() if _is_made(body)]
        what += [f"the loop {name} in {section}" for section, found in self.loops.items() for name in _names(found)]
        if what:
            detail = f"{self.file}: not seen are {', '.join(what[:_MOST_NAMED])}"
            detail += f" and {len(what) - _MOST_NAMED} more." if len(what) > _MOST_NAMED else "."
            self.tree.remark(".".join(self.path), detail, Origin(self.file))

    def _filled(self, parameters: tuple[Parameter, ...], ours: Metadata) -> tuple[Parameter, ...]:
        if ours.sources.keys() - {parameter.name for parameter in parameters}:
            raise damaged(self.file)
        return tuple(dataclasses.replace(one, source=ours.sources.get(one.name)) for one in parameters)

    def _members(self, section: str) -> dict[str, Mapping[str, Json]]:
        found = self.top.pop(section, {})
        if not isinstance(found, dict):
            self._refuse(section, f"'{section}' is not a mapping of names")
        aside: dict[str, Json] = {}
        members: dict[str, Mapping[str, Json]] = {}
        for name, node in found.items():
            if name.startswith("Fn::"):
                aside[name] = node
            elif isinstance(node, dict):
                members[name] = node
            else:
                self._refuse(name, f"'{name}' in '{section}' is not a mapping")
        if aside:
            self.loops[section] = aside
        return members

    def _parameter(self, name: str, node: Mapping[str, Json]) -> Parameter:
        if not isinstance(node.get("Type"), str):
            self._refuse("", f"the parameter '{name}' has no 'Type'")
        return read_parameter(name, node)

    def _check_version(self) -> None:
        version = self.top.pop("AWSTemplateFormatVersion", TEMPLATE_VERSION)
        if version != TEMPLATE_VERSION:
            self._refuse("", f"its version is {version!r}; the only one that exists is {TEMPLATE_VERSION}")

    def _check_resources(self, bodies: _Bodies) -> None:
        for key, body in bodies.items():
            if not _LOGICAL_ID.fullmatch(key):
                self._refuse(key, f"'{key[:80]}' is no logical id; it has to consist of letters and digits")
            if not isinstance(body.get("Type"), str):
                self._refuse(key, f"'{key}' has no 'Type'")
            if not isinstance(body.get("Properties", {}), dict):
                self._refuse(key, f"the 'Properties' of '{key}' are not a mapping")

    def _is_hidden(self, name: str, value: object) -> bool:
        """Whether a secret decides conditions, but never becomes a literal of the plan."""
        secret = {parameter.name: parameter.default for parameter in self.parameters if parameter.is_secret}
        # What a parent hands on is written in the parent for all to see.
        return name in secret and (not self.path or value == secret[name])

    def _values(self, given: Mapping[str, str]) -> dict[str, Json]:
        declared = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in declared:
                meant = nearest(name, declared)
                raise InputRefused(
                    "parameter not known",
                    detail=f"{self.file} has no parameter '{name}'.",
                    hint=f"did you mean '{meant}'?" if meant else "leave it out",
                )
        values = {name: given.get(name, parameter.default) for name, parameter in declared.items()}
        return {
            name: _as_typed(value, declared[name].type)
            for name, value in values.items()
            # The value of such a parameter is the name of another, which only the account can look up.
            if value is not None
            and not declared[name].type.startswith("AWS::SSM::Parameter::Value<")
            # CloudFormation takes no longer one (quotas, "Parameter values", checked 2026-11-21).
            and len(value) <= _LONGEST_VALUE
        }

    def _outputs(self) -> Iterator[Output]:
        dialect = CloudFormation(self.scope)
        for name, node in self.outputs.items():
            if _holds(node, self.scope.decisions):
                yield read_output(name, node, dialect)

    def _metadata(self) -> dict[str, Json]:
        metadata = self.top.pop("Metadata", {})
        if not isinstance(metadata, dict):
            self._refuse("", "its 'Metadata' is not a mapping")
        return dict(metadata)

    def _description(self) -> str:
        description = self.top.pop("Description", "")
        if not isinstance(description, str):
            self._refuse("", "its 'Description' is not a text")
        return description

    def _refuse(self, key: str, reason: str) -> NoReturn:
        place = Origin(self.file, *self.document.places.get(key, (0, 0)))
        raise InputRefused(
            "template cannot be used",
            detail=f"{place}: {reason}.",
            hint="correct it there; cfn-lint and the CloudFormation User Guide say what a template looks like",
        )


def _holds(node: Mapping[str, Json], settled: Mapping[str, bool]) -> bool:
    return settled.get(str(node.get("Condition", "")), True)


def _as_typed(value: str, kind: str) -> Json:
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [item.strip() for item in value.split(",")]
    return value


def _transforms(written: Json) -> list[str]:
    """The names of a template's transforms, as far as they are written out."""
    listed = written if isinstance(written, list) else [written]
    names = (one.get("Name") if isinstance(one, dict) else one for one in listed)
    return [name for name in names if isinstance(name, str)]


def _is_made(body: Mapping[str, Json]) -> bool:
    """Whether a transform makes some or all of a resource's properties."""
    properties = body.get("Properties")
    return _TRANSFORM in body or (isinstance(properties, dict) and _TRANSFORM in properties)


def _names(found: Json) -> list[str]:
    return list(found) if isinstance(found, dict) else []
