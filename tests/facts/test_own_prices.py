"""A price file of one's own in the place of the table: what it has to be, and that everybody reads it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from mainstay import checks, facts, forecast, spec
from mainstay.checks.examples import database, lone_database, plan_of
from mainstay.checks.proxy.examples import fronted
from mainstay.core.errors import InputRefused
from mainstay.facts.own_prices import refusal_of_prices
from mainstay.plan.intent import Intent
from mainstay.plan.passes import build
from mainstay.plan.values import Ref

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"

SAID: dict[str, Any] = {"source": "my contract with AWS", "date": "2026-11-01", "confidence": "high"}
DATA: dict[str, Any] = {"region": "eu-central-1", "instance_hour": {"postgres": {"db.m7g.large": 0.5}}}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({**SAID, "data": DATA}), encoding="utf-8")
    monkeypatch.setenv("MAINSTAY_PRICES", str(path))
    return path


def test_a_file_takes_the_place_of_prices_and_of_nothing_else(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = facts.load("prices")
    assert (mine.source, mine.data, mine.note) == ("my contract with AWS", DATA, "")
    assert facts.load("versions").source != mine.source
    monkeypatch.delenv("MAINSTAY_PRICES")
    assert facts.load("prices").data["region"] == "us-east-1"
    monkeypatch.setenv("MAINSTAY_PRICES", "")
    assert facts.load("prices").data["region"] == "us-east-1"


def test_the_bill_is_reckoned_with_it(own: Path) -> None:
    cost = forecast.cost(plan_of(database(instance_class="db.m7g.large", is_multi_az=False)))
    assert (cost.priced_as, cost.priced_on) == ("eu-central-1", "2026-11-01")
    (instance,) = [item for item in cost.items if item.part == "instance"]
    assert instance.amount == (365.0, 365.0, 365.0)
    assert cost.unknown  # the file has no price of storage


@pytest.mark.parametrize("blueprint", ["postgres-ecommerce", "postgres-ha", "mysql-backup-dr"])
def test_whatever_has_no_price_is_unknown(own: Path, blueprint: str) -> None:
    text = (BLUEPRINTS / f"{blueprint}.yaml").read_text(encoding="utf-8")
    cost = forecast.cost(build(spec.load(text, environment="prod")))
    priced = [item for item in cost.items if item.amount is not None]
    assert {item.part for item in priced} <= {"instance", "replica", "standby"}
    assert len(cost.unknown) > 8
    assert not any(math.isnan(end) for end in cost.total)
    assert any(item.what.startswith("no price of kms_") for item in cost.unknown)


def test_rules_say_no_price_that_it_does_not_have(own: Path) -> None:
    found = checks.run(plan_of(database(engine_version="13.23", instance_class="db.m7g.large")))
    (billed,) = [finding for finding in found if "Extended Support is billed" in finding.detail]
    assert "$" not in billed.detail


@pytest.mark.parametrize(
    ("more", "is_multi_az", "fires"),
    [
        ({"proxy_min_vcpu": 2, "proxy_vcpu_hour": 0.3}, False, True),
        ({"proxy_min_vcpu": 2, "proxy_vcpu_hour": 0.2}, False, False),
        ({"proxy_min_vcpu": 2}, False, False),
        ({"proxy_vcpu_hour": 0.3}, False, False),
        ({"proxy_min_vcpu": 2, "proxy_vcpu_hour": 3}, True, False),
        ({"proxy_min_vcpu": 2, "proxy_vcpu_hour": 3, "multi_az_factor": 2}, True, True),
    ],
)
def test_a_proxy_is_compared_by_its_prices(own: Path, more: dict[str, float], is_multi_az: bool, fires: bool) -> None:
    prices = {"instance_hour": {"postgres": {"db.m7g.large": 0.5}}, "region": "eu-central-1", **more}
    own.write_text(json.dumps({**SAID, "data": prices}), encoding="utf-8")
    behind = lone_database(
        instance_class="db.m7g.large", is_multi_az=is_multi_az, security_groups=(Ref("DatabaseGroup"),)
    )
    found = [one for one in checks.run(fronted(intent=Intent(profile="dev"), Database=behind)) if one.id == "PX012"]
    assert [("eu-central-1" in one.detail) for one in found] == [True] * fires


def test_its_age_is_noticed(own: Path) -> None:
    own.write_text(json.dumps({**SAID, "date": "2020-01-01", "data": DATA}), encoding="utf-8")
    assert "MS006" in [finding.id for finding in checks.run(plan_of(database()))]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "no `data`"),
        ({**SAID, "data": []}, "no `data`"),
        ({"data": DATA}, "does not say source, date, confidence"),
        ({**SAID, "date": "yesterday", "data": DATA}, "'yesterday' is no date"),
        ({**SAID, "confidence": "sure", "data": DATA}, "'sure' is none of high"),
        ({**SAID, "data": {"nat_hour": 0.1}}, "of which region"),
        ({**SAID, "data": {**DATA, "nat_hour": "0.1"}}, "nat_hour is '0.1'"),
        ({**SAID, "data": {**DATA, "nat_hour": True}}, "nat_hour is True"),
        ({**SAID, "data": {**DATA, "nat_hour": -0.01}}, "nat_hour is -0.01"),
        ({**SAID, "data": {**DATA, "nat_hour": float("nan")}}, "nat_hour is nan"),
        ({**SAID, "data": {**DATA, "storage_gb_month": {"gp3": None}}}, "storage_gb_month/gp3 is None"),
    ],
)
def test_what_is_no_price_file(document: object, why: str) -> None:
    assert why in refusal_of_prices(document)


def test_what_is_one() -> None:
    assert refusal_of_prices({**SAID, "data": {**DATA, "nat_hour": 0, "origins": {"nat_hour": {"source": "x"}}}}) == ""
    assert refusal_of_prices({**SAID, "data": facts.load("prices").data}) == ""


@pytest.mark.parametrize("text", ["not json", '{"data": {}}', None])
def test_a_file_that_cannot_be_used_is_named(own: Path, text: str | None) -> None:
    own.unlink() if text is None else own.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="price file") as refused:
        facts.load("prices")
    assert str(own) in refused.value.detail
    assert "mainstay prices" in refused.value.hint
