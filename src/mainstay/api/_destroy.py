"""`mainstay destroy`: take a stack down, in the order in which nothing is orphaned."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mainstay.api._regional import Regional
from mainstay.api._site import Where, open_site, stack_name
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress
from mainstay.ops.destroy import destroy_regions
from mainstay.ops.destruction import Show
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
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> Regional[Inventory]:
    """Delete the stacks of a spec; `confirm` has to be their name. What is retained is listed in the answer.

    `discard` names instances that were restored from the stack's databases and are given up with it;
    `gives_up_points` gives up the recovery points in vaults that go with it.
    """
    plan = load_spec(source, environment=environment, settings=settings, region=region).plan
    inventories = destroy_regions(
        [open_site(where, one.region) for one in reversed(plan.in_deploy_order)],
        stack_name(plan, stack),
        confirm=confirm,
        discard=discard,
        gives_up_points=gives_up_points,
        journal=where.journal,
        show=show,
        progress=progress,
    )
    return Regional(inventories)
