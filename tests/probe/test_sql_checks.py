from __future__ import annotations

import hashlib

import psycopg
import pytest

from mainstay.probe.postgres.session import PostgresConnection as Connection
from mainstay.probe.postgres.sql_checks import ask
from mainstay.probe.sql_checks import SqlAnswer


def answer(connection: Connection, statement: str, expected: int | None = None, timeout_s: float = 5) -> SqlAnswer:
    return ask(connection, name="check", statement=statement, expected_rows=expected, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("statement", "expected", "rows", "passes"),
    [
        ("SELECT * FROM customer", 500, 500, True),
        ("SELECT * FROM customer;", 499, 500, False),
        ("SELECT * FROM customer WHERE name LIKE '%1%' AND name NOT LIKE '%(x)s' -- 100 %", None, 176, True),
        ("SELECT 1 WHERE false", 0, 0, True),
        ("SELECT 1 WHERE false", 1, 0, False),
        ("SELECT 1", 0, 1, False),
    ],
)
def test_rows_are_counted(source: Connection, statement: str, expected: int | None, rows: int, passes: bool) -> None:
    found = answer(source, statement, expected)
    assert (found.rows, found.has_passed, found.error) == (rows, passes, "")
    assert found.as_json()["has_passed"] is passes


def test_the_first_row_is_kept_for_a_reader(source: Connection) -> None:
    assert answer(source, "SELECT id, NULL, name FROM customer ORDER BY id").first_row == "1, null, c1"
    long = answer(source, "SELECT repeat('x', 1000)").first_row
    assert len(long) == 201
    assert long.endswith("…")


def test_the_hash_is_that_of_the_rows_in_their_order_as_the_server_writes_them(source: Connection) -> None:
    columns = r"1, NULL, E'a\\b\tc\nd\re', 1.50::numeric, timestamptz '2026-01-01 01:00+01', true, '\xff'::bytea, 0.1"
    written = rb"1@\N@a\\b\tc\nd\re@1.50@2026-01-01 00:00:00+00@t@\\xff@0.1".replace(b"@", b"\t") + b"\n"
    found = answer(source, f"SELECT {columns}")
    assert found.hash == "sha256:" + hashlib.sha256(written).hexdigest()
    up, down = (answer(source, f"SELECT id FROM customer ORDER BY id {way}").hash for way in ("ASC", "DESC"))
    assert up != down
    assert up == "sha256:" + hashlib.sha256(b"".join(b"%d\n" % number for number in range(1, 501))).hexdigest()
    assert answer(source, "SELECT 1 WHERE false").hash == "sha256:" + hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(("rows", "is_told"), [(999, True), (1000, True), (1001, False)])
def test_only_the_hash_of_few_rows_is_told_unasked(source: Connection, rows: int, is_told: bool) -> None:
    statement = f"SELECT i FROM generate_series(1, {rows}) i"
    found = answer(source, statement)
    whole = "sha256:" + hashlib.sha256(b"".join(b"%d\n" % number for number in range(1, rows + 1))).hexdigest()
    assert (found.rows, found.hash) == (rows, whole if is_told else "")
    asked = ask(source, name="check", statement=statement, expected_hash=whole)
    assert (asked.rows, asked.hash, asked.has_passed) == (rows, whole, True)
    assert not ask(source, name="check", statement=statement, expected_hash="sha256:0").has_passed
    assert not ask(source, name="check", statement="SELEKT", expected_hash=whole).has_passed


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT * FROM customer; DELETE FROM customer", "multiple commands"),
        ("SELECT 1; COMMIT; DROP TABLE customer", "multiple commands"),
        ("DELETE FROM customer RETURNING id", "syntax error"),
        ("WITH gone AS (DELETE FROM customer RETURNING id) SELECT * FROM gone", "data-modifying"),
        ("SELECT setval('order_id_seq', 1)", "read-only"),
        ("SELECT set_config('transaction_read_only', 'off', true), setval('order_id_seq', 1)", "transaction"),
        ("SELECT * FROM nowhere", "does not exist"),
        ("SELEKT", "syntax error"),
        ("SELECT 1 / 0", "division by zero"),
        ("SELECT x / (x - 400) FROM generate_series(1, 500) x", "division by zero"),
        ("SELECT pg_sleep(3)", "statement timeout"),
    ],
)
def test_an_error_is_a_failed_check_and_nothing_is_written(copy: Connection, statement: str, words: str) -> None:
    found = answer(copy, statement, timeout_s=0.2)
    assert words in found.error
    assert found.rows is None
    assert not found.has_passed
    assert copy.execute("SELECT count(*), (SELECT last_value FROM order_id_seq) FROM customer").fetchone() == (
        500,
        2000,
    )


def test_a_lost_connection_is_not_an_answer(copy: Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        answer(copy, "SELECT pg_terminate_backend(pg_backend_pid())")
