"""The name in DNS: where it leads, in which zone, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import HostedZone, RecordSet, ZoneNetwork
from mainstay.plan.values import REGION, Attr, Ref

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]
MADE = {"access__dns": "{name: db.shop.internal, zone: create, ttl: 30s}"}
KEPT = {"access__dns": "{name: db.shop.internal, zone: Z0123456789ABC}"}


def test_a_private_zone_of_the_parent_domain_is_made_with_a_record_in_it(built: Built) -> None:
    plan = built(**MADE)
    (zone,), (record,) = plan.of(HostedZone), plan.of(RecordSet)
    assert (zone.name, zone.networks) == ("shop.internal", (ZoneNetwork(vpc=Ref("Vpc"), region=REGION),))
    assert zone.tags["ManagedBy"] == "mainstay"
    assert (record.zone, record.name, record.type, record.ttl) == (
        Ref("DatabaseZone"), "db.shop.internal", "CNAME", Duration(30),
    )  # fmt: skip
    assert record.values == (Attr("Database", "endpoint_address"),)
    told = {one.name: one.value for one in plan.primary.outputs}
    assert (told["DatabaseDnsName"], told["DatabaseZoneId"]) == ("db.shop.internal", Attr("DatabaseZone", "id"))


def test_in_a_zone_that_exists_there_is_a_record_only(built: Built) -> None:
    plan = built(**KEPT)
    (record,) = plan.of(RecordSet)
    assert (list(plan.of(HostedZone)), record.zone, record.ttl) == ([], "Z0123456789ABC", Duration(60))
    assert {one.name: one.value for one in plan.primary.outputs}["DatabaseZoneId"] == "Z0123456789ABC"


def test_without_a_wish_there_is_no_name(built: Built) -> None:
    plan = built()
    assert [*plan.of(HostedZone), *plan.of(RecordSet)] == []
    assert "DatabaseDnsName" not in {one.name for one in plan.primary.outputs}


@pytest.mark.parametrize(
    ("proxy", "target", "leads_to"),
    [
        ("null", "", "Database"),
        ("{}", "", "DatabaseProxy"),
        ("{}", ", target: proxy", "DatabaseProxy"),
        ("{}", ", target: database", "Database"),
    ],
)
def test_it_leads_to_the_proxy_where_there_is_one_and_nothing_else_is_said(
    built: Built, proxy: str, target: str, leads_to: str
) -> None:
    name = f"{{name: db.shop.internal, zone: create{target}}}"
    (record,) = built(access__proxy=proxy, access__dns=name).of(RecordSet)
    assert record.values == (Attr(leads_to, "endpoint_address"),)


@pytest.mark.parametrize("dns", [MADE, KEPT])
def test_a_name_lands(complaints: Complaints, dns: dict[str, str]) -> None:
    """With one note, which is about every name: no certificate bears it."""
    (note,) = complaints(**dns, access__proxy="{}")
    assert "id='DN003'" in note


def test_the_second_region_has_no_name_of_its_own(built: Built) -> None:
    plan = built(**MADE, region="eu-central-1", disaster_recovery="{region: eu-west-1, keep: 7d}")
    assert [len(list(region.of(RecordSet))) for region in plan.regions] == [1, 0]
