"""The tables: every one loads, carries source and date, and an unknown one is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mainstay import facts
from mainstay.core.errors import InputRefused


@pytest.mark.parametrize("name", facts.names())
def test_every_table_says_where_it_comes_from(name: str) -> None:
    fact = facts.load(name)
    assert fact.name == name
    assert len(fact.source) > 20
    assert date(2025, 1, 1) < fact.date <= datetime.now(UTC).date()
    assert fact.confidence in ("high", "medium", "low")
    assert fact.data
    assert fact.citation == f"{fact.source} ({fact.date})"


def test_there_are_tables() -> None:
    assert {"versions", "classes", "limits", "metrics", "prices", "replacement"} <= set(facts.names())


def test_a_table_is_read_once() -> None:
    assert facts.load("versions") is facts.load("versions")


@pytest.mark.parametrize("name", ["nope", "../versions", ""])
def test_an_unknown_table_is_refused(name: str) -> None:
    with pytest.raises(InputRefused, match="no such table of facts") as refused:
        facts.load(name)
    assert "versions" in refused.value.hint


def test_the_public_names_are_sorted_and_exist() -> None:
    assert facts.__all__ == sorted(facts.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(facts, name) for name in facts.__all__)


def test_region_pairs_join_regions_that_are_known() -> None:
    pairs = facts.load("region_pairs").data
    assert all(target in pairs for targets in pairs.values() for target in targets)
    assert "us-west-2" in pairs["us-east-1"]
    assert pairs["eu-south-1"] == ["eu-central-1"]
