from __future__ import annotations

import pytest
from tests.probe.mysql.conftest import Open

from mainstay.probe.dialect import MYSQL
from mainstay.probe.mysql.flavours import flavour_of
from mainstay.probe.mysql.session import MysqlConnection
from mainstay.probe.server import Setting


def test_a_server_says_what_it_is(source: MysqlConnection) -> None:
    assert MYSQL.version(source).startswith(f"{source.flavour.label} ")
    assert MYSQL.tls_version(source) is None
    assert MYSQL.settings(source, ["character_set_server", "no_such_thing"]) == {
        "character_set_server": Setting("utf8mb4")
    }
    assert MYSQL.streams(source) == []
    assert MYSQL.mark(source).startswith("binlog.")
    assert MYSQL.log_position(source)


def test_databases_are_the_users_and_the_servers_own(source: MysqlConnection, copy: MysqlConnection) -> None:
    MYSQL.create_canary(source)
    assert MYSQL.databases(source) == ["mysql", copy.database, "source"]
    source.execute("DROP DATABASE mainstay_canary")
    assert MYSQL.has_table(source, "order")
    assert not MYSQL.has_table(source, "orders")


def test_tables_are_gone_through(source: MysqlConnection, opened: Open) -> None:
    checks = {check.table: check for check in MYSQL.check_tables(source, 60)}
    assert {name.partition(".")[2] for name in checks} >= {"customer", "order", "part", "no_key"}
    assert all(check.is_sound for check in checks.values())
    assert list(MYSQL.check_tables(opened("mysql"), 60)) == []


def test_a_damaged_table_is_named(copy: MysqlConnection) -> None:
    copy.execute("ALTER TABLE no_key DISCARD TABLESPACE")
    damaged = [check for check in MYSQL.check_tables(copy, 60) if not check.is_sound]
    assert [check.table for check in damaged] == [f"{copy.database}.no_key"]
    assert damaged[0].words


def test_events_are_silenced_and_named(copy: MysqlConnection) -> None:
    silenced = MYSQL.silence(copy)
    assert silenced is not None
    assert f"`{copy.database}`.`nightly`" in silenced
    status = "SELECT status FROM information_schema.events WHERE event_schema = %s"
    assert copy.execute(status, (copy.database,)).fetchall() == (("DISABLED",),)
    assert MYSQL.silence(copy) == []
    copy.execute("ALTER EVENT source.nightly ENABLE")


def test_a_server_tells_what_it_does_by_itself(source: MysqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = {"event_scheduler": Setting("ON")}
    assert MYSQL.acting(source).words.endswith("no replication stream")
    monkeypatch.setattr("mainstay.probe.mysql.silence.settings", lambda *_: answered)
    assert MYSQL.acting(source).acts == ("event_scheduler = ON",)
    answered["event_scheduler"] = Setting("DISABLED")
    assert MYSQL.acting(source).acts == ()
    del answered["event_scheduler"]
    assert MYSQL.acting(source).acts == ("event_scheduler = not told",)
    answered["event_scheduler"] = Setting("OFF")
    for name in ("Slave_SQL_Running", "Replica_SQL_Running"):
        with monkeypatch.context() as patched:
            patched.setattr(MysqlConnection, "named", lambda *_, name=name: [{name: "Yes"}])
            assert MYSQL.acting(source).acts == (f"{name} = Yes",)
            assert MYSQL.acting(source).words == "event_scheduler = OFF, a replication stream is applied"
    assert MYSQL.silent_parameters({"event_scheduler": "ON"}) == {"event_scheduler": "OFF"}


def test_what_is_no_replica_has_reached_nothing(source: MysqlConnection) -> None:
    assert not MYSQL.standing(source, MYSQL.mark(source)).has_reached


@pytest.mark.parametrize(
    ("version", "label", "status", "has_crc32c"),
    [
        ("10.11.19-MariaDB-deb12", "MariaDB", "SHOW MASTER STATUS", True),
        ("5.5.5-10.8.0-MariaDB", "MariaDB", "SHOW MASTER STATUS", True),
        ("5.5.5-10.7.9-MariaDB", "MariaDB", "SHOW MASTER STATUS", False),
        ("11.4.5-MariaDB-log", "MariaDB", "SHOW MASTER STATUS", True),
        ("10.6.16-11-MariaDB-enterprise-log", "MariaDB", "SHOW MASTER STATUS", False),
        ("8.0.46", "MySQL", "SHOW MASTER STATUS", False),
        ("8.1.9", "MySQL", "SHOW MASTER STATUS", False),
        ("8.2.0", "MySQL", "SHOW BINARY LOG STATUS", False),
        ("9.7.4-2", "MySQL", "SHOW BINARY LOG STATUS", False),
    ],
)
def test_the_flavour_is_what_the_server_greets_with(version: str, label: str, status: str, has_crc32c: bool) -> None:
    found = flavour_of(version)
    assert (found.label, found.log_status, found.has_crc32c) == (label, status, has_crc32c)
