"""The price list's answers as AWS documents them: pages, tiers, currencies, throttling."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mainstay.core.errors import Busy, TargetRefused
from mainstay.ops.aws.pricing import PricingDoor, endpoint_for
from mainstay.ops.aws.retry import ONCE

Fixture = Any  # fixtures of conftest
WANTED = {"regionCode": "eu-central-1", "databaseEngine": "PostgreSQL"}
FILTERS = [
    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-central-1"},
    {"Type": "TERM_MATCH", "Field": "databaseEngine", "Value": "PostgreSQL"},
    {"Type": "CONTAINS", "Field": "usagetype", "Value": "InstanceUsage:db."},
]
ASKED = {"ServiceCode": "AmazonRDS", "Filters": FILTERS, "FormatVersion": "aws_v1", "MaxResults": 100}


@cache
def real_client() -> Any:
    session: Any = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="none", region_name="eu-central-1")
    return session.client("pricing")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(real_client()) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def door(stub: Stubber, clock: Fixture) -> PricingDoor:
    return PricingDoor(stub.client, clock)


def item(sku: str, *rates: tuple[str, Mapping[str, str]], unit: str = "Hrs", kind: str = "OnDemand") -> str:
    """One product, in the form that API_pricing_GetProducts shows."""
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": unit,
            "endRange": "Inf",
            "description": "$0.202 per RDS db.m7g.large Single-AZ instance hour (or partial hour) running PostgreSQL",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "beginRange": begin,
            "pricePerUnit": price,
        }
        for number, (begin, price) in enumerate(rates)
    }
    return json.dumps(
        {
            "product": {
                "productFamily": "Database Instance",
                "attributes": {
                    "databaseEngine": "PostgreSQL",
                    "deploymentOption": "Single-AZ",
                    "instanceType": "db.m7g.large",
                    "location": "EU (Frankfurt)",
                    "locationType": "AWS Region",
                    "regionCode": "eu-central-1",
                    "servicecode": "AmazonRDS",
                    "usagetype": "EUC1-InstanceUsage:db.m7g.large",
                },
                "sku": sku,
            },
            "serviceCode": "AmazonRDS",
            "terms": {
                kind: {
                    f"{sku}.JRTCKXETXF": {
                        "priceDimensions": dimensions,
                        "sku": sku,
                        "effectiveDate": "2026-11-01T00:00:00Z",
                        "offerTermCode": "JRTCKXETXF",
                        "termAttributes": {},
                    }
                }
            },
            "version": "20261118001000",
            "publicationDate": "2026-11-18T00:10:00Z",
        }
    )


def test_every_page_is_read(stub: Stubber, door: PricingDoor) -> None:
    first = {"FormatVersion": "aws_v1", "PriceList": [item("A", ("0", {"USD": "0.2020000000"}))], "NextToken": "more"}
    second = {"FormatVersion": "aws_v1", "PriceList": [item("B", ("0", {"USD": "0.4040000000"}))]}
    stub.add_response("get_products", first, ASKED)
    stub.add_response("get_products", second, {**ASKED, "NextToken": "more"})
    found = door.products("AmazonRDS", "InstanceUsage:db.", WANTED)
    assert [(one.sku, one.first_price, one.unit) for one in found] == [("A", 0.202, "Hrs"), ("B", 0.404, "Hrs")]
    assert (found[0].usage_type, found[0].published) == ("EUC1-InstanceUsage:db.m7g.large", "2026-11-18T00:10:00Z")


def answered(stub: Stubber, door: PricingDoor, *items: str) -> list[float | None]:
    stub.add_response("get_products", {"PriceList": list(items)}, ASKED)
    return [one.first_price for one in door.products("AmazonRDS", "InstanceUsage:db.", WANTED)]


def test_the_price_is_that_of_the_first_tier_that_is_not_free(stub: Stubber, door: PricingDoor) -> None:
    tiers = [("1000000", {"USD": "0.0000020000"}), ("0", {"USD": "0.0000000000"}), ("20000", {"USD": "0.0000030000"})]
    free = item("B", ("0", {"USD": "0.0000000000"}))
    assert answered(stub, door, item("A", *tiers), free) == [0.000003, None]


def test_what_is_only_reserved_is_left_out(stub: Stubber, door: PricingDoor) -> None:
    assert answered(stub, door, item("A", ("0", {"USD": "1"}), kind="Reserved")) == []


def test_another_currency_is_refused(stub: Stubber, door: PricingDoor) -> None:
    with pytest.raises(TargetRefused, match="another currency") as refused:
        answered(stub, door, item("A", ("0", {"CNY": "1.5"})))
    assert refused.value.detail == "A costs 1.5 CNY."


@pytest.mark.parametrize(
    "odd", ["not json", "[]", '{"product": {}}', item("A", ("0", {"USD": "much"})), item("A", ("then", {"USD": "1"}))]
)
def test_an_answer_of_another_shape_is_refused(stub: Stubber, door: PricingDoor, odd: str) -> None:
    with pytest.raises(TargetRefused, match="not understood"):
        answered(stub, door, odd)


def test_throttling_is_waited_for_and_ends(stub: Stubber, clock: Fixture) -> None:
    stub.add_client_error("get_products", "ThrottlingException", "Rate exceeded")
    assert answered(stub, PricingDoor(stub.client, clock), item("A", ("0", {"USD": "1"}))) == [1.0]
    assert len(clock.sleeps) == 1
    stub.add_client_error("get_products", "ThrottlingException", "Rate exceeded")
    with pytest.raises(Busy, match="too many calls"):
        PricingDoor(stub.client, clock, ONCE).products("AmazonRDS", "x", WANTED)


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-1", "eu-central-1"),
        ("me-south-1", "eu-central-1"),
        ("ap-southeast-2", "ap-south-1"),
        ("us-gov-west-1", "us-east-1"),
        ("sa-east-1", "us-east-1"),
    ],
)
def test_the_nearest_endpoint_is_asked(region: str, endpoint: str) -> None:
    assert endpoint_for(region) == endpoint
