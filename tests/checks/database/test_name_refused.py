"""DB019: identifiers, names, users, passwords and ports, each from both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.name_refused import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
MYSQL = {"engine": "mysql", "engine_version": "8.4.11"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identifier": "shop-db"}, None),
        ({"identifier": "Shop-DB"}, None),
        ({"identifier": "shop--db"}, "'shop--db' cannot be an instance's identifier"),
        ({"identifier": "shop-"}, "'shop-' cannot"),
        ({"identifier": "1shop"}, "'1shop' cannot"),
        ({"identifier": "s" * 63}, None),
        ({"identifier": "s" * 64}, "cannot be an instance's identifier"),
        ({"database_name": "shop_db"}, None),
        ({"database_name": "shop-db"}, "'shop-db' cannot be the name of a database of postgres"),
        ({"database_name": "_shop"}, None),
        ({"database_name": "_shop", **MYSQL}, "of a database of mysql"),
        ({"database_name": "d" * 63}, None),
        ({"database_name": "d" * 64}, "it has 64 characters"),
        ({"database_name": "d" * 64, **MYSQL}, None),
        ({"username": "admin"}, "postgres reserves it"),
        ({"username": "admin", **MYSQL}, None),
        ({"username": "pg_shop"}, "postgres reserves it"),
        ({"username": "u" * 16, **MYSQL}, None),
        ({"username": "u" * 17, **MYSQL}, "it has 17 characters"),
        ({"password": "p" * 7}, "has 7 characters."),
        ({"password": "p" * 8}, None),
        ({"password": "p" * 128}, None),
        ({"password": "p" * 129}, "has 129 characters."),
        ({"password": "p" * 41, **MYSQL}, None),
        ({"password": "p" * 42, **MYSQL}, "has 42 characters."),
        ({"password": "secret@/word"}, "with '/' '@'"),
        ({"password": "it's secret"}, "with ' '."),
        ({"password": "it'sasecret"}, None),
        ({"password": "!~secret~!"}, None),
        ({"password": "secret\x7f\x1f"}, r"with '\x1f' '\x7f'."),
        ({"port": 1149}, "port 1149"),
        ({"port": 1150}, None),
        ({"port": 65_535}, None),
        ({"port": 65_536}, "port 65536"),
        ({"port": Param("Port"), "username": Param("User"), "identifier": Param("Name")}, None),
        ({"username": "admin", "snapshot": "rds:old"}, None),
        ({"username": "", "database_name": "", "identifier": "", "password": ""}, None),
        ({"username": "admin", "database_name": "a-b", "port": 100, "engine": "sqlserver-ee"}, None),
    ],
)
def test_names(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_a_password_is_never_shown(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(password="hunter2@home")))
    assert "hunter" not in f"{finding}"


def test_a_replica_has_the_names_of_its_source(say: Say) -> None:
    assert say(faults, plan_of(database(), replica(username="admin"))) == []
