"""A plan as templates: one a region, resources in the plan's order, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NoReturn

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.resources import write_resource
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.sections import TEMPLATE_VERSION, write_output, write_parameter
from mainstay.formats.cloudformation.tables import TABLES
from mainstay.formats.codec import CannotExpress
from mainstay.formats.layout import laid_out
from mainstay.formats.metadata import MEMBER, write_metadata
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.values import Json

_ORDER: Final = (
    "Metadata",
    "Transform",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
)


def write(region: RegionPlan, intent: Intent) -> dict[str, Json]:
    """One region as a template, members in the order in which a person reads it.

    InputRefused names the resource that CloudFormation has no form for, and why.
    """
    _refuse_shared_names(region)
    dialect = CloudFormation(scope_of(region))
    ours = write_metadata(region, intent)
    sections: dict[str, dict[str, Json]] = {
        "Metadata": {MEMBER: ours} if ours else {},
        "Parameters": {one.name: _try(one.name, partial(write_parameter, one)) for one in region.parameters},
        "Resources": {one.key: _try(one.key, partial(write_resource, one, dialect)) for one in region.resources},
        "Outputs": {one.name: _try(one.name, partial(write_output, one, dialect)) for one in region.outputs},
    }
    template: dict[str, Json] = {"AWSTemplateFormatVersion": TEMPLATE_VERSION}
    if region.description:
        template["Description"] = region.description
    for name in (*_ORDER, *(name for name in region.extras if name not in _ORDER)):
        own = sections.get(name, {})
        if name in region.extras:
            template[name] = _merged(name, own, region.extras[name])
        elif own or name == "Resources":
            template[name] = own
    return template


def render(plan: Plan) -> dict[str, str]:
    """The templates of a plan as JSON, by file name (`<stack>.<region>.template.json`), the same bytes every time."""
    files: dict[str, str] = {}
    for region in plan.regions:
        name = ".".join(part for part in (region.stack, region.region, "template.json") if part)
        if name in files:
            raise InputRefused(
                "two templates with one name",
                detail=f"Two regions of the plan are both written to '{name}'.",
                hint="give each region of the plan its name",
            )
        files[name] = laid_out(write(region, plan.intent)) + "\n"
    return files


def scope_of(region: RegionPlan) -> Scope:
    """What the names in a region's template mean."""
    return Scope(
        tables={one.key: TABLES.get(type(one)) for one in region.resources},
        parameters={parameter.name: parameter.type for parameter in region.parameters},
    )


def _refuse_shared_names(region: RegionPlan) -> None:
    shared = {one.key for one in region.resources} & {one.name for one in region.parameters}
    if shared:
        raise InputRefused(
            "a parameter named like a resource",
            detail=f"In one template these names mean two things: {', '.join(sorted(shared))}.",
            hint="rename the parameters",
        )


def _merged(name: str, own: dict[str, Json], extra: Json) -> Json:
    if not own:
        return extra
    if not isinstance(extra, dict) or own.keys() & extra.keys():
        _refuse(name, "its extras stand where the plan's own members do")
    return own | extra


def _try(subject: str, written: Callable[[], dict[str, Json]]) -> Json:
    try:
        return written()
    except CannotExpress as error:
        _refuse(subject, str(error))


def _refuse(subject: str, reason: str) -> NoReturn:
    raise InputRefused(
        "CloudFormation cannot express this",
        detail=f"'{subject}': {reason}.",
        hint="change the plan there, or choose another format",
    )
