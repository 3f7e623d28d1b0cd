"""The spec checks some bounds while it is read, before any table is: what it writes down is what the tables say."""

from __future__ import annotations

import pytest

from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.spec import json_schema, load
from mainstay.spec.database import Database
from mainstay.spec.storage import Storage

SPEC = """
name: shop
region: eu-central-1
{credentials}
database: {{engine: postgres, version: "17", class: db.m7g.large, name: shop}}
storage: {{{storage}}}
alerts: {{subscribers: [ops@example.com]}}
"""
GP3 = facts.storage("gp3")


def is_taken(*, storage: str = "size: 100 GiB", credentials: str = "") -> bool:
    try:
        load(SPEC.format(storage=storage, credentials=credentials))
    except InputRefused:
        return False
    return True


def test_the_bounds_of_the_schema() -> None:
    definitions = json_schema()["$defs"]
    (port, _) = definitions["Database"]["properties"]["port"]["anyOf"]
    assert (port["minimum"], port["maximum"]) == (facts.limit("port", "least"), facts.limit("port", "most"))
    assert definitions["Replicas"]["properties"]["count"]["maximum"] == facts.limit("replicas", "most")
    assert definitions["Database"]["properties"]["engine"]["enum"] == list(facts.ENGINES)


@pytest.mark.parametrize("engine", facts.ENGINES)
def test_usual_ports(engine: str) -> None:
    database = Database.model_construct(engine=engine)
    assert database.usual_port == facts.load("limits").data["port"]["default"][engine]


def test_what_gp3_takes() -> None:
    assert GP3 is not None
    settable = GP3.settable_from_gib or 0
    for name, least, most in (
        ("iops", GP3.least_iops or 0, GP3.most_iops or 0),
        ("throughput_mib_s", GP3.least_mib_s or 0, int((GP3.least_iops or 0) * (GP3.most_mib_s_per_iops or 0))),
    ):
        assert is_taken(storage=f"size: {settable} GiB, {name}: {least}")
        assert is_taken(storage=f"size: {settable} GiB, {name}: {most}")
        assert not is_taken(storage=f"size: {settable} GiB, {name}: {least - 1}")
        assert not is_taken(storage=f"size: {settable} GiB, {name}: {most + 1}")
        assert not is_taken(storage=f"size: {settable - 1} GiB, {name}: {least}")


def test_how_large_gp3_may_be() -> None:
    assert GP3 is not None
    assert is_taken(storage=f"size: {GP3.least_gib} GiB")
    assert is_taken(storage=f"size: {GP3.most_gib} GiB")
    assert not is_taken(storage=f"size: {GP3.least_gib - 1} GiB")
    assert not is_taken(storage=f"size: {GP3.most_gib + 1} GiB")
    assert Storage.model_fields["type"].default == facts.load("defaults").data["storage_type"]


@pytest.mark.parametrize("name", facts.username("postgres").reserved)
def test_reserved_users(name: str) -> None:
    assert is_taken(credentials="credentials: {username: shop}")
    assert not is_taken(credentials=f"credentials: {{username: {name}}}")
