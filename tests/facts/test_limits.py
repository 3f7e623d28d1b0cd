"""Bounds of names and storage, and single numbers."""

from __future__ import annotations

import pytest

from mainstay import facts


@pytest.mark.parametrize(
    ("kind", "name", "is_admitted"),
    [
        ("instance", "a" * 63, True),
        ("instance", "a" * 64, False),
        ("instance", "a--b", False),
        ("instance", "a-", False),
        ("snapshot", "a" * 255, True),
        ("snapshot", "1st", False),
        ("alarm", "any thing/at all", True),
        ("alarm", "a" * 256, False),
        ("alarm", "", False),
    ],
)
def test_identifiers(kind: str, name: str, is_admitted: bool) -> None:
    assert facts.identifier(kind).admits(name) is is_admitted


@pytest.mark.parametrize(
    ("engine", "name", "is_admitted"),
    [
        ("postgres", "_tap", True),
        ("postgres", "with-hyphen", False),
        ("mysql", "order_lines", True),
        ("mysql", "_tap", False),
        ("mariadb", "1st", False),
    ],
)
def test_names_of_databases(engine: str, name: str, is_admitted: bool) -> None:
    assert facts.database_name(engine).admits(name) is is_admitted


def test_reserved_words() -> None:
    assert facts.identifier("subnet_group").is_reserved("Default")
    assert facts.username("postgres").is_reserved("RdsAdmin")
    assert facts.username("postgres").is_reserved("pg_monitor")
    assert not facts.username("mysql").is_reserved("pg_monitor")


def test_storage() -> None:
    gp3, io2 = facts.storage("gp3"), facts.storage("io2")
    assert gp3 is not None
    assert (gp3.settable_from_gib, gp3.least_iops, gp3.most_mib_s_per_iops) == (400, 12000, 0.25)
    assert io2 is not None
    assert (io2.least_gib, io2.settable_from_gib, io2.most_iops_per_gib) == (100, None, 1000)
    assert facts.storage("standard") is None


def test_single_numbers() -> None:
    assert (facts.limit("port", "least"), facts.limit("port", "most")) == (1150, 65535)
    with pytest.raises(KeyError):
        facts.limit("port", "middle")
