"""A mend in a template's words: the properties as they should read, each with its path and the line where it goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from mainstay.core.findings import Origin
from mainstay.core.patches import Change, Operation
from mainstay.formats.changes import changes
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.resources import Inside, write_resource
from mainstay.formats.cloudformation.tables import TABLES
from mainstay.formats.cloudformation.writer import scope_of
from mainstay.formats.codec import CannotExpress
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource

_PROPERTIES = "Properties"


def patch(region: RegionPlan, mend: tuple[Resource, ...]) -> tuple[Change, ...]:
    """The changes of the template that a mend asks for; none when the mend has no form in it."""
    known = region.remember(("scope",), lambda: scope_of(region))
    fresh = {one.key: TABLES.get(type(one)) for one in mend if one.key not in known.tables}
    scope = dataclasses.replace(known, tables={**known.tables, **fresh}) if fresh else known
    try:
        return tuple(change for one in mend for change in _changes(region, one, CloudFormation(scope)))
    except CannotExpress:
        return ()


def _changes(region: RegionPlan, resource: Resource, dialect: CloudFormation) -> Iterator[Change]:
    before = region.find(resource.key)
    wanted = write_resource(resource, dialect)
    if before is None:
        first = region.resources[0].origin
        place = Origin(first.file) if first else None
        path = ("Resources", resource.key)
        yield Change(path=path, operation=Operation.ADD, value=wanted, subject=resource.key, origin=place)
        return
    named = before.origin.inner if before.origin else None
    path = ("Resources", named.name if isinstance(named, Inside) and named.name else before.key)
    subject = before.address or before.key
    for change in changes(write_resource(before, dialect), wanted, path):
        yield dataclasses.replace(change, subject=subject, origin=_place(before.origin, change.path[2:]))


def _place(origin: Origin | None, path: tuple[str, ...]) -> Origin | None:
    """The line of the property that is written; that of the resource where it is not."""
    part = path[1] if path[0] == _PROPERTIES and len(path) > 1 else path[0]
    return origin and origin.of(part)
