"""One real server of each engine for these tests; each test gets a source database and copies of it to damage."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.engines.mysql.cluster import Cluster as MysqlCluster
from mainstay.engines.mysql.programs import find_mysql
from mainstay.engines.ports import reserve_internal
from mainstay.probe.mysql.session import MysqlConnection, connect

MASTER, PASSWORD = "app", "only-for-this-test-8"
Open = Callable[..., MysqlConnection]

TABLES = (
    "CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, joined timestamp(6) NULL)",
    "CREATE TABLE `order` (id bigint AUTO_INCREMENT PRIMARY KEY, customer int, total decimal(12, 4), paid time, "
    "KEY order_customer (customer), CONSTRAINT bought_by FOREIGN KEY (customer) REFERENCES customer (id), "
    "CONSTRAINT some_total CHECK (total >= 0))",
    "CREATE TABLE no_key (a varchar(20), b double, c float)",
    "CREATE TABLE vacant (id int)",
    "CREATE TABLE `wild ``name`` %s; --` (`x%(y)s` blob, `select` varchar(9) CHARACTER SET latin1)",
    "CREATE TABLE kinds (id int PRIMARY KEY, bits bit(9), day date, at datetime(3), big longtext, doc json, "
    "single enum('a', 'b'), several set('x', 'y'), place point, raw varbinary(20), age year, twice int AS (id * 2))",
    "CREATE TABLE part (id int, day date) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (20), "
    "PARTITION b VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE scratch (id int AUTO_INCREMENT PRIMARY KEY) ENGINE = MEMORY",
    "CREATE VIEW rich AS SELECT id FROM customer WHERE name LIKE 'c%'",
    "CREATE FUNCTION one() RETURNS int DETERMINISTIC RETURN 1",
    "CREATE PROCEDURE touch(IN times int) SELECT times",
    "CREATE TRIGGER touched BEFORE UPDATE ON customer FOR EACH ROW SET NEW.name = NEW.name",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO DELETE FROM no_key",
    "INSERT INTO no_key VALUES ('twin', 0.1, 0.1), ('twin', 0.1, 0.1), ('', NULL, 16777217), (NULL, 1e300, 0)",
    "INSERT INTO `wild ``name`` %s; --` VALUES (x'00ff2c', 'é')",
    "INSERT INTO kinds (id, bits, day, at, big, doc, single, several, place, raw, age) VALUES (1, b'101', '2026-01-02',"
    """ '2026-01-02 03:04:05.678', REPEAT('ä', 70000), '{"a": 1}', 'b', 'x,y', POINT(1, 2), x'00', 2026)""",
)


def make(connection: MysqlConnection, name: str) -> None:
    connection.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")


def fill(connection: MysqlConnection) -> None:
    """The pattern of every source and copy."""
    for statement in TABLES:
        connection.execute(statement)
    names = ", ".join(f"('c{n}', '2026-01-01 00:00:00.5' + INTERVAL {n} HOUR)" for n in range(1, 501))
    connection.execute(f"INSERT INTO customer (name, joined) VALUES {names}")
    orders = ", ".join(f"(1 + {n} % 500, {n} * 1.5, SEC_TO_TIME({n}))" for n in range(2000))
    connection.execute(f"INSERT INTO `order` (customer, total, paid) VALUES {orders}")
    connection.execute(f"INSERT INTO part VALUES {', '.join(f'({n}, NULL)' for n in range(40))}")


ENGINES: dict[str, tuple[Callable[..., Any], type[Cluster]]] = {
    "mariadb": (find_mariadb, Cluster),
    "mysql": (find_mysql, MysqlCluster),
}


@pytest.fixture(scope="session", params=list(ENGINES))
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    identity = engine_identity()
    find, cluster_type = ENGINES[request.param]
    try:
        programs = find(identity=identity)
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    home = Path(tempfile.mkdtemp(prefix="mainstay-probe-", dir=os.environ.get("MAINSTAY_DATA_ROOT", "/var/tmp")))
    home.chmod(0o755)
    with reserve_internal() as reserved:
        cluster = cluster_type(home / "m", reserved.host, reserved.port, programs, identity)
    cluster.initialise(MASTER, PASSWORD)
    cluster.configure(
        {"innodb_flush_log_at_trx_commit": "0", "sync_binlog": "0", "log_bin_trust_function_creators": "1"}
    )
    proof = cluster.start()
    try:
        with at(cluster, "mysql") as connection:
            make(connection, "source")
        with at(cluster, "source") as connection:
            fill(connection)
        yield cluster
    finally:
        cluster.stop(proof, "kill")
        shutil.rmtree(home, ignore_errors=True)


def at(server: Cluster, database: str, user: str = MASTER, password: str = PASSWORD) -> MysqlConnection:
    return connect(
        host=server.host, port=server.port, user=user, password=password, database=database, ca_bundle=None, timeout_s=5
    )  # fmt: skip


@pytest.fixture
def opened(server: Cluster) -> Iterator[Open]:
    """Opens databases of the server as its master user; closes them all at the end."""
    connections: list[MysqlConnection] = []

    def open_one(database: str, user: str = MASTER, password: str = PASSWORD) -> MysqlConnection:
        connections.append(at(server, database, user, password))
        return connections[-1]

    yield open_one
    for connection in connections:
        connection.close()


@pytest.fixture
def source(opened: Open) -> MysqlConnection:
    """The undamaged database; tests only read it."""
    return opened("source")


_numbers = itertools.count()


@pytest.fixture
def copy(opened: Open, source: MysqlConnection) -> Iterator[MysqlConnection]:
    """A database with the same in it, as a perfect restore would give it, to be damaged."""
    name = f"copy_{next(_numbers)}_{secrets.token_hex(2)}"
    make(source, name)
    connection = opened(name)
    fill(connection)
    yield connection
    source.execute(f"DROP DATABASE {name}")
