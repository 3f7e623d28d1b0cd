"""A real PgBouncer before a real PostgreSQL; without PgBouncer on this machine these tests say so."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.identity import Identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.pgbouncer.configuration import PoolWish
from mainstay.engines.pgbouncer.pooler import Pooler
from mainstay.engines.pgbouncer.programs import Program, find_pgbouncer
from mainstay.engines.ports import reserve_internal
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.process import is_alive_and_ours

LOGINS = {"owner": 'pa"ss; word'}


@dataclass(frozen=True)
class Scene:
    """A database with TLS, a pool of two connections before it, and the authority of both."""

    cluster: Cluster
    pooler: Pooler
    wish: PoolWish
    authority: Path

    def open(self, password: str = LOGINS["owner"], **changes: object) -> psycopg.Connection[tuple[object, ...]]:
        arguments: dict[str, object] = {
            "host": self.pooler.host, "port": self.pooler.port, "user": "owner", "password": password,
            "dbname": "shop", "sslmode": "verify-full", "sslrootcert": str(self.authority), "connect_timeout": 10,
            "autocommit": True, "prepare_threshold": None,
        }  # fmt: skip
        return psycopg.connect(**(arguments | changes))  # type: ignore[arg-type]  # a caller's own choice of keywords


@pytest.fixture(scope="session")
def program(identity: Identity) -> Program:
    try:
        return find_pgbouncer(identity=identity)
    except EnvironmentLacking as error:
        pytest.skip(error.detail)


@pytest.fixture(scope="module")
def scene(
    program: Program, shared_cluster: Callable[[str], Cluster], shared_place: Path, identity: Identity
) -> Iterator[Scene]:
    authority = create_authority(shared_place / "ca", name="Test authority")
    cluster = shared_cluster("server")
    cluster.initialise("owner", LOGINS["owner"], database="shop")
    tls = issue_server_certificate(
        authority, cluster.side / "tls", name="shop", addresses=[cluster.host], identity=identity
    )
    cluster.configure({"shared_buffers": "16MB", "max_connections": "40"}, tls=tls)
    cluster.start()
    with reserve_internal() as reserved:
        pooler = Pooler(shared_place / "pool", reserved.host, reserved.port, program, identity)
    identity.own_directory(pooler.home)
    own = issue_server_certificate(
        authority, pooler.home / "tls", name="pool", addresses=[pooler.host], identity=identity
    )
    identity.own(pooler.home / "tls")
    wish = PoolWish(
        server=(cluster.host, cluster.port), server_ca=tls.authority, tls=own, max_connections=2, borrow_timeout_s=1,
        idle_timeout_s=600,
    )  # fmt: skip
    found = Scene(cluster, pooler, wish, authority.certificate)
    found.pooler.configure(found.wish, LOGINS)
    found.pooler.start()
    yield found
    found.pooler.stop()


@contextlib.contextmanager
def wishing(scene: Scene, wish: PoolWish, logins: dict[str, str]) -> Iterator[None]:
    scene.pooler.configure(wish, logins)
    scene.pooler.reload()
    try:
        yield
    finally:
        scene.pooler.configure(scene.wish, LOGINS)
        scene.pooler.reload()


def until(seen: Callable[[], bool], timeout_s: float = 60) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if seen():
            return True
        time.sleep(0.02)
    return False


def refused(scene: Scene, password: str = LOGINS["owner"], **changes: object) -> str:
    try:
        scene.open(password, **changes).close()
    except psycopg.Error as error:
        return str(error)
    return ""


def test_many_clients_share_a_few_connections_of_the_database(scene: Scene) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(scene.open()) for _ in range(12)]
        behind = {client.execute("SELECT pg_backend_pid()").fetchone() for client in clients}
    assert 1 <= len(behind) <= 2
    (pool,) = scene.pooler.pools()
    assert (pool["database"], pool["user"], pool["pool_mode"]) == ("shop", "owner", "transaction")


def test_nobody_comes_in_without_tls_or_with_a_wrong_password(scene: Scene) -> None:
    assert "SSL required" in refused(scene, sslmode="disable")
    assert "authentication failed" in refused(scene, "wrong")
    assert "authentication failed" in refused(scene, "wrong", user="rdsproxyadmin", dbname="pgbouncer")
    with wishing(scene, replace(scene.wish, requires_tls=False), LOGINS):
        assert until(lambda: not refused(scene, sslmode="disable"))


def test_a_client_waits_for_a_connection_no_longer_than_it_may(scene: Scene) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            busy = stack.enter_context(scene.open())
            stack.enter_context(busy.transaction())
            busy.execute("SELECT 1")
        began = time.monotonic()
        with scene.open() as late, pytest.raises(psycopg.OperationalError, match="query_wait_timeout"):
            late.execute("SELECT 1")
    assert 0.9 < time.monotonic() - began < 30


def test_what_a_transaction_leaves_behind_reaches_nobody(scene: Scene) -> None:
    with scene.open() as client:
        client.execute("SET search_path TO hidden")
        client.execute("CREATE TEMP TABLE mine (n int)")
        paths = {client.execute("SHOW search_path").fetchone() for _ in range(4)}
    assert paths == {('"$user", public',)}
    assert "unsupported startup parameter" in refused(scene, options="-c search_path=hidden")


def test_a_new_password_is_taken_while_clients_stay(scene: Scene) -> None:
    with scene.open() as stays:
        scene.cluster.set_password("owner", "new one")
        with wishing(scene, scene.wish, {"owner": "new one"}):
            assert until(lambda: not refused(scene, "new one"))
            assert "authentication failed" in refused(scene)
            assert stays.execute("SELECT 1").fetchone() == (1,)
        scene.cluster.set_password("owner", LOGINS["owner"])


def test_files_are_private_and_written_only_when_something_is_new(scene: Scene) -> None:
    for path in (scene.pooler.ini, scene.pooler.userlist, scene.pooler.home / "console.pass"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.stat().st_uid == scene.pooler.identity.uid
    assert scene.pooler.configure(scene.wish, LOGINS) is False
    assert LOGINS["owner"] not in scene.pooler.log_path.read_text()


def test_it_is_found_again_and_goes_when_it_is_told_to(scene: Scene) -> None:
    proof = scene.pooler.start()
    assert scene.pooler.find_proof() == proof
    assert str(scene.pooler.ini) in {each.marker for each in find_by_directory(scene.pooler.home, proof_owner(scene))}
    scene.pooler.stop()
    assert not is_alive_and_ours(proof)
    with pytest.raises(TargetRefused, match="no running PgBouncer"):
        scene.pooler.reload()
    with pytest.raises(TargetRefused, match="pool does not answer"):
        scene.pooler.pools()
    assert scene.pooler.start() != proof


def proof_owner(scene: Scene) -> Identity:
    return scene.pooler.identity


def test_a_server_that_dies_and_comes_back_is_taken_again_at_once(scene: Scene) -> None:
    with scene.open() as idle:
        idle.execute("SELECT 1")
        proof = scene.cluster.find_proof()
        assert proof is not None
        scene.cluster.stop(proof, "immediate")
        starting = threading.Thread(target=scene.cluster.start)
        starting.start()
        starting.join()
        # A client that was idle is not even cut: the next statement gets a new connection.
        assert until(lambda: works(idle))


def works(client: psycopg.Connection[tuple[object, ...]]) -> bool:
    try:
        return client.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def test_a_pool_that_cannot_start_says_why(scene: Scene, shared_place: Path) -> None:
    taken = Pooler(shared_place / "second", scene.pooler.host, scene.pooler.port, scene.pooler.program,
                   scene.pooler.identity)  # fmt: skip
    taken.configure(scene.wish, LOGINS)
    with pytest.raises(EnvironmentLacking, match="ss -ltnp"):
        taken.start()
    taken.ini.write_text("[pgbouncer]\npool_mode = none\n")
    with pytest.raises(TargetRefused) as caught:
        taken.start()
    assert "pool_mode" in caught.value.detail
    taken.erase()
    assert not taken.home.exists()
