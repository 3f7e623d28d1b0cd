"""`terraform show -json`, of a plan or of a state, as a plan.

Terraform's documentation, "JSON Output Format" (versions 0.1 to 1.x, checked 2026-11-21). Values stand there resolved,
so a reference is found again by what it leads to: by the configuration's references where a value is unknown until it
is applied, by a resource's id or ARN where it is known. What is neither stays Unknown. What Terraform marks as
sensitive is never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.formats import json_text
from mainstay.plan.values import Json

_INDEX: Final = re.compile(r"\[[^\]]*\]")
MOST_RESOURCES: Final = 5_000
HIDDEN: Final = "${sensitive}"
"""Stands for a value that nobody may see; no expression of a plan."""


@dataclass
class Instance:
    """One resource: where it stands, and its values with what is unknown or hidden in them."""

    address: str
    module: str
    type_name: str
    name: str
    index: str
    values: dict[str, Json]
    unknown: Json = None
    sensitive: Json = None
    expressions: Mapping[str, Json] = field(default_factory=dict)


@dataclass
class Shown:
    """What was shown: its resources in order, and the region of the provider, where it is written out."""

    instances: list[Instance]
    region: str = ""


def load(text: str, *, file: str) -> Shown:
    """The resources of a plan or state; InputRefused says why a text is neither."""
    root = _root(text, file)
    values = _mapping(root.get("planned_values")) or _mapping(root.get("values"))
    instances: list[Instance] = []
    _walk(_mapping(values.get("root_module")), "", instances, file)
    changes = {
        str(one.get("address")): _mapping(one.get("change"))
        for one in map(_mapping, _list(root.get("resource_changes")))
    }
    configuration = _mapping(root.get("configuration"))
    expressions: dict[tuple[str, str, str], Mapping[str, Json]] = {}
    _configured(_mapping(configuration.get("root_module")), "", expressions)
    for one in instances:
        change = changes.get(one.address, {})
        one.unknown = change.get("after_unknown")
        one.sensitive = change.get("after_sensitive", one.sensitive)
        # A module that is called several times is configured once.
        one.expressions = expressions.get((_INDEX.sub("", one.module), one.type_name, one.name), {})
    return Shown(instances, _region(configuration))


def _root(text: str, file: str) -> Mapping[str, Json]:
    try:
        root, _ = json_text.load(text, file=file)
    except json_text.NotJson as error:
        raise _refused(f"{file}:{error.line}:{error.column}", f"it is not JSON: {error.reason}") from error
    json_text.refuse_depth(root, file)
    top = _mapping(root)
    version = top.get("format_version")
    if not isinstance(version, str) or not ({"planned_values", "values"} & top.keys()):
        raise _refused(file, "it shows neither a plan nor a state")
    if version.split(".")[0] not in ("0", "1"):
        raise _refused(file, f"its format has version {version}, and this Mainstay knows 0 and 1")
    return top


def _refused(file: str, reason: str) -> InputRefused:
    return InputRefused(
        "no output of Terraform",
        detail=f"{file}: {reason}.",
        hint="write it with: terraform plan -out tfplan && terraform show -json tfplan > tfplan.json",
    )


def _walk(module: Mapping[str, Json], path: str, found: list[Instance], file: str) -> None:
    for one in map(_mapping, _list(module.get("resources"))):
        if one.get("mode") == "managed" and isinstance(one.get("type"), str):
            index = one.get("index")
            found.append(
                Instance(
                    address=str(one.get("address")),
                    module=path,
                    type_name=str(one["type"]),
                    name=str(one.get("name")),
                    index="" if index is None else str(index),
                    values=dict(_mapping(one.get("values"))),
                    sensitive=one.get("sensitive_values"),
                )
            )
        if len(found) > MOST_RESOURCES:
            raise _refused(file, f"it has more than {MOST_RESOURCES:,} resources")
    for child in map(_mapping, _list(module.get("child_modules"))):
        _walk(child, str(child.get("address")), found, file)


def _configured(module: Mapping[str, Json], path: str, found: dict[tuple[str, str, str], Mapping[str, Json]]) -> None:
    """Expressions by module, type and name; instances of a module called several times share theirs."""
    for one in map(_mapping, _list(module.get("resources"))):
        found[path, str(one.get("type")), str(one.get("name"))] = _mapping(one.get("expressions"))
    for name, call in _mapping(module.get("module_calls")).items():
        inner = f"{path}.module.{name}" if path else f"module.{name}"
        _configured(_mapping(_mapping(call).get("module")), inner, found)


def _region(configuration: Mapping[str, Json]) -> str:
    provider = _mapping(_mapping(configuration.get("provider_config")).get("aws"))
    region = _mapping(_mapping(provider.get("expressions")).get("region")).get("constant_value")
    return region if isinstance(region, str) else ""


def _mapping(node: Json) -> Mapping[str, Json]:
    return node if isinstance(node, dict) else {}


def _list(node: Json) -> list[Json]:
    return node if isinstance(node, list) else []
