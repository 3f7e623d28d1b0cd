"""One real server for all probe tests; each test gets a source database and copies of it to damage."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from mainstay.engines.binaries import find_postgres
from mainstay.engines.identity import engine_identity
from mainstay.engines.ports import reserve_internal
from mainstay.engines.postgres.cluster import Cluster
from mainstay.probe.postgres.session import PostgresConnection as Connection

OPEN = Callable[[str], Connection]

SCHEMA = """
CREATE EXTENSION pgcrypto;
CREATE TABLE customer (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, joined timestamptz);
CREATE TABLE "order" (id bigserial PRIMARY KEY, customer integer REFERENCES customer, total numeric, paid interval);
CREATE INDEX order_customer ON "order" (customer);
CREATE TABLE no_key (a text, b double precision);
CREATE TABLE empty (id integer);
CREATE TABLE nothing ();
CREATE TABLE "wild ""name"" %s; --" ("mainstay_row" text, "x%(y)s" bytea);
CREATE TABLE part (id integer, day date) PARTITION BY RANGE (day);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE parent (id integer);
CREATE TABLE child () INHERITS (parent);
CREATE UNLOGGED TABLE scratch (id integer);
CREATE VIEW rich AS SELECT * FROM customer WHERE name LIKE 'c%';
CREATE MATERIALIZED VIEW filled AS SELECT count(*) AS n FROM customer;
CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS n WITH NO DATA;
CREATE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SEQUENCE countdown INCREMENT -1;
CREATE SEQUENCE unused;
INSERT INTO customer (name, joined) SELECT 'c' || i, timestamptz '2026-01-01' + i * interval '1 hour'
  FROM generate_series(1, 500) i;
INSERT INTO "order" (customer, total, paid) SELECT 1 + i % 500, i * 1.5, i * interval '1 minute'
  FROM generate_series(1, 2000) i;
INSERT INTO no_key VALUES ('twin', 0.1), ('twin', 0.1), ('', NULL), (NULL, 'NaN');
INSERT INTO "wild ""name"" %s; --" VALUES ('a', '\\x00ff');
INSERT INTO part SELECT i, date '2026-01-01' + i FROM generate_series(1, 50) i;
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2);
SELECT nextval('countdown'), nextval('countdown');
SELECT lo_create(0);
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_of_them ON customer USING (true);
CREATE PUBLICATION changes FOR TABLE customer;
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('DROP SCHEMA') EXECUTE FUNCTION on_ddl();
CREATE ROLE clerk;
CREATE ROLE reader IN ROLE clerk;
ALTER ROLE reader SET work_mem = '1MB';
GRANT SELECT ON customer TO clerk;
GRANT UPDATE (name) ON customer TO clerk;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO clerk;
CREATE COLLATION plain FROM "C";
"""


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    identity = engine_identity()
    home = Path(tempfile.mkdtemp(prefix="mainstay-probe-", dir=os.environ.get("MAINSTAY_DATA_ROOT", "/var/tmp")))
    home.chmod(0o755)
    with reserve_internal() as reserved:
        port = reserved.port
    cluster = Cluster(home / "c", "127.0.0.1", port, find_postgres(17, identity=identity), identity)
    cluster.initialise("app", secrets.token_urlsafe(12), database="pattern")
    cluster.configure({"fsync": "off", "shared_buffers": "16MB"}, force_ssl=False)
    proof = cluster.start()
    try:
        with cluster.session("pattern") as opened:
            opened.execute(SCHEMA)
        # Nobody connects to the pattern again, because a database in use cannot be copied.
        with cluster.session() as opened:
            opened.execute("CREATE DATABASE source TEMPLATE pattern STRATEGY file_copy")
        yield cluster
    finally:
        cluster.stop(proof, "immediate")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def opened(server: Cluster) -> Iterator[OPEN]:
    """Opens databases of the server as its administrator; closes them all at the end."""
    connections: list[Connection] = []

    def connect(database: str) -> Connection:
        connections.append(
            psycopg.connect(
                host=server.host,
                port=server.port,
                user="rdsadmin",
                passfile=str(server.password_file),
                dbname=database,
                sslmode="disable",
                autocommit=True,
            )
        )
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def source(opened: OPEN) -> Connection:
    """The undamaged database; tests only read it."""
    return opened("source")


_numbers = itertools.count()


@pytest.fixture
def copy(server: Cluster, opened: OPEN) -> Iterator[Connection]:
    """A copy of the source database, as a perfect restore would give it, to be damaged."""
    name = f"copy_{next(_numbers)}"
    with server.session() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE pattern STRATEGY file_copy")
    connection = opened(name)
    yield connection
    connection.close()
    with server.session() as admin:
        admin.execute(f"DROP DATABASE {name} (FORCE)")
