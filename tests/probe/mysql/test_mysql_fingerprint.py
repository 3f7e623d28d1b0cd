from __future__ import annotations

import threading
from typing import Any

import pymysql
import pytest
from tests.probe.mysql.conftest import Open

from mainstay.probe import fingerprint
from mainstay.probe.dialect import MYSQL
from mainstay.probe.fingerprint import Found
from mainstay.probe.mysql import fingerprint as mysql_fingerprint
from mainstay.probe.mysql.session import MysqlConnection
from mainstay.probe.together import Company, Limit
from mainstay.probe.transcript import Listener, Query


def states(source: MysqlConnection, restored: MysqlConnection) -> dict[str, str]:
    compared = fingerprint.compare(MYSQL.fingerprints(source), None, MYSQL.fingerprints(restored))
    return {row.table: row.state for row in compared if row.state != "equal"}


def test_equal_data_have_equal_fingerprints(source: MysqlConnection, copy: MysqlConnection) -> None:
    taken = MYSQL.fingerprints(source)
    assert {table.table: table.rows for table in taken.tables} == {
        "`customer`": 500, "`order`": 2000, "`no_key`": 4, "`vacant`": 0, "`wild ``name`` %s; --`": 1, "`kinds`": 1,
        "`part`": 40,
    }  # fmt: skip
    assert [(gone.subject, gone.reason[:9]) for gone in taken.excluded if "source" in gone.subject] == [
        ("`source`.`scratch`", "in memory")
    ]
    assert states(source, copy) == {}


@pytest.mark.parametrize(
    ("damage", "table", "state"),
    [
        ("UPDATE customer SET name = 'C7' WHERE id = 7", "`customer`", "differs"),
        ("UPDATE customer SET joined = joined + INTERVAL 1 MICROSECOND WHERE id = 7", "`customer`", "differs"),
        ("UPDATE customer SET joined = NULL WHERE id = 7", "`customer`", "differs"),
        ("DELETE FROM `order` WHERE id = 2000", "`order`", "differs"),
        ("UPDATE `order` SET total = total + 0.0001 WHERE id = 3", "`order`", "differs"),
        ("DELETE FROM no_key WHERE a = 'twin'", "`no_key`", "differs"),
        ("UPDATE no_key SET b = 0.10000000000000002 WHERE a = 'twin'", "`no_key`", "differs"),
        ("UPDATE no_key SET c = 16777219 WHERE a = ''", "`no_key`", "differs"),
        ("UPDATE no_key SET a = '' WHERE a IS NULL", "`no_key`", "differs"),
        ("UPDATE `wild ``name`` %s; --` SET `x%(y)s` = x'00ff2d'", "`wild ``name`` %s; --`", "differs"),
        ("UPDATE `wild ``name`` %s; --` SET `select` = 'è'", "`wild ``name`` %s; --`", "differs"),
        ("UPDATE kinds SET bits = b'100'", "`kinds`", "differs"),
        ("UPDATE kinds SET at = at + INTERVAL 1000 MICROSECOND", "`kinds`", "differs"),
        ("UPDATE kinds SET big = CONCAT(big, ' ')", "`kinds`", "differs"),
        ("UPDATE kinds SET place = POINT(1, 2.5)", "`kinds`", "differs"),
        ("UPDATE kinds SET raw = x'0000'", "`kinds`", "differs"),
        ("UPDATE kinds SET single = 'a'", "`kinds`", "differs"),
        ("UPDATE kinds SET several = 'x'", "`kinds`", "differs"),
        ("DROP TABLE no_key", "`no_key`", "missing"),
        ("CREATE TABLE more (id int)", "`more`", "unexpected"),
        ("ALTER TABLE part DROP PARTITION a", "`part`", "differs"),
    ],
)  # fmt: skip
def test_sabotage_of_the_data_is_seen(
    source: MysqlConnection, copy: MysqlConnection, damage: str, table: str, state: str
) -> None:
    copy.execute(damage)
    assert states(source, copy) == {table: state}


@pytest.mark.parametrize(
    "other",
    [
        "time_zone = '-05:00'",
        "sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH'",
        "sql_select_limit = 1",
        "character_set_connection = latin1",
    ],
)
def test_how_the_session_is_set_changes_nothing(source: MysqlConnection, copy: MysqlConnection, other: str) -> None:
    copy.execute(f"SET SESSION {other}")
    assert states(source, copy) == {}


def test_the_order_of_rows_does_not_matter(source: MysqlConnection, copy: MysqlConnection) -> None:
    copy.execute("CREATE TABLE turned LIKE no_key")
    copy.execute("INSERT INTO turned SELECT * FROM no_key ORDER BY b DESC")
    copy.execute("DROP TABLE no_key")
    copy.execute("RENAME TABLE turned TO no_key")
    assert states(source, copy) == {}


def test_one_snapshot_and_nothing_written(source: MysqlConnection, opened: Open) -> None:
    before = source.execute("SELECT @@session.time_zone, @@session.sql_mode").fetchone()
    MYSQL.fingerprints(source)
    assert source.execute("SELECT @@session.time_zone, @@session.sql_mode").fetchone() == before
    assert source.execute(f"SELECT @@session.{source.flavour.timeout[0]}").fetchone() == (0,)


def test_a_table_that_takes_too_long_stops_the_reading(copy: MysqlConnection) -> None:
    copy.execute("CREATE TABLE much AS SELECT a.id, REPEAT('x', 5000) AS t FROM `order` a JOIN `order` b ON b.id < 20")
    with pytest.raises(pymysql.err.OperationalError) as stopped:
        MYSQL.fingerprints(copy, timeout_s=0.002)
    assert stopped.value.args[0] in copy.flavour.timed_out
    assert not copy.closed


def test_what_the_login_may_not_read_is_listed(source: MysqlConnection, opened: Open) -> None:
    source.execute("CREATE USER reader IDENTIFIED BY 'only-for-this-test-9'")
    try:
        source.execute("GRANT SELECT ON source.customer TO reader")
        source.execute("GRANT INSERT ON source.`order` TO reader")
        taken = MYSQL.fingerprints(opened("source", "reader", "only-for-this-test-9"))
    finally:
        source.execute("DROP USER reader")
    assert [table.table for table in taken.tables] == ["`customer`"]
    assert [(gone.subject, gone.reason[:29]) for gone in taken.excluded] == [
        ("`order`", "the login may not read all of")
    ]


def test_a_table_whose_file_is_gone_has_an_error_and_does_not_stop_the_rest(copy: MysqlConnection) -> None:
    copy.execute("ALTER TABLE no_key DISCARD TABLESPACE")
    found = {table.table: table for table in MYSQL.fingerprints(copy).tables}
    assert "no_key" in found["`no_key`"].error
    assert found["`customer`"].rows == 500


def test_a_history_takes_part_where_the_engine_keeps_one(copy: MysqlConnection, opened: Open) -> None:
    if copy.flavour.label != "MariaDB":
        pytest.skip("MySQL keeps no history of rows")
    copy.execute("CREATE TABLE priced (id int PRIMARY KEY, price int) WITH SYSTEM VERSIONING")
    copy.execute("INSERT INTO priced VALUES (1, 10)")
    first = next(table for table in MYSQL.fingerprints(copy).tables if table.table == "`priced`")
    copy.execute("UPDATE priced SET price = 11")
    copy.execute("UPDATE priced SET price = 10")
    last = next(table for table in MYSQL.fingerprints(copy).tables if table.table == "`priced`")
    assert (first.rows, last.rows) == (1, 3)


@pytest.mark.parametrize("processes", [1, 3])
def test_what_nobody_writes_is_read_in_ranges_by_several_connections(
    copy: MysqlConnection, opened: Open, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    copy.execute("CREATE TABLE few (id bigint unsigned PRIMARY KEY, a int)")
    copy.execute("INSERT INTO few VALUES (0, 1), (1, 2), (18446744073709551615, 3)")
    copy.execute("CREATE TABLE below (id smallint PRIMARY KEY)")
    copy.execute("INSERT INTO below VALUES (-32768), (-5), (0), (7), (32767)")
    copy.execute("CREATE TABLE worded (id varchar(9) PRIMARY KEY)")
    copy.execute("INSERT INTO worded VALUES ('a'), ('b')")
    alone = MYSQL.fingerprints(copy)
    others: list[MysqlConnection] = []
    asked: list[str] = []

    def another() -> MysqlConnection:
        others.append(opened(copy.database))
        return others[-1]

    def heard(connection: MysqlConnection, part: Any) -> Found:
        asked.append(part.statement)
        return of_part(connection, part)

    of_part = mysql_fingerprint._of_part
    monkeypatch.setattr(mysql_fingerprint, "_of_part", heard)
    monkeypatch.setattr(mysql_fingerprint, "LARGE_BYTES", 1)
    together = MYSQL.fingerprints(copy, company=Company(Limit(processes), another))
    assert together == alone
    assert len(others) == processes
    assert all(other.closed for other in others)
    assert sum("`few` WHERE `id`" in statement for statement in asked) == mysql_fingerprint.MOST_RANGES * processes
    assert not any("`worded` WHERE" in statement or "`vacant` WHERE" in statement for statement in asked)


def test_a_key_whose_ends_cannot_be_read_is_no_way_round_the_error(
    copy: MysqlConnection, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.execute("CREATE TABLE gone (id int PRIMARY KEY)")
    copy.execute("ALTER TABLE gone DISCARD TABLESPACE")
    assert mysql_fingerprint._ranges(copy, "gone", "id", 4) == [""]
    monkeypatch.setattr(mysql_fingerprint, "LARGE_BYTES", 1)
    company = Company(Limit(1), lambda: opened(copy.database))
    found = {table.table: table for table in MYSQL.fingerprints(copy, company=company).tables}
    assert "gone" in found["`gone`"].error


def test_a_connection_that_is_cut_ends_what_waits_for_it(source: MysqlConnection, opened: Open) -> None:
    waiting = opened("source")
    (number,) = waiting.execute("SELECT CONNECTION_ID()").fetchone() or (0,)

    def end() -> None:
        sleeping = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %s AND state = 'User sleep'"
        while source.execute(sleeping, (number,)).fetchone() == (0,):
            pass
        MYSQL.stop(waiting)

    ending = threading.Thread(target=end)
    ending.start()
    with pytest.raises(pymysql.err.OperationalError):
        waiting.execute("SELECT SLEEP(3600)")
    ending.join()
    assert waiting.closed
    MYSQL.cut(waiting)


def test_a_lost_connection_is_not_an_answer(copy: MysqlConnection, source: MysqlConnection) -> None:
    (number,) = copy.execute("SELECT CONNECTION_ID()").fetchone() or (0,)
    source.execute(f"KILL {number}")
    with pytest.raises(pymysql.err.MySQLError):
        MYSQL.fingerprints(copy)
    assert copy.closed


def test_each_statement_is_written_down_with_its_answer(copy: MysqlConnection) -> None:
    queries: list[Query] = []
    MYSQL.listen(copy, Listener(queries, "copy", copy.database))
    taken = {table.table: table for table in MYSQL.fingerprints(copy).tables}
    (query,) = [one for one in queries if one.subject == "`customer`"]
    assert query.result == f"{taken['`customer`'].rows}\t{taken['`customer`'].digest}"
    assert [str(value) for value in copy.execute(query.statement).fetchone() or ()] == str(query.result).split("\t")
    session = [one for one in queries if one.kind == "session"]
    assert "SET SESSION time_zone = %s" in {one.statement for one in session}
    assert not [one for one in queries if one.statement == "ROLLBACK"]
    copy.named("SHOW PROCESSLIST")
    MYSQL.sequences(copy)
    (counter,) = [one for one in queries if one.subject == "`customer`" and one.kind == "sequence"]
    assert (queries[-1].kind != "", counter.rows, counter.result) == (True, 1, "500")
    with pytest.raises(pymysql.err.MySQLError):
        copy.execute("SELECT nothing")
    assert "nothing" in queries[-1].error


def test_the_servers_own_database_is_left_to_the_catalog(opened: Open) -> None:
    taken = MYSQL.fingerprints(opened("mysql"))
    assert (taken.tables, [gone.subject for gone in taken.excluded]) == ((), ["mysql"])
