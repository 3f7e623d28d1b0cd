"""A proxy before a PostgreSQL: pool, TLS, failover, rotated logins, and the death of whatever keeps it up."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest

from mainstay import sandbox
from mainstay.core.clock import render_time
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.pgbouncer.programs import find_pgbouncer
from mainstay.sandbox.rds.records import PROXY, PROXY_RUNTIME
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

from tests.sandbox_supervisor.conftest import MASTER, PASSWORD

Record = dict[str, Any]
TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture(scope="module", autouse=True)
def needs_pgbouncer() -> None:
    try:
        find_pgbouncer(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(error.detail)


def client(box: Box, service: str) -> Any:
    return box.session.client(service)


def until(seen: Callable[[], Any], timeout_s: float = 60) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := seen()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def db(box: Box) -> Record:
    found = box.create("behind", MultiAZ=True)
    with box.connect(found) as connection:
        connection.execute("CREATE TABLE acks (client int, number int)")
    return found


@pytest.fixture(scope="module")
def place(box: Box) -> Record:
    """What a proxy needs: subnets of two zones, a role, and the secret of its login."""
    ec2 = client(box, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc)["GroupId"]
    role = client(box, "iam").create_role(RoleName="front", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    login = json.dumps({"username": MASTER, "password": PASSWORD})
    secret = client(box, "secretsmanager").create_secret(Name="front-login", SecretString=login)["ARN"]
    return {"subnets": subnets, "group": group, "role": role, "secret": secret}


def create(box: Box, place: Record, name: str, **more: Any) -> Record:
    login = {"AuthScheme": "SECRETS", "SecretArn": place["secret"], "IAMAuth": "REQUIRED"}
    box.rds.create_db_proxy(
        DBProxyName=name, EngineFamily="POSTGRESQL", RoleArn=place["role"], VpcSubnetIds=place["subnets"],
        VpcSecurityGroupIds=[place["group"]], Auth=[login], RequireTLS=True, **more,
    )  # fmt: skip
    return settle(box, name)


def settle(box: Box, name: str) -> Record:
    def look() -> Record | None:
        found: Record = box.rds.describe_db_proxies(DBProxyName=name)["DBProxies"][0]
        return found if found["Status"] == "available" else None

    settled: Record = until(look)
    return settled


def admit(box: Box, place: Record) -> None:
    with contextlib.suppress(Exception):  # it may be there already
        client(box, "ec2").authorize_security_group_ingress(
            GroupId=place["group"],
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
            ],
        )


def target_health(box: Box, name: str) -> Record:
    (target,) = box.rds.describe_db_proxy_targets(DBProxyName=name)["Targets"]
    found: Record = target["TargetHealth"]
    return found


@pytest.fixture(scope="module")
def front(box: Box, db: Record, place: Record) -> Record:
    proxy = create(box, place, "front")
    admit(box, place)
    pool = {"MaxConnectionsPercent": 10, "ConnectionBorrowTimeout": 20}
    box.rds.modify_db_proxy_target_group(DBProxyName="front", TargetGroupName="default", ConnectionPoolConfig=pool)
    box.rds.register_db_proxy_targets(DBProxyName="front", DBInstanceIdentifiers=["behind"])
    until(lambda: target_health(box, "front")["State"] == "AVAILABLE")
    return {"Endpoint": {"Address": proxy["Endpoint"], "Port": 5432}}


def connect(box: Box, front: Record, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
    return box.connect(front, prepare_threshold=None, **options)


def works(box: Box, front: Record, **options: Any) -> bool:
    try:
        with connect(box, front, **options) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def pool_pid(box: Box) -> int | None:
    (proxy,) = (each for each in sandbox.status(box.directory).proxies if each.identifier == "front")
    return proxy.pid


def kill_pool(box: Box) -> None:
    """SIGKILL, and wait until it is gone: what still reaches a dying pool is cut with it."""
    pid = pool_pid(box)
    assert pid is not None
    dying = psutil.Process(pid)
    dying.kill()
    dying.wait(30)


def test_clients_share_the_connections_of_the_pool(box: Box, front: Record) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(box, front)) for _ in range(20)]
        behind = {each.execute("SELECT pg_backend_pid()").fetchone() for each in clients}
    assert len(behind) <= 10
    assert not works(box, front, sslmode="disable")
    assert not works(box, front, password="wrong")


def test_status_says_what_runs_in_place_of_rds_proxy(box: Box, front: Record) -> None:
    (proxy,) = (each for each in sandbox.status(box.directory).proxies if each.identifier == "front")
    assert (proxy.status, proxy.target, proxy.health) == ("available", "behind", "AVAILABLE")
    assert proxy.note is not None
    assert proxy.note.startswith("PgBouncer")
    rows = {row.name: row for row in sandbox.proxy_substitutions(box.directory, "front")}
    assert (rows["IAMAuth"].planned, rows["IAMAuth"].effective) == ("REQUIRED", "DISABLED")
    assert rows["MaxIdleConnectionsPercent"].effective is None


def test_a_proxy_without_an_ingress_rule_admits_nobody(box: Box, place: Record, front: Record) -> None:
    ec2 = client(box, "ec2")
    rules = ec2.describe_security_groups(GroupIds=[place["group"]])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=place["group"], IpPermissions=rules)
    until(lambda: not works(box, front))
    admit(box, place)
    until(lambda: works(box, front))


def test_a_failover_is_followed_and_no_acknowledged_commit_is_lost(box: Box, front: Record) -> None:
    acknowledged: list[int] = []
    gaps: list[float] = []
    stopping = threading.Event()

    def write() -> None:
        number, last = 0, time.monotonic()
        while not stopping.is_set():
            try:
                with connect(box, front) as connection:
                    while not stopping.is_set():
                        number += 1
                        connection.execute("INSERT INTO acks VALUES (7, %s)", (number,))
                        acknowledged.append(number)
                        gaps.append(time.monotonic() - last)
                        last = time.monotonic()
            except psycopg.Error:
                time.sleep(0.005)

    until(lambda: len(box.status("behind").servers) == 2 and box.status("behind").servers[1].is_synchronous)
    writer = threading.Thread(target=write)
    with connect(box, front) as idle:
        writer.start()
        until(lambda: len(acknowledged) > 50)
        before = len(acknowledged)
        os.kill(box.status("behind").servers[0].pid, signal.SIGKILL)
        until(lambda: len(acknowledged) > before + 50)
        stopping.set()
        writer.join(60)
        # A client that was between two transactions keeps its connection.
        assert idle.execute("SELECT 1").fetchone() == (1,)
        present = {row[0] for row in idle.execute("SELECT number FROM acks WHERE client = 7").fetchall()}
    assert set(acknowledged) <= present
    assert max(gaps) < 30  # it takes tenths of a second; who is not let go on is held for 60 s
    print(f"{len(acknowledged)} acknowledged, longest gap through the proxy {max(gaps):.3f} s")  # noqa: T201 - measured


def test_a_killed_pool_comes_back_at_the_same_address(box: Box, front: Record) -> None:
    before = pool_pid(box)
    kill_pool(box)
    # Clients that come while there is no pool are held until there is one.
    assert works(box, front, connect_timeout=60)
    assert pool_pid(box) not in (None, before)


def test_a_killed_supervisor_leaves_the_pool_and_takes_it_again(box: Box, front: Record) -> None:
    before = pool_pid(box)
    box.kill_supervisor()
    assert pool_pid(box) == before
    box.rds.describe_db_proxies()
    assert works(box, front)
    assert pool_pid(box) == before
    box.kill_supervisor()
    kill_pool(box)
    box.rds.describe_db_proxies()
    until(lambda: works(box, front))
    assert pool_pid(box) not in (None, before)


def test_a_rotated_password_is_taken_and_a_wrong_secret_shows_in_the_target_s_health(
    box: Box, place: Record, front: Record
) -> None:
    secrets = client(box, "secretsmanager")
    with connect(box, front) as stays:
        secrets.put_secret_value(
            SecretId=place["secret"], SecretString=json.dumps({"username": MASTER, "password": "not-this-one"})
        )
        until(lambda: target_health(box, "front").get("Reason") == "AUTH_FAILURE")
        assert "not-this-one" not in target_health(box, "front")["Description"]
        box.rds.modify_db_instance(
            DBInstanceIdentifier="behind", MasterUserPassword="not-this-one", ApplyImmediately=True
        )
        until(lambda: target_health(box, "front")["State"] == "AVAILABLE")
        until(lambda: works(box, front, password="not-this-one"))
        assert stays.execute("SELECT 1").fetchone() == (1,)
    secrets.put_secret_value(SecretId=place["secret"], SecretString="no login")
    until(lambda: "no username and password" in target_health(box, "front").get("Description", ""))
    login = json.dumps({"username": MASTER, "password": PASSWORD})
    secrets.put_secret_value(SecretId=place["secret"], SecretString=login)
    box.rds.modify_db_instance(DBInstanceIdentifier="behind", MasterUserPassword=PASSWORD, ApplyImmediately=True)
    until(lambda: target_health(box, "front")["State"] == "AVAILABLE" and works(box, front))


def test_a_pool_whose_port_was_taken_gets_another(box: Box, front: Record) -> None:
    before = pool_port(box)
    box.kill_supervisor()
    kill_pool(box)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        until(lambda: listens(stranger, before))
        box.rds.describe_db_proxies()
        until(lambda: works(box, front))
        assert pool_port(box) != before


def pool_port(box: Box) -> int:
    with State(box.directory).reading("us-east-1") as tx:
        return next(int(each["pool_port"]) for each in tx.all(PROXY_RUNTIME) if each["name"] == "front")


def listens(stranger: socket.socket, port: int) -> bool:
    try:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
    except OSError:
        return False
    return True


def test_a_target_that_is_stopped_is_out_of_reach_until_it_runs_again(box: Box, front: Record) -> None:
    box.rds.stop_db_instance(DBInstanceIdentifier="behind")
    until(lambda: target_health(box, "front").get("Reason") == "UNREACHABLE")
    box.settle("behind", "stopped")
    box.rds.start_db_instance(DBInstanceIdentifier="behind")
    until(lambda: target_health(box, "front")["State"] == "AVAILABLE" and works(box, front))


def test_debug_logging_ends_after_a_day(box: Box, front: Record) -> None:
    box.rds.modify_db_proxy(DBProxyName="front", DebugLogging=True)
    settle(box, "front")
    names = [row.name for row in sandbox.proxy_substitutions(box.directory, "front")]
    assert "DebugLogging" in names
    with State(box.directory).transaction("us-east-1") as tx:
        proxy = tx.get(PROXY, "front") or {}
        tx.put(PROXY, "front", proxy | {"UpdatedDate": render_time(datetime.now(UTC) - timedelta(hours=25))})
    until(lambda: not box.rds.describe_db_proxies(DBProxyName="front")["DBProxies"][0]["DebugLogging"])


@pytest.mark.parametrize("line", ["laid out", "pool started", "available on"])
def test_a_supervisor_that_is_killed_while_it_makes_a_proxy_goes_on(
    box: Box, db: Record, place: Record, line: str
) -> None:
    name = f"cut-{line.split(maxsplit=1)[0]}"
    login = {"AuthScheme": "SECRETS", "SecretArn": place["secret"]}
    box.rds.create_db_proxy(
        DBProxyName=name, EngineFamily="POSTGRESQL", RoleArn=place["role"], VpcSubnetIds=place["subnets"],
        VpcSecurityGroupIds=[place["group"]], Auth=[login], RequireTLS=True,
    )  # fmt: skip
    log = box.directory / "supervisor.log"
    if line == "pool started":
        settle(box, name)
        box.rds.register_db_proxy_targets(DBProxyName=name, DBInstanceIdentifiers=["behind"])
    until(lambda: f"proxy {name}: {line}" in log.read_text())
    box.kill_supervisor()
    proxy = settle(box, name)
    if line != "pool started":
        box.rds.register_db_proxy_targets(DBProxyName=name, DBInstanceIdentifiers=["behind"])
    until(lambda: works(box, {"Endpoint": {"Address": proxy["Endpoint"], "Port": 5432}}))
    remove(box, name)


def remove(box: Box, name: str) -> None:
    box.rds.delete_db_proxy(DBProxyName=name)
    until(lambda: name not in [each["DBProxyName"] for each in box.rds.describe_db_proxies()["DBProxies"]])


def test_what_is_deregistered_or_deleted_leaves_no_process(box: Box, front: Record) -> None:
    box.rds.deregister_db_proxy_targets(DBProxyName="front", DBInstanceIdentifiers=["behind"])
    until(lambda: pool_pid(box) is None)
    remove(box, "front")
    layout = Layout.load(box.directory)
    assert not [each for each in find_by_directory(layout.data, engine_identity()) if "pgbouncer" in each.marker]
    assert [path.name for path in layout.data.glob("prx-*")] == []


def test_without_pgbouncer_the_address_leads_on_and_says_so(
    box: Box, db: Record, place: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_PGBOUNCER_BIN", str(box.directory / "nothing"))
    box.kill_supervisor()
    box.rds.describe_db_proxies()
    proxy = create(box, place, "alone")
    alone = {"Endpoint": {"Address": proxy["Endpoint"], "Port": 5432}}
    box.rds.register_db_proxy_targets(DBProxyName="alone", DBInstanceIdentifiers=["behind"])
    # The database's own certificate is for this address now, and TLS is forced as the database forces it.
    until(lambda: works(box, alone))
    assert not works(box, alone, sslmode="disable")
    until(lambda: target_health(box, "alone")["State"] == "AVAILABLE")
    (seen,) = (each for each in sandbox.status(box.directory).proxies if each.identifier == "alone")
    assert seen.pid is None
    assert seen.note is not None
    assert "PgBouncer is not installed" in seen.note
    rows = {row.name: row.effective for row in sandbox.proxy_substitutions(box.directory, "alone")}
    assert rows["MaxConnectionsPercent"] is None
    assert rows["RequireTLS"] is None
    monkeypatch.delenv("MAINSTAY_PGBOUNCER_BIN")
    box.kill_supervisor()
    box.rds.describe_db_proxies()
    until(lambda: sandbox.status(box.directory).proxies[0].pid is not None)
    until(lambda: works(box, alone))
    remove(box, "alone")


def test_each_turn_of_a_proxy_s_life_is_told(box: Box, place: Record) -> None:
    create(box, place, "told")
    box.rds.modify_db_proxy(DBProxyName="told", IdleClientTimeout=60)
    settle(box, "told")
    remove(box, "told")
    events = box.rds.describe_events(SourceIdentifier="told", SourceType="db-proxy")["Events"]
    assert [event["Message"] for event in events] == [
        "RDS created DB proxy told.", "RDS modified DB proxy told.", "RDS deleted DB proxy told."
    ]  # fmt: skip
    assert {event["SourceArn"].split(":")[-1][:4] for event in events} == {"prx-"}
