"""What a shown plan's configuration says: which expression stands for an argument, and what its references lead to.

A reference that leaves its module (`var.key_arn`, `module.keys.arn`) is followed through the call's arguments and the
module's outputs (Terraform's documentation, "JSON Output Format", checked 2026-11-21). Locals are not shown there, and
what a function or a template makes of its references isn't either: an expression is followed only where all of its
references lead to one attribute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Final

from mainstay.core.records import dataclass
from mainstay.plan.values import Json

# An index of `for_each` is any text.
_AT: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_STEP: Final = rf"module\.[^.\[\]]+(?:{_AT})?"
_PATH: Final = re.compile(rf"(?:(.*)\.)?({_STEP})")
_INDEX: Final = re.compile(_AT)
_NAME: Final = r"[A-Za-z0-9_-]+"
_ARGUMENT: Final = re.compile(rf"var\.({_NAME})")
_OUTPUT: Final = re.compile(rf"({_STEP})\.({_NAME})")
_RESOURCE: Final = re.compile(rf"([a-z0-9_]+)\.({_NAME})({_AT})?(?:\.([A-Za-z0-9_.\[\]]+))?")
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Target:
    """An attribute of a resource: the module's instance that it stands in, its type, name and index. The attribute is
    empty where only the resource is named, as Terraform before 1.0 did.
    """

    module: str
    type_name: str
    name: str
    index: str
    attribute: str


@dataclass(frozen=True)
class Configuration:
    """The modules by their path without indexes, and the values of the root module's variables."""

    modules: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    providers: Mapping[str, Json] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)

    def expressions(self, module: str, type_name: str, name: str) -> Mapping[str, Json]:
        """A resource's arguments; a module that is called several times is configured once."""
        return mapping(self._resource(module, type_name, name).get("expressions"))

    def region(self, module: str, type_name: str, name: str) -> str:
        """The region of the provider that a resource is made by; empty where it is not written out."""
        key = str(self._resource(module, type_name, name).get("provider_config_key", "aws"))
        provider = self.providers.get(key, self.providers.get(key.rpartition(":")[2]))
        region = mapping(mapping(mapping(provider).get("expressions")).get("region"))
        match region:
            case {"constant_value": str(written)}:
                return written
            case {"references": [str(reference)]} if found := _ARGUMENT.fullmatch(reference):
                value = mapping(self.variables.get(found[1])).get("value")
                return value if isinstance(value, str) else ""
        return ""

    def targets(self, expression: Json, module: str, depth: int = 0) -> set[Target] | None:
        """What all of an expression's references lead to; None where one of them leads nowhere that is known."""
        written = mapping(expression).get("references")
        references = [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
        found: set[Target] = set()
        for reference in references:
            # Terraform names the resource once more behind its attribute.
            if not any(other.startswith((f"{reference}.", f"{reference}[")) for other in references):
                led = self._led(reference, module, depth)
                if led is None:
                    return None
                found |= led
        return found or None

    def _led(self, reference: str, module: str, depth: int) -> set[Target] | None:
        if depth > _DEEPEST:
            return None
        if found := _ARGUMENT.fullmatch(reference):
            path = _PATH.fullmatch(module)
            if path is None:
                return None
            outer = path[1] or ""
            return self.targets(self._call(outer, path[2]).get(found[1]), outer, depth + 1)
        if found := _OUTPUT.fullmatch(reference):
            inner = below(module, found[1])
            output = mapping(mapping(self._module(inner).get("outputs")).get(found[2]))
            return self.targets(output.get("expression"), inner, depth + 1)
        if (found := _RESOURCE.fullmatch(reference)) and found[1] not in _NO_TYPES:
            return {Target(module, found[1], found[2], _index(found[3]), found[4] or "")}
        return None

    def _module(self, path: str) -> Mapping[str, Json]:
        return self.modules.get(_INDEX.sub("", path), {})

    def _call(self, module: str, step: str) -> Mapping[str, Json]:
        name = _INDEX.sub("", step).removeprefix("module.")
        call = mapping(mapping(self._module(module).get("module_calls")).get(name))
        return mapping(call.get("expressions"))

    @cached_property
    def _resources(self) -> Mapping[tuple[str, str, str], Mapping[str, Json]]:
        return {
            (path, str(one.get("type")), str(one.get("name"))): one
            for path, module in self.modules.items()
            for one in items(module.get("resources"))
            if one.get("mode", "managed") == "managed"
        }

    def _resource(self, module: str, type_name: str, name: str) -> Mapping[str, Json]:
        return self._resources.get((_INDEX.sub("", module), type_name, name), {})


_NO_TYPES: Final = frozenset({"var", "local", "module", "data", "each", "count", "path", "terraform", "self"})


def configuration_of(root: Mapping[str, Json]) -> Configuration:
    """The configuration in a shown plan; an empty one in a state."""
    shown = mapping(root.get("configuration"))
    modules: dict[str, Mapping[str, Json]] = {}
    _collect(mapping(shown.get("root_module")), "", modules)
    return Configuration(modules, mapping(shown.get("provider_config")), mapping(root.get("variables")))


def _collect(module: Mapping[str, Json], path: str, found: dict[str, Mapping[str, Json]]) -> None:
    found[path] = module
    for name, call in mapping(module.get("module_calls")).items():
        _collect(mapping(mapping(call).get("module")), below(path, f"module.{name}"), found)


def merged(expressions: list[Json]) -> Json:
    """The arguments of several blocks as those of one: nobody knows which of them a block of the values is."""
    members: dict[str, list[Json]] = {}
    for one in expressions:
        for name, expression in mapping(one).items():
            members.setdefault(name, []).append(expression)
    return {name: _union(some) for name, some in members.items()}


def _union(expressions: list[Json]) -> Json:
    blocks = [block for one in expressions if isinstance(one, list) for block in one]
    if blocks:
        return [merged(blocks)]
    inner = [one for one in expressions if isinstance(one, dict) and not {"references", "constant_value"} & one.keys()]
    if inner:
        return merged([*inner])
    references: list[Json] = []
    for one in expressions:
        some = mapping(one).get("references")
        references += some if isinstance(some, list) else []
    return {"references": references}


def _index(written: str | None) -> str:
    """An index as the instance has it."""
    return str(json.loads(written)[0]) if written else ""


def below(path: str, step: str) -> str:
    """A module's path inside another; the root's is empty."""
    return f"{path}.{step}" if path else step


def mapping(node: Json) -> Mapping[str, Json]:
    """A mapping, empty where there is none."""
    return node if isinstance(node, dict) else {}


def items(node: Json) -> list[Mapping[str, Json]]:
    """The mappings in a list."""
    return [one for one in node if isinstance(one, dict)] if isinstance(node, list) else []
