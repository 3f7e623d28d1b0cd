"""The table of features that exclude each other is whole."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay import facts


def test_a_row_says_why_who_says_so_and_what_to_do() -> None:
    one = facts.conflict("managed-password-replica")
    assert one.features == ("a password that RDS manages", "a read replica")
    assert one.why == "RDS makes no read replicas of a database whose password it manages."
    assert one.citation == "RDS User Guide, rds-secrets-manager, limitations (2026-11-20)"
    assert (one.date, one.confidence, one.spec_fault) == (date(2026, 11, 20), "high", "SP012")
    assert one.instead.startswith("keep the password in a secret of your own")


def test_a_row_may_be_less_sure_than_the_table() -> None:
    assert facts.conflict("managed-password-snapshot").confidence == "medium"


def test_every_row_has_two_features_one_sentence_and_an_id_of_its_own() -> None:
    rows = facts.conflicts()
    assert len({one.id for one in rows}) == len(rows) == len(facts.load("conflicts").data)
    for one in rows:
        assert len(one.features) == 2
        assert one.why.endswith(".")
        assert one.source
        assert not one.instead.endswith(".")
        assert one.confidence in ("high", "medium")


def test_an_unknown_row_is_none() -> None:
    with pytest.raises(KeyError):
        facts.conflict("tea-coffee")
