"""A region's prices out of a price list: what is taken, what is left out by name, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest

from mainstay import facts
from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Silent
from mainstay.ops.aws.pricing import Product
from mainstay.ops.prices.collecting import Collected, collected
from mainstay.ops.prices.rows import EVERYWHERE, ROWS, PriceRow

REGION = "eu-central-1"
TODAY = date(2026, 11, 21)
HOUR = frozenset({"hrs"})
INSTANCES = next(row for row in ROWS if row.path[:2] == ("instance_hour", "postgres"))
INSTANCE = "EUC1-InstanceUsage:db.m7g.large"


def product(usage: str, price: float, unit: str = "Hrs", **attributes: str) -> Product:
    told = {"usagetype": usage, "regionCode": REGION, "fromRegionCode": REGION, "locationType": "AWS Region"}
    tiers = ((0.0, price),)
    return Product(
        sku="SKU1", attributes={**told, **attributes}, unit=unit, tiers=tiers, published="2026-11-18T00:10:00Z"
    )


@dataclass
class List:
    """A price list that has these products for everybody who asks for a part of their usage type."""

    products_of_it: Sequence[Product]
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def products(self, service: str, usage: str, wanted: Mapping[str, str]) -> list[Product]:
        self.asked.append((service, usage, wanted))
        return [one for one in self.products_of_it if usage in one.usage_type]


def taken(*products: Product, rows: Sequence[PriceRow] = (INSTANCES,)) -> Collected:
    instance = product(INSTANCE, 0.202)
    found = List([instance, *products])
    return collected(found, REGION, facts.load("prices"), TODAY, progress=Silent(), rows=[*rows, INSTANCES])


def data(result: Collected) -> dict[str, object]:
    found = result.document["data"]
    assert isinstance(found, dict)
    return found


def row(name: str) -> PriceRow:
    return next(one for one in ROWS if one.name == name)


def test_instances_come_by_engine_and_class() -> None:
    result = taken(product("EUC1-InstanceUsage:db.t4g.micro", 0.018), product("EUC1-Multi-AZUsage:db.t4g.micro", 0.036))
    assert data(result)["instance_hour"] == {"postgres": {"db.m7g.large": 0.202, "db.t4g.micro": 0.018}}
    assert result.document["source"] == "AWS Price List, eu-central-1, on demand, USD, published 2026-11-18"
    assert (result.document["date"], result.document["confidence"]) == ("2026-11-21", "high")


def test_what_is_alike_everywhere_is_taken_over_with_its_origin() -> None:
    found, known = data(taken()), facts.load("prices")
    assert {name: found[name] for name in EVERYWHERE} == {name: known.data[name] for name in EVERYWHERE}
    origins = found["origins"]
    assert isinstance(origins, dict)
    assert origins["multi_az_factor"]["source"] == known.source
    assert "nat_hour" not in found  # of the table, but of another region


def test_every_row_is_asked_of_its_service_in_the_region() -> None:
    found = List([product(INSTANCE, 0.2)])
    collected(found, REGION, facts.load("prices"), TODAY, progress=Silent())
    assert len(found.asked) == len(ROWS)
    assert ("AmazonRDS", "RDS:GP3-Storage", {"regionCode": REGION}) in found.asked
    assert all(REGION in wanted.values() for _, _, wanted in found.asked)


@pytest.mark.parametrize(
    ("name", "usage", "unit", "price", "expected"),
    [
        ("storage_gb_month/gp3", "EUC1-RDS:GP3-Storage", "GB-Mo", 0.137, 0.137),
        ("storage_gb_month/gp3", "EUC1-RDS:Multi-AZ-GP3-Storage", "GB-Mo", 0.274, None),
        ("storage_gb_month/gp3", "EUC1-RDS:GP3-Storage", "MB-Mo", 0.137, None),
        ("storage_gb_month/gp3", "RDS:GP3-Storage", "GB-Mo", 0.137, 0.137),
        ("storage_gb_month/io1", "EUC1-RDS:PIOPS-Storage-IO2", "GB-Mo", 0.149, None),
        ("kms_key_month", "eu-central-1-KMS-Keys", "Keys", 1.0, 1.0),
        ("kms_10k_requests", "eu-central-1-KMS-Requests", "Requests", 0.000003, 0.03),
        ("kms_10k_requests", "eu-central-1-KMS-Requests-Asymmetric", "Requests", 0.000015, None),
        ("lambda_million", "EUC1-Request", "Requests", 0.0000002, 0.2),
        ("extended_support_vcpu_hour/y1-2", "EUC1-ExtendedSupport:Yr1-Yr2:PostgreSQL13", "vCPU-Hour", 0.12, 0.12),
        ("extended_support_vcpu_hour/y1-2", "EUC1-ExtendedSupport:Yr1-Yr2:AuroraPostgreSQL13", "vCPU-Hour", 0.1, None),
        ("nat_hour", "EUC1-NatGateway-Hours", "Hrs", 0.052, 0.052),
        ("secret_10k_calls", "EU-AWSSecretsManager-APIRequests", "API Requests", 0.000005, 0.05),
        ("secret_10k_calls", "EUC1-AWSSecretsManagerAPIRequest", "API Requests", 0.000005, 0.05),
        ("secret_month", "APS1-AWSSecretsManager-Secret", "Secrets", 0.4, 0.4),
        ("transfer_internet_gb", "EUC1-DataTransfer-Out-Bytes", "GB", 0.09, 0.09),
        ("transfer_inter_region_gb", "EUC1WL1FRA1-USE1-AWS-Out-Bytes", "GB", 0.09, None),
    ],
)
def test_a_price_is_that_of_exactly_its_product(
    name: str, usage: str, unit: str, price: float, expected: float | None
) -> None:
    result = taken(product(usage, price, unit), rows=[row(name)])
    found: object = data(result)
    for key in name.split("/"):
        found = found.get(key) if isinstance(found, dict) else None
    assert found == expected
    assert (name in result.unknown) == (expected is None)


def test_what_is_not_found_is_unknown_and_never_nothing() -> None:
    result = taken(rows=[row("nat_hour"), row("proxy_vcpu_hour")])
    assert result.unknown == {"nat_hour": "is not on the list", "proxy_vcpu_hour": "is not on the list"}
    assert "nat_hour" not in data(result)
    free = taken(product("EUC1-NatGateway-Hours", 0.0), rows=[row("nat_hour")])
    assert "nat_hour" not in data(free)
    assert "free" in free.unknown["nat_hour"]


def test_two_prices_for_one_are_none_unless_the_dearest_is_meant() -> None:
    twice = [product("EUC1-NatGateway-Hours", 0.045), product("EUC1-NatGateway-Hours", 0.052)]
    result = taken(*twice, rows=[row("nat_hour")])
    assert ("nat_hour" in data(result), result.unknown) == (False, {"nat_hour": "costs 0.045 or 0.052"})
    again = taken(
        product("EUC1-NatGateway-Hours", 0.052), product("EUC1-NatGateway-Hours", 0.052), rows=[row("nat_hour")]
    )
    assert data(again)["nat_hour"] == 0.052
    to = [product("EUC1-USE1-AWS-Out-Bytes", 0.02, "GB"), product("EUC1-AFS1-AWS-Out-Bytes", 0.147, "GB")]
    assert data(taken(*to, rows=[row("transfer_inter_region_gb")]))["transfer_inter_region_gb"] == 0.147


def test_an_outpost_is_not_the_region() -> None:
    here, there = (
        product("EUC1-NatGateway-Hours", 0.052),
        product("EUC1-NatGateway-Hours", 0.1, locationType="AWS Outposts"),
    )
    assert data(taken(here, there, rows=[row("nat_hour")]))["nat_hour"] == 0.052


@pytest.mark.parametrize("told", ["us-east-1", ""])
def test_prices_of_another_region_are_refused(told: str) -> None:
    with pytest.raises(TargetRefused, match="prices of another region") as refused:
        taken(product("EUC1-NatGateway-Hours", 0.052, regionCode=told), rows=[row("nat_hour")])
    assert "eu-central-1" in refused.value.detail


def test_a_list_without_instances_is_refused() -> None:
    with pytest.raises(TargetRefused, match="no prices of instances"):
        collected(List([]), REGION, facts.load("prices"), TODAY, progress=Silent(), rows=[row("nat_hour")])


def test_the_source_tells_from_when_to_when_it_was_published() -> None:
    old = Product(
        sku="2", attributes=product("EUC1-NatGateway-Hours", 0).attributes, unit="Hrs",
        tiers=((0.0, 0.052),), published="2026-10-02T00:00:00Z",
    )  # fmt: skip
    assert "published 2026-10-02 to 2026-11-18" in str(taken(old, rows=[row("nat_hour")]).document["source"])


def test_every_row_fills_a_place_that_the_table_has() -> None:
    known = facts.load("prices").data
    assert {one.path[0] for one in ROWS} | set(EVERYWHERE) >= set(known) - {"region", "origins"} - UNTOLD
    assert len({(one.path, one.usage) for one in ROWS}) == len(ROWS)


# No usage type is known for certain; with a refreshed file they are unknown.
UNTOLD = {"insights_advanced_vcpu_hour", "insights_retention_vcpu_month", "snapshot_export_gb"}
