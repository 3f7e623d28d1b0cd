"""Whom a proxy stands before, and by which of a plan's target groups."""

from __future__ import annotations

from datetime import date

from mainstay.checks import Scene
from mainstay.checks.examples import database
from mainstay.checks.proxy.examples import fronted, pool, proxy
from mainstay.checks.proxy.targets import behind, pools
from mainstay.plan.resources import Opaque
from mainstay.plan.values import Ref


def test_each_proxy_has_its_own_target_groups() -> None:
    apart = {
        "Second": proxy(key="Second"),
        "Other": database(key="Other"),
        "OtherPool": pool(key="OtherPool", proxy=Ref("Second"), instances=(Ref("Other"),)),
    }
    plan = fronted(intent=None, **apart)
    scene = Scene(plan, plan.primary, date(2026, 11, 20))
    found = [plan.primary.resolve(Ref(key), type(proxy())) for key in ("Proxy", "Second")]
    assert [[one.key for one in pools(each, scene)] for each in found if each] == [["Pool"], ["OtherPool"]]
    assert [[one.key for one in behind(each, scene)] for each in found if each] == [["Database"], ["Other"]]


def test_what_is_no_instance_is_left_out() -> None:
    plan = fronted(
        Cluster=Opaque(key="Cluster", type="AWS::RDS::DBCluster"),
        Pool=pool(instances=(Ref("Cluster"), Ref("Database"), "elsewhere")),
    )
    front = plan.primary.resolve(Ref("Proxy"), type(proxy()))
    assert front is not None
    assert [one.key for one in behind(front, Scene(plan, plan.primary, date(2026, 11, 20)))] == ["Database"]
