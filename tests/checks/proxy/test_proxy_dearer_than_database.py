"""PX012: what a proxy and its instance cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database
from mainstay.checks.proxy import proxy_dearer_than_database
from mainstay.checks.proxy.examples import fronted, pool
from mainstay.checks.proxy.proxy_dearer_than_database import faults
from mainstay.core.findings import Finding
from mainstay.facts import load
from mainstay.plan.values import Param, Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"instance_class": "db.t4g.micro"}, 1),  # 0.030 against 0.016
        ({"instance_class": "db.t4g.small"}, 0),  # 0.030 against 0.032
        ({"instance_class": "db.t4g.micro", "is_multi_az": True}, 0),  # 0.030 against 0.032
        ({"instance_class": "db.t4g.micro", "is_multi_az": False}, 1),
        ({"instance_class": "db.t4g.micro", "is_multi_az": Param("Standby")}, 0),
        ({"instance_class": "db.m7g.large"}, 0),
        ({"instance_class": "db.none.at.all"}, 0),
        ({"instance_class": Param("Class")}, 0),
        ({"instance_class": "db.t4g.micro", "engine": "oracle-se2"}, 0),
    ],
)
def test_classes(changes: dict[str, object], count: int, say: Say) -> None:
    # The sound database may have a standby; here it is one instance unless the case says so.
    db = database(**({"is_multi_az": None} | changes))
    findings = say(faults, fronted(Database=db))
    assert len(findings) == count
    assert all("costs about 22 USD a month, and Database behind it 12" in each.detail for each in findings)


@pytest.mark.parametrize(("price", "count"), [(0.03, 0), (0.029, 1)])
def test_as_dear_as_the_database_is_not_dearer(
    price: float, count: int, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = load("prices")
    data = {**table.data, "proxy_vcpu_hour": 0.015, "instance_hour": {"postgres": {"db.t4g.micro": price}}}
    monkeypatch.setattr(proxy_dearer_than_database, "load", lambda _: replace(table, data=data))
    assert len(say(faults, fronted(Database=database(is_multi_az=None, instance_class="db.t4g.micro")))) == count


def test_a_month_has_730_hours(say: Say) -> None:
    many = {
        f"Db{number}": database(key=f"Db{number}", is_multi_az=None, instance_class="db.t4g.micro")
        for number in range(50)
    }
    (finding,) = say(faults, fronted(intent=None, Database=None, Pool=pool(instances=tuple(map(Ref, many))), **many))
    hourly, least = (
        load("prices").data["instance_hour"]["postgres"]["db.t4g.micro"],
        2 * load("prices").data["proxy_vcpu_hour"],
    )
    assert f"costs about {50 * least * 730:.0f} USD a month" in finding.detail
    assert f"behind it {50 * hourly * 730:.0f} (us-east-1" in finding.detail


def test_nothing_behind_it(say: Say) -> None:
    assert say(faults, fronted(Pool=None)) == []
