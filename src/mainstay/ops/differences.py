"""What a plan changes about a stack that stands, in the words of the one classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mainstay import diff
from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.nesting import nest
from mainstay.formats.layout import laid_out
from mainstay.ops.standing import StandingStack
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import NestedStack, Resource

CLOUDFORMATION: Final = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
# A nested template lies under its own digest: what changes in it stands among the changes by itself.
_SOMEWHERE: Final = "somewhere"


def difference(
    stack: StandingStack | None, planned: RegionPlan, values: RegionPlan, intent: Intent
) -> diff.RegionDifference:
    """What deploying a region changes. `planned` is its plan, `values` the same with values in its parameters' places.

    A stack in nested form stays in it: parents and children meet by name, by parameters and not by their values.
    """
    if stack is None:
        return diff.compare_regions(replace(values, resources=()), values, CLOUDFORMATION)
    if not stack.children:
        before = read_standing(stack.template, stack.parameters, stack.state.name)
        return diff.compare_regions(before, values, CLOUDFORMATION, standing=stack.databases)
    parts = [
        diff.compare_regions(old, new, CLOUDFORMATION, standing=stack.databases)
        for old, new in _parts(stack, planned, intent)
    ]
    return diff.RegionDifference(
        region=planned.region,
        stack=planned.stack,
        changes=tuple(change for part in parts for change in part.changes),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def read_standing(template: str, parameters: Mapping[str, str], file: str) -> RegionPlan:
    """What a stack was made from, with the values that can be seen of its parameters."""
    declared = cloudformation.read(template, file=file).primary
    known = {one.name: parameters[one.name] for one in declared.parameters if one.name in parameters}
    return cloudformation.read(template, file=file, parameters=known).primary


def _parts(stack: StandingStack, planned: RegionPlan, intent: Intent) -> list[tuple[RegionPlan, RegionPlan]]:
    """The parent and each child, as they stand and as they are planned."""
    parent, children = nest(planned, intent)
    for room in children:
        parent["Resources"][room]["Properties"]["TemplateURL"] = _SOMEWHERE
    texts = {name: laid_out(child) for name, child in children.items()}
    empty = replace(planned, resources=())

    def read(held: Mapping[str, str], name: str) -> RegionPlan:
        return cloudformation.read(held[name], file=name).primary if name in held else empty

    old, new = (cloudformation.read(text, file=stack.state.name).primary for text in (stack.template, laid_out(parent)))
    pairs = [(_somewhere(old), _somewhere(new))]
    return pairs + [(read(stack.children, name), read(texts, name)) for name in {**stack.children, **texts}]


def _somewhere(parent: RegionPlan) -> RegionPlan:
    def placed(one: Resource) -> Resource:
        return replace(one, template_url=_SOMEWHERE) if isinstance(one, NestedStack) else one

    return replace(parent, resources=tuple(map(placed, parent.resources)))
