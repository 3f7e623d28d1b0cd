from __future__ import annotations

import os
import resource
import socket
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.engines.binaries import Binaries
from mainstay.engines.certificates import ServerCertificate, create_authority, issue_server_certificate
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.process import ProcessProof, is_alive_and_ours

Make = Callable[[str], Cluster]
LEAN = {"shared_buffers": "16MB", "max_connections": "40"}
PASSWORD = 'it\'s "geheim" % \\ ßﬁ'


@pytest.fixture(scope="module")
def tls(shared_place: Path, shared: Cluster) -> ServerCertificate:
    authority = create_authority(shared_place / "ca", name="Test authority")
    return issue_server_certificate(
        authority, shared.side / "tls", name="shop", addresses=[shared.host], identity=shared.identity
    )


@pytest.fixture(scope="module")
def shared(shared_cluster: Make) -> Cluster:
    cluster = shared_cluster("shop")
    cluster.initialise("Shop Owner", PASSWORD, database="shop")
    return cluster


@pytest.fixture(scope="module")
def served(shared: Cluster, tls: ServerCertificate) -> Iterator[ProcessProof]:
    shared.configure(LEAN, tls=tls)
    proof = shared.start()
    yield proof
    shared.stop(proof, "immediate")


def log_in(
    cluster: Cluster, password: str, *, sslmode: str, sslrootcert: str | None = None
) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=cluster.host,
        port=cluster.port,
        user="Shop Owner",
        password=password,
        dbname="shop",
        sslmode=sslmode,
        sslrootcert=sslrootcert,
    )


def test_the_owner_logs_in_over_verified_tls(shared: Cluster, tls: ServerCertificate, served: ProcessProof) -> None:
    with log_in(shared, PASSWORD, sslmode="verify-full", sslrootcert=str(tls.authority)) as opened:
        assert opened.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
        opened.execute("CREATE TABLE mine (x int)")
        monitor = "SELECT rolsuper, pg_has_role('pg_monitor', 'MEMBER') FROM pg_roles WHERE rolname = current_user"
        assert opened.execute(monitor).fetchone() == (False, True)


def test_plain_connections_and_wrong_passwords_are_refused(
    shared: Cluster, tls: ServerCertificate, served: ProcessProof
) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        log_in(shared, PASSWORD, sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(shared, "wrong", sslmode="require")


@pytest.mark.parametrize("password", ["soft\u00adhyphen", "bell\x07é", "no\u00a0break", "Ⅳ", "a:b\\c"])
def test_any_password_works_as_the_client_prepares_it(shared: Cluster, served: ProcessProof, password: str) -> None:
    shared.set_password("Shop Owner", password)
    try:
        log_in(shared, password, sslmode="require").close()
    finally:
        shared.set_password("Shop Owner", PASSWORD)


def test_a_password_is_changed_without_showing_it(shared: Cluster, served: ProcessProof) -> None:
    with shared.session() as opened:
        opened.execute("ALTER SYSTEM SET log_statement = 'all'")
        opened.execute("SELECT pg_reload_conf()")
    shared.set_password("Shop Owner", "quite-new")
    try:
        log_in(shared, "quite-new", sslmode="require").close()
        log = shared.log_path.read_text()
        assert "ALTER ROLE" in log
        assert "quite-new" not in log
    finally:
        shared.set_password("Shop Owner", PASSWORD)
        with shared.session() as opened:
            opened.execute("ALTER SYSTEM RESET log_statement")


def test_no_password_is_on_a_command_line_or_open_to_others(shared: Cluster, served: ProcessProof) -> None:
    secret = shared.password_file.read_text().strip().rpartition(":")[2]
    assert len(secret) > 20
    # `cmdline` is None for a process that ended meanwhile, and for strangers that hide theirs.
    shown = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    assert not any(secret in argument for arguments in shown for argument in arguments)
    assert any(str(shared.data_directory) in arguments for arguments in shown)
    assert secret not in shared.log_path.read_text()
    for path in (shared.password_file, shared.side / "pg_hba.conf", shared.log_path):
        assert path.stat().st_mode & 0o077 == 0


def test_the_servers_environment_and_place_are_built(shared: Cluster, served: ProcessProof) -> None:
    process = psutil.Process(served.pid)
    assert process.uids().real == shared.identity.uid != 0
    assert "PYTEST_CURRENT_TEST" not in process.environ()
    listening = [c for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert [tuple(c.laddr) for c in listening] == [(shared.host, shared.port)]


def test_settings_change_by_reload_and_can_be_taken_back(shared: Cluster, served: ProcessProof) -> None:
    shared.change_settings({"work_mem": "7MB"})
    shared.reload()
    await_setting(shared, "work_mem", "7MB")
    assert shared.settings() == LEAN | {"work_mem": "7MB"}
    shared.change_settings({"work_mem": None})
    shared.reload()
    await_setting(shared, "work_mem", "4MB")


def await_setting(cluster: Cluster, name: str, expected: str) -> None:
    shown = None
    for _ in range(200):
        with cluster.session() as opened:
            row = opened.execute("SELECT current_setting(%s)", (name,)).fetchone()
        shown = row[0] if row else None
        if shown == expected:
            return
    pytest.fail(f"{name} is {shown}")


def test_a_second_start_finds_the_running_server(shared: Cluster, served: ProcessProof) -> None:
    assert shared.start() == shared.find_proof() == served
    with pytest.raises(InputRefused, match="never overwritten"):
        shared.initialise("x", "y")
    with pytest.raises(TargetRefused, match="running"):
        shared.erase()


def test_errors_of_sessions_are_translated(shared: Cluster, served: ProcessProof) -> None:
    with pytest.raises(TargetRefused, match="does not exist"), shared.session("no such database"):
        pass
    with pytest.raises(TargetRefused, match="division by zero"), shared.session() as opened:
        opened.execute("SELECT 1/0")


def test_a_primary_says_so(shared: Cluster, served: ProcessProof) -> None:
    assert not shared.is_in_recovery()
    assert shared.timeline() == 1
    assert shared.is_ready()


@pytest.fixture
def own(new_cluster: Make) -> Cluster:
    """A cluster of this test's own, ready to start."""
    cluster = new_cluster("own")
    cluster.initialise("owner", "pw")
    cluster.configure(LEAN)
    return cluster


def test_committed_data_survive_a_kill_and_a_stop(own: Cluster) -> None:
    proof = own.start()
    with own.session() as opened:
        opened.execute("CREATE TABLE kept (x int)")
    assert own.stop(proof, "kill") == "SIGKILL"
    assert own.find_proof() is None
    assert not own.is_ready()
    second = own.start()
    assert second.pid != proof.pid
    with own.session() as opened:
        opened.execute("INSERT INTO kept VALUES (1)")
    assert own.stop(second, "fast") == "SIGINT"
    own.start()
    with own.session() as opened:
        assert opened.execute("SELECT x FROM kept").fetchall() == [(1,)]


def test_a_killed_server_leaves_nothing_once_it_is_erased(own: Cluster) -> None:
    def segments() -> set[str]:
        """Of shared memory, by System V's key: PostgreSQL takes the data directory's inode."""
        rows = [row.split() for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
        return {row[1] for row in rows if row[0] == str(inode)}

    inode = own.data_directory.stat().st_ino
    proof = own.start()
    with own.session() as opened:
        shown = opened.execute("SHOW dynamic_shared_memory_type").fetchone()
    assert shown == ("mmap",)  # files in the data directory; in /dev/shm they would stay
    own.stop(proof, "kill")
    assert len(segments()) == 1
    own.erase()
    assert segments() == set()


def test_every_cluster_has_an_identifier_of_its_own(own: Cluster, shared: Cluster, served: ProcessProof) -> None:
    own.start()
    found = set()
    for cluster in (own, shared):
        with cluster.session() as opened:
            found.add(opened.execute("SELECT system_identifier FROM pg_control_system()").fetchone())
    assert len(found) == 2


def test_a_port_in_use_is_said_and_nothing_stays_running(own: Cluster) -> None:
    with socket.socket() as other:
        other.bind((own.host, own.port))
        other.listen()
        with pytest.raises(EnvironmentLacking, match="port in use") as caught:
            own.start()
    assert str(own.port) in caught.value.detail
    assert own.find_proof() is None


def test_a_setting_that_the_server_refuses_is_shown_in_its_words(own: Cluster) -> None:
    own.configure({"shared_buffers": "lots"})
    with pytest.raises(TargetRefused, match="shared_buffers") as caught:
        own.start()
    assert caught.value.summary == "server did not start"


def test_a_server_that_is_not_ready_in_time_is_stopped(own: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "_says_ready", lambda *_: False)  # on a busy machine it may be, at the first look
    with pytest.raises(TargetRefused, match=r"not ready in time") as caught:
        own.start(timeout_s=0)
    assert "after 0 s" in caught.value.detail
    assert find_by_directory(own.home, own.identity) == []


def test_a_full_disk_is_the_machines_fault(own: Cluster) -> None:
    proof = own.start()
    own.stop(proof, "kill")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Every file may grow to 8 KiB: recovery cannot write its checkpoint. The kernel says so to root too.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(EnvironmentLacking, match="no space left"):
            own.start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert own.start().pid > 0


def test_a_full_disk_leaves_no_half_cluster(own: Cluster, new_cluster: Make) -> None:
    other = new_cluster("other")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(EnvironmentLacking):
            other.initialise("owner", "pw")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in other.home.iterdir()) == ["side"]


def test_a_stopped_server_cannot_be_reloaded(own: Cluster) -> None:
    with pytest.raises(TargetRefused, match="not running"):
        own.reload()
    (own.data_directory / "postmaster.pid").write_text("garbage\n")
    assert own.find_proof() is None
    own.erase()
    assert not own.home.exists()
    with pytest.raises(TargetRefused, match="password is missing"), own.session():
        pass


def test_a_stale_pid_file_with_a_strangers_pid_is_not_ours(own: Cluster) -> None:
    (own.data_directory / "postmaster.pid").write_text(f"{os.getpid()}\n{own.data_directory}\n")
    assert own.find_proof() is None
    proof = own.start()
    assert is_alive_and_ours(proof)


@pytest.mark.parametrize("name", ["", "a;b", "a\nb", "a\0b"])
def test_a_name_that_could_end_a_statement_is_refused(new_cluster: Make, name: str) -> None:
    with pytest.raises(InputRefused, match="name not possible"):
        new_cluster("other").initialise(name, "pw")


@pytest.mark.skipif(os.geteuid() != 0, reason="runs as somebody else already")
def test_it_works_without_root_too(binaries: Binaries, place: Path) -> None:
    """The same life of a cluster in a process that is nobody from its start."""
    user = engine_identity()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            os.setgroups([])
            os.setgid(user.gid)
            os.setuid(user.uid)
            ourselves = engine_identity()
            cluster = Cluster(place / "nonroot", "127.0.0.1", _free_port(), binaries, ourselves)
            cluster.initialise("owner", "pw", database="d")
            proof = cluster.start()
            ended = cluster.stop(proof)
            cluster.erase()
            os.write(write, f"{ourselves.is_dropped} {ended} {cluster.home.exists()}".encode())
        except BaseException:  # noqa: BLE001 - whatever it is, the test must see it and this process must end
            os.write(write, traceback.format_exc().encode()[-4000:])
        finally:
            os._exit(0)
    os.close(write)
    told = b""
    while chunk := os.read(read, 65536):
        told += chunk
    os.close(read)
    os.waitpid(child, 0)
    assert told.decode() == "False SIGINT False"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_zombie_is_not_taken_for_a_running_server(new_cluster: Callable[[str], Cluster]) -> None:
    cluster = new_cluster("haunted")
    cluster.initialise("owner", "an-owner-of-8", database=None)
    cluster.configure({"shared_buffers": "16MB"})
    cluster.stop(cluster.start())
    dead = subprocess.Popen(["true"])
    deadline = time.monotonic() + 60
    while psutil.Process(dead.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pid_file = cluster.data_directory / "postmaster.pid"
    pid_file.write_text(f"{dead.pid}\n{cluster.data_directory}\n")
    cluster.identity.own(pid_file, 0o600)
    assert cluster.start().pid != dead.pid
    assert cluster.is_ready()
    dead.wait(20)
