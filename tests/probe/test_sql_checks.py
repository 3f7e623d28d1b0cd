from __future__ import annotations

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
