"""A plan that was read from one format, made ready for another: all that this one can say, and a list of the rest.

Sections, types and properties that only the first format has go onto the list. A value that the other cannot say
becomes a parameter, so that whoever deploys is asked for it. What then still has no form (a field for which the
provider has no argument) is found by writing it, and left out by the smallest part that makes the difference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from mainstay.core.records import dataclass
from mainstay.formats.cloudformation.conditions import decide
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.differences import as_terraform_returns
from mainstay.formats.translation.computed import is_told
from mainstay.formats.translation.granted import unreadable, with_what_is_granted
from mainstay.formats.translation.loss import Loss, What
from mainstay.formats.translation.smallest import refusal, sayable_parameter, sayable_resource
from mainstay.formats.translation.target import TARGETS, Target
from mainstay.formats.translation.values import Values, kinds_of
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.resources import Opaque, Resource
from mainstay.plan.values import Json

_CONDITIONS: Final = "Conditions"
# Whatever looked something up there has found it while it was read, or is listed by itself.
_LOOKED_UP: Final = "Mappings"
_CONDITION: Final = "@Condition"
_OTHERWISE: Final = "another outcome is another translation: --parameter NAME=VALUE"


@dataclass(frozen=True, slots=True)
class Translation:
    """A plan in which everything can be said in the target's words, and what that cost."""

    plan: Plan
    losses: tuple[Loss, ...]


def translate(plan: Plan, target: str, *, given: Mapping[str, str] | None = None) -> Translation:
    """The plan for a format (`cloudformation`, `terraform`) other than the one that it was read from.

    `given` are values of its parameters; they become the defaults, and settle conditions.
    """
    names = frozenset(region.region for region in plan.regions)
    regions = [_Region(_filled(region, given or {}), TARGETS[target], names) for region in plan.regions]
    for one in regions:
        one.strip()
        one.say()
    # Only now can things be tried: a writer looks at the plan as a whole.
    for one in regions:
        one.leave_out(dataclasses.replace(plan, regions=tuple(other.region for other in regions)))
    again = dataclasses.replace(plan, regions=tuple(one.region for one in regions))
    if target == "terraform":
        again = as_terraform_returns(again)  # so that coming back and going again changes nothing
    return Translation(again, tuple(loss for one in regions for loss in one.losses))


@dataclass
class _Region:
    """One region on its way."""

    region: RegionPlan
    target: Target
    regions: frozenset[str]
    losses: list[Loss] = field(default_factory=list)
    decided: Mapping[str, bool] = field(default_factory=dict)
    conditions: Mapping[str, Json] = field(default_factory=dict)

    def strip(self) -> None:
        """Take away what only the first format has: sections, types, properties, checks of parameters."""
        self.conditions = self.target.conditions(self.region)
        settled = _decided(self.region)
        self.decided = {name: outcome for name, outcome in settled.items() if name not in self.conditions}
        self._sections()
        parameters = tuple(self._parameter(one) for one in self.region.parameters)
        asked = with_what_is_granted if self.target.name == "CloudFormation" else _as_it_is
        resources = tuple(self._without_extras(asked(one)) for one in self.region.resources if self._is_carried(one))
        outputs = tuple(self._output(one) for one in self.region.outputs if self._is_told(one))
        extras = {_CONDITIONS: dict(self.conditions)} if self.conditions else {}
        self.region = dataclasses.replace(
            self.region, parameters=parameters, resources=resources, outputs=outputs, extras=extras
        )

    def say(self) -> None:
        """Ask for the values that the target cannot say."""
        region = self.region
        values = Values(
            target=self.target,
            kinds=kinds_of(region, self.target),
            stack=region.stack,
            taken={one.key for one in region.resources} | {one.name for one in region.parameters},
            decided=self.decided,
            conditions=self.conditions,
        )
        resources = tuple(values.resource(one) for one in region.resources)
        outputs = tuple(values.output(one) for one in region.outputs)
        parameters = (*region.parameters, *values.asked.values())
        self.region = dataclasses.replace(region, resources=resources, outputs=outputs, parameters=parameters)
        self.losses += values.losses

    def leave_out(self, plan: Plan) -> None:
        """Leave out the fields and outputs that have no form even so; whoever pointed at one that went asks for it."""
        write = self.target.resource(plan, self.region)
        kept: list[Resource] = []
        for one in self.region.resources:
            said, lost = sayable_resource(write, one) if refusal(write, one) else (one, [])
            kept += [said] if said is not None else []
            for name, reason in lost:
                self._lose(
                    "property" if said else "resource", one, reason, f"write it for {self.target.name} by hand", name
                )
        is_smaller = len(kept) < len(self.region.resources)
        self.region = dataclasses.replace(self.region, resources=tuple(kept))
        if is_smaller:
            self.say()
        self._tell(plan)

    def _tell(self, plan: Plan) -> None:
        regions = tuple(self.region if one.region == self.region.region else one for one in plan.regions)
        write = self.target.output(dataclasses.replace(plan, regions=regions), self.region)
        told = []
        for one in self.region.outputs:
            reason = refusal(write, one)
            if reason is None:
                told.append(one)
            else:
                self._lose("output", one, reason, "whoever needs it has to find it in another way")
        self.region = dataclasses.replace(self.region, outputs=tuple(told))

    def _lose(
        self, what: What, one: Resource | Output | Parameter | str, reason: str, hint: str, path: str = ""
    ) -> None:
        origin, address, subject = None, "", one if isinstance(one, str) else ""
        if isinstance(one, Resource):
            origin, address, subject = one.origin, one.address, one.key
        elif isinstance(one, Output | Parameter):
            subject = one.name
        self.losses.append(
            Loss(what=what, subject=subject, path=path, address=address, origin=origin, reason=reason, hint=hint)
        )

    def _sections(self) -> None:
        told = f"a section of the template, for which {self.target.name} has no place"
        for name in self.region.extras.keys() - {_CONDITIONS, _LOOKED_UP}:
            self._lose("section", name, told, "look whether what it does is still wanted, and write it by hand")
        for name, outcome in self.decided.items():
            outcome_here = f"decided as {str(outcome).lower()}, by the values that the parameters have here"
            reason = f"{self.target.name} has no words for it; {outcome_here}"
            self._lose("condition", name, reason, _OTHERWISE)

    def _parameter(self, one: Parameter) -> Parameter:
        asked = f"the {self.target.asked} {one.name}"
        if one.source is not None and one.source.region not in self.regions:
            told = f"it takes the output {one.source.output} of {one.source.region}, which is not part of this"
            self._lose("parameter", one, told, f"give it as {asked}")
            one = dataclasses.replace(one, source=None)
        if one.is_secret and one.default is not None:
            told = "the default of a secret would stand in the module, and in its history"
            self._lose("secret", one, told, f"give it as {asked}", "Default")
            one = dataclasses.replace(one, default=None)
        said, lost = sayable_parameter(self.target.parameter, one)
        for path, reason in lost:
            self._lose("parameter", one, reason, f"check the value of {asked} in another way", path)
        return said

    def _is_carried(self, one: Resource) -> bool:
        condition = one.extras.get(_CONDITION)
        if isinstance(condition, str) and self.decided.get(condition) is False:
            self._lose("resource", one, f"the condition {condition} does not hold", _OTHERWISE)
            return False
        if isinstance(one, Opaque):
            self._lose("resource", one, f"no table knows {one.type}", f"write it for {self.target.name} by hand")
            return False
        field = unreadable(one)
        if field is not None:
            told = f"it cannot be without its {field}, which no table can read as it was written"
            self._lose("resource", one, told, f"write it for {self.target.name} by hand")
            return False
        if type(one) not in self.target.tables:
            told = f"{self.target.name} has no {type(one).__name__}"
            self._lose("resource", one, told, "translate the template that it deploys by itself")
            return False
        return True

    def _without_extras(self, one: Resource) -> Resource:
        kept: dict[str, Json] = {}
        for path, value in one.extras.items():
            if path == _CONDITION and value in self.conditions:
                kept[path] = value
            elif is_told(path):
                continue
            elif path != _CONDITION:
                self._lose(
                    "property", one, "no table knows it", f"write it for {self.target.name} by hand", path.lstrip("@")
                )
            elif not (isinstance(value, str) and self.decided.get(value)):
                told = "the condition is not settled here, so that the resource is made always"
                self._lose("condition", one, told, "settle it with --parameter NAME=VALUE", "Condition")
        return dataclasses.replace(one, extras=kept)

    def _is_told(self, one: Output) -> bool:
        condition = one.extras.get("Condition")
        if isinstance(condition, str) and self.decided.get(condition) is False:
            self._lose("output", one, f"the condition {condition} does not hold", _OTHERWISE)
            return False
        return True

    def _output(self, one: Output) -> Output:
        kept = {path: value for path, value in one.extras.items() if path == "Condition" and value in self.conditions}
        for path, value in one.extras.items():
            if path in kept:
                continue
            if path != "Condition" or not self.decided.get(str(value)):
                self._lose("output", one, "no table knows it", f"write it for {self.target.name} by hand", path)
        if one.export is not None and self.target.name == "Terraform":
            told = "other stacks import it by this name, which Terraform cannot give"
            self._lose("export", one, told, "keep a stack that exports it until nobody imports it any more")
            if not self.region.stack and not isinstance(one.export, str):
                one = dataclasses.replace(one, export=None)  # nobody is asked for what is only kept in a comment
        return dataclasses.replace(one, extras=kept)


def _as_it_is(one: Resource) -> Resource:
    return one


def _filled(region: RegionPlan, given: Mapping[str, str]) -> RegionPlan:
    parameters = (dataclasses.replace(one, default=given.get(one.name, one.default)) for one in region.parameters)
    return dataclasses.replace(region, parameters=tuple(parameters))


def _decided(region: RegionPlan) -> dict[str, bool]:
    """The conditions that are settled by the parameters' defaults."""
    conditions, mappings = region.extras.get(_CONDITIONS), region.extras.get(_LOOKED_UP)
    if not isinstance(conditions, dict):
        return {}
    scope = Scope(
        parameters={one.name: one.type for one in region.parameters},
        mappings=mappings if isinstance(mappings, dict) else {},
        given={one.name: one.default for one in region.parameters if one.default is not None},
    )
    return decide(conditions, scope)
