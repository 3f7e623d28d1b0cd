"""A drill's questions asked as a function asks them: the answers are those that the operator's machine gets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import mainstay
from mainstay.functions import probing, validation
from mainstay.functions.database import LoginRefused
from mainstay.functions.imports import code_digest
from mainstay.functions.login import Login
from mainstay.functions.postgres import wire
from mainstay.functions.trust import tls_context
from mainstay.probe.carrying import packed, read, unpacked, written
from mainstay.probe.dialect import DIALECTS, Dialect
from mainstay.probe.fence import Fence
from mainstay.probe.markers import Marker
from mainstay.probe.postgres.errors import WireError
from mainstay.probe.questions import PROBE, QUESTIONS
from mainstay.probe.reading import DatabaseReading
from mainstay.probe.reading import read_one as read_database
from mainstay.probe.session import Connection, DriverError, said
from mainstay.probe.transcript import Listener, Query

SHOP = {
    "postgres": (
        "DROP TABLE IF EXISTS everything, numbered",
        "CREATE TABLE everything (i int, n numeric, f float8, b bytea, t text, at timestamptz, gap interval, j jsonb)",
        "INSERT INTO everything VALUES (1, 1.00, 0.1, '\\x00ff', 'a%s%%b', '2026-01-01 12:00+02', '1 day', '{}')",
        "INSERT INTO everything (i) VALUES (2)",
        "CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric)",
        "INSERT INTO numbered (amount) SELECT g FROM generate_series(1, 2000) g",
    ),
    "mariadb": (
        "DROP TABLE IF EXISTS everything, numbered",
        "CREATE TABLE everything (i int, n decimal(9, 2), f double, b varbinary(9), t text, at datetime(6), gap time)",
        "INSERT INTO everything (i, n, f, b, t) VALUES (1, 1.00, 0.1, x'00ff', 'a%s%%b'), (2, NULL, NULL, NULL, 'ü')",
        "CREATE TABLE numbered (id bigint AUTO_INCREMENT PRIMARY KEY, amount decimal(9, 2))",
        "INSERT INTO numbered (amount) SELECT seq FROM seq_1_to_2000",
    ),
}


class Asked:
    """The function, asked in this process; what it answers has been JSON."""

    def __init__(self, server: Any, secret: str) -> None:
        self.server, self.secret = server, secret

    def raw(self, question: str, *arguments: Any, context: object = None, **members: Any) -> Mapping[str, Any]:
        event = {
            "question": question, "engine": self.server.engine, "address": f"{self.server.host}:{self.server.port}",
            "database": "shop", "secret": self.secret,
            "arguments": packed([written(each) for each in arguments]), **members,
        }  # fmt: skip
        told: Mapping[str, Any] = json.loads(json.dumps(validation.handler({PROBE: event}, context)))
        return told

    def __call__(self, question: str, *arguments: Any, **options: Any) -> Any:
        told = self.raw(question, *arguments, options=options)
        assert "answer" in told, told
        answer = unpacked(told["answer"])
        return read(QUESTIONS[question].answer, answer) if question in QUESTIONS else answer


@pytest.fixture
def asked(server: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(Path(mainstay.__file__).parent.parent))
    return Asked(server, aws.put(document(server, "master", "correct-horse-battery")))


@pytest.fixture
def here(server: Any) -> Iterator[Connection]:
    """The same database as a machine with libpq sees it, with data of many types."""
    server.run(*SHOP[server.engine])
    with DIALECTS[server.engine].connect(
        host=server.host, port=server.port, user="master", password="correct-horse-battery", database="shop",
        ca_bundle=server.ca_bundle, timeout_s=10,
    ) as connection:  # fmt: skip
        yield connection


def test_a_database_reads_alike_from_both_places(asked: Asked, here: Connection) -> None:
    dialect = DIALECTS[asked.server.engine]
    told = asked("read", names=["shop"], timeout_s=30, most=2)
    assert told["left"] == []
    assert_asked_alike(asked.raw("read", options={"names": ["shop"], "timeout_s": 30, "most": 2}), dialect, here)
    there = read(DatabaseReading, told["databases"]["shop"])
    near = read_database(dialect, here, timeout_s=30)
    assert there == near
    assert {table.table.strip('"`').rpartition('"."')[2]: table.rows for table in there.fingerprints.tables}[
        "numbered"
    ] == 2000
    assert all(not table.error for table in there.fingerprints.tables)
    assert asked("databases") == dialect.databases(here)
    greeting = asked("greet")
    assert (greeting["version"], greeting["tls_version"]) == (dialect.version(here), dialect.tls_version(here))
    assert greeting["bytes"] > 10_000


def assert_asked_alike(told: Mapping[str, Any], dialect: Dialect, here: Connection) -> None:
    """The same statements with the same answers, but for what tells the time."""
    near: list[Query] = []
    dialect.listen(here, Listener(near, "copy", "shop"))
    read_database(dialect, here, timeout_s=30)
    far = read(list[Query], unpacked(told["queries"]))
    kinds = {"table", "sequence", "catalog"}

    def shown(queries: Sequence[Query]) -> list[tuple[object, ...]]:
        return [(one.of, one.subject, one.statement, one.rows, one.hash) for one in queries if one.kind in kinds]

    assert shown(far) == shown(near)
    assert len(shown(near)) > 10


def test_markers_of_both_places_are_one_canary(asked: Asked, here: Connection) -> None:
    dialect = DIALECTS[asked.server.engine]
    fence = read(Fence, asked("fence", "run-1"))
    assert fence.first.committed_by < fence.target <= fence.last.written_at
    own = dialect.write_marker(here, "run-1")
    assert {fence.first.id, fence.last.id, own.id} <= {marker.id for marker in asked("read_markers")}
    lost = Marker(10**6, own.written_at, own.committed_by)
    found = asked("find_markers", [fence.first, own, lost], 30.0)
    assert found == dialect.find_markers(here, [fence.first, own, lost], 30.0)
    assert found.ids == {fence.first.id, own.id}
    asked("create_canary")
    assert asked("write_marker", "run-2").id > own.id
    asked("erase_markers", ["run-1", "run-2"])
    assert asked("read_markers") == ()
    assert abs(asked("database_clock") - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("statement", ["SELECT * FROM everything ORDER BY i", "SELECT amount FROM numbered", "SELEKT"])
def test_the_users_questions_have_the_same_rows_and_hash(asked: Asked, here: Connection, statement: str) -> None:
    dialect = DIALECTS[asked.server.engine]
    options: dict[str, Any] = {"name": "q", "statement": statement, "expected_rows": 2, "expected_hash": "sha256:0"}
    there = asked("ask", **options, timeout_s=30.0)
    assert there == dialect.ask(here, **options, timeout_s=30.0)
    assert bool(there.error) is (statement == "SELEKT")


def test_a_copy_is_silenced_and_gone_through(asked: Asked, here: Connection) -> None:
    dialect = DIALECTS[asked.server.engine]
    assert asked("acting") == dialect.acting(here)
    assert asked("silence") == list(dialect.silence(here))
    assert asked("log_position")
    checks = asked("check_tables", 30.0)
    assert checks == list(dialect.check_tables(here, 30.0))
    assert checks
    assert all(check.is_sound for check in checks)


def test_a_function_with_little_time_left_says_what_it_did_not_read(asked: Asked, here: Connection) -> None:
    del here

    class Hurried:
        def get_remaining_time_in_millis(self) -> int:
            return 5_001

    told = asked.raw("read", options={"names": ["shop", "shop"], "timeout_s": 30, "most": 2}, context=Hurried())
    assert set(unpacked(told["answer"])["databases"]) == {"shop"}
    slow = {"postgres": "SELECT pg_sleep(30)", "mariadb": "SELECT SLEEP(30)"}[asked.server.engine]
    options = {"name": "q", "statement": slow, "timeout_s": 60}
    told = asked.raw("ask", options=options, context=Hurried())
    assert "answer" not in told, "nobody knows whether the user's own question would have failed"
    assert told["beyond"]["summary"] == "the function ran out of time"
    assert "it was asked to ask" in told["beyond"]["detail"]
    # A limit of the user's own is an answer.
    error = unpacked(asked.raw("ask", options={**options, "timeout_s": 0.2})["answer"])["error"]
    assert "cancel" in error or "max_statement_time" in error


def test_a_question_that_the_functions_end_cuts_short_is_not_the_servers_error(
    asked: Asked, here: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    del here
    error = WireError("canceling statement due to statement timeout", "57014")

    def cut(*_: object, **__: object) -> None:
        raise error

    class Ending:
        def __init__(self, left_s: float) -> None:
            self.left_s = left_s

        def get_remaining_time_in_millis(self) -> float:
            return (probing.RESERVE_S + self.left_s) * 1000

    monkeypatch.setattr(probing, "read_one", cut)
    options = {"names": ["shop"], "timeout_s": 30, "most": 1}
    assert asked.raw("read", options=options, context=Ending(60))["driver_error"]["code"] == "57014"
    told = asked.raw("read", options=options, context=Ending(0))
    assert "driver_error" not in told
    assert told["beyond"]["summary"] == "the function ran out of time"


def test_what_the_server_says_and_what_we_say_are_told_apart(
    asked: Asked, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_digest(probing.MODULE)
    assert asked.raw("greet")["code"] == code
    for members, words in (
        ({"address": "10.0.0.9:5432"}, "the function logs in elsewhere"),
        ({"secret": aws.put(document(asked.server, "master", "another-password-1"))}, "refused the login"),
        ({"secret": aws.put({"username": "master", "password": "x"})}, "lacks members"),
        ({"secret": "nothing-of-this-name"}, "has no value"),
    ):
        told = asked.raw("greet", **members)
        assert words in told["error"]["summary"], told
        assert told["code"] == code
    assert "no such question" in asked.raw("destroy")["error"]["summary"]
    absent = asked.raw("read", options={"names": ["nowhere"], "timeout_s": 5, "most": 2})
    assert "nowhere" in absent["error"]["detail"]
    monkeypatch.setattr(probing, "MOST_BYTES", 50)
    assert asked.raw("databases")["beyond"]["summary"] == "the answer is too large"


def test_the_functions_own_secret_is_the_usual_one(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_SECRET", asked.secret)
    asked.secret = ""
    assert asked("greet")["tls_version"]


def test_a_session_without_libpq_says_what_psycopg_would(postgres: Any, aws: Any, monkeypatch: Any) -> None:
    del aws
    monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(postgres.ca_bundle))
    login: Login = postgres.login()
    with wire.connect(login, tls_context()) as connection:
        assert connection.execute("SELECT %s::text, '%%'", ("a",)).fetchall() == [("a", "%")]
        assert connection.execute("SELECT '%%', 7").fetchone() == ("%%", 7)
        cursor = connection.execute("SELECT NULL WHERE false")
        assert (cursor.fetchone(), cursor.fetchall(), cursor.rowcount) == (None, [], 0)
        with pytest.raises(WireError, match="division by zero") as refused:
            connection.execute("SELECT 1 / 0")
        assert (refused.value.sqlstate, said(refused.value)) == ("22012", "division by zero")
        assert isinstance(refused.value, DriverError)
        assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(WireError) as ended:
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        assert ended.value.sqlstate in ("57P01", None)
        assert connection.closed
    with pytest.raises(LoginRefused):
        wire.connect(postgres.login(password="wrong"), tls_context())


def test_five_weeks_of_markers_fit_into_one_call() -> None:
    first = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    times = [first + timedelta(minutes=number, microseconds=number**2 % 999_983) for number in range(36 * 1440)]
    markers = [Marker(number, time, time + timedelta(microseconds=1)) for number, time in enumerate(times)]
    plain = written(markers)
    assert len(json.dumps(plain)) > probing.MOST_BYTES > 2 * len(packed(plain))
    assert unpacked(packed(plain)) == plain


def test_values_come_back_as_they_went() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    values: Sequence[tuple[Any, object]] = (
        (tuple[Marker, ...], (Marker(1, moment, moment),)),
        (Mapping[str, int], {"a": 1}),
        (frozenset[int], frozenset({3, 1})),
        (str | None, None),
        (list[str] | None, ["x"]),
    )
    for kind, value in values:
        assert read(kind, json.loads(json.dumps(written(value)))) == value
