"""A sandbox whose Secrets Manager answers, with real servers: PostgreSQL in it, MariaDB beside it if there is one."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import shutil
import ssl
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pymysql
import pytest

from mainstay import sandbox
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.cluster import Cluster as MariadbCluster
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.engines.mariadb.replication import copy_stopped, follow
from mainstay.engines.ports import reserve_internal
from mainstay.functions import rotation
from mainstay.functions.login import Login
from mainstay.sandbox import seam
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout

REGION = "eu-central-1"
MASTER = "master"
PASSWORD = "correct-horse-battery"
STEPS = tuple(rotation.STEPS)


@dataclass(frozen=True)
class Server:
    """A real server that serves TLS, as its master user sees it."""

    engine: str
    host: str
    port: int
    ca_bundle: Path
    standby: Login | None = None
    set_replication: Callable[[bool], None] | None = None

    def login(self, user: str = MASTER, password: str = PASSWORD, database: str = "shop") -> Login:
        return Login(self.engine, self.host, self.port, user, password, database)

    def open(self, user: str = MASTER, password: str = PASSWORD, database: str = "shop") -> Any:
        """A connection of another driver's, or of another configuration, than the functions use."""
        if self.engine == "postgres":
            return psycopg.connect(
                host=self.host,
                port=self.port,
                user=user,
                password=password,
                dbname=database,
                sslmode="verify-full",
                sslrootcert=str(self.ca_bundle),
                autocommit=True,
            )
        context = ssl.create_default_context(cafile=str(self.ca_bundle))
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=user,
            password=password.encode(),
            database=database,
            ssl=context,
            autocommit=True,
        )

    def run(self, *statements: str, user: str = MASTER, password: str = PASSWORD) -> list[Any]:
        """Run statements; the rows of the last one."""
        with closing(self.open(user, password)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def admits(self, user: str, password: str) -> bool:
        try:
            self.open(user, password).close()
        except (psycopg.OperationalError, pymysql.err.OperationalError):
            return False
        return True

    def new_user(self, name: str, password: str) -> None:
        if self.engine == "postgres":
            self.run(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")
        else:
            self.run(
                f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'",
                f"GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, DROP ON shop.* TO '{name}'@'%'",
            )


@dataclass(frozen=True)
class Vault:
    """The sandbox's Secrets Manager, and what Secrets Manager itself would do when it rotates."""

    directory: Path
    service: Any

    def put(self, document: dict[str, Any] | str, name: str = "") -> str:
        text = document if isinstance(document, str) else json.dumps(document)
        made = self.service.create_secret(Name=name or f"s-{uuid.uuid4()}", SecretString=text)
        return str(made["ARN"])

    def value(self, secret: str, stage: str = "AWSCURRENT") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.service.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"]
        )
        return found

    def begin(self, secret: str) -> str:
        """A rotation's first act, which is Secrets Manager's own: a version without a value, AWSPENDING."""
        token = str(uuid.uuid4())
        state = State(self.directory)
        with state.transaction(REGION) as tx:
            record = next(each for each in tx.all("secrets:secret") if each["ARN"] == secret)
            for version in record["_versions"].values():
                version["stages"] = [stage for stage in version["stages"] if stage != "AWSPENDING"]
            record["_versions"][token] = {"value": {}, "stages": ["AWSPENDING"], "created": record["CreatedDate"]}
            tx.put("secrets:secret", record["Name"], record)
        state.close()
        return token

    def rotate(self, secret: str, token: str = "", steps: Sequence[str] = STEPS) -> str:
        token = token or self.begin(secret)
        for step in steps:
            rotation.handler({"SecretId": secret, "ClientRequestToken": token, "Step": step}, None)
        return token


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("functions") / "box"
    sandbox.up(directory)
    try:
        yield directory
    finally:
        sandbox.down(directory)


@pytest.fixture(scope="module")
def postgres(box: Path, session: Any) -> Server:
    rds = session.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        Engine="postgres",
        EngineVersion="17.10",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MasterUsername=MASTER,
        MasterUserPassword=PASSWORD,
        DBName="shop",
        BackupRetentionPeriod=1,
    )
    quickly = {"Delay": 0.05, "MaxAttempts": 600}
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="shop", WaiterConfig=quickly)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-replica", SourceDBInstanceIdentifier="shop")
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="shop-replica", WaiterConfig=quickly)
    primary, replica = (
        rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0] for name in ("shop", "shop-replica")
    )
    place = replica["Endpoint"]
    return Server(
        "postgres",
        primary["Endpoint"]["Address"],
        primary["Endpoint"]["Port"],
        box / "ca.pem",
        standby=Login("postgres", place["Address"], place["Port"], MASTER, PASSWORD, "shop"),
        set_replication=lambda is_on: _replay(box, replica["DbiResourceId"], is_on=is_on),
    )


def _replay(box: Path, resource: str, *, is_on: bool) -> None:
    """Let a replica replay, or stop it; only its administrator may."""
    home = Layout.load(box).instance(resource) / "a"
    port = int((home / "data" / "postmaster.pid").read_text().splitlines()[3])
    function = "pg_wal_replay_resume" if is_on else "pg_wal_replay_pause"
    password = next((home / "side").glob("*.pass"))
    with psycopg.connect(
        host="127.0.0.1", port=port, user="rdsadmin", passfile=str(password), dbname="postgres", sslmode="disable"
    ) as connection:
        connection.execute(f"SELECT {function}()")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    identity = engine_identity()
    try:
        programs = find_mariadb(identity=identity)
    except EnvironmentLacking as lacking:
        pytest.skip(f"no MariaDB here: {lacking.detail}")
    home = Path(tempfile.mkdtemp(prefix="mainstay-functions-", dir=os.environ.get("MAINSTAY_DATA_ROOT", "/var/tmp")))
    home.chmod(0o755)
    with reserve_internal() as first, reserve_internal() as second:
        ports = (first.port, second.port)
    primary, standby = (
        MariadbCluster(home / name, "127.0.0.1", port, programs, identity)
        for name, port in zip(("a", "b"), ports, strict=True)
    )
    authority = create_authority(home / "authority", name="functions")
    certificate = issue_server_certificate(
        authority, home / "tls", name="db", addresses=["127.0.0.1"], identity=identity
    )
    primary.initialise(MASTER, PASSWORD, database="shop")
    copy_stopped(primary, standby)
    running = []
    try:
        for cluster in (primary, standby):
            cluster.configure({}, tls=certificate)
            running.append((cluster, cluster.start()))
        follow(standby, primary, "standby")
        yield Server(
            "mariadb",
            primary.host,
            primary.port,
            authority.certificate,
            standby=Login("mariadb", standby.host, standby.port, MASTER, PASSWORD, "shop"),
            set_replication=lambda is_on: _apply(standby, is_on=is_on),
        )
    finally:
        for cluster, proof in running:
            cluster.stop(proof, "immediate")
        shutil.rmtree(home, ignore_errors=True)


def _apply(standby: MariadbCluster, *, is_on: bool) -> None:
    with standby.session() as session, session.cursor() as cursor:
        cursor.execute("START SLAVE SQL_THREAD" if is_on else "STOP SLAVE SQL_THREAD")


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest, aws: Vault, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Each engine in turn, trusted by the functions."""
    del aws
    found: Server = request.getfixturevalue(request.param)
    monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(found.ca_bundle))
    return found


@pytest.fixture(scope="module")
def session(box: Path) -> Any:
    return seam.session(box, REGION)


@pytest.fixture(scope="module")
def vault(box: Path, session: Any) -> Vault:
    return Vault(box, session.client("secretsmanager"))


@pytest.fixture
def aws(vault: Vault, session: Any, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """The sandbox as the functions' AWS, and none of the settings that this process may have."""
    for name in [name for name in os.environ if name.startswith(("MAINSTAY_", "LAMBDA_"))]:
        if name not in ("MAINSTAY_POSTGRES_BIN", "MAINSTAY_MARIADB_BIN", "MAINSTAY_ENGINE_USER"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    return vault


_numbers = itertools.count()


@pytest.fixture
def user(server: Server) -> tuple[str, str]:
    """A user of its own, with its password."""
    name, password = f"app_{next(_numbers)}", secrets.token_urlsafe(12)
    server.new_user(name, password)
    return name, password


@pytest.fixture
def secret(aws: Vault, server: Server, user: tuple[str, str]) -> str:
    """That user's secret, attached."""
    return aws.put(document_of(server, *user))


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    return document_of


def document_of(server: Server, user: str, password: str) -> dict[str, Any]:
    return {
        "username": user,
        "password": password,
        "engine": server.engine,
        "host": server.host,
        "port": server.port,
        "dbname": "shop",
    }
