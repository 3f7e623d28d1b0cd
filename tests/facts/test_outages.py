"""How long connections are interrupted, and who says so."""

from __future__ import annotations

import pytest

from mainstay import facts


def test_a_failover_is_what_aws_says() -> None:
    failover = facts.outage("failover")
    assert str(failover) == "60 to 120 s"
    assert not failover.is_estimate
    assert "Concepts.MultiAZSingleStandby" in failover.source


def test_what_aws_gives_no_number_for_is_an_estimate() -> None:
    assert facts.outage("class_change").is_estimate
    assert str(facts.outage("major_upgrade")) == "10 to 60 min"
    assert str(facts.outage("reboot")) == "30 s to 5 min"


def test_every_range_has_two_ends_in_order() -> None:
    names = list(facts.load("outages").data)
    assert len(names) > 5
    assert [name for name in names if facts.outage(name).least >= facts.outage(name).most] == []


def test_an_unknown_one_is_none() -> None:
    with pytest.raises(KeyError):
        facts.outage("nap")
