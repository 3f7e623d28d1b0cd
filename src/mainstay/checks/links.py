"""Which resource of the plan a link leads to, however it is spelled, and by links what stands behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.scene import Scene
from mainstay.plan.resources import DbInstance, DbProxy, DbProxyTargetGroup, Resource
from mainstay.plan.values import Attr, Join, Part, Ref


def key_of(link: object) -> str | None:
    """The key of the resource that a link is, or around whose name alone a text is built."""
    match link:
        case Ref(key) | Attr(key, _) | Part(Attr(key, _), _, _):
            return key
        case Join(parts):
            named = {found for part in parts if (found := key_of(part)) is not None}
            return named.pop() if len(named) == 1 else None
    return None


def linked(link: object, scene: Scene) -> Resource | None:
    """The resource of this region that a link leads to, of whatever kind."""
    return scene.region.find(key_of(link))


def pools(proxy: DbProxy, scene: Scene) -> Iterator[DbProxyTargetGroup]:
    """The target groups of a proxy that stand in this region."""
    return (one for one in scene.region.of(DbProxyTargetGroup) if linked(one.proxy, scene) is proxy)


def behind(proxy: DbProxy, scene: Scene) -> list[DbInstance]:
    """The instances of this region that a proxy stands before."""
    found = (linked(link, scene) for pool in pools(proxy, scene) for link in pool.instances)
    return [one for one in found if isinstance(one, DbInstance)]
