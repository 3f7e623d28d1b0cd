"""One real sandbox a file, with its supervisor and servers; whatever a test leaves is taken down."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mainstay import sandbox
from mainstay.engines.process import ProcessProof, wait_gone
from mainstay.functions.packaging import package

PASSWORD = "correct-horse-battery"
MASTER = "master"
UNSETTLED = (
    "creating",
    "modifying",
    "rebooting",
    "backing-up",
    "starting",
    "stopping",
    "deleting",
    "resetting-master-credentials",
)
PRIMARY = {
    "Engine": "postgres",
    "EngineVersion": "17.10",
    "DBInstanceClass": "db.m6g.large",
    "AllocatedStorage": 100,
    "MasterUsername": MASTER,
    "MasterUserPassword": PASSWORD,
    "DBName": "tap",
}

Record = dict[str, Any]


@dataclass(frozen=True)
class Box:
    """A sandbox under test."""

    directory: Path
    region: str
    rds: Any
    session: Any

    def find(self, identifier: str) -> Record:
        found: Record = self.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        return found

    def settle(self, identifier: str, status: str = "available", timeout_s: float = 90) -> Record:
        """The instance once it has left every passing status; fails unless it has this one then."""
        deadline = time.monotonic() + timeout_s
        while (found := self.find(identifier))["DBInstanceStatus"] in UNSETTLED and time.monotonic() < deadline:
            time.sleep(0.02)
        if found["DBInstanceStatus"] != status:
            log = (self.directory / "supervisor.log").read_text()
            pytest.fail(f"{identifier} is {found['DBInstanceStatus']}: {found.get('StatusInfos')}\n{log[-3000:]}")
        return found

    def create(self, identifier: str, **members: Any) -> Record:
        self.rds.create_db_instance(DBInstanceIdentifier=identifier, **{**PRIMARY, **members})
        return self.settle(identifier)

    def delete(self, identifier: str) -> None:
        self.rds.delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=True)
        self.rds.get_waiter("db_instance_deleted").wait(
            DBInstanceIdentifier=identifier, WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200}
        )

    def connect(self, db: Record, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        given = {
            "host": db["Endpoint"]["Address"],
            "port": db["Endpoint"]["Port"],
            "user": MASTER,
            "password": PASSWORD,
            "dbname": "tap",
            "sslmode": "verify-full",
            "sslrootcert": str(self.directory / "ca.pem"),
            "connect_timeout": 10,
        }
        return psycopg.connect(**{**given, **options}, autocommit=True)

    def kill_supervisor(self) -> None:
        """SIGKILL, and wait until it is gone for everybody."""
        proof = ProcessProof.from_json(json.loads((self.directory / "supervisor.json").read_text()))
        os.kill(proof.pid, signal.SIGKILL)
        assert wait_gone(proof, 60)

    def ask(self, db: Record, query: Any) -> Any:
        """One row, asked for again while the connection is cut: a death may come between a connect and its answer."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with self.connect(db) as connection:
                    return connection.execute(query).fetchone()
            except psycopg.Error:
                assert time.monotonic() < deadline, "the server does not come back"
                time.sleep(0.01)

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def new_function(self, name: str, function: str, **environment: str) -> str:
        """One of our functions, which Secrets Manager and EventBridge may call; its ARN."""
        packed = package(function, "arm64")
        allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        role = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        made = self.client("lambda").create_function(
            FunctionName=name, Runtime=packed.runtime, Handler=packed.handler, Role=role, Timeout=60, MemorySize=256,
            Code={"ZipFile": packed.content}, Environment={"Variables": environment},
        )  # fmt: skip
        for service in ("secretsmanager", "events"):
            self.client("lambda").add_permission(
                FunctionName=name, StatementId=service, Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
            )  # fmt: skip
        arn: str = made["FunctionArn"]
        return arn

    def secret_value(self, secret: str, stage: str = "AWSCURRENT") -> Record:
        answer = self.client("secretsmanager").get_secret_value(SecretId=secret, VersionStage=stage)
        found: Record = json.loads(answer["SecretString"])
        return found

    def rotated(self, secret: str, after: Any = None, timeout_s: float = 60) -> Record:
        """The secret once it has been rotated (again, later than `after`)."""
        secrets, deadline = self.client("secretsmanager"), time.monotonic() + timeout_s
        while True:
            found: Record = secrets.describe_secret(SecretId=secret)
            at = found.get("LastRotatedDate")
            if at is not None and (after is None or at > after):
                return found
            if time.monotonic() > deadline:
                pytest.fail(f"{secret} is not rotated\n{(self.directory / 'supervisor.log').read_text()[-2000:]}")
            time.sleep(0.05)

    def status(self, identifier: str) -> Any:
        return next(each for each in sandbox.status(self.directory).instances if each.identifier == identifier)

    def await_pair(self, identifier: str) -> None:
        """Until primary and standby run, and commits wait for the standby."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            servers = self.status(identifier).servers
            if len(servers) == 2 and all(each.pid for each in servers) and servers[1].is_synchronous:
                return
            time.sleep(0.05)
        log = (self.directory / "supervisor.log").read_text()
        pytest.fail(f"no synchronous pair: {self.status(identifier)}\n{log[-3000:]}")

    def restorable_after(self, identifier: str, at: Any, timeout_s: float = 60) -> Record:
        deadline = time.monotonic() + timeout_s
        while (found := self.find(identifier)).get("LatestRestorableTime") is None or found[
            "LatestRestorableTime"
        ] <= at:
            if time.monotonic() > deadline:
                pytest.fail(f"LatestRestorableTime stays at {found.get('LatestRestorableTime')}, {at} is wanted")
            time.sleep(0.05)
        return found


def new_box(directory: Path, region: str = "us-east-1") -> Box:
    sandbox.up(directory)
    session = sandbox.session(directory, region)
    return Box(directory, region, session.client("rds"), session)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    directory = tmp_path_factory.mktemp("sandbox") / "box"
    try:
        yield new_box(directory)
    finally:
        sandbox.down(directory)


@pytest.fixture
def fresh_box(tmp_path: Path) -> Iterator[Box]:
    directory = tmp_path / "box"
    try:
        yield new_box(directory)
    finally:
        sandbox.down(directory)
