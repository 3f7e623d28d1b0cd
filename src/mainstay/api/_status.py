"""`mainstay status`: a stack at a glance. Reads only."""

from __future__ import annotations

from pathlib import Path

from mainstay.api._site import Where, deployed_stack, open_site
from mainstay.api._source import load_spec
from mainstay.ops.status import StackStatus
from mainstay.ops.status import status as status_of


def status(
    source: Path,
    *,
    where: Where,
    environment: str | None = None,
    region: str | None = None,
    stack: str | None = None,
) -> StackStatus:
    """How the stack of a spec is now; NotFound when it is not deployed."""
    loaded = load_spec(source, environment=environment, region=region)
    site = open_site(where, loaded.plan.primary.region)
    return status_of(site, deployed_stack(site, loaded.plan, stack), journal=where.journal)
