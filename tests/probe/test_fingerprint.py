from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.probe import fingerprint
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.fingerprint import Fingerprints, TableFingerprint
from mainstay.probe.postgres.fingerprint import row_hash, take
from mainstay.probe.postgres.session import PostgresConnection as Connection


def states(source: Connection, restored: Connection) -> dict[str, str]:
    compared = fingerprint.compare(POSTGRES.fingerprints(source), None, POSTGRES.fingerprints(restored))
    return {row.table: row.state for row in compared if row.state != "equal"}


@pytest.fixture
def intact(source: Connection) -> Fingerprints:
    return POSTGRES.fingerprints(source)


def test_a_faithful_copy_is_equal_in_every_table(source: Connection, copy: Connection) -> None:
    compared = fingerprint.compare(POSTGRES.fingerprints(source), None, POSTGRES.fingerprints(copy))
    assert len(compared) == 11
    assert {row.state for row in compared} == {"equal"}
    assert compared[0].expected == compared[0].observed


def test_every_kind_of_table_is_counted(intact: Fingerprints) -> None:
    rows = {table.table: table.rows for table in intact.tables}
    assert rows == {
        '"public"."customer"': 500,
        '"public"."order"': 2000,
        '"public"."no_key"': 4,
        '"public"."empty"': 0,
        '"public"."nothing"': 0,
        '"public"."wild ""name"" %s; --"': 1,
        '"public"."part_1"': 30,
        '"public"."part_2"': 20,
        '"public"."parent"': 1,
        '"public"."child"': 1,
        '"public"."filled"': 1,
    }
    assert fingerprint.total_rows({"source": intact}) == 2558
    assert intact.by_table()['"public"."empty"'].digest == "0"
    shown = intact.as_json()
    assert shown["database"] == "source"
    assert str(shown).count("digest") == 11
    assert "rows" in str(shown["tables"])
    assert "unlogged" in str(shown["excluded"])


def test_what_is_left_out_is_named(copy: Connection) -> None:
    copy.execute("CREATE TEMPORARY TABLE mine (id integer)")
    copy.execute("CREATE SCHEMA mainstay_canary CREATE TABLE marker (id integer)")
    copy.execute("CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw")
    copy.execute("CREATE FOREIGN TABLE elsewhere (line text) SERVER files OPTIONS (filename '/dev/null')")
    reasons = {exclusion.subject: exclusion.reason for exclusion in POSTGRES.fingerprints(copy).excluded}
    temporary = next(subject for subject in reasons if subject.startswith('"pg_temp_'))
    assert reasons == {
        '"mainstay_canary"."marker"': "our own markers, checked one by one",
        '"public"."scratch"': "unlogged: recovery empties it",
        '"public"."unfilled"': "a materialized view that was never filled",
        '"public"."elsewhere"': "foreign: its rows are on another server",
        temporary: "temporary: it ends with its session",
        "large objects": "1 large objects are outside every table",
    }


def test_session_settings_of_the_login_change_nothing(copy: Connection, intact: Fingerprints) -> None:
    for setting in (
        "DateStyle TO 'SQL, DMY'",
        "TimeZone TO 'Asia/Tokyo'",
        "IntervalStyle TO 'sql_standard'",
        "extra_float_digits TO -5",
        "bytea_output TO 'escape'",
    ):
        copy.execute(f"SET {setting}")
    assert POSTGRES.fingerprints(copy).tables == intact.tables
    assert copy.execute("SHOW TimeZone").fetchone() == ("Asia/Tokyo",), "the login's own settings come back"


@pytest.mark.parametrize(
    ("sabotage", "expected"),
    [
        ("UPDATE customer SET name = 'C7' WHERE id = 7", {'"public"."customer"': "differs"}),
        ('DELETE FROM "order" WHERE id = 2000', {'"public"."order"': "differs"}),
        ("INSERT INTO no_key VALUES ('twin', 0.1)", {'"public"."no_key"': "differs"}),
        # A pair added and a pair taken: the count is the same, and an exclusive-or would be too.
        (
            "INSERT INTO no_key VALUES ('new', 1), ('new', 1); DELETE FROM no_key WHERE a = 'twin'",
            {'"public"."no_key"': "differs"},
        ),
        ("UPDATE no_key SET a = NULL WHERE a = ''", {'"public"."no_key"': "differs"}),
        (
            "UPDATE part SET day = day + 31 WHERE id = 1",
            {'"public"."part_1"': "differs", '"public"."part_2"': "differs"},
        ),
        ("INSERT INTO nothing DEFAULT VALUES", {'"public"."nothing"': "differs"}),
        ("UPDATE child SET id = 3", {'"public"."child"': "differs"}),
        ("DROP TABLE empty", {'"public"."empty"': "missing"}),
        ("CREATE TABLE extra (id integer)", {'"public"."extra"': "unexpected"}),
    ],
)
def test_sabotage_is_seen(source: Connection, copy: Connection, sabotage: str, expected: dict[str, str]) -> None:
    copy.execute(sabotage)
    assert states(source, copy) == expected


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("numeric", "1.0", "1.00"),
        ("numeric", "'NaN'", "'Infinity'"),
        ("float8", "0", "'-0'"),
        ("float4", "'NaN'", "'-Infinity'"),
        ("interval", "'1 day'", "'24 hours'"),
        ("timetz", "'12:00+02'", "'10:00+00'"),
        ("bpchar", "'a'", "'a '"),
        ("jsonb", "'[1.0]'", "'[1.00]'"),
        ("numeric[]", "'{1.0}'", "'{1.00}'"),
        ("mood", "'sad'", "'glad'"),
        ("positive", "1", "2"),
        ("xml", "'<a/>'", "'<b/>'"),
        ("timestamptz", "'2026-01-01Z'", "'infinity'"),
        ("int8", "NULL", "0"),
    ],
)
def test_equal_is_not_enough(copy: Connection, kind: str, one: str, other: str) -> None:
    copy.execute(f"CREATE TABLE value (it {kind}); INSERT INTO value VALUES ({one})")
    before = POSTGRES.fingerprints(copy).by_table()['"public"."value"']
    copy.execute(f"UPDATE value SET it = {other}")
    after = POSTGRES.fingerprints(copy).by_table()['"public"."value"']
    assert before.error == after.error == ""
    assert before.digest != after.digest


def test_values_that_swap_rows_are_seen(source: Connection, copy: Connection) -> None:
    copy.execute('UPDATE "order" SET paid = (SELECT paid FROM "order" o WHERE o.id = 2001 - "order".id)')
    assert states(source, copy) == {'"public"."order"': "differs"}


def test_a_wide_table_is_read_by_its_text(copy: Connection) -> None:
    columns = ", ".join(f"c{i} char" for i in range(900))
    copy.execute(f"CREATE TABLE wide ({columns}); INSERT INTO wide (c899) VALUES ('a')")
    before = POSTGRES.fingerprints(copy).by_table()['"public"."wide"']
    copy.execute("UPDATE wide SET c899 = 'b'")
    after = POSTGRES.fingerprints(copy).by_table()['"public"."wide"']
    assert (before.rows, before.error, after.error) == (1, "", "")
    assert before.digest != after.digest


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31), rows=st.integers(0, 3000))
def test_several_processes_add_up_to_what_one_does(copy: Connection, seed: int, rows: int) -> None:
    copy.execute("DROP TABLE IF EXISTS spread; CREATE TABLE spread (a integer, b numeric, c text, d float8[])")
    copy.execute(
        "INSERT INTO spread SELECT i, ((i * %s) %% 997) / 7.0, CASE WHEN i %% 5 > 0 THEN md5((i + %s)::text) END,"
        " array[i, %s] FROM generate_series(1, %s) i",
        (seed % 1000, seed, seed, rows),
    )
    # As if parallel work cost nothing, so that small tables get it too.
    for free in ("min_parallel_table_scan_size", "parallel_setup_cost", "parallel_tuple_cost"):
        copy.execute(f"SET {free} = 0")
    together = take(copy, workers=2)
    assert together == take(copy, workers=0)
    assert together.by_table()['"public"."spread"'].rows == rows


def test_a_table_is_read_by_several_processes(copy: Connection) -> None:
    for free in ("min_parallel_table_scan_size", "parallel_setup_cost", "parallel_tuple_cost"):
        copy.execute(f"SET {free} = 0")
    number = row_hash([("id", "int8"), ("customer", "int4"), ("total", "numeric"), ("paid", "interval")])
    plan = copy.execute(f'EXPLAIN SELECT sum({number}) FROM ONLY "order" AS mainstay_row').fetchall()
    assert any("Parallel Seq Scan" in row[0] for row in plan)


def test_order_of_rows_does_not_matter(copy: Connection, intact: Fingerprints) -> None:
    copy.execute("CLUSTER \"order\" USING order_customer; UPDATE no_key SET b = b WHERE a = 'twin'")
    assert POSTGRES.fingerprints(copy).tables == intact.tables


def test_a_page_that_cannot_be_read_accuses_and_does_not_stop_the_rest(source: Connection, copy: Connection) -> None:
    row = copy.execute("SELECT current_setting('data_directory'), pg_relation_filepath('customer')").fetchone()
    assert row is not None
    with (Path(row[0]) / row[1]).open("r+b") as file:
        file.write(b"\xff" * 24)  # the first page's header
    found = {
        row.table: row for row in fingerprint.compare(POSTGRES.fingerprints(source), None, POSTGRES.fingerprints(copy))
    }
    assert found['"public"."customer"'].state == "differs"
    assert "invalid page in block 0" in found['"public"."customer"'].observed
    assert found['"public"."order"'].state == "equal"


def test_a_login_sees_what_it_may_not_read(server_login: Connection) -> None:
    taken = POSTGRES.fingerprints(server_login)
    reasons = {exclusion.subject: exclusion.reason for exclusion in taken.excluded}
    assert reasons['"public"."customer"'] == "the login may not read it"
    assert "row-level security" in reasons['"public"."order"']
    assert [table.table for table in taken.tables] == ['"public"."no_key"']


@pytest.fixture
def server_login(copy: Connection) -> Connection:
    """The copy, seen as a role that may read one table fully and one through a policy."""
    copy.execute('CREATE POLICY few ON "order" USING (id < 10); ALTER TABLE "order" ENABLE ROW LEVEL SECURITY')
    copy.execute('GRANT SELECT ON "order", no_key TO app; SET SESSION AUTHORIZATION app')
    return copy


def test_a_timeout_is_not_an_answer(copy: Connection) -> None:
    copy.execute("INSERT INTO no_key SELECT repeat('x', 1000), 1 FROM generate_series(1, 100000)")
    with pytest.raises(psycopg.errors.QueryCanceled):
        POSTGRES.fingerprints(copy, timeout_s=0.001)
    assert copy.execute("SELECT 1").fetchone() == (1,), "the connection is usable afterwards"


def test_a_connection_outside_autocommit_is_refused(source: Connection) -> None:
    source.autocommit = False
    with pytest.raises(ValueError, match="autocommit"):
        POSTGRES.fingerprints(source)


def test_a_lost_connection_is_not_an_answer(copy: Connection, opened: Callable[[str], Connection]) -> None:
    blocker = opened(copy.info.dbname)
    blocker.autocommit = False
    blocker.execute("LOCK TABLE empty")
    killer = threading.Timer(0.05, blocker.execute, ("SELECT pg_terminate_backend(%s)", (copy.info.backend_pid,)))
    killer.start()
    with pytest.raises(psycopg.OperationalError):
        POSTGRES.fingerprints(copy)
    killer.join()


TABLE = TableFingerprint("t", 10, "7")


def compared(first: list[TableFingerprint], last: list[TableFingerprint] | None, found: list[TableFingerprint]) -> str:
    def database(tables: list[TableFingerprint]) -> Fingerprints:
        return Fingerprints("d", tuple(tables), ())

    (row,) = fingerprint.compare(database(first), None if last is None else database(last), database(found))
    assert row.as_json()["state"] == row.state
    return row.state


def test_a_table_that_moves_within_the_bracket_proves_little() -> None:
    grown = replace(TABLE, rows=20, digest="9")
    assert compared([TABLE], [TABLE], [TABLE]) == "equal"
    assert compared([TABLE], [TABLE], [grown]) == "differs"
    assert compared([TABLE], [grown], [replace(TABLE, rows=15)]) == "moving"
    assert compared([TABLE], [grown], [replace(TABLE, rows=20)]) == "moving"
    assert compared([grown], [TABLE], [replace(TABLE, rows=9)]) == "outside"
    assert compared([TABLE], [grown], [replace(TABLE, rows=21)]) == "outside"
    assert compared([TABLE], [grown], []) == "missing"
    assert compared([], [TABLE], [TABLE]) == "moving"
    assert compared([TABLE], [], []) == "moving"


def test_a_source_that_could_not_be_read_proves_nothing_and_a_restore_that_cannot_accuses() -> None:
    broken = replace(TABLE, error="invalid page")
    assert compared([broken], None, [TABLE]) == "unreadable"
    assert compared([TABLE], [broken], [TABLE]) == "unreadable"
    assert compared([TABLE], None, [broken]) == "differs"
    assert compared([TABLE], [replace(TABLE, rows=20)], [broken]) == "differs"
