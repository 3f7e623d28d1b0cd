"""PX005: each bound of a pool and a proxy, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.proxy.examples import pool, proxy
from mainstay.checks.proxy.pool_out_of_bounds import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import Resource
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "default"}, None),
        ({"name": "other"}, "is called 'other'"),
        ({"name": Param("Name")}, None),
        ({"max_connections_percent": 0, "max_idle_percent": None}, "MaxConnectionsPercent 0"),
        ({"max_connections_percent": 1, "max_idle_percent": 0}, None),
        ({"max_connections_percent": 100}, None),
        ({"max_connections_percent": 101}, "MaxConnectionsPercent 101"),
        ({"max_connections_percent": None}, "MaxIdleConnectionsPercent 40 without MaxConnectionsPercent"),
        ({"max_connections_percent": None, "max_idle_percent": None}, None),
        ({"max_connections_percent": Param("Most")}, None),
        ({"max_connections_percent": None, "extras": {"Pool.MaxConnectionsPercent": [1]}}, None),
        ({"max_connections_percent": 40}, None),
        ({"max_connections_percent": 39}, "0 to 39 are possible"),
        ({"max_connections_percent": Param("Most"), "max_idle_percent": -1}, "0 to 100 are possible"),
        ({"borrow_timeout": Duration(-1)}, "ConnectionBorrowTimeout -1"),
        ({"borrow_timeout": Duration(0)}, None),
        ({"borrow_timeout": Duration(300)}, None),
        ({"borrow_timeout": Duration(301)}, "ConnectionBorrowTimeout 301"),
    ],
)
def test_pools(changes: dict[str, object], said: str | None, say: Say) -> None:
    details = [each.detail for each in say(faults, plan_of(pool(**changes)))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


@pytest.mark.parametrize(("idle", "count"), [(0, 1), (1, 0), (28800, 0), (28801, 1), (None, 0)])
def test_proxies(idle: int | None, count: int, say: Say) -> None:
    front = proxy(idle_timeout=None if idle is None else Duration(idle))
    findings = say(faults, plan_of(front))
    assert [f"has IdleClientTimeout {idle}; 1 to 28800 seconds" in each.detail for each in findings] == [True] * count


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"max_idle_percent": -1}, {"max_idle_percent": 0}),
        ({"max_connections_percent": 30}, {"max_idle_percent": 30}),
        ({"borrow_timeout": Duration(-1)}, {"borrow_timeout": Duration(0)}),
        ({"borrow_timeout": Duration(301)}, {"borrow_timeout": Duration(300)}),
    ],
)
def test_the_nearest_that_is_taken(changes: dict[str, Any], right: dict[str, Any], mends: Mends) -> None:
    # Any: fields of many types
    wrong = pool(**changes)
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, **right),)]
