from __future__ import annotations

import hashlib

import pymysql
import pytest

from mainstay.probe.dialect import MYSQL
from mainstay.probe.mysql.session import MysqlConnection
from mainstay.probe.sql_checks import SqlAnswer


def answer(connection: MysqlConnection, statement: str, expected: int | None = None, timeout_s: float = 5) -> SqlAnswer:
    return MYSQL.ask(connection, name="q", statement=statement, expected_rows=expected, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("statement", "expected", "rows", "passes"),
    [
        ("SELECT 1", 1, 1, True),
        ("SELECT id FROM customer", None, 500, True),
        ("SELECT id FROM customer ORDER BY id DESC; ", 499, 500, False),
        ("SELECT c.id, o.id FROM customer c JOIN `order` o ON o.customer = c.id WHERE c.id < 3", 8, 8, True),
        ("SELECT 1 FROM vacant", 0, 0, True),
        ("WITH some AS (SELECT 1 AS n) SELECT n FROM some -- a comment", 1, 1, True),
        ("SELECT '%s' AS a, 'it''s' AS b", 1, 1, True),
    ],
)
def test_rows_are_counted(
    source: MysqlConnection, statement: str, expected: int | None, rows: int, passes: bool
) -> None:
    found = answer(source, statement, expected)
    assert (found.error, found.rows, found.has_passed) == ("", rows, passes)


def test_the_first_row_is_kept_for_a_reader(source: MysqlConnection) -> None:
    assert answer(source, "SELECT 1, NULL, 'a' UNION ALL SELECT 2, 3, 'b' ORDER BY 1").first_row == "1, null, a"
    assert answer(source, "SELECT X'00ff', TIME '01:02:03'").first_row == "00ff, 01:02:03"


def test_the_hash_is_that_of_the_rows_in_their_order_as_the_server_writes_them(source: MysqlConnection) -> None:
    columns = r"1, NULL, 'a\\b\tc\nd\re', 1.50, TIMESTAMP '2026-01-01 00:00:00', X'ff', TIME '25:00:00'"
    written = rb"1@\N@a\\b\tc\nd\re@1.50@2026-01-01 00:00:00@%@25:00:00".replace(b"%", b"\xff").replace(b"@", b"\t")
    assert answer(source, f"SELECT {columns}").hash == "sha256:" + hashlib.sha256(written + b"\n").hexdigest()
    up = "sha256:" + hashlib.sha256(b"".join(b"%d\n" % number for number in range(1, 501))).hexdigest()
    ordered = "SELECT id FROM customer ORDER BY id"
    assert answer(source, ordered).hash == up
    assert answer(source, f"{ordered} DESC").hash != up
    assert MYSQL.ask(source, name="q", statement=ordered, expected_hash=up).has_passed
    assert not MYSQL.ask(source, name="q", statement=f"{ordered} DESC", expected_hash=up).has_passed


@pytest.mark.parametrize(("last", "is_told"), [(1000, True), (1001, False)])
def test_only_the_hash_of_few_rows_is_told_unasked(source: MysqlConnection, last: int, is_told: bool) -> None:
    some = f"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n"
    source.execute(
        "SET SESSION max_recursive_iterations = 2000"
        if source.flavour.label == "MariaDB"
        else "SET SESSION cte_max_recursion_depth = 2000"
    )
    found = answer(source, some)
    assert (found.error, found.rows, bool(found.hash)) == ("", last, is_told)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM customer", "syntax"),
        ("DROP TABLE customer", "syntax"),
        ("SET GLOBAL max_connections = 10", "syntax"),
        ("SELECT 1; DROP TABLE customer", "syntax"),
        ("SELECT 1) AS x; DROP TABLE customer; SELECT (1", "syntax"),
        ("SELECT 1 INTO OUTFILE '/tmp/x'", ""),
        ("SELECT nothing FROM customer", "nothing"),
        ("SELECT 1 FROM nowhere", "nowhere"),
        ("COMMIT", "syntax"),
        ("SELECT SLEEP(3)", ""),
    ],
)
def test_an_error_is_a_failed_check_and_nothing_is_written(copy: MysqlConnection, statement: str, words: str) -> None:
    found = answer(copy, statement, timeout_s=0.2)
    assert (found.rows, found.has_passed) in ((None, False), (1, True))
    assert bool(found.error) or "SLEEP" in statement
    assert words in found.error
    assert copy.execute("SELECT COUNT(*) FROM customer").fetchone() == (500,)


def test_a_function_that_writes_is_refused(copy: MysqlConnection) -> None:
    copy.execute(
        "CREATE FUNCTION grab() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM no_key; RETURN ROW_COUNT(); END"
    )
    found = answer(copy, "SELECT grab()")
    assert "READ ONLY" in found.error.upper()
    assert copy.execute("SELECT COUNT(*) FROM no_key").fetchone() == (4,)


def test_a_lost_connection_is_not_an_answer(copy: MysqlConnection, source: MysqlConnection) -> None:
    (number,) = copy.execute("SELECT CONNECTION_ID()").fetchone() or (0,)
    source.execute(f"KILL {number}")
    with pytest.raises(pymysql.err.MySQLError):
        answer(copy, "SELECT 1")
