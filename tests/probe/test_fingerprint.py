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
from mainstay.probe.fingerprint import Exclusion, Fingerprints, TableFingerprint, added
from mainstay.probe.postgres import fingerprint as postgres_fingerprint
from mainstay.probe.postgres.fingerprint import take
from mainstay.probe.postgres.row_hash import row_hash
from mainstay.probe.postgres.session import PostgresConnection as Connection
from mainstay.probe.together import Company, Limit


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


# Pairs that the server's own hash takes for equal, or that equality does, come first for their type.
DIFFERENT = [
    ("int8", "1", "4294967296"),
    ("int8", "0", "-1"),
    ("int8", "-4294967297", "-1"),
    ("int8", "NULL", "0"),
    ("int4", "-1", "1"),
    ("int2", "-1", "1"),
    ("oid", "1", "2147483649"),
    ('"char"', "'a'", "'b'"),
    ("bool", "true", "false"),
    ("bool", "false", "NULL"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "1", "-1"),
    ("numeric", "0", "0.0"),
    ("numeric", "'NaN'", "'Infinity'"),
    ("numeric(40, 2)", "123456789012345678901234567890.12", "-123456789012345678901234567890.12"),
    ("float8", "0", "'-0'"),
    ("float8", "'NaN'", "'Infinity'"),
    ("float8", "0.1", "0.10000000000000002"),
    ("float8", "'NaN'", "NULL"),
    ("float4", "0", "'-0'"),
    ("float4", "'NaN'", "'-Infinity'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("timetz", "'12:00+02'", "'10:00+00'"),
    ("time", "'00:00'", "'01:11:34.967297'"),
    ("timestamp", "'2000-01-01'", "'2000-01-01 01:11:34.967297'"),
    ("timestamptz", "'2000-01-01Z'", "'2000-01-01 01:11:34.967297Z'"),
    ("timestamptz", "'2026-01-01Z'", "'infinity'"),
    ("date", "'2026-01-01'", "'2026-01-02'"),
    ("date", "'infinity'", "'-infinity'"),
    ("bpchar", "'a'", "'a '"),
    ("char(3)", "'a'", "'b'"),
    ("varchar(9)", "'a'", "'a '"),
    ("text", "''", "NULL"),
    ("text", "repeat('long', 100000)", "repeat('long', 99999) || 'lonG'"),
    ("bytea", r"'\x00'", r"'\x0000'"),
    ("bytea", "''", "NULL"),
    ("uuid", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0001-0000-000000000000'"),
    ("name", "'a'", "'b'"),
    ("money", "1", "-1"),
    ("bit(3)", "B'100'", "B'010'"),
    ("inet", "'10.0.0.1/8'", "'10.0.0.1/16'"),
    ("json", """'{"a": 1}'""", """'{"a":1}'"""),
    ("jsonb", "'[1.0]'", "'[1.00]'"),
    ("numeric[]", "'{1.0}'", "'{1.00}'"),
    ("int4[]", "'{1,NULL}'", "'{1,0}'"),
    ("int4[]", "'{1}'", "'[0:0]={1}'"),
    ("text[]", "'{a}'", "'{{a}}'"),
    ("int8range", "'[1,2)'", "'[1,4294967296)'"),
    ("tsvector", "'a:1'", "'a:2'"),
    ("point", "'(0,1)'", "'(1,0)'"),
    ("mood", "'sad'", "'glad'"),
    ("positive", "1", "2"),
    ("pair", "(1, NULL)", "(1, '')"),
    ("xml", "'<a/>'", "'<b/>'"),
]  # fmt: skip


def test_equal_is_not_enough(copy: Connection) -> None:
    copy.execute("CREATE TYPE pair AS (a integer, b text)")
    for number, (kind, one, _) in enumerate(DIFFERENT):
        copy.execute(f"CREATE TABLE value_{number} (it {kind}); INSERT INTO value_{number} VALUES ({one})")
    before = POSTGRES.fingerprints(copy).by_table()
    assert {table.error for table in before.values()} == {""}
    assert POSTGRES.fingerprints(copy).by_table() == before
    for number, (_, _, other) in enumerate(DIFFERENT):
        copy.execute(f"UPDATE value_{number} SET it = {other}")
    after = POSTGRES.fingerprints(copy).by_table()
    unseen = [
        row for number, row in enumerate(DIFFERENT)
        if before[f'"public"."value_{number}"'].digest == after[f'"public"."value_{number}"'].digest
    ]  # fmt: skip
    assert unseen == []


@pytest.mark.parametrize(
    ("kinds", "one", "other"),
    [
        (("int8", "int8"), ("1", "2"), ("2", "1")),
        (("bool", "bool"), ("true", "true"), ("false", "false")),
        (("bool", "bool"), ("NULL", "true"), ("true", "NULL")),
        (("int4", "int4"), ("NULL", "NULL"), ("0", "0")),
        (("text", "text"), ("'ab'", "'c'"), ("'a'", "'bc'")),
        (("timestamptz", "timestamptz"), ("'2026-01-01Z'", "NULL"), ("NULL", "'2026-01-01Z'")),
        (("bytea", "numeric"), ("'a'", "NULL"), ("NULL", "1")),
        (("jsonb", "xml"), ("'[1]'", "NULL"), ("NULL", "'<a/>'")),
    ],
)
def test_it_matters_which_column_holds_a_value(
    copy: Connection, kinds: tuple[str, str], one: tuple[str, str], other: tuple[str, str]
) -> None:
    digests = set()
    for values in (one, other):
        copy.execute(f"DROP TABLE IF EXISTS held; CREATE TABLE held (a {kinds[0]}, b {kinds[1]})")
        copy.execute(f"INSERT INTO held VALUES ({', '.join(values)})")
        digests.add(POSTGRES.fingerprints(copy).by_table()['"public"."held"'].digest)
    assert len(digests) == 2


def test_a_column_that_was_dropped_and_how_a_value_is_stored_change_nothing(copy: Connection) -> None:
    digests = set()
    for storage in ("PLAIN", "EXTENDED", "EXTERNAL"):
        copy.execute("DROP TABLE IF EXISTS held; CREATE TABLE held (gone int, a text, b int)")
        copy.execute(f"ALTER TABLE held ALTER a SET STORAGE {storage}")
        if storage == "EXTERNAL":
            copy.execute("ALTER TABLE held DROP gone, ADD gone int; ALTER TABLE held DROP gone")
        else:
            copy.execute("ALTER TABLE held DROP gone")
        copy.execute("INSERT INTO held VALUES (repeat('squeezed', 900), 1)")
        digests.add(POSTGRES.fingerprints(copy).by_table()['"public"."held"'].digest)
    assert len(digests) == 1


@pytest.mark.parametrize("kind", ["text", "varchar", "bpchar", "jsonb", "xml", ""])
def test_a_collation_that_takes_different_texts_for_equal_is_not_used(kind: str) -> None:
    expression = row_hash([("it", kind)])
    assert expression.count("extended(") - expression.count("hashint4extended(") == expression.count('COLLATE "C"') == 1


def test_values_that_swap_rows_are_seen(source: Connection, copy: Connection) -> None:
    copy.execute('UPDATE "order" SET paid = (SELECT paid FROM "order" o WHERE o.id = 2001 - "order".id)')
    assert states(source, copy) == {'"public"."order"': "differs"}


def test_the_widest_table_is_hashed(copy: Connection) -> None:
    kinds = ("bool", "int2", "date", '"char"')
    columns = ", ".join(f"c{i} {kinds[i % 4]}" for i in range(1600))
    copy.execute(f"CREATE TABLE wide ({columns}); INSERT INTO wide (c1598) VALUES ('2026-01-01')")
    before = POSTGRES.fingerprints(copy).by_table()['"public"."wide"']
    copy.execute("UPDATE wide SET c1598 = '2026-01-02'")
    after = POSTGRES.fingerprints(copy).by_table()['"public"."wide"']
    assert (before.rows, before.error, after.error) == (1, "", "")
    assert before.digest != after.digest


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31 - 3001), rows=st.integers(0, 3000), processes=st.integers(2, 4))
def test_several_processes_add_up_to_what_one_does(copy: Connection, seed: int, rows: int, processes: int) -> None:
    copy.execute("DROP TABLE IF EXISTS spread; CREATE TABLE spread (a integer, b numeric, c text, d float8[])")
    copy.execute(
        "INSERT INTO spread SELECT i, ((i * %s) %% 997) / 7.0, CASE WHEN i %% 5 > 0 THEN md5((i + %s)::text) END,"
        " array[i, %s] FROM generate_series(1, %s) i",
        (seed % 1000, seed, seed, rows),
    )
    alone = take(copy)
    assert together(copy, processes) == alone
    assert alone.by_table()['"public"."spread"'].rows == rows


def together(connection: Connection, processes: int) -> Fingerprints:
    """Every table as if it were large, and as if parallel work cost nothing."""
    for free in ("parallel_setup_cost", "parallel_tuple_cost"):
        connection.execute(f"SET {free} = 0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_fingerprint, "LARGE_BYTES", 0)
        return take(connection, company=Company(Limit(processes - 1)))


def test_a_large_table_is_read_by_as_many_processes_as_may_be(copy: Connection) -> None:
    plans: list[str] = []
    copy.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    for setting in ("log_min_duration = 0", "log_analyze = on", "sample_rate = 1"):
        copy.execute(f"LOAD 'auto_explain'; SET auto_explain.{setting}; SET client_min_messages = log")
    together(copy, 3)
    large = next(plan for plan in plans if 'ONLY "public"."order"' in plan)
    assert "Workers Launched: 2" in large
    plans.clear()
    take(copy)
    assert not any("Gather" in plan for plan in plans)


def company(opened: Callable[[str], Connection], database: str, processes: int) -> tuple[Company, list[Connection]]:
    """What beside a reading's own connection makes so many processes, and the connections that were opened for it."""
    others: list[Connection] = []

    def another() -> Connection:
        others.append(opened(database))
        return others[-1]

    limit = Limit(processes)
    return Company(limit, another), others


def fill(copy: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables that are worth several connections together."""
    for number in range(3):
        copy.execute(f"CREATE TABLE filler_{number} AS SELECT repeat('x', 90) AS it FROM generate_series(1, 2000)")
    copy.execute("ANALYZE")
    monkeypatch.setattr(postgres_fingerprint, "LARGE_BYTES", 2**19)


def test_small_tables_are_shared_out_between_connections_that_see_one_snapshot(
    copy: Connection, opened: Callable[[str], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.execute("CREATE TABLE moved (side int, n int); INSERT INTO moved SELECT 1, i FROM generate_series(1, 100) i")
    alone = take(copy)
    fill(copy, monkeypatch)
    writer = opened(copy.info.dbname)
    beside, others = company(opened, copy.info.dbname, 3)

    def written_in_between() -> Connection:
        # Committed after the first connection's snapshot, before the other one begins.
        writer.execute('UPDATE moved SET side = 2 WHERE n % 2 = 0; DELETE FROM "order" WHERE id > 400')
        others.append(opened(copy.info.dbname))
        return others[-1]

    found = take(copy, company=replace(beside, another=written_in_between)).by_table()
    assert {name: found[name] for name in alone.by_table()} == alone.by_table()
    assert len(others) == 3
    assert all(other.closed for other in others)
    assert take(copy).by_table()['"public"."moved"'] != found['"public"."moved"']


def test_without_another_connection_one_reads_all(
    copy: Connection, opened: Callable[[str], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = take(copy)
    fill(copy, monkeypatch)

    def refused() -> Connection:
        raise psycopg.OperationalError("remaining connection slots are reserved")

    found = take(copy, company=Company(Limit(3), refused)).by_table()
    assert {name: found[name] for name in alone.by_table()} == alone.by_table()


def test_no_connection_reads_on_when_one_fails(
    copy: Connection, opened: Callable[[str], Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(copy, monkeypatch)
    blocker = opened(copy.info.dbname)
    blocker.autocommit = False
    blocker.execute('LOCK TABLE customer, "order", no_key')  # whoever comes to one of these waits
    beside, others = company(opened, copy.info.dbname, 2)

    def interrupt() -> None:
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND pid = ANY(%s)"
        watcher = opened("source")
        while watcher.execute(waiting, ([copy.info.backend_pid],)).fetchone() is None or not others:
            pass
        watcher.execute("SELECT pg_cancel_backend(%s)", (copy.info.backend_pid,))

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        take(copy, company=beside)
    interrupter.join()
    assert all(other.closed for other in others)
    left = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL"
    assert blocker.execute(left).fetchone() == (0,)
    assert copy.execute("SELECT 1").fetchone() == (1,), "the connection is usable afterwards"


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


def test_the_parts_of_a_table_are_added_up_and_one_that_cannot_be_read_speaks_for_all() -> None:
    assert added([TABLE]) == TABLE
    assert added([TABLE, replace(TABLE, rows=3, digest="-9")]) == replace(TABLE, rows=13, digest="-2")
    broken, hidden = replace(TABLE, error="invalid page"), Exclusion("t", "the login may not read it")
    assert added([TABLE, broken, hidden]) == broken
    assert added([TABLE, hidden, broken]) == hidden


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
