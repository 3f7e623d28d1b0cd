"""A plan as a Terraform module, in the files that people expect: main, variables, outputs, versions, and a README.

A second region is a file of its own, named after it, whose blocks use a provider of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NoReturn, TypeVar, cast

from mainstay.core.errors import InputRefused
from mainstay.formats.codec import CannotExpress
from mainstay.formats.layout import laid_out
from mainstay.formats.metadata import write_metadata
from mainstay.formats.terraform import sections
from mainstay.formats.terraform.blocks import ASIDE, Doc
from mainstay.formats.terraform.counting import counted_in, with_first
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.hcl import settled
from mainstay.formats.terraform.names import key_of
from mainstay.formats.terraform.region import body_of, scopes
from mainstay.formats.terraform.resources import Block, as_it_is, write_resource
from mainstay.formats.terraform.variables import variables, write_variable
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource

T = TypeVar("T")

MAIN: Final = "main.tf.json"
METADATA: Final = "mainstay"


def render(plan: Plan, *, backend: sections.Backend | None = None) -> dict[str, str]:
    """The module's files by name, the same bytes every time.

    InputRefused names the resource that Terraform has no form for, and why.
    """
    known = _try("the plan", partial(scopes, plan))
    files: dict[str, Doc] = {}
    for region in plan.regions:
        dialect = Terraform(known[region.region])
        main, asked, outputs = _region(plan, region, dialect)
        if region is plan.primary:
            files |= {MAIN: main, "variables.tf.json": asked, "outputs.tf.json": outputs}
        else:
            files[f"{region.region}.tf.json"] = {**main, **asked, **outputs}
    files["versions.tf.json"] = sections.versions(plan, backend)
    bodies = {name: cast("Doc", settled(body)) for name, body in files.items() if body}
    counted = frozenset(address for body in bodies.values() for address in counted_in(body))
    texts = {name: laid_out(with_first(body, counted)) + "\n" for name, body in bodies.items()}
    return texts | {"README.md": sections.readme(plan, backend)}


def _region(plan: Plan, region: RegionPlan, dialect: Terraform) -> tuple[Doc, Doc, Doc]:
    blocks: list[Block] = []
    for resource in region.resources:
        blocks += _try(resource.key, partial(_blocks, resource, dialect, region.stack))
    asked = _try("variables", partial(variables, region, dialect.scope))
    outputs = _try("outputs", partial(sections.outputs, region, dialect))
    about = {**write_metadata(region, plan.intent), "Description": region.description}
    filled: Doc = {one.name: write_variable(one, one.name) for one in region.parameters if one.source}
    if filled:
        # They are no variables, so the module says what they are, and where among the others they stand.
        about |= {"Filled": filled, "Parameters": [one.name for one in region.parameters]}
    scope = dialect.scope
    odd: Doc = {local: name for name, local in scope.conditions.items() if key_of(local) != name}
    if odd:
        about["Conditions"] = odd
    top: Doc = {ASIDE: as_it_is({METADATA: about})}
    return top | _try("conditions", partial(body_of, region, blocks, outputs, dialect)), asked, outputs


def _blocks(resource: Resource, dialect: Terraform, stack: str) -> list[Block]:
    return list(write_resource(resource, dialect, stack))


def _try(subject: str, written: Callable[[], T]) -> T:
    try:
        return written()
    except CannotExpress as error:
        _refuse(subject, str(error))


def _refuse(subject: str, reason: str) -> NoReturn:
    raise InputRefused(
        "Terraform cannot express this",
        detail=f"'{subject}': {reason}.",
        hint="change the plan there, or choose another format",
    )
