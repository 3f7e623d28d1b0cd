"""Every kind of resource in Terraform: one table each, a file a family as in `plan.resources`."""

from collections.abc import Mapping
from typing import Final

from mainstay.formats.terraform.blocks import Blocks
from mainstay.formats.terraform.tables import (
    backup,
    compute,
    database,
    dns,
    functions,
    keys,
    messaging,
    network,
    observability,
    proxy,
    storage,
)
from mainstay.plan.resources import NestedStack, Resource

_FAMILIES = (network, keys, database, proxy, dns, backup, observability, storage, compute, functions, messaging)

TABLES: Final[Mapping[type[Resource], Blocks]] = {table.kind: table for family in _FAMILIES for table in family.TABLES}
"""The table of each kind that Terraform can express."""

REFUSED: Final[Mapping[type[Resource], str]] = {
    NestedStack: "stacks within a stack are CloudFormation's own; write the plan in its stand-alone form",
}
"""The kinds that Terraform cannot express, each with the reason."""

BY_TYPE: Final[Mapping[str, Blocks]] = {table.type_name: table for table in TABLES.values()}
"""The table of each type of main block."""
