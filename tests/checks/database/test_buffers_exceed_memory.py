"""DB024: pages, bytes and formulas against the memory of the class."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay import facts
from mainstay.checks.database.buffers_exceed_memory import faults
from mainstay.checks.examples import database, plan_of, replica, settings
from mainstay.core.findings import Finding
from mainstay.core.units import Bytes
from mainstay.plan.resources import Resource
from mainstay.plan.values import Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("value", "share"),
    [
        ("786432", None),
        ("786433", "75%"),
        ("1048576", "100%"),
        ("{DBInstanceClassMemory/10922}", "75%"),
        ("{DBInstanceClassMemory/32768}", None),
        ("{DBInstanceClassMemory/4}", "204800%"),
        ("LEAST({DBInstanceClassMemory/4},131072)", None),
        ("16MB", None),  # DB026 speaks of it
        ("{AllocatedStorage/4}", None),
    ],
)
def test_postgres(value: str, share: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(parameter_group=Ref("Settings")), settings(shared_buffers=value)))
    assert [finding.subject for finding in findings] == ([] if share is None else ["Settings"])
    assert all(f"{share} of the 8 GiB of db.m7g.large" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("engine", "version", "family"), [("mysql", "8.4.11", "mysql8.4"), ("mariadb", "11.8.9", "mariadb11.8")]
)
@pytest.mark.parametrize(("size", "count"), [(6 * 2**33 // 5, 0), (6 * 2**33 // 5 + 1, 1)])
def test_mysql_and_mariadb(engine: str, version: str, family: str, size: int, count: int, say: Say) -> None:
    db = database(engine=engine, engine_version=version, parameter_group=Ref("Settings"))
    assert len(say(faults, plan_of(db, settings(family, innodb_buffer_pool_size=str(size))))) == count


@pytest.mark.parametrize(
    "db",
    [
        database(parameter_group=None),
        database(parameter_group="another-stack"),
        database(parameter_group=Ref("Settings"), instance_class="db.z9.large"),
        database(parameter_group=Ref("Settings"), engine="oracle-ee"),
    ],
)
def test_not_seen(db: Resource, say: Say) -> None:
    assert say(faults, plan_of(db, settings(shared_buffers="1048576"))) == []


def test_a_smaller_replica_has_the_settings_of_its_source(say: Say) -> None:
    plan = plan_of(
        database(parameter_group=Ref("Settings")),
        replica(instance_class="db.t4g.micro"),
        settings(shared_buffers="262144"),
    )
    (finding,) = say(faults, plan)
    assert "2 GiB, 200% of the 1 GiB of db.t4g.micro" in finding.detail


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        # 6 GiB of pool, and 3.6 GiB left up to 120 % of 8 GiB: 900 connections of 4 MiB are 3.52 GiB
        ({"sort_buffer_size": str(4 * 2**20), "max_connections": "900"}, None),
        ({"sort_buffer_size": str(4 * 2**20), "max_connections": "921"}, None),
        ({"sort_buffer_size": str(4 * 2**20), "max_connections": "922"}, "922 connections with 4 MiB of buffers each"),
        (
            {"sort_buffer_size": str(2**20), "join_buffer_size": str(3 * 2**20), "max_connections": "1000"},
            "want 9.906 GiB, 124% of the 8 GiB of db.m7g.large",
        ),
        ({"sort_buffer_size": str(4 * 2**20)}, None),  # RDS's own 682 connections
        ({"max_connections": "16000"}, None),  # buffers that RDS sets by itself are not known
    ],
)
def test_all_connections_of_mysql_together(parameters: dict[str, str], said: str | None, say: Say) -> None:
    db = database(engine="mysql", engine_version="8.4.11", parameter_group=Ref("Settings"))
    pool = {"innodb_buffer_pool_size": str(6 * 2**30)}
    findings = say(faults, plan_of(db, settings("mysql8.4", **pool, **parameters)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)
    assert all("lower " in finding.hint and "_buffer_size" in finding.hint for finding in findings)


@pytest.mark.parametrize(
    ("pool", "buffers", "connections", "said"),
    [
        (12 * 2**30, 0, "1", None),  # 120 % of 10 GiB, by itself
        (12 * 2**30, 1, "1", "and 1 connections with"),
        (12 * 2**30 + 1, 0, "1", "innodb_buffer_pool_size = 12884901889 is 12 GiB"),
        (11 * 2**30, 2**30, "1", None),
        (11 * 2**30, 2**30 + 1, "1", "and 1 connections with"),
        (11 * 2**30, 2**31, "{Nope}", None),  # how many there are cannot be seen
    ],
)
def test_all_together_to_the_byte(
    pool: int, buffers: int, connections: str, said: str | None, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "class_shape", lambda _: (2, Bytes.gib(10)))
    db = database(engine="mysql", engine_version="8.4.11", parameter_group=Ref("Settings"))
    written = {"innodb_buffer_pool_size": str(pool), "join_buffer_size": str(buffers), "max_connections": connections}
    findings = say(faults, plan_of(db, settings("mysql8.4", **written)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)
