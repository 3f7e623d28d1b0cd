"""Values of a shown plan or state with references in them again, as a module's text would have them.

A value that is known leads to another resource where it is that one's id or ARN, or the name of one of the type that
the argument wants. One that is unknown until it is applied leads where its expression does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mainstay.core.records import dataclass
from mainstay.formats.terraform.configured import Configuration, Target, mapping, merged
from mainstay.formats.terraform.linked import called, wanted
from mainstay.formats.terraform.shown import HIDDEN, Instance
from mainstay.plan.values import Json

UNKNOWN: Final = "${unknown}"
"""Stands for a value that only `apply` tells; no expression of a plan."""
# Ids of AWS, such as vpc-0a1b2c3d: unlike names, nothing else is called so by chance.
_ID: Final = re.compile(r"[a-z]+-[0-9a-f]{8,17}")
# Older versions of Terraform and of the provider show secrets without a mark.
_SECRETS: Final = frozenset(
    {
        *("auth_token", "bcrypt_hash", "encrypted_password", "master_password", "password", "private_key"),
        *("private_key_pem", "result", "secret", "secret_binary", "secret_string", "ses_smtp_password_v4", "token"),
    }
)


@dataclass(frozen=True, slots=True)
class _Node:
    """A value, and what stands at its place in the trees beside it. `path` is without the numbers of lists."""

    value: Json
    unknown: Json
    sensitive: Json
    expression: Json
    path: str = ""

    def member(self, name: str) -> _Node:
        """A member of a mapping; an expression that stands for the whole stands for each."""
        found = mapping(self.expression)
        return _Node(
            mapping(self.value).get(name),
            _in(self.unknown, name),
            _in(self.sensitive, name),
            self.expression if "references" in found else found.get(name),
            f"{self.path}.{name}" if self.path else name,
        )

    def element(self, index: int) -> _Node:
        """An element of a list: of several blocks nobody knows which expression stands for which."""
        of = merged([*self.expression]) if isinstance(self.expression, list) else self.expression
        value = self.value[index] if isinstance(self.value, list) else None
        return _Node(value, _in(self.unknown, index), _in(self.sensitive, index), of, self.path)


def _in(node: Json, name: str | int) -> Json:
    """The part of a parallel tree; a mark on the whole holds for each part."""
    if isinstance(node, dict):
        return node.get(str(name))
    if isinstance(node, list) and isinstance(name, int) and name < len(node):
        return node[name]
    return True if node is True else None


class References:
    """Who is meant by an id, an ARN, a name, or a reference of the configuration."""

    def __init__(self, instances: list[Instance], labels: Mapping[str, str], configuration: Configuration) -> None:
        self._labels = labels
        self._configuration = configuration
        self._known: dict[str, str] = {}
        self._named: dict[tuple[str, str, str, str], Instance] = {}
        self._of_type: dict[str, list[Instance]] = {}
        self._by: dict[tuple[str, str], dict[str, list[Instance]]] = {}
        for one in instances:
            self._named.setdefault((one.module, one.type_name, one.name, one.index), one)
            self._of_type.setdefault(one.type_name, []).append(one)
            for attribute in ("id", "arn"):
                value = one.values.get(attribute)
                if isinstance(value, str) and (value.startswith("arn:") or _ID.fullmatch(value)):
                    self._known.setdefault(value, self._text(one, attribute))

    def values_of(self, one: Instance) -> dict[str, Json]:
        """Its values: what leads to another resource as a reference, what is unknown or hidden as such."""
        found = self._resolved(_Node(one.values, one.unknown, one.sensitive, one.expressions), one)
        return found if isinstance(found, dict) else {}

    def mentioned(self, one: Instance, argument: str, type_name: str) -> set[str]:
        """The addresses of all of a type that an argument's expression names, with or without an attribute."""
        targets = self._configuration.targets(one.expressions.get(argument), one.module) or set()
        found = [self._meets(target) for target in targets if target.type_name == type_name]
        return {other.address for other in found if other is not None}

    def _text(self, one: Instance, attribute: str) -> str:
        return f"${{{one.type_name}.{self._labels[one.address]}.{attribute}}}"

    def _resolved(self, node: _Node, one: Instance) -> Json:
        value = node.value
        if node.sensitive is True or (node.path in _SECRETS and isinstance(value, str) and value):
            return HIDDEN
        if node.unknown is True:
            return self._meant(node, one)
        if isinstance(value, dict) or (value is None and isinstance(node.unknown, dict)):
            late = [name for name in mapping(node.unknown) if name not in mapping(value)]
            return {name: self._resolved(node.member(name), one) for name in (*mapping(value), *late)}
        if isinstance(value, list):
            return [self._resolved(node.element(index), one) for index in range(len(value))]
        return self._led(value, one, node.path) if isinstance(value, str) else value

    def _led(self, value: str, one: Instance, path: str) -> Json:
        """A text, or the reference to the resource that it is the id, ARN or name of."""
        found = wanted(one.type_name, path)
        named: dict[str, str] = {}
        for attribute in found.attributes:
            for other in self._called(found.type_name, attribute).get(value, ()):
                named.setdefault(other.address, self._text(other, attribute))
        if len(named) == 1:
            return next(iter(named.values()))
        own = (one.values.get("id"), one.values.get("arn"))
        return value if value in own else self._known.get(value, value)

    def _called(self, type_name: str, attribute: str) -> Mapping[str, list[Instance]]:
        """The resources of a type by an attribute that is a text."""
        if (type_name, attribute) not in self._by:
            called: dict[str, list[Instance]] = {}
            for one in self._of_type.get(type_name, ()):
                if isinstance(value := one.values.get(attribute), str):
                    called.setdefault(value, []).append(one)
            self._by[type_name, attribute] = called
        return self._by[type_name, attribute]

    def _meant(self, node: _Node, one: Instance) -> Json:
        """The resource that an expression leads to, where the argument wants one of its type by that attribute.

        Elsewhere an only reference may be a part of a text (`"[${aws_subnet.a.id}]"`), which an expression does not
        show: such a value is one that only Terraform can work out.
        """
        targets = self._configuration.targets(node.expression, one.module) or set()
        if len(targets) != 1:
            return UNKNOWN
        (target,) = targets
        asked = wanted(one.type_name, node.path)
        asked = asked if asked.type_name else called(one.type_name, node.path, target.type_name)
        if not asked.type_name:
            return UNKNOWN
        found = self._meets(target)
        # Before version 1.0 an expression told the resource alone, which is enough where one of its type is wanted.
        attribute = target.attribute or asked.attributes[0]
        meant = attribute if attribute in asked.attributes else asked.mistaken.get(attribute)
        return self._text(found, meant) if found and meant and target.type_name == asked.type_name else UNKNOWN

    def _meets(self, target: Target) -> Instance | None:
        return self._named.get((target.module, target.type_name, target.name, target.index))
