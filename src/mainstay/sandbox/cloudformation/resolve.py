"""A plan resource with every expression replaced by what it stands for here and now.

A reference becomes a `Physical`: the physical id, with the attributes of the thing. The field of a secret is read only
here, when the thing is made, and is neither stored nor shown.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, If, Import, Join, Param, Part, Pseudo, Ref, SecretField, Unknown, Zone
from mainstay.sandbox.cloudformation.records import EXPORT, INVALID, get_resource
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import secretsmanager
from mainstay.sandbox.services.ec2.network import zones_of
from mainstay.sandbox.state import Record, Transaction

R = TypeVar("R", bound=Resource)
_NAMED = re.compile(r"\$\{([A-Za-z0-9]+)\}")
# CloudFormation user guide, "dynamic references", secretsmanager: an ARN or a name, and a member of its JSON.
_DYNAMIC = re.compile(
    r"\{\{resolve:secretsmanager:(arn:[^:]+:secretsmanager:[^:]+:\d+:secret:[^:{}]+|[^:{}]+):SecretString:([^:{}]+)\}\}"
)
ASIDE = frozenset({"key", "depends_on", "on_delete", "on_replace", "extras", "address", "origin"})
"""The fields of a resource that say nothing about the thing itself."""


class Physical(str):
    """The physical id of a thing in the stack, with its attributes by their plan names."""

    __slots__ = ("attributes",)
    attributes: Mapping[str, Any]

    def __new__(cls, identifier: str, attributes: Mapping[str, Any]) -> Physical:
        """An id that knows its attributes."""
        made = super().__new__(cls, identifier)
        made.attributes = attributes
        return made


class Resolver:
    """Resolves the expressions of one stack, in one transaction."""

    def __init__(self, tx: Transaction, stack: Record, parameters: Mapping[str, str]) -> None:
        self._tx = tx
        self._stack = stack
        self._parameters = parameters

    def resource(self, resource: R) -> R:
        """The resource with literal values in all its fields."""
        fields = {
            spec.name: self.value(getattr(resource, spec.name))
            for spec in dataclasses.fields(resource)
            if spec.name not in ASIDE
        }
        return dataclasses.replace(resource, **fields)

    def value(self, value: Any) -> Any:  # Any: any shape that a plan's field can have
        """A literal for any value of a plan."""
        match value:
            case Ref(key) | Attr(key, "id"):
                found: Any = self._physical(key)
            case Attr(key, name):
                found = self._attribute(key, name)
            case Join(parts):
                found = "".join(str(self.value(part)) for part in parts)
            case Param(name):
                found = self._parameter(name)
            case Pseudo(name):
                found = self._pseudo(name)
            case Zone(index):
                found = self._zone(index)
            case Part(attribute, separator, index):
                found = str(self.value(attribute)).split(separator)[index]
            case SecretField(secret, field):
                found = self._secret(str(self.value(secret)), field)
            case Import(name):
                found = self._import(name)
            case If(condition, _, _):
                raise ServiceError(INVALID, f"The sandbox cannot decide the condition {condition} of the template.")
            case Unknown(reason, node):
                found = self._dynamic(reason, node)
            case _:
                found = self._inside(value)
        return found

    def _inside(self, value: Any) -> Any:  # Any: see value
        if isinstance(value, Mapping):
            return {name: self.value(item) for name, item in value.items()}
        if isinstance(value, tuple):
            return tuple(self.value(item) for item in value)
        if (
            dataclasses.is_dataclass(value)
            and not isinstance(value, type)
            and type(value).__module__.startswith("mainstay.plan")
        ):
            changed = {spec.name: self.value(getattr(value, spec.name)) for spec in dataclasses.fields(value)}
            return dataclasses.replace(value, **changed)
        return value

    def _made(self, key: str) -> Record:
        found = get_resource(self._tx, self._stack["StackId"], key)
        if found is None or "PhysicalResourceId" not in found:
            raise ServiceError(INVALID, f"The resource {key} has not been made.")
        return found

    def _physical(self, key: str) -> Physical:
        made = self._made(key)
        return Physical(made["PhysicalResourceId"], made["_attributes"])

    def _attribute(self, key: str, name: str) -> Any:  # Any: attributes are strings and numbers
        attributes = self._made(key)["_attributes"]
        if name not in attributes:
            raise ServiceError(INVALID, f"Resource {key} has no attribute {name} in the sandbox.")
        return attributes[name]

    def _parameter(self, name: str) -> str:
        if name not in self._parameters:
            raise ServiceError(INVALID, f"Parameters: [{name}] must have values")
        return self._parameters[name]

    def _pseudo(self, name: str) -> str:
        return {
            "account": self._tx.account,
            "region": self._tx.region,
            "partition": "aws",
            "url_suffix": "amazonaws.com",
            "stack_name": str(self._stack["StackName"]),
            "stack_id": str(self._stack["StackId"]),
        }[name]

    def _zone(self, index: int) -> str:
        zones = zones_of(self._tx.region)
        if index >= len(zones):
            count = len(zones)
            message = f"Template error: Fn::Select cannot select nonexistent value at index {index}: {count} zones"
            raise ServiceError(INVALID, message)
        return zones[index]

    def _secret(self, secret: str, field: str) -> str:
        text = secretsmanager.get_secret_value(self._tx, {"SecretId": secret})["SecretString"]
        try:
            return str(json.loads(text)[field])
        except (ValueError, KeyError, TypeError):
            message = f"Could not find a value associated with JSONKey '{field}' in SecretString"
            raise ServiceError(INVALID, message) from None

    def _dynamic(self, reason: str, node: object) -> str:
        """The field of a secret whose name comes out of a parameter, as a nested stack is given it."""
        text = node["Fn::Sub"] if isinstance(node, Mapping) and isinstance(node.get("Fn::Sub"), str) else node
        known = _NAMED.sub(lambda name: self._parameters.get(name[1], name[0]), text) if isinstance(text, str) else ""
        reference = _DYNAMIC.fullmatch(known)
        if reference is None:
            raise ServiceError(INVALID, f"The sandbox cannot resolve a value of the template: {reason}")
        return self._secret(reference[1], reference[2])

    def _import(self, name: object) -> str:
        exported = self._tx.get(EXPORT, str(self.value(name)))
        if exported is None:
            raise ServiceError(INVALID, f"No export named {name} found.")
        return str(exported["Value"])
