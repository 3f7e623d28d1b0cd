"""Small plans and states in the shapes of `terraform show -json`, put together from their resources.

Each test that uses them names the public document that has the shape; names and values here are our own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mainstay.formats.terraform import read_shown
from mainstay.plan.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Made:
    """A resource: its values, what is unknown or sensitive in them, and the expressions of its arguments."""

    type: str
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    unknown: Any = field(default_factory=dict)
    sensitive: Any = field(default_factory=dict)
    expressions: Mapping[str, Any] = field(default_factory=dict)
    index: str | int | None = None
    module: str = ""
    provider: str = "aws"

    @property
    def address(self) -> str:
        at = "" if self.index is None else f"[{json.dumps(self.index)}]"
        return ".".join(filter(None, (self.module, self.type, self.name))) + at

    def shown(self) -> dict[str, Any]:
        found = {"address": self.address, "mode": "managed", "type": self.type, "name": self.name}
        at = {} if self.index is None else {"index": self.index}
        return {**found, **at, "values": dict(self.values), "sensitive_values": self.sensitive}

    def changed(self) -> dict[str, Any]:
        change = {"actions": ["create"], "after": dict(self.values), "after_unknown": self.unknown}
        return {"address": self.address, "change": {**change, "after_sensitive": self.sensitive}}

    def configured(self) -> dict[str, Any]:
        found = {"mode": "managed", "type": self.type, "name": self.name, "provider_config_key": self.provider}
        return {**found, "expressions": dict(self.expressions)}


def references(*attributes: str) -> dict[str, list[str]]:
    """An expression as Terraform 1 shows it: each attribute, and the resource once more."""
    return {"references": [one for path in attributes for one in (path, path.rpartition(".")[0])]}


def module(*resources: Made, **more: Any) -> dict[str, Any]:
    """A module of the configuration."""
    return {"resources": [one.configured() for one in resources], **more}


def plan(*resources: Made, configuration: Mapping[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    """A plan that makes the resources; the configuration is of the root module unless another is given."""
    modules: dict[str, list[dict[str, Any]]] = {}
    for one in resources:
        modules.setdefault(one.module, []).append(one.shown())
    children = [{"address": path, "resources": found} for path, found in modules.items() if path]
    provider = {"aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": modules.get("", []), "child_modules": children}},
        "resource_changes": [one.changed() for one in resources],
        "configuration": configuration or {"provider_config": provider, "root_module": module(*resources)},
        **top,
    }


def state(*resources: Made) -> dict[str, Any]:
    """A state that holds the resources."""
    return {"format_version": "1.0", "values": {"root_module": {"resources": [one.shown() for one in resources]}}}


def read(document: Mapping[str, Any]) -> Plan:
    """The plan behind a document."""
    return read_shown(json.dumps(document), file="tfplan.json")
