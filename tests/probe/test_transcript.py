"""What is written down of a connection: each statement with its answer, so that asking again gives the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import psycopg
import pytest

from mainstay.probe.postgres import catalog, fingerprint
from mainstay.probe.postgres.session import PostgresConnection as Connection
from mainstay.probe.postgres.session import listen
from mainstay.probe.transcript import Listener, Query, about


@pytest.fixture
def heard(source: Connection) -> Iterator[list[Query]]:
    """What is heard of the source's connection, from its beginning."""
    known = source.cursor_factory
    queries: list[Query] = []
    listen(source, Listener(queries, "source", "tap"))
    yield queries
    source.cursor_factory = known


def hash_of(*lines: bytes) -> str:
    return "sha256:" + hashlib.sha256(b"".join(lines)).hexdigest()


def test_a_short_answer_is_kept_and_a_long_one_only_by_its_hash(source: Connection, heard: list[Query]) -> None:
    with about("table", "one"):
        source.execute("SELECT %s::int, NULL, 'a\tb'", (7,))
    source.execute("SELECT number::text FROM generate_series(3, 1, -1) AS number")
    source.execute("SELECT repeat('x', 200)")
    one, several, long = heard
    assert (one.of, one.database, one.kind, one.subject, one.parameters) == ("source", "tap", "table", "one", "[7]")
    assert (one.rows, one.result, one.size, one.hash) == (1, "7\t\\N\ta\\tb", 10, hash_of(b"7\t\\N\ta\\tb\n"))
    assert (several.rows, several.result) == (3, None)
    assert several.hash == hash_of(b"1\n", b"2\n", b"3\n"), "in the order of their bytes, whatever the server's"
    assert (long.rows, long.result, long.size) == (1, None, 201)
    assert (one.seconds >= 0, several.kind, one.at <= several.at) == (True, "", True)


def test_definitions_are_told_by_their_hash_however_short(source: Connection, heard: list[Query]) -> None:
    with about("catalog", "views"):
        source.execute("SELECT 'dblink', 'password=hidden'")
    assert (heard[0].result, heard[0].rows, heard[0].hash) == (None, 1, hash_of(b"dblink\tpassword=hidden\n"))


def test_an_error_is_an_answer_too(source: Connection, heard: list[Query]) -> None:
    with pytest.raises(psycopg.Error):
        source.execute("SELECT 1 / 0")
    assert (heard[0].rows, heard[0].error) == (None, "division by zero")


def test_many_parameters_are_told_by_their_hash(source: Connection, heard: list[Query]) -> None:
    numbers = list(range(1_000))
    source.execute("SELECT count(*) FROM customer WHERE id = ANY(%s)", (numbers,))
    assert heard[0].parameters == hash_of(json.dumps([numbers]).encode())


def test_what_sets_the_session_is_told_once_and_what_only_moves_in_it_not_at_all(
    source: Connection, heard: list[Query]
) -> None:
    fingerprint.take(source, timeout_s=30)
    catalog.take(source, timeout_s=30)
    session = [(query.statement, query.parameters) for query in heard if query.kind == "session"]
    assert len(session) == len(set(session))
    assert ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "") in session
    assert ("SELECT set_config(%s, %s, true)", '["TimeZone", "UTC"]') in session
    assert not [query for query in heard if query.statement.startswith(("SAVEPOINT", "ROLLBACK"))]
    assert {query.subject for query in heard if query.kind == "catalog"} == set(catalog.SECTIONS)


def test_asked_again_a_table_answers_the_same(source: Connection, heard: list[Query]) -> None:
    taken = fingerprint.take(source, timeout_s=30).by_table()['"public"."customer"']
    (query,) = [one for one in heard if one.subject == '"public"."customer"' and "count(*)" in one.statement]
    assert query.result == f"{taken.rows}\t{taken.digest}"
    again = source.execute(query.statement).fetchone()
    assert again == (taken.rows, taken.digest)
