"""What stands behind a proxy, and what it says of itself."""

from __future__ import annotations

from mainstay.checks.links import behind, pools
from mainstay.plan.resources import DbProxy, ProxyLogin

__all__ = ["behind", "logins_of", "pools"]


def logins_of(proxy: DbProxy) -> list[ProxyLogin]:
    """The logins that are written out."""
    written: tuple[object, ...] = proxy.logins
    return [one for one in written if isinstance(one, ProxyLogin)]
