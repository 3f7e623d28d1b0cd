"""Prices and their origins: the longest path that fits, cents, and items of which a price is missing."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mainstay.forecast import CostItem, prices
from mainstay.forecast.prices import amounts, fixed, quote, settled, table

NEXT: dict[str, object] = {"date": "2026-11-02", "confidence": "high"}


@pytest.mark.parametrize(("usd", "cents"), [(1.2349, 1.23), (1.2351, 1.24), (0.004, 0.0), (None, None)])
def test_a_bill_is_in_cents(usd: float | None, cents: float | None) -> None:
    found = amounts(None if usd is None else fixed(usd))
    assert found == {"low_usd": cents, "expected_usd": cents, "high_usd": cents}


@pytest.mark.parametrize(
    ("paths", "what"),
    [
        (("nat_hour",), "no price of a part of it"),
        (("nat_hour", "nothing/of", "nat_gb", "none"), "no price of nothing/of, none"),
    ],
)
def test_an_item_of_which_a_price_is_missing_names_it(paths: tuple[str, ...], what: str) -> None:
    item = CostItem(part="p", what="w", resources=(), amount=(0.0, math.nan, 1.0), prices=paths)
    assert (settled(item).amount, settled(item).what) == (None, what)
    whole = replace(item, amount=(0.0, 0.5, 1.0))
    assert settled(whole) is whole


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("instance_hour/mysql/db.m7g.large", "the class"),
        ("instance_hour/mysql/db.m5.large", "the engine"),
        ("instance_hour/postgres/db.m5.large", "the name"),
        ("nat_hour", None),
    ],
)
def test_the_longest_path_that_fits_says_where_a_price_is_from(
    path: str, source: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = table()
    origins = {
        "instance_hour": {"source": "the name", **NEXT},
        "instance_hour/mysql": {"source": "the engine", **NEXT},
        "instance_hour/mysql/db.m7g.large": {"source": "the class", **NEXT},
    }
    monkeypatch.setattr(prices, "table", lambda: replace(own, data={**own.data, "origins": origins}))
    assert quote(path).source == (source or own.source)
