"""One MariaDB server: who may come in, what it runs with, and what it says when it does not start."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import psutil
import pymysql
import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.engines.certificates import Authority, create_authority, issue_server_certificate
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.session import ask, rows, session, tell
from mainstay.engines.ports import reserve_internal

Make = Callable[[str], Cluster]
LEAN = {"innodb_buffer_pool_size": "16M"}
PASSWORD = "o'wner \\pw"


@pytest.fixture(scope="module")
def authority(shared_place: Path) -> Authority:
    return create_authority(shared_place / "ca", name="Test authority")


@pytest.fixture(scope="module")
def server(shared_server: Make, authority: Authority) -> Cluster:
    server = shared_server("shared")
    server.initialise("owner", PASSWORD, database="shop")
    tls = issue_server_certificate(
        authority, server.side / "tls", name="shop", addresses=[server.host], identity=server.identity
    )
    server.configure(LEAN, tls=tls)
    server.start()
    return server


def login(server: Cluster, user: str, password: str, authority: Authority | None) -> pymysql.connections.Connection:
    tls = ssl.create_default_context(cafile=str(authority.certificate)) if authority is not None else None
    return pymysql.connect(
        host=server.host, port=server.port, user=user, password=password, ssl=tls, ssl_disabled=tls is None,
        connect_timeout=5,
    )  # fmt: skip


def test_the_master_comes_in_over_tls_only_and_is_no_superuser(server: Cluster, authority: Authority) -> None:
    with login(server, "owner", PASSWORD, authority) as opened, opened.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
        assert cursor.fetchall()[0][1] == "TLSv1.3"
        cursor.execute("SELECT @@character_set_server, @@binlog_format, @@server_id, @@log_bin")
        assert cursor.fetchall() == (("utf8mb4", "ROW", server.server_id, 1),)
        cursor.execute("CREATE TABLE shop.t (id int PRIMARY KEY)")
        for statement in ("SET GLOBAL read_only = ON", "SELECT 1 INTO OUTFILE '/tmp/x'", "SHUTDOWN"):
            with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
                cursor.execute(statement)
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        login(server, "owner", PASSWORD, None)
    with server.session() as admin:  # the same login, once plain connections are allowed
        tell(admin, "SET GLOBAL require_secure_transport = OFF")
        login(server, "owner", PASSWORD, None).close()
        tell(admin, "SET GLOBAL require_secure_transport = ON")
    for user in ("root", "", "owner", "rdsadmin"):
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            login(server, user, "", authority)


def test_no_password_is_in_an_argument_list_and_files_are_private(server: Cluster) -> None:
    proof = server.find_proof()
    assert proof is not None
    told = " ".join(psutil.Process(proof.pid).cmdline())
    assert server.password() not in told
    for path in (server.password_file, server.client_file, server.settings_file):
        assert path.stat().st_mode & 0o077 == 0
    assert server.start() == proof


def test_dynamic_settings_change_without_a_restart(server: Cluster) -> None:
    server.change_settings(
        {"max_connections": "77", "long_query_time": "0.5", "slow_query_log": "1", "max_allowed_packet": "32M",
         "sql_mode": "STRICT_ALL_TABLES", "innodb_page_cleaners": "1"}
    )  # fmt: skip
    server.reload()
    query = "SELECT @@max_connections, @@global.long_query_time, @@slow_query_log, @@max_allowed_packet"
    with server.session() as opened:
        assert ask(opened, query) == (77, 0.5, 1, 32 * 1024**2)
        assert ask(opened, "SELECT @@global.sql_mode")[0] == "STRICT_ALL_TABLES"
    server.change_settings({"slow_query_log": None, "max_connections": None})
    server.reload()
    with server.session() as opened:
        assert ask(opened, query) == (151, 0.5, 0, 32 * 1024**2)
    assert server.settings() == LEAN | {
        "long_query_time": "0.5", "max_allowed_packet": "32M", "sql_mode": "STRICT_ALL_TABLES",
        "innodb_page_cleaners": "1",
    }  # fmt: skip
    server.change_settings({"binlog_format": "NONSENSE"})
    with pytest.raises(TargetRefused, match="NONSENSE"):
        server.reload()
    server.change_settings({"binlog_format": None})


def test_a_new_password_counts_at_once(server: Cluster, authority: Authority) -> None:
    server.set_password("owner", "another")
    login(server, "owner", "another", authority).close()
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        login(server, "owner", PASSWORD, authority)
    server.set_password("owner", PASSWORD)


def test_what_runs_is_not_erased_and_what_exists_is_not_overwritten(server: Cluster) -> None:
    with pytest.raises(TargetRefused, match="running"):
        server.erase()
    with pytest.raises(InputRefused, match="never overwritten"):
        server.initialise("owner", "pw")
    with pytest.raises(TargetRefused, match="No row came back"), server.session() as opened:
        ask(opened, "SELECT 1 FROM mysql.user WHERE FALSE")
    with pytest.raises(TargetRefused, match="no_such_table"), server.session("shop") as opened:
        rows(opened, "SELECT * FROM no_such_table")
    assert not server.is_in_recovery()
    assert server.version().startswith(server.binaries.version)


def test_a_server_stops_cleanly_and_recovers_from_a_kill(new_server: Make) -> None:
    server = new_server("one")
    server.initialise("owner", "pw", database="shop")
    server.configure(LEAN)
    proof = server.start()
    with server.session("shop") as opened:
        tell(opened, "CREATE TABLE t (n int)")
        tell(opened, "INSERT INTO t VALUES (%s)", (7,))
    assert server.stop(proof, "kill") == "SIGKILL"
    assert server.find_proof() is None
    proof = server.start()
    with server.session("shop") as opened:
        assert ask(opened, "SELECT n FROM t") == (7,)
    # Who starts one may be killed before its number is on disk; another one would wait for these data in vain.
    (server.side / "server.pid").unlink()
    assert server.find_proof() is None
    assert server.start() == server.find_proof() == proof
    assert server.stop(proof, "fast") == "SIGTERM"
    with pytest.raises(TargetRefused), server.session():
        pytest.fail("a stopped server let us in")
    server.password_file.unlink()
    with pytest.raises(TargetRefused, match="password is missing"):
        server.password()
    server.erase()
    assert not server.home.exists()
    assert server.find_proof() is None


def test_a_setting_that_it_does_not_know_stops_the_start(new_server: Make) -> None:
    server = new_server("wrong")
    server.initialise("owner", "pw")
    server.configure({"no_such_setting": "1"})
    with pytest.raises(TargetRefused, match="no_such_setting") as caught:
        server.start()
    assert caught.value.summary == "server did not start"
    assert server.find_proof() is None
    server.configure(LEAN)
    with pytest.raises(TargetRefused, match="not ready in time"):
        server.start(timeout_s=0)


def test_a_port_in_use_is_called_that(new_server: Make) -> None:
    server = new_server("taken")
    server.initialise("owner", "pw")
    with reserve_internal() as reserved:
        reserved.bound.listen()
        other = Cluster(server.home, reserved.host, reserved.port, server.binaries, server.identity)
        other.configure(LEAN)
        with pytest.raises(EnvironmentLacking, match="in use"):
            other.start()


def test_names_that_cannot_be_are_refused(new_server: Make) -> None:
    with pytest.raises(InputRefused, match="cannot be the name"):
        new_server("named").initialise("owner\n", "pw")


def test_a_session_needs_a_server(server: Cluster) -> None:
    with (
        reserve_internal() as nobody,
        pytest.raises(TargetRefused) as caught,
        session(nobody.host, nobody.port, "pw", timeout_s=1),
    ):
        pytest.fail("nobody answered, and still there is a session")
    assert f"{nobody.host}:{nobody.port}" in caught.value.detail
