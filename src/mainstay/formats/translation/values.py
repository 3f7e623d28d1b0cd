"""One region's values in another format's words: what it cannot say is asked for when it is deployed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mainstay.formats.terraform.resolving import UNKNOWN
from mainstay.formats.terraform.shown import HIDDEN
from mainstay.formats.translation.loss import Loss
from mainstay.formats.translation.target import Target
from mainstay.plan.plan import Output, Parameter, RegionPlan
from mainstay.plan.resources import DbInstance, Resource
from mainstay.plan.rewriting import rewritten
from mainstay.plan.values import Attr, If, Param, Part, Pseudo, Ref, SecretField, Unknown, is_expression

# Fields that hold a password; what stands there is asked for as a secret, and never repeated.
_PASSWORDS: Final = frozenset({"password"})
_BESIDE: Final = frozenset({"key", "extras", "address", "origin", "on_delete", "on_replace", "type", "properties"})


@dataclass
class Values:
    """The values of one region on their way.

    `kinds` are the resources that are carried, by key; `conditions` are carried, of the `decided` the outcome is known.
    What had to be asked for is in `asked`, in the order in which it was met, and what was lost in `losses`.
    """

    target: Target
    kinds: Mapping[str, type[Resource]]
    stack: str
    taken: set[str]
    decided: Mapping[str, bool] = field(default_factory=dict)
    conditions: Collection[str] = ()
    asked: dict[str, Parameter] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    _known: dict[str, Param] = field(default_factory=dict)

    def resource(self, one: Resource) -> Resource:
        """A resource whose values the target can say."""

        def change(value: Any, path: str) -> Any:  # Any: any value of a plan
            if path.partition(".")[0] in _BESIDE:
                return value
            return self._said(value, one, path)

        waits = tuple(ref for ref in one.depends_on if ref.key in self.kinds)
        return rewritten(dataclasses.replace(one, depends_on=waits), change)

    def output(self, one: Output) -> Output:
        """An output whose value the target can say."""
        return rewritten(one, lambda value, path: self._said(value, one, path))

    def _said(self, value: Any, owner: Resource | Output, path: str) -> Any:
        if isinstance(value, If) and value.condition in self.decided:
            return value.when_true if self.decided[value.condition] else value.when_false
        is_password = isinstance(owner, DbInstance) and path in _PASSWORDS
        if is_password and not is_expression(value):
            told = "a password that is written out is not repeated: it would stand in the module and in its history"
            return self._ask(value, owner, path, told, is_secret=True)
        is_name = isinstance(owner, DbInstance) and path == "username" and isinstance(value, SecretField)
        if is_name and self.target.name == "Terraform":
            return self._ask(
                value, owner, path, "it is read from a secret, and this argument is stored", is_secret=False
            )
        reason = self._trouble(value)
        return value if reason is None else self._ask(value, owner, path, reason, is_secret=is_password)

    def _trouble(self, value: Any) -> str | None:
        """Why the target cannot say a value; None when it can."""
        match value:
            case Unknown(reason, source) if source is not None:
                return reason
            case If(condition) if condition not in self.conditions:
                return f"it hangs on the condition {condition}, which is not settled here"
            case Part(of):
                return self._trouble(of)
            case Ref(key) | SecretField(Ref(key)) | Attr(key) if key not in self.kinds:
                return f"it points at {key}, which is not carried"
            case Attr(key, name) if not self.target.has_attribute(self.kinds[key], name):
                return f"{self.target.name} does not tell {name} of a {self.kinds[key].__name__}"
        return self._no_pseudo(value.name) if isinstance(value, Pseudo) else None

    def _no_pseudo(self, name: str) -> str | None:
        if name == "stack_name" and not self.stack:
            return "the stack has its name only where it is deployed"
        return None if name in self.target.pseudos else f"{self.target.name} has no {name}"

    def _ask(self, value: Any, owner: Resource | Output, path: str, reason: str, *, is_secret: bool) -> Param:
        is_list = isinstance(value, Unknown) and value.is_list
        subject = owner.key if isinstance(owner, Resource) else owner.name
        param = self._parameter(value, f"{subject}.{path}", reason, is_secret=is_secret, is_list=is_list)
        self.losses.append(
            Loss(
                what="secret" if is_secret else "value",
                subject=subject,
                path=path,
                address=owner.address if isinstance(owner, Resource) else "",
                origin=owner.origin if isinstance(owner, Resource) else None,
                reason=reason,
                hint=f"give it as the {self.target.asked} {param.name}",
            )
        )
        return param

    def _parameter(self, value: Any, place: str, reason: str, *, is_secret: bool, is_list: bool) -> Param:
        """One parameter for each value that was written in the same words; what is only unknown has none."""
        is_nameless = isinstance(value, Unknown) and value.source in (UNKNOWN, HIDDEN)
        same = json.dumps([repr(value), is_secret]) if is_expression(value) and not is_nameless else place
        if same not in self._known:
            name = self._name(value, place)
            self.asked[name] = Parameter(
                name=name,
                type="CommaDelimitedList" if is_list else "String",
                description=f"{place}: {reason}"[:4_000],
                is_secret=is_secret,
            )
            self._known[same] = Param(name)
        return self._known[same]

    def _name(self, value: Any, place: str) -> str:
        wanted = "StackName" if value == Pseudo("stack_name") else _camel(place)
        name, number = wanted, 2
        while name in self.taken:
            name, number = f"{wanted}{number}", number + 1
        self.taken.add(name)
        return name


def _camel(place: str) -> str:
    """`Database.engine_version` as a logical id: letters and digits, at most 255."""
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in place).split()
    return "".join(word[:1].upper() + word[1:] for word in words)[:240]


def kinds_of(region: RegionPlan, target: Target) -> dict[str, type[Resource]]:
    """The kinds of the resources that the target has a table for, by key."""
    return {one.key: type(one) for one in region.resources if type(one) in target.tables}
