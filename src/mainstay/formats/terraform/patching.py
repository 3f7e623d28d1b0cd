"""A mend in Terraform's words: arguments of blocks as they should read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Origin
from mainstay.core.patches import Change, Operation
from mainstay.formats.changes import changes
from mainstay.formats.codec import CannotExpress
from mainstay.formats.paths import put
from mainstay.formats.table import Rows
from mainstay.formats.terraform.blocks import ASIDE, Doc, Place
from mainstay.formats.terraform.dialect import Terraform
from mainstay.formats.terraform.hcl import settled
from mainstay.formats.terraform.module import render
from mainstay.formats.terraform.names import label
from mainstay.formats.terraform.resources import derived, write_resource
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.tables import TABLES
from mainstay.plan.mending import mended
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource

_JSON = ".tf.json"


def of_module(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> tuple[Change, ...]:
    """The changes of a module that Mainstay wrote; none when the mend has no form in it."""
    try:
        before, after = render(plan), render(mended(plan, region, mend))
    except InputRefused:
        return ()
    return tuple(_of_files(before, after, mend))


def _of_files(before: Mapping[str, str], after: Mapping[str, str], mend: tuple[Resource, ...]) -> Iterator[Change]:
    for file, text in after.items():
        if file.endswith(_JSON) and text != before.get(file):
            place = next((one.origin for one in mend if one.origin and one.origin.file == file), Origin(file))
            subject = ", ".join(one.address or one.key for one in mend)
            for change in changes(json.loads(before.get(file, "{}")), json.loads(text)):
                yield dataclasses.replace(change, subject=subject, origin=place)


def of_shown(region: RegionPlan, mend: tuple[Resource, ...]) -> tuple[Change, ...]:
    """What somebody has to write into the configuration behind a shown plan: the type of the block, then its argument.

    None when the mend has no form in Terraform.
    """
    after = {one.key: one for one in region.resources} | {one.key: one for one in mend}
    scope = Scope(
        tables={key: TABLES.get(type(one)) for key, one in after.items()},
        labels={key: _label(one) for key, one in after.items()},
    )
    dialect = Terraform(scope)
    try:
        return tuple(change for one in mend for change in _changes(region.find(one.key), one, dialect))
    except CannotExpress:
        return ()


def _label(resource: Resource) -> str:
    """The last part of an address; the words of the key for what nobody has named yet."""
    return resource.address.rpartition(".")[2] or label(resource.key)


def _changes(before: Resource | None, after: Resource, dialect: Terraform) -> Iterator[Change]:
    if before is None:
        for block in write_resource(after, dialect, ""):
            path = (block.kind, block.type_name, block.label)
            body = {name: item for name, item in block.body.items() if name != ASIDE}
            yield Change(path=path, operation=Operation.ADD, value=settled(body), subject=after.key)
        return
    names = {one.name for one in dataclasses.fields(after) if getattr(before, one.name) != getattr(after, one.name)}
    old, new = (_arguments(one, names, dialect) for one in (before, after))
    for change in changes(settled(old), settled(new)):
        yield dataclasses.replace(change, subject=before.address, origin=before.origin)


def _arguments(resource: Resource, names: set[str], dialect: Terraform) -> Doc:
    """The arguments that these fields are written as, and those that follow from them, by the type of their block."""
    table = TABLES[type(resource)]
    rows = tuple(row for row in table.rows if row.field in names)
    found = dict(Rows(table.kind, rows).write(resource, dialect))
    place = Place(label=dialect.scope.labels[resource.key])
    for path, value in derived(resource, table, place).items():
        if "lifecycle" not in path:  # what follows from a field gives way to the field itself
            put(found, path, value)
    return found
