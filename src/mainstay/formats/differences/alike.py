"""Changes of a plan that mean nothing: what Terraform has one name for, or no order."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import KINDS, ElasticIp, Instance, Resource, SecurityGroup
from mainstay.plan.rewriting import rewritten
from mainstay.plan.values import Attr, Part

ROOT_DEVICE: Final = "/dev/xvda"
"""Amazon Linux's root device (EC2 User Guide, device_naming, checked 2026-11-21)."""


def in_kinds_order(plan: Plan) -> Plan:
    """The resources of each region in the order of their kinds."""
    order = {kind: place for place, kind in enumerate(KINDS)}

    def sort(region: RegionPlan) -> RegionPlan:
        ordered = sorted(region.resources, key=lambda one: order.get(type(one), len(order)))
        return dataclasses.replace(region, resources=tuple(ordered))

    return dataclasses.replace(plan, regions=tuple(sort(region) for region in plan.regions))


def root_first(plan: Plan) -> Plan:
    """The root device of each host before its others."""

    def sort(resource: Resource) -> Resource:
        if not isinstance(resource, Instance):
            return resource
        devices = sorted(resource.block_devices, key=lambda one: one.device != ROOT_DEVICE)
        return dataclasses.replace(resource, block_devices=tuple(devices))

    regions = (dataclasses.replace(region, resources=tuple(map(sort, region.resources))) for region in plan.regions)
    return dataclasses.replace(plan, regions=tuple(regions))


def one_name_of_groups(plan: Plan) -> Plan:
    """Security groups by `group_id` wherever they are called by `id`."""
    return _renamed(plan, SecurityGroup, "group_id")


def one_name_of_addresses(plan: Plan) -> Plan:
    """Addresses by `public_ip` wherever they are called by `id`."""
    return _renamed(plan, ElasticIp, "public_ip")


def _renamed(plan: Plan, kind: type[Resource], name: str) -> Plan:
    def region_of(region: RegionPlan) -> RegionPlan:
        names = {Attr(one.key, "id"): Attr(one.key, name) for one in region.of(kind)}

        def change(value: Any, path: str) -> Any:  # Any: any value of a plan
            if isinstance(value, Part):
                return dataclasses.replace(value, of=names.get(value.of, value.of))
            return names.get(value, value) if isinstance(value, Attr) else value

        return rewritten(region, change)

    return dataclasses.replace(plan, regions=tuple(region_of(region) for region in plan.regions))
