"""The price list that AWS publishes: products of a service in a region, with what a unit costs on demand.

Each item of an answer is the text of a JSON document (AWS Billing User Guide, using-price-list-query-api, and the
examples of API_pricing_GetProducts, 2026-11-21): `product` with `attributes`, and `terms.OnDemand`, whose price
dimensions have a unit, the number of units from which they hold, and the price by currency, as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from mainstay.core.errors import TargetRefused
from mainstay.ops.aws.door import Door

_PER_PAGE: Final = 100
# The query API is served from three regions (General Reference, billing, 2026-11-21); each has every region's prices.
_ENDPOINTS: Final = {"eu-central-1": ("eu-", "me-", "af-", "il-"), "ap-south-1": ("ap-",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product on demand. `tiers` are pairs of where a tier begins, in units, and USD a unit, the first one first.

    `published` is when AWS published the list, as it writes it.
    """

    sku: str
    attributes: Mapping[str, str]
    unit: str
    tiers: tuple[tuple[float, float], ...]
    published: str

    @property
    def usage_type(self) -> str:
        """How the bill calls it: `EUC1-InstanceUsage:db.m7g.large`."""
        return self.attributes.get("usagetype", "")

    @property
    def first_price(self) -> float | None:
        """USD a unit in the first tier that is not free; None when every tier is."""
        return next((price for _, price in self.tiers if price > 0), None)


def endpoint_for(region: str) -> str:
    """The region whose endpoint of the price list is nearest."""
    return next((endpoint for endpoint, near in _ENDPOINTS.items() if region.startswith(near)), "us-east-1")


class PricingDoor(Door):
    """Questions to the price list."""

    def products(self, service: str, usage: str, wanted: Mapping[str, str]) -> list[Product]:
        """What is sold on demand whose usage type contains `usage` and whose attributes are as wanted, over all pages.

        TargetRefused for a price in another currency than USD, or an answer that is not as it is documented.
        """
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
        filters.append({"Type": "CONTAINS", "Field": "usagetype", "Value": usage})
        items = self._pages(
            "GetProducts",
            "PriceList",
            ServiceCode=service,
            Filters=filters,
            FormatVersion="aws_v1",
            PaginationConfig={"PageSize": _PER_PAGE},
        )
        return [product for item in items if (product := _product(item)) is not None]


def _product(item: Any) -> Product | None:  # Any: a text of JSON
    """None for what is not sold on demand."""
    try:
        document = json.loads(item)
        attributes = {str(name): str(value) for name, value in document["product"]["attributes"].items()}
        sku = str(document["product"]["sku"])
        rates = [
            rate
            for term in document.get("terms", {}).get("OnDemand", {}).values()
            for rate in term["priceDimensions"].values()
        ]
        tiers = sorted((float(rate.get("beginRange", 0)), _usd(rate["pricePerUnit"], sku)) for rate in rates)
        units = {str(rate["unit"]) for rate in rates}
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise TargetRefused(
            "the price list is not understood",
            detail=f"{type(error).__name__}: {error}, in {str(item)[:200]}",
            hint="nothing was written; report this with the product that is named",
        ) from error
    if not tiers:
        return None
    published = str(document.get("publicationDate", ""))
    return Product(
        sku=sku, attributes=attributes, unit=" or ".join(sorted(units)), tiers=tuple(tiers), published=published
    )


def _usd(prices: Mapping[str, str], sku: str) -> float:
    if "USD" not in prices:
        raise TargetRefused(
            "a price in another currency",
            detail=f"{sku} costs {', '.join(f'{amount} {currency}' for currency, amount in prices.items())}.",
            hint="costs are reckoned in USD; choose a region that AWS bills in USD",
        )
    return float(Decimal(prices["USD"]))
