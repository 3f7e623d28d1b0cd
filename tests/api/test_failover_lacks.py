"""What a failover leaves behind in the first region, in words."""

from __future__ import annotations

from mainstay.api._failover import _beside
from mainstay.plan.passes import build
from mainstay.spec import load

SPEC = """
name: shop
database: {engine: postgres, version: "17", class: db.m7g.large, name: tap, replicas: {count: 2}}
storage: {size: 20 GiB}
access: {proxy: {}, dns: {name: db.shop.internal, zone: create}}
alerts: {subscribers: [ops@example.com]}
"""


def test_replicas_proxy_and_name_are_told() -> None:
    assert list(_beside(build(load(SPEC)))) == [
        "its 2 read replicas",
        "its proxy",
        "its name db.shop.internal, which leads to the first region",
    ]
