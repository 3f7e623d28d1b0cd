"""PX010: shares of the pool, and who else connects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group
from mainstay.checks.proxy.examples import fronted, peer, pool
from mainstay.checks.proxy.pool_takes_everything import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    Resource,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]

BASTION = group(key="BastionGroup", description="the bastion")
BOTH = group(ingress=(peer(group=Ref("ProxyGroup")), peer(group=Ref("BastionGroup"))))


@pytest.mark.parametrize(("share", "count"), [(100, 1), (None, 1), (99, 0), (Param("Share"), 0)])
def test_shares(share: object, count: int, say: Say) -> None:
    plan = fronted(Pool=pool(max_connections_percent=share), DatabaseGroup=BOTH, BastionGroup=BASTION)
    assert len(say(faults, plan)) == count
    assert say(faults, fronted(Pool=pool(max_connections_percent=share))) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"Proxy": None},
        {"ProxyGroup": None},
        {"Pool": pool(max_connections_percent=None, extras={"ConnectionPoolConfigurationInfo": 1})},
        {"Database": database(security_groups=(Ref("DatabaseGroup"),), port=Param("Port"))},
        {"DatabaseGroup": group(ingress=(peer(group=Ref("ProxyGroup")), peer(cidr="10.0.0.0/16")))},
    ],
)
def test_silence(parts: dict[str, Resource | None], say: Say) -> None:
    crowded = {"Pool": pool(max_connections_percent=100), "DatabaseGroup": BOTH, "BastionGroup": BASTION}
    assert say(faults, fronted(intent=None, **(crowded | parts))) == []


def test_nine_tenths_leave_room_for_somebody_else(mends: Mends) -> None:
    (mend,) = mends(faults, faults.bad())
    assert [getattr(one, "max_connections_percent", None) for one in mend] == [90]
