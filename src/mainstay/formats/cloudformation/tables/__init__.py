"""Every kind of resource in CloudFormation: one table each, a file a family as in `plan.resources`."""

from collections.abc import Mapping
from typing import Final

from mainstay.formats.cloudformation.tables import (
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
    stacks,
    storage,
)
from mainstay.formats.table import Table
from mainstay.plan.resources import Resource

_FAMILIES = (stacks, network, keys, database, proxy, dns, backup, observability, storage, compute, functions, messaging)

TABLES: Final[Mapping[type[Resource], Table]] = {table.kind: table for family in _FAMILIES for table in family.TABLES}
"""The table of each kind that CloudFormation can express."""

REFUSED: Final[Mapping[type[Resource], str]] = {}
"""The kinds that CloudFormation cannot express, each with the reason."""

BY_TYPE: Final[Mapping[str, Table]] = {table.type_name: table for table in TABLES.values()}
"""The table of each resource type of a template."""
