"""A plan as a mend would have it."""

from __future__ import annotations

from dataclasses import replace

from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Resource


def mended(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Plan:
    """The plan with these resources in the places of those of their keys, and new ones at the end of the region."""
    changed = {one.key: one for one in mend}
    kept = tuple(changed.pop(one.key, one) for one in region.resources)
    fresh = replace(region, resources=(*kept, *changed.values()))
    return replace(plan, regions=tuple(fresh if one is region else one for one in plan.regions))
