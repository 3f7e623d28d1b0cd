"""What stands behind a proxy, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.links import linked
from mainstay.checks.scene import Scene
from mainstay.plan.resources import DbInstance, DbProxy, DbProxyTargetGroup, ProxyLogin


def pools(proxy: DbProxy, scene: Scene) -> Iterator[DbProxyTargetGroup]:
    """The target groups of a proxy that stand in this region."""
    return (one for one in scene.region.of(DbProxyTargetGroup) if linked(one.proxy, scene) is proxy)


def behind(proxy: DbProxy, scene: Scene) -> list[DbInstance]:
    """The instances of this region that a proxy stands before."""
    found = (linked(link, scene) for pool in pools(proxy, scene) for link in pool.instances)
    return [one for one in found if isinstance(one, DbInstance)]


def logins_of(proxy: DbProxy) -> list[ProxyLogin]:
    """The logins that are written out."""
    written: tuple[object, ...] = proxy.logins
    return [one for one in written if isinstance(one, ProxyLogin)]
