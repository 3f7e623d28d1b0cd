"""`mainstay status`: the stacks of a spec at a glance. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mainstay.api._regional import Regional
from mainstay.api._site import Where, not_deployed, open_site, primary_of, stack_name
from mainstay.api._source import load_spec
from mainstay.ops.site import Site
from mainstay.ops.status import Drills, StackStatus, absent, replicas_into
from mainstay.ops.status import status as status_of


def status(
    source: Path,
    *,
    where: Where,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
) -> Regional[StackStatus]:
    """How the stacks of a spec are now; NotFound when none of them is deployed."""
    plan = load_spec(source, environment=environment, settings=settings, region=region).plan
    drills = Drills(workspace=where.workspace, key=primary_of(plan).key, proof_lasts=plan.intent.drill.longest)
    name = stack_name(plan, stack)
    places = [(open_site(where, one.region), one) for one in plan.regions]
    asked = [drills if one is plan.primary else None for one in plan.regions]
    seen = [
        _seen(site, name, replicas_into(plan, one), where, of) for (site, one), of in zip(places, asked, strict=True)
    ]
    if not any(seen):
        regions = " or ".join(site.region for site, _ in places)
        site, _ = places[0]
        raise not_deployed(site, f"There is no stack {name} in {regions} ({site.label}).")
    return Regional(tuple(one or absent(site, name) for one, (site, _) in zip(seen, places, strict=True)))


def _seen(site: Site, name: str, replicated: Sequence[str], where: Where, drills: Drills | None) -> StackStatus | None:
    if site.doors.cloudformation.find_stack(name) is None:
        return None
    return status_of(
        site, name, replicated=replicated, journal=where.journal, drills=drills, is_first=drills is not None
    )
