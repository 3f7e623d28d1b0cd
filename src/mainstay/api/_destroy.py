"""`mainstay destroy`: take a stack down, in the order in which nothing is orphaned."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mainstay.api._site import Where, open_site, stack_name
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress
from mainstay.ops.destroy import Show
from mainstay.ops.destroy import destroy as destroy_stack
from mainstay.ops.inventory import Inventory


def destroy(
    source: Path,
    *,
    where: Where,
    confirm: str | None,
    discard: Collection[str] = (),
    gives_up_points: bool = False,
    show: Show | None = None,
    environment: str | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """Delete the stack of a spec; `confirm` has to be its name. What is retained is listed in the answer.

    `discard` names instances that were restored from the stack's databases and are given up with it;
    `gives_up_points` gives up the recovery points in vaults that go with it.
    """
    loaded = load_spec(source, environment=environment, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = stack_name(loaded.plan, stack)
    return destroy_stack(
        site,
        name,
        confirm=confirm,
        discard=discard,
        gives_up_points=gives_up_points,
        journal=where.journal,
        show=show,
        progress=progress,
    )
