"""Questions about DB proxies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mainstay.core.units import Duration
from mainstay.ops.aws.door import Door, found


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """An instance behind a proxy, and how it does: `state` is RDS's own word, `why` its reason and description."""

    identifier: str
    state: str
    why: str = ""

    @property
    def is_available(self) -> bool:
        """Whether the proxy reaches it with the logins that it has."""
        return self.state == "AVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyState:
    """A proxy as it is now, with its target group. `address` is None until it has one; percents are whole numbers.

    `demands_tokens` says that clients have to log in with IAM tokens, by every login that the proxy has.
    """

    name: str
    status: str
    engine_family: str
    address: str | None
    requires_tls: bool
    demands_tokens: bool
    idle_timeout: Duration
    max_connections_percent: int
    max_idle_percent: int
    borrow_timeout: Duration
    targets: tuple[TargetState, ...]


class ProxyDoor(Door):
    """Questions to RDS about proxies."""

    def find(self, name: str) -> ProxyState | None:
        """A proxy with its target group and targets, or None."""
        return found(lambda: self._proxy(name))

    def in_front_of(self, identifier: str) -> tuple[str, ...]:
        """The names of the region's proxies that have this instance behind them."""
        names = [raw["DBProxyName"] for raw in self._pages("DescribeDBProxies", "DBProxies")]
        return tuple(name for name in names if identifier in self.targets(name))

    def targets(self, name: str) -> tuple[str, ...]:
        """The identifiers of the instances behind a proxy."""
        known = self._pages("DescribeDBProxyTargets", "Targets", DBProxyName=name)
        return tuple(raw["RdsResourceId"] for raw in known)

    def register(self, name: str, identifier: str) -> None:
        """Put an instance behind a proxy, which takes one at a time."""
        self._ask("RegisterDBProxyTargets", DBProxyName=name, DBInstanceIdentifiers=[identifier])

    def deregister(self, name: str, identifier: str) -> None:
        """Take an instance from behind a proxy; clients wait, up to the borrow timeout, for another."""
        self._ask("DeregisterDBProxyTargets", DBProxyName=name, DBInstanceIdentifiers=[identifier])

    def _proxy(self, name: str) -> ProxyState:
        proxy = self._ask("DescribeDBProxies", DBProxyName=name)["DBProxies"][0]
        group = self._ask("DescribeDBProxyTargetGroups", DBProxyName=name)["TargetGroups"][0]
        pool = group["ConnectionPoolConfig"]
        logins = proxy.get("Auth") or []
        return ProxyState(
            name=proxy["DBProxyName"],
            status=proxy["Status"],
            engine_family=proxy["EngineFamily"],
            address=proxy.get("Endpoint"),
            requires_tls=proxy["RequireTLS"],
            demands_tokens=bool(logins) and all(login.get("IAMAuth") == "REQUIRED" for login in logins),
            idle_timeout=Duration(proxy["IdleClientTimeout"]),
            max_connections_percent=pool["MaxConnectionsPercent"],
            max_idle_percent=pool["MaxIdleConnectionsPercent"],
            borrow_timeout=Duration(pool["ConnectionBorrowTimeout"]),
            targets=tuple(_target(raw) for raw in self._pages("DescribeDBProxyTargets", "Targets", DBProxyName=name)),
        )


def _target(raw: Mapping[str, Any]) -> TargetState:  # Any: RDS's shape
    health = raw.get("TargetHealth") or {}
    why = ": ".join(str(health[name]) for name in ("Reason", "Description") if health.get(name))
    return TargetState(identifier=raw["RdsResourceId"], state=health.get("State", "UNKNOWN"), why=why)
