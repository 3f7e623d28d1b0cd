from __future__ import annotations

import psycopg
import pytest

from mainstay.probe.postgres.session import PostgresConnection as Connection
from mainstay.probe.postgres.session import one, quoted, reading


def test_a_reading_transaction_cannot_write_and_leaves_nothing_behind(copy: Connection) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading(copy, timeout_s=5) as cursor:
        cursor.execute("DELETE FROM public.customer")
    assert copy.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert copy.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_the_timeout_holds_for_each_statement(source: Connection) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled), reading(source, timeout_s=0.02) as cursor:
        cursor.execute("SELECT pg_sleep(2)")


def test_names_are_only_names() -> None:
    assert quoted("a", 'b"; DROP TABLE x; --') == '"a"."b""; DROP TABLE x; --"'


def test_an_answer_without_a_row_is_refused(source: Connection) -> None:
    with reading(source, timeout_s=5) as cursor, pytest.raises(LookupError):
        one(cursor.execute("SELECT 1 WHERE false"))
