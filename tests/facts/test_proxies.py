"""Proxies: families, passwords, zones."""

from __future__ import annotations

import pytest

from mainstay import facts


@pytest.mark.parametrize(
    ("engine", "family"),
    [
        ("postgres", "POSTGRESQL"),
        ("aurora-postgresql", "POSTGRESQL"),
        ("mariadb", "MYSQL"),
        ("aurora-mysql", "MYSQL"),
        ("sqlserver-ee", "SQLSERVER"),
        ("oracle-ee", None),
    ],
)
def test_an_engine_is_of_a_family(engine: str, family: str | None) -> None:
    assert facts.proxy_family(engine) == family


def test_every_family_has_passwords() -> None:
    assert set(facts.load("proxy").data["client_passwords"]) == set(facts.load("proxy").data["families"].values())
    assert facts.client_passwords("POSTGRESQL")[0] == "POSTGRES_SCRAM_SHA_256"
    assert facts.client_passwords("DB2") == ()


def test_some_zones_have_no_proxies() -> None:
    assert "use1-az3" in facts.zones_without_proxies()
