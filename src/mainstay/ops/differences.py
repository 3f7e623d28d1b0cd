"""What a plan changes about a stack that stands, in the words of the one classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mainstay import diff
from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.document import load
from mainstay.formats.cloudformation.nesting import nest
from mainstay.formats.layout import laid_out
from mainstay.ops.standing import StandingStack
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import NestedStack, Resource
from mainstay.plan.values import Json

CLOUDFORMATION: Final = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
# A nested template lies under its own digest: what changes in it stands among the changes by itself.
_SOMEWHERE: Final = "somewhere"
_NOT_SEEN: Final = "what the nested stacks hold was not compared: their templates do not lie beside this one"


def difference_of_template(
    stack: StandingStack | None, values: RegionPlan, *, is_whole: bool = True
) -> diff.RegionDifference:
    """What a template changes, read with the stack's values. When it `is_whole`, it was read as one with its nested
    templates, and so is what stands: the nested stacks themselves are nothing but addresses then.
    """
    if stack is None:
        return diff.compare_regions(replace(values, resources=()), values, CLOUDFORMATION)
    children = stack.children if is_whole else {}
    before = read_standing(stack.template, stack.parameters, stack.state.name, children)
    if children:
        before, values = _without_stacks(before), _without_stacks(values)
    found = diff.compare_regions(before, values, CLOUDFORMATION, standing=stack.databases)
    return found if is_whole or not stack.children else replace(found, notes=(*found.notes, _NOT_SEEN))


def difference(
    stack: StandingStack | None, planned: RegionPlan, values: RegionPlan, intent: Intent
) -> diff.RegionDifference:
    """What deploying a region changes. `planned` is its plan, `values` the same with values in its parameters' places.

    A stack in nested form stays in it: parents and children meet by name, by parameters and not by their values.
    """
    if stack is None or not stack.children:
        return difference_of_template(stack, values)
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


def read_standing(
    template: str, parameters: Mapping[str, str], file: str, children: Mapping[str, str] | None = None
) -> RegionPlan:
    """What a stack was made from, with the values that can be seen of its parameters, and with the resources of its
    nested stacks, whose templates are `children` by logical id.
    """
    declared = cloudformation.read(template, file=file).primary
    known = {one.name: parameters[one.name] for one in declared.parameters if one.name in parameters}
    resources = load(template, file=file).root.get("Resources")
    bodies = resources if isinstance(resources, Mapping) else {}

    def find(url: object, body: Mapping[str, Json], file: str) -> cloudformation.Source | str:
        del url, file  # where its template lies says nothing: it was asked of the stack
        name = next((name for name, other in bodies.items() if other == body), "")
        held = (children or {}).get(name)
        return "it is nested deeper" if held is None else cloudformation.Source(held, name)

    source = cloudformation.Source(template, file)
    return cloudformation.read_tree(source, parameters=known, find=find if children else None).plan.primary


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


def _without_stacks(region: RegionPlan) -> RegionPlan:
    return replace(region, resources=tuple(one for one in region.resources if not isinstance(one, NestedStack)))


def _somewhere(parent: RegionPlan) -> RegionPlan:
    def placed(one: Resource) -> Resource:
        return replace(one, template_url=_SOMEWHERE) if isinstance(one, NestedStack) else one

    return replace(parent, resources=tuple(map(placed, parent.resources)))
