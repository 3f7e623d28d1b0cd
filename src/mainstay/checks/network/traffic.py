"""What the rules of this family ask of security groups; what groups let through stands in plan/traffic.py."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.checks.scene import Scene
from mainstay.facts import load
from mainstay.plan.resources import DbInstance, SecurityGroup
from mainstay.plan.traffic import Opening


def names(openings: Iterable[Opening], groups: list[SecurityGroup], port: int) -> bool:
    """Whether one of the rules is about one of these groups, on the port."""
    return any(opening.group in groups and opening.covers(port) for opening in openings if opening.group is not None)


def lets_through(openings: Iterable[Opening], groups: list[SecurityGroup], port: int) -> bool:
    """Whether one of the rules may let traffic between these groups pass.

    An address range, a prefix list or an unresolved peer may hold the other side, and an unseen port may be this one.
    """
    return any(
        opening.covers(port) is not False and (opening.group is None or opening.group in groups) for opening in openings
    )


def port_of(database: DbInstance, scene: Scene) -> int | None:
    """The port of an instance: as written, else its engine's default."""
    written = scene.inherited(database, "port", int)
    engine = scene.engine_of(database)
    is_silent = all(each.port is None for each in scene.lineage(database))
    default = load("limits").data["port"]["default"]
    return int(default[engine]) if is_silent and engine else written


def groups_of(links: tuple[object, ...], scene: Scene) -> list[SecurityGroup]:
    """The groups of this plan among some links."""
    found = (scene.region.resolve(link, SecurityGroup) for link in links)
    return [group for group in found if group is not None]
