"""What a realiser is: how one kind of plan resource is made, changed and taken away through the services' handlers."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from mainstay.core.units import Bytes, Duration
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import Resource
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services import HANDLERS
from mainstay.sandbox.state import Record, Transaction

R = TypeVar("R", bound=Resource)
Attributes = dict[str, Any]  # Any: JSON; by the plan's names, those that begin with `_` for the realiser itself
_RANDOM: Final = 12
GOES_ON: Final = "_goes_on"
"""An attribute that says: not ready yet, but keep what is known so far."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new thing: its physical id, and its attributes as far as they are known at once."""

    id: str
    attributes: Attributes = field(default_factory=dict)


class Making:
    """Where a realiser works: in one transaction, for one resource of one stack."""

    def __init__(self, tx: Transaction, stack: Record, key: str) -> None:
        self.tx = tx
        self.key = key
        self.stack = stack

    def call(self, service: str, operation: str, /, **params: object) -> dict[str, Any]:  # Any: an answer's shape
        """The answer of a service's handler in this transaction; parameters that are None are left out."""
        handler = HANDLERS.get((service, operation))
        if handler is None:
            raise not_implemented(service, operation)
        return handler(self.tx, {name: value for name, value in params.items() if value is not None})

    def elsewhere(self, region: str) -> Making:
        """The same place in another region, for what a resource has there."""
        return Making(self.tx.elsewhere(region), self.stack, self.key)

    def name(self, given: object, *, most: int = 255, is_lower: bool = False) -> str:
        """The name that was written, or one made of stack, key and random letters, as CloudFormation makes it."""
        if given is not None:
            return str(given)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        end = "".join(secrets.choice(letters) for _ in range(_RANDOM))
        start = f"{self.stack['StackName']}-{self.key}"[: most - _RANDOM - 1]
        made = f"{start}-{end}"
        return made.lower() if is_lower else made

    def tags(self, own: Mapping[str, Any]) -> list[dict[str, str]]:
        """The resource's tags over those of the stack."""
        merged = {tag["Key"]: tag["Value"] for tag in self.stack["Tags"]} | {key: str(own[key]) for key in own}
        return [{"Key": key, "Value": value} for key, value in merged.items()]


def _known(making: Making, physical: Physical) -> Attributes | None:
    del making
    return dict(physical.attributes)


def _always(making: Making, physical: Physical) -> bool:
    del making, physical
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Realiser(Generic[R]):
    """How one kind is made real.

    `update` None: every change replaces (see facts.replacement). `settled` gives the attributes once the thing is
    ready, None until then (or some with GOES_ON, to be kept), and raises when it never will be. `gone` tells whether a
    deletion has ended. `adopt` gives the attributes of a thing that is there already, None when it is not; a kind
    without it cannot be imported.
    """

    create: Callable[[Making, R], Made]
    delete: Callable[[Making, Physical], None]
    update: Callable[[Making, R, Physical, tuple[str, ...]], Attributes | None] | None = None
    settled: Callable[[Making, Physical], Attributes | None] = _known
    gone: Callable[[Making, Physical], bool] = _always
    snapshot: Callable[[Making, Physical], None] | None = None
    adopt: Callable[[Making, str], Attributes | None] | None = None


def attribute(link: object, name: str) -> Any:  # Any: a string, or None for no link
    """An attribute of what a link points at; a literal stands for itself."""
    return link.attributes.get(name, str(link)) if isinstance(link, Physical) else link


def text(value: object) -> str | None:
    """A link or value as plain text."""
    return None if value is None else str(value)


def number(value: object) -> int | None:
    """A whole number, also from a parameter's text."""
    return None if value is None else int(value) if isinstance(value, int) else int(str(value))


def flag(value: object) -> bool | None:
    """A switch, also from a parameter's text."""
    return value.lower() == "true" if isinstance(value, str) else None if value is None else bool(value)


def gib(value: object) -> int | None:
    """Whole GiB, from Bytes or from a parameter's text, which counts GiB."""
    return int(value.in_gib) if isinstance(value, Bytes) else number(value)


def mib(value: object) -> int | None:
    """Whole MiB, from Bytes or from a parameter's text, which counts MiB."""
    return int(value) // 2**20 if isinstance(value, Bytes) else number(value)


def days(value: object) -> int | None:
    """Whole days, from a Duration or from a parameter's text, which counts days."""
    return int(value) // 86_400 if isinstance(value, Duration) else number(value)


def seconds(value: object) -> int | None:
    """Whole seconds."""
    return number(value)


def base64_text(value: object) -> str | None:
    """Text in base64, as EC2 takes user data."""
    return None if value is None else base64.b64encode(str(value).encode()).decode()


def ignore_missing(code: str, call: Callable[[], object]) -> None:
    """Call, and let the service's error for what is already gone pass."""
    try:
        call()
    except ServiceError as error:
        if error.code != code:
            raise


def document(policy: Policy) -> dict[str, Any]:  # Any: a policy's JSON
    """A policy with literal values as its JSON document."""
    return {"Version": policy.version, "Statement": [_statement(item) for item in policy.statements]}


def _statement(item: Statement) -> dict[str, Any]:  # Any: see document
    made: dict[str, Any] = {"Sid": item.sid} if item.sid else {}
    made["Effect"] = item.effect
    for name, principals in (("Principal", item.principals), ("NotPrincipal", item.not_principals)):
        if principals:
            made[name] = _principals(principals)
    for name, values in (
        ("Action", item.actions),
        ("NotAction", item.not_actions),
        ("Resource", item.resources),
        ("NotResource", item.not_resources),
    ):
        if values:
            made[name] = [str(value) for value in values]
    for test in item.conditions:
        operator = made.setdefault("Condition", {}).setdefault(test.operator, {})
        operator[test.key] = [str(value) for value in test.values]
    return made


def _principals(principals: tuple[Principal, ...]) -> object:
    if any(principal.kind == "*" for principal in principals):
        return "*"
    kinds: dict[str, list[str]] = {}
    for principal in principals:
        kinds.setdefault(principal.kind, []).append(str(principal.value))
    return kinds
