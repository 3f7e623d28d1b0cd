"""PX013: a proxy that nobody here connects to, and a client of the database itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mainstay.checks.links import key_of, linked
from mainstay.checks.proxy.examples import fronted
from mainstay.checks.proxy.targets import behind
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.graph import edges
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
    DbProxyTargetGroup,
    Function,
    Instance,
    Resource,
)
from mainstay.plan.values import (
    Attr,
    Join,
)


def _app(speaks_to: str) -> Function:
    return Function(
        key="App",
        role="arn:aws:iam::123456789012:role/app",
        runtime="python3.13",
        handler="app.handle",
        code_bucket="shop-code",
        code_key="app.zip",
        subnets=("subnet-11111111", "subnet-22222222"),
        security_groups=("sg-11111111",),
        environment={"HOST": Attr(speaks_to, "endpoint_address")},
    )


def _bad() -> Plan:
    """A function with the database's address, and none with the proxy's"""
    return fronted(App=_app("Database"))


def _good() -> Plan:
    """A function with the proxy's address"""
    return fronted(App=_app("Proxy"))


@rule(
    id="PX013",
    severity=Severity.WARNING,
    harm=Harm.OUTAGE,
    summary="clients go past the proxy",
    source="RDS User Guide, rds-proxy-connecting (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """The proxy is paid for, and every connection goes around it: no pool when functions multiply, no quiet failover.
    It happens when a proxy is added later and the address stays what it was.
    """
    used = any(
        edge.target == proxy.key
        for one in scene.region.resources
        if not _is_own(one, proxy, scene)
        for edge in edges(one)
    )
    if used or any(key_of(one.value) == proxy.key for one in scene.region.outputs):
        return
    for db in behind(proxy, scene):
        address = Attr(db.key, "endpoint_address")
        past = [one.key for one in scene.region.of(Function) if _speaks_of(one.environment.values(), address)]
        past += [one.key for one in scene.region.of(Instance) if _speaks_of((one.user_data,), address)]
        if past:
            yield Fault(
                proxy,
                f"{' and '.join(past)} has the address of {db.key}; nothing here has that of {proxy.key}.",
                f"give it the endpoint of {proxy.key} (DBProxy.Endpoint) instead",
            )


def _is_own(one: Resource, proxy: DbProxy, scene: Scene) -> bool:
    return isinstance(one, DbProxyTargetGroup) and linked(one.proxy, scene) is proxy


def _speaks_of(values: Iterable[object], address: Attr) -> bool:
    return any(address in (value.parts if isinstance(value, Join) else (value,)) for value in values)
