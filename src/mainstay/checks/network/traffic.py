"""What the rules of this family ask of security groups; what groups let through stands in plan/traffic.py."""

from __future__ import annotations

from mainstay.checks.links import key_of
from mainstay.checks.scene import Scene
from mainstay.facts import load
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, DbProxy, Function, Instance, Resource, SecurityGroup


def port_of(database: DbInstance, scene: Scene) -> int | None:
    """The port of an instance: as written, else its engine's default."""
    written = scene.inherited(database, "port", int)
    engine = scene.engine_of(database)
    is_silent = all(each.port is None for each in scene.lineage(database))
    default = load("limits").data["port"]["default"]
    return int(default[engine]) if is_silent and engine else written


def proxy_port(proxy: DbProxy) -> int | None:
    """The port of a proxy: its engine's default, whatever the database's is.

    RDS User Guide, rds-proxy-planning (2026-11-20).
    """
    return {"POSTGRESQL": 5432, "MYSQL": 3306}.get(str(proxy.engine_family))


def groups_of(links: tuple[object, ...], scene: Scene) -> list[SecurityGroup]:
    """The groups of this plan among some links."""
    found = (scene.region.resolve(link, SecurityGroup) for link in links)
    return [group for group in found if group is not None]


def wearers(group: SecurityGroup, region: RegionPlan) -> tuple[Resource, ...]:
    """The databases, proxies, functions and hosts of a region that wear a group."""

    def found() -> dict[str, tuple[Resource, ...]]:
        worn: dict[str, list[Resource]] = {}
        for one in region.resources:
            if isinstance(one, DbInstance | DbProxy | Function | Instance):
                for link in one.security_groups:
                    worn.setdefault(key_of(link) or "", []).append(one)
        return {key: tuple(each) for key, each in worn.items()}

    return region.remember(("wearers",), found).get(group.key, ())
