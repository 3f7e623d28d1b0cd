"""The plan of a stack that is there: with what the stack remembers and the spec may have forgotten."""

from __future__ import annotations

from dataclasses import replace

from mainstay.api._source import Loaded
from mainstay.ops.beginning import remembered
from mainstay.ops.site import Site
from mainstay.plan.passes import build
from mainstay.spec.snapshot import Snapshot


def as_deployed(loaded: Loaded, site: Site, stack: str) -> Loaded:
    """What was loaded, with the snapshot that the stack's database was made from where the spec names none.

    A spec that names another one keeps it: a deployment refuses that by itself.
    """
    if loaded.spec is None or loaded.spec.database.snapshot is not None:
        return loaded
    beginning = remembered(site.doors.cloudformation.find_stack(stack))
    if beginning is None:
        return loaded
    spec = loaded.spec.made_from(Snapshot(name=beginning.snapshot, key=beginning.key))
    return replace(loaded, spec=spec, plan=build(spec))
