"""A template as a plan. Every path of the input arrives somewhere: in a field, in the extras, or in an Opaque."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final, NoReturn

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Origin
from mainstay.core.naming import nearest
from mainstay.formats.cloudformation.conditions import decide
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.document import Document, load
from mainstay.formats.cloudformation.resources import read_resource
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.sections import TEMPLATE_VERSION, read_output, read_parameter
from mainstay.formats.cloudformation.tables import BY_TYPE
from mainstay.formats.metadata import MEMBER, Metadata, damaged, read_metadata
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.resources import Resource
from mainstay.plan.values import Json

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]{1,255}")
_Bodies = Mapping[str, Mapping[str, Json]]


def read(text: str, *, file: str, parameters: Mapping[str, str] | None = None) -> Plan:
    """The plan of one region from a template in JSON or YAML.

    With `parameters` (values by name) everything that hangs on them is settled: references become literals,
    conditions are decided, resources and outputs whose condition is false are left out; defaults hold for the rest.
    Without, they stay expressions, as a secret parameter does always.
    InputRefused names file, line, reason and next step.
    """
    return _Template(load(text, file=file), file).plan(parameters)


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
    """One template and where it was written; sections leave `top` as they are understood."""

    def __init__(self, document: Document, file: str) -> None:
        self.file = file
        self.places = document.places
        self.top = dict(document.root)

    def plan(self, given: Mapping[str, str] | None) -> Plan:
        """The whole of it."""
        self._check_version()
        # Loops belong to the language extensions, which expand them before anything else is looked at.
        loops: dict[str, Json] = {}
        declared = self._members("Parameters", loops)
        parameters = tuple(self._parameter(name, node) for name, node in declared.items())
        bodies = self._members("Resources", loops)
        self._check_resources(bodies)
        scope = self._scope(bodies, parameters, given)
        metadata = self._metadata()
        ours = read_metadata(metadata.pop(MEMBER, None), file=self.file)
        template = RegionPlan(
            region=ours.region,
            stack=ours.stack,
            description=self._description(),
            resources=self._resources(bodies, scope),
            parameters=self._filled(parameters, ours),
            outputs=self._outputs(self._members("Outputs", loops), scope),
            extras=self.top | ({"Metadata": metadata} if metadata else {}) | loops,
        )
        return Plan(regions=(template,), intent=ours.intent)

    def _filled(self, parameters: tuple[Parameter, ...], ours: Metadata) -> tuple[Parameter, ...]:
        if ours.sources.keys() - {parameter.name for parameter in parameters}:
            raise damaged(self.file)
        return tuple(dataclasses.replace(one, source=ours.sources.get(one.name)) for one in parameters)

    def _members(self, section: str, loops: dict[str, Json]) -> dict[str, Mapping[str, Json]]:
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
            loops[section] = aside
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

    def _scope(self, bodies: _Bodies, parameters: tuple[Parameter, ...], given: Mapping[str, str] | None) -> Scope:
        mappings, conditions = (self.top.get(name, {}) for name in ("Mappings", "Conditions"))
        scope = Scope(
            parameters={parameter.name: parameter.type for parameter in parameters},
            mappings=mappings if isinstance(mappings, dict) else {},
            given={} if given is None else self._values(parameters, given),
        )
        settled = decide(conditions, scope) if given is not None and isinstance(conditions, dict) else {}
        # A secret decides conditions, but never becomes a literal of the plan.
        secret = {parameter.name for parameter in parameters if parameter.is_secret}
        return dataclasses.replace(
            scope,
            tables={key: BY_TYPE.get(str(body["Type"])) for key, body in bodies.items() if _holds(body, settled)},
            given={name: value for name, value in scope.given.items() if name not in secret},
            decisions=settled,
        )

    def _values(self, parameters: tuple[Parameter, ...], given: Mapping[str, str]) -> dict[str, Json]:
        declared = {parameter.name: parameter for parameter in parameters}
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
            if value is not None and not declared[name].type.startswith("AWS::SSM::Parameter::Value<")
        }

    def _resources(self, bodies: _Bodies, scope: Scope) -> tuple[Resource, ...]:
        dialect = CloudFormation(scope)
        left_out = bodies.keys() - scope.tables.keys()
        return tuple(
            read_resource(key, body, dialect, origin=Origin(self.file, *self.places[key]), left_out=left_out)
            for key, body in bodies.items()
            if key in scope.tables
        )

    def _outputs(self, members: _Bodies, scope: Scope) -> tuple[Output, ...]:
        dialect = CloudFormation(scope)
        return tuple(
            read_output(name, node, dialect) for name, node in members.items() if _holds(node, scope.decisions)
        )

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
        place = Origin(self.file, *self.places.get(key, (0, 0)))
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
