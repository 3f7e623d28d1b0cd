"""Validation against real servers: what is right is found right, and each fault is found by its own check."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.functions import manifest, validation
from mainstay.functions.database import Inspection, Replication
from mainstay.functions.dialects import DIALECTS
from mainstay.functions.login import DEFAULT_PORTS, Login
from mainstay.functions.manifest import Manifest
from mainstay.functions.result import LONGEST_LINE, Result, tell
from mainstay.functions.trust import tls_context


@pytest.fixture
def shop(server: Any) -> Any:
    """A server with three customers, no orders, and a table with a name that wants quoting."""
    odd = '"Odd %s; name"' if server.engine == "postgres" else "`Odd %s; name`"
    server.run(
        "DROP TABLE IF EXISTS customer",
        "DROP TABLE IF EXISTS orders",
        f"DROP TABLE IF EXISTS {odd}",
        "CREATE TABLE customer (id integer)",
        "CREATE TABLE orders (id integer)",
        f"CREATE TABLE {odd} (id integer)",
        "INSERT INTO customer VALUES (1), (2), (3)",
        f"INSERT INTO {odd} VALUES (1)",
    )
    return server


RIGHT: dict[str, dict[str, Any]] = {
    "postgres": {"version": "17", "character_set": "UTF8", "collation": "C.UTF-8"},
    "mariadb": {"version": "", "character_set": "utf8mb4", "collation": "utf8mb4_general_ci"},
}
TABLES = {"customer": 3, "orders": {"max": 0}, "Odd %s; name": {"min": 1}}


def right(server: Any) -> dict[str, Any]:
    found = validation.validate(server.login(), Manifest(), subject="x", trigger="t").inspection
    assert found is not None
    return {
        "version": found.version.split("-")[0].rpartition(".")[0],
        "character_set": RIGHT[server.engine]["character_set"],
        "collation": found.collation,
        "tables": TABLES,
    }


def run(server: Any, expected: object, login: Login | None = None) -> Result:
    return validation.validate(login or server.login(), manifest.read(expected, "test"), subject="shop", trigger="t")


def test_a_database_that_is_as_expected_passes(shop: Any) -> None:
    result = run(shop, right(shop))
    assert result.has_passed
    assert result.is_reachable
    assert {check.name for check in result.checks} == {
        "version",
        "character set",
        "collation",
        "rows of customer",
        "rows of orders",
        "rows of Odd %s; name",
    }
    assert result.inspection is not None
    schema = "public" if shop.engine == "postgres" else "shop"
    assert f"{schema}.customer" in result.inspection.tables
    assert result.inspection.replication.role == "source"
    assert result.metrics()["ValidationSucceeded"] == 1
    assert result.summary == "shop is as expected: 6 checks"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"version": "1"}, "version"),
        ({"character_set": "latin1"}, "character set"),
        ({"collation": "sv_SE"}, "collation"),
        ({"tables": {"invoice": None}}, "table invoice"),
        ({"tables": {"customer": 2}}, "rows of customer"),
        ({"tables": {"customer": {"min": 4}}}, "rows of customer"),
        ({"tables": {"customer": {"max": 2}}}, "rows of customer"),
        ({"replication": "replica"}, "replication role"),
        ({"max_lag_s": 60}, "replication lag"),
        ({"is_complete": True, "tables": {"customer": 3}}, "other tables"),
    ],
)
def test_each_fault_fails_its_own_check(shop: Any, change: dict[str, Any], check: str) -> None:
    result = run(shop, {**right(shop), **change})
    assert [each.name for each in result.checks if not each.has_passed] == [check]
    assert not result.has_passed
    assert result.metrics()["ChecksFailed"] == 1
    assert check in result.summary


@pytest.mark.parametrize("change", [{"tables": {"customer": {"min": 3, "max": 3}}}, {"tables": {"customer": None}}])
def test_bounds_include_their_ends(shop: Any, change: dict[str, Any]) -> None:
    assert run(shop, {**right(shop), **change}).has_passed


def test_a_table_that_may_not_be_read_fails_and_the_others_are_counted(shop: Any) -> None:
    if shop.engine == "postgres":
        shop.run("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'reader-password-1'")
        shop.run("GRANT SELECT ON customer TO reader")
        shop.run("GRANT USAGE ON SCHEMA public TO reader")
    else:
        shop.run("CREATE OR REPLACE USER reader IDENTIFIED BY 'reader-password-1'")
        shop.run("GRANT SELECT ON shop.customer TO reader", "GRANT INSERT ON shop.orders TO reader")
    login = shop.login("reader", "reader-password-1")
    result = run(shop, {"tables": {"customer": 3, "orders": 0}}, login)
    assert [(check.name, check.has_passed) for check in result.checks] == [
        ("rows of customer", True),
        ("rows of orders", False),
    ]
    assert "unreadable" in result.summary
    if shop.engine == "mariadb":
        assert result.inspection is not None
        assert result.inspection.replication.role == "unknown"
        assert run(shop, {"replication": "none"}, login).checks[0].observed == "unknown"


def test_a_database_in_another_character_set_is_found(shop: Any) -> None:
    """Made in Latin 1, where the manifest of a migration expects UTF-8."""
    if shop.engine == "postgres":
        shop.run("DROP DATABASE IF EXISTS latin")
        shop.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    else:
        shop.run("CREATE OR REPLACE DATABASE latin CHARACTER SET latin1")
    result = run(shop, right(shop) | {"tables": {}}, shop.login(database="latin"))
    failed = {check.name: check.observed for check in result.checks if not check.has_passed}
    assert failed["character set"].lower() == "latin1"
    assert "collation" in failed


class TestReplicas:
    """A replica that runs, and one that somebody stopped."""

    def wait(self, server: Any, expected: dict[str, Any], is_wanted: Callable[[Result], bool]) -> Result:
        deadline = time.monotonic() + 60
        while True:
            result = run(server, expected, server.standby)
            if is_wanted(result) or time.monotonic() > deadline:
                return result
            time.sleep(0.05)

    def test_a_running_replica_passes_and_a_stopped_one_fails(self, shop: Any) -> None:
        expected = {"replication": "replica", "max_lag_s": 60, "tables": {"customer": 3}}
        good = self.wait(shop, expected, lambda result: result.has_passed)
        assert good.has_passed, good.summary
        assert good.metrics()["ReplicationLag"] <= 60
        shop.set_replication(False)
        try:
            shop.run("INSERT INTO orders VALUES (7)")
            bad = self.wait(shop, {}, lambda result: not result.has_passed)
            assert [check.name for check in bad.checks if not check.has_passed] == ["replication runs"]
            assert "paused" in bad.summary or "SQL thread is No" in bad.summary
        finally:
            shop.set_replication(True)


class TestOpening:
    """Whether it is there at all, and whom it is trusted by."""

    def test_a_wrong_password_is_a_reachable_database(self, server: Any) -> None:
        result = run(server, {}, server.login(password="wrong-password-1"))
        assert (result.has_passed, result.is_reachable) == (False, True)
        assert "refused the login" in result.summary
        assert "wrong-password-1" not in result.summary

    def test_a_closed_port_is_not_reachable(self, server: Any) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            login = replace(server.login(), host="127.0.0.1", port=closed.getsockname()[1])
            result = run(server, {}, login)
        assert (result.has_passed, result.is_reachable) == (False, False)
        assert result.metrics()["DatabaseReachable"] == 0

    def test_an_authority_that_nobody_named_is_not_trusted(self, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("MAINSTAY_CA_BUNDLE")
        result = run(server, {})
        assert not result.is_reachable
        assert "CERTIFICATE_VERIFY_FAILED" in result.summary.upper()

    def test_another_name_than_the_certificate_s_is_not_trusted(self, server: Any) -> None:
        result = run(server, {}, replace(server.login(), host="localhost"))
        assert not result.is_reachable

    def test_the_bundle_may_be_packed(self, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "ca.pem").write_bytes(server.ca_bundle.read_bytes())
        monkeypatch.delenv("MAINSTAY_CA_BUNDLE")
        monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
        assert run(server, {}).has_passed

    @pytest.mark.parametrize("content", [None, "nothing"])
    def test_a_bundle_that_cannot_be_read_is_named(
        self, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
    ) -> None:
        bundle = tmp_path / "other.pem"
        if content is not None:
            bundle.write_text(content)
        monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(bundle))
        assert str(bundle) in run(server, {}).trouble

    @pytest.mark.parametrize("engine", ["postgres", "mysql"])
    @pytest.mark.parametrize("answer", [b"", b"N", b"J\x00\x00\x00\x0a5.5.5-10.11\x00", b"\xff" * 40])
    def test_a_server_that_speaks_something_else_is_unreachable_and_gets_no_password(
        self, listener: Callable[[bytes], tuple[int, list[bytes]]], engine: str, answer: bytes
    ) -> None:
        port, heard = listener(answer)
        login = Login(engine, "127.0.0.1", port, "app", "sesame-open-1", "shop")
        result = validation.validate(login, Manifest(), subject="x", trigger="t")
        assert not result.is_reachable
        assert b"sesame" not in b"".join(heard)


@pytest.fixture
def listener() -> Iterator[Callable[[bytes], tuple[int, list[bytes]]]]:
    """A server that sends these bytes to whoever comes, and hangs up."""
    opened: list[socket.socket] = []

    def listen(answer: bytes) -> tuple[int, list[bytes]]:
        heard: list[bytes] = []
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.settimeout(0.3)
                client.sendall(answer)
                try:
                    while data := client.recv(4096):
                        heard.append(data)
                except OSError:
                    pass

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1], heard

    yield listen
    for server in opened:
        server.close()


class TestHandler:
    """The invocation: settings, events, the log line, and the outcome."""

    @pytest.fixture
    def master(self, aws: Any, shop: Any, document: Any, monkeypatch: pytest.MonkeyPatch) -> str:
        arn: str = aws.put(document(shop, "master", "correct-horse-battery"))
        monkeypatch.setenv("MAINSTAY_SECRET", arn)
        return arn

    def line(self, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    @pytest.mark.usefixtures("master")
    def test_a_result_is_answered_logged_and_measured(self, shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
        answer = validation.handler({"manifest": {"tables": {"customer": 3}}}, None)
        assert answer["has_passed"] is True
        line = self.line(capsys)
        assert line["result"] == answer
        metrics = line["_aws"]["CloudWatchMetrics"][0]
        assert metrics["Namespace"] == "Mainstay"
        for dimension in metrics["Dimensions"][0]:
            assert line[dimension] == shop.host
        assert {metric["Name"] for metric in metrics["Metrics"]} <= set(line)
        assert line["ValidationSucceeded"] == 1
        assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60
        assert "correct-horse" not in json.dumps(line)

    @pytest.mark.usefixtures("master")
    def test_a_failure_is_logged_and_then_raised(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(AnswerIsNo, match="not as expected") as caught:
            validation.handler({"manifest": json.dumps({"tables": {"invoice": None}})}, None)
        assert "invoice" in caught.value.detail
        assert self.line(capsys)["ValidationSucceeded"] == 0

    @pytest.mark.usefixtures("master")
    def test_an_rds_event_of_this_instance_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_INSTANCE", "shop")
        event = {
            "source": "aws.rds",
            "detail-type": "RDS DB Instance Event",
            "detail": {"SourceIdentifier": "shop", "EventID": "RDS-EVENT-0006", "Message": "DB instance restarted"},
        }
        answer = validation.handler(event, None)
        assert answer["trigger"] == "RDS DB Instance Event: DB instance restarted"
        assert answer["subject"] == "shop"

    @pytest.mark.usefixtures("aws")
    def test_an_rds_event_of_another_instance_is_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_INSTANCE", "shop")
        event = {"source": "aws.rds", "detail": {"SourceIdentifier": "other"}}
        assert validation.handler(event, None) == {"skipped": "the event is about other, not about shop"}

    @pytest.mark.usefixtures("master")
    def test_a_schedule_s_event_needs_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_MANIFEST", '{"tables": {"customer": 3}}')
        answer = validation.handler({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}, None)
        assert answer["trigger"] == "Scheduled Event"
        checks = answer["checks"]
        assert isinstance(checks, list)
        assert len(checks) == 1

    @pytest.mark.usefixtures("master")
    def test_another_database_may_be_named(self, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_DATABASE", "nowhere")
        with pytest.raises(AnswerIsNo, match="nowhere"):
            validation.handler({}, None)

    def test_a_secret_of_rds_s_own_is_completed_by_settings(
        self, aws: Any, shop: Any, document: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = document(shop, "master", "correct-horse-battery")
        own = {name: whole[name] for name in ("username", "password")}
        monkeypatch.setenv("MAINSTAY_SECRET", aws.put(own))
        with pytest.raises(InputRefused, match="has no engine, host"):
            validation.handler({}, None)
        for name in ("engine", "host", "port"):
            monkeypatch.setenv(f"MAINSTAY_{name.upper()}", str(whole[name]))
        monkeypatch.setenv("MAINSTAY_DATABASE", str(whole["dbname"]))
        assert validation.handler({"manifest": {"tables": {"customer": 3}}}, None)["has_passed"] is True

    @pytest.mark.usefixtures("aws")
    def test_a_secret_is_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(InputRefused, match="MAINSTAY_SECRET"):
            validation.handler({}, None)
        monkeypatch.setenv("MAINSTAY_SECRET", "no-such-secret")
        with pytest.raises(InputRefused, match="no value"):
            validation.handler({}, None)


@pytest.mark.parametrize(("tables", "is_whole"), [(10, True), (20_000, False)])
def test_a_line_is_never_so_long_that_the_log_cuts_it(
    capsys: pytest.CaptureFixture[str], tables: int, is_whole: bool
) -> None:
    names = tuple(f"public.table_number_{number}" for number in range(tables))
    found = Inspection("17.1", "UTF8", "C", Replication("none"), "public", names)
    tell(Result("shop", "t", (), found, None, 1.0))
    line = capsys.readouterr().out
    assert len(line) <= LONGEST_LINE
    assert ("inspection" in json.loads(line)["result"]) == is_whole
    assert json.loads(line)["result"]["has_passed"] is True
    assert json.loads(line)["ValidationSucceeded"] == 1


def test_every_engine_of_a_secret_has_a_dialect() -> None:
    assert set(DIALECTS) == set(DEFAULT_PORTS) == {"postgres", "mysql", "mariadb"}


def test_the_context_checks_name_and_chain() -> None:
    context = tls_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
