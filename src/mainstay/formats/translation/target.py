"""What a translation has to know of a format: which names it has for things, and whether it can say one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from mainstay.core.records import dataclass
from mainstay.formats import cloudformation, terraform
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.resources import write_resource as written_for_stacks
from mainstay.formats.cloudformation.sections import write_output as output_of_stacks
from mainstay.formats.cloudformation.sections import write_parameter
from mainstay.formats.cloudformation.writer import scope_of
from mainstay.formats.table import Table
from mainstay.formats.terraform.conditions import conditions_of, expressible
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.expressions import PSEUDO
from mainstay.formats.terraform.region import scopes
from mainstay.formats.terraform.resources import write_resource as written_as_blocks
from mainstay.formats.terraform.sections import write_output as output_of_modules
from mainstay.formats.terraform.variables import write_variable
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.resources import DbProxy, Resource
from mainstay.plan.values import Json

Writer: TypeAlias = Callable[[Resource], object]
Teller: TypeAlias = Callable[[Output], object]


@dataclass(frozen=True)
class Target:
    """A format to translate into. The writers raise CannotExpress with the reason.

    `asked` is its word for a parameter, `pseudos` are the pseudo values that it knows, `conditions` gives those of a
    region's conditions that it has words for.
    """

    name: str
    asked: str
    tables: Mapping[type[Resource], Table]
    pseudos: frozenset[str]
    parameter: Callable[[Parameter], object]
    resource: Callable[[Plan, RegionPlan], Writer]
    output: Callable[[Plan, RegionPlan], Teller]
    conditions: Callable[[RegionPlan], Mapping[str, Json]]

    def has_attribute(self, kind: type[Resource], name: str) -> bool:
        """Whether an attribute of a kind, by the plan's name for it, is one that the format knows."""
        return name == "id" or name in _ATTRIBUTES[self.name](kind)


def _of_stacks(kind: type[Resource]) -> frozenset[str]:
    return frozenset(cloudformation.TABLES[kind].attributes)


# The provider does not tell a proxy's VPC (documentation of aws_db_proxy, attribute reference, 2026-11-21).
_NOT_TOLD: Final[Mapping[type[Resource], frozenset[str]]] = {DbProxy: frozenset({"vpc_id"})}


def _of_modules(kind: type[Resource]) -> frozenset[str]:
    """What a table names, and what is called as in a plan."""
    return frozenset(terraform.TABLES[kind].attributes) | (_of_stacks(kind) - _NOT_TOLD.get(kind, frozenset()))


_ATTRIBUTES: Final = {"CloudFormation": _of_stacks, "Terraform": _of_modules}


def _template(plan: Plan, region: RegionPlan) -> Writer:
    dialect = CloudFormation(scope_of(region))
    return lambda resource: written_for_stacks(resource, dialect)


def _template_output(plan: Plan, region: RegionPlan) -> Teller:
    dialect = CloudFormation(scope_of(region))
    return lambda output: output_of_stacks(output, dialect)


def _module(plan: Plan, region: RegionPlan) -> Writer:
    dialect = Terraform(scopes(plan)[region.region])
    return lambda resource: list(written_as_blocks(resource, dialect, region.stack))


def _module_output(plan: Plan, region: RegionPlan) -> Teller:
    dialect = Terraform(scopes(plan)[region.region])
    return lambda output: output_of_modules(output, dialect.scope.outputs[output.name], dialect)


TARGETS: Final[Mapping[str, Target]] = {
    "cloudformation": Target(
        name="CloudFormation",
        asked="parameter",
        tables=cloudformation.TABLES,
        pseudos=frozenset({"account", "region", "partition", "url_suffix", "stack_name", "stack_id"}),
        parameter=write_parameter,
        resource=_template,
        output=_template_output,
        conditions=conditions_of,
    ),
    "terraform": Target(
        name="Terraform",
        asked="variable",
        tables=terraform.TABLES,
        pseudos=frozenset({*PSEUDO, "stack_name"}),
        parameter=lambda one: write_variable(one, "x"),
        resource=_module,
        output=_module_output,
        conditions=expressible,
    ),
}
