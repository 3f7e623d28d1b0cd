"""PX001: families of engines and of passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database
from mainstay.checks.proxy.examples import fronted, login, proxy
from mainstay.checks.proxy.proxy_of_other_engine import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("engine", "family", "count"),
    [
        ("postgres", "POSTGRESQL", 0),
        ("postgres", "MYSQL", 1),
        ("mysql", "MYSQL", 0),
        ("mariadb", "MYSQL", 0),
        ("mariadb", "POSTGRESQL", 1),
        ("aurora-mysql", "MYSQL", 0),
        ("sqlserver-se", "SQLSERVER", 0),
        ("sqlserver-se", "MYSQL", 1),
        ("oracle-ee", "MYSQL", 0),  # refused for another reason
        (Param("Engine"), "MYSQL", 0),
        ("mysql", Param("Family"), 0),
    ],
)
def test_engines(engine: object, family: object, count: int, say: Say) -> None:
    front = proxy(engine_family=family, logins=(login(client_password=None),))
    assert len(say(faults, fronted(Database=database(engine=engine), Proxy=front))) == count


@pytest.mark.parametrize(
    ("kind", "family", "said"),
    [
        ("POSTGRES_SCRAM_SHA_256", "POSTGRESQL", None),
        ("POSTGRES_MD5", "POSTGRESQL", None),
        ("MYSQL_NATIVE_PASSWORD", "POSTGRESQL", "set ClientPasswordAuthType to POSTGRES_SCRAM_SHA_256 or POSTGRES_MD5"),
        ("POSTGRES_MD5", "MYSQL", "to MYSQL_CACHING_SHA2_PASSWORD or MYSQL_NATIVE_PASSWORD"),
        ("SQL_SERVER_AUTHENTICATION", "SQLSERVER", None),
        ("POSTGRES_MD5", "OTHER", None),
        (Param("Kind"), "MYSQL", None),
    ],
)
def test_passwords(kind: object, family: str, said: str | None, say: Say) -> None:
    front = proxy(engine_family=family, logins=(login(client_password=kind),))
    hints = [each.hint for each in say(faults, fronted(Proxy=front, Pool=None))]
    assert len(hints) == (said is not None)
    assert said is None or said in hints[0]


@pytest.mark.parametrize(("engine", "count"), [("mariadb", 1), ("mysql", 0)])
def test_what_mariadb_does_not_know(engine: str, count: int, say: Say) -> None:
    front = proxy(engine_family="MYSQL", logins=(login(client_password="MYSQL_CACHING_SHA2_PASSWORD"),))
    assert len(say(faults, fronted(Database=database(engine=engine), Proxy=front))) == count


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("POSTGRES_SCRAM_SHA_256", "POSTGRES_SCRAM_SHA_256"), ("MYSQL_NATIVE_PASSWORD", None), (None, None)],
)
def test_kinds_of_passwords_of_the_right_family_stay(kind: str | None, kept: str | None, mends: Mends) -> None:
    wrong = proxy(engine_family="MYSQL", logins=(login(client_password=kind), login(client_password=None)))
    right = proxy(engine_family="POSTGRESQL", logins=(login(client_password=kept), login(client_password=None)))
    assert (right,) in mends(faults, fronted(Proxy=wrong))
