"""Regions: where replicated backups may go, and what partition a region is of."""

from __future__ import annotations

import pytest

from mainstay import facts


def test_targets_are_those_of_the_table() -> None:
    assert "eu-west-1" in facts.replication_targets("eu-central-1")
    assert "eu-central-1" not in facts.replication_targets("us-west-1")
    assert facts.replication_targets("us-gov-west-1") == ("us-gov-east-1",)
    assert facts.replication_targets("me-south-1") == ()


def test_no_pair_leaves_its_partition() -> None:
    pairs = [(one, other) for one in facts.load("region_pairs").data for other in facts.replication_targets(one)]
    assert len(pairs) > 100
    assert [pair for pair in pairs if facts.partition(pair[0]) != facts.partition(pair[1]) or pair[0] == pair[1]] == []


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("eusc-de-east-1", "aws-eusc"),
        ("eu-west-9", "aws"),
    ],
)
def test_a_region_is_of_a_partition(region: str, partition: str) -> None:
    assert facts.partition(region) == partition


def test_a_region_has_a_name() -> None:
    assert facts.region_name("eu-central-1") == "Europe (Frankfurt)"
    assert facts.region_name("eu-west-9") is None


def test_every_region_that_another_table_speaks_of_is_known() -> None:
    known = set(facts.regions())
    assert set(facts.load("region_pairs").data) | set(facts.load("class_regions").data["offered"]) <= known
