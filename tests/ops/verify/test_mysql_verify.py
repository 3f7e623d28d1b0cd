"""Verification of a deployed MariaDB, and of the same one after somebody broke its replication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from mainstay.core.clock import SystemClock
from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.core.progress import Silent
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.login import Address, connect, connected
from mainstay.ops.verify import database as database_checks
from mainstay.ops.verify import verify
from mainstay.ops.verify.model import Mark, Outcome
from mainstay.ops.wait import wait_for
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.sandbox.rds.classes import instance_class
from mainstay.sandbox.rds.substitutions import effective_settings
from mainstay.sandbox.supervisor.layout import Layout
from mainstay.spec import load

Fixture = Any  # fixtures of conftest
STACK = "maria-dev"
SPEC = """
name: maria
region: eu-central-1
project: maria
cost_center: "1000"
database:
  engine: mariadb
  version: "10.11"
  class: db.t4g.small
  name: shop
  multi_az: true
  replicas: {count: 1}
  parameters:
    slow_query_log: true
    long_query_time: 2s
    max_connections: 150
    character_set_server: latin1
    collation_server: latin1_german1_ci
    innodb_buffer_pool_size: 64 MiB
storage: {size: 20 GiB}
credentials: {username: owner}
network: {cidr: 10.4.0.0/16}
protection: {backups: {keep: 1d}, deletion_protection: false, on_delete: destroy}
alerts: {subscribers: [ops@example.com]}
environments:
  dev: {profile: dev, database: {multi_az: true, replicas: {count: 1}}}
"""


def in_force(planned: Mapping[str, str], instance: DbState) -> dict[str, str | None]:
    size = instance_class(instance.instance_class)
    effective = effective_settings(planned, major="10.11", size=size, engine="mariadb")
    return {name: effective.settings.get(name) for name in planned}


@pytest.fixture(scope="module")
def maria_plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    try:
        find_mariadb(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    path = tmp_path_factory.mktemp("spec") / "database.yaml"
    path.write_text(SPEC)
    return build(load(path))


@pytest.fixture(scope="module")
def maria(place: Fixture, maria_plan: Plan) -> Fixture:
    there = replace(place, site=replace(place.site, in_force=in_force))
    there.deploy(maria_plan, STACK)
    return there


def outcomes(place: Fixture, plan: Plan) -> dict[str, Outcome]:
    return {answer.name: answer.outcome for answer in verify(place.site, plan, STACK).answers}


def login_of(place: Fixture, plan: Plan) -> tuple[Any, Address, DbState]:
    states = {state.identifier: state for state in place.site.doors.rds.instances()}
    primary = next(state for state in states.values() if not state.is_replica)
    resources = {row.logical_id: row for row in place.site.doors.cloudformation.resources(STACK)}
    secret = next(row.physical_id for key, row in resources.items() if row.type == "AWS::SecretsManager::Secret")
    return place.site.doors.secrets.read_login(secret), Address(primary.address or "", primary.port or 0), primary


def test_a_deployment_passes_every_check(maria: Fixture, maria_plan: Plan) -> None:
    seen = outcomes(maria, maria_plan)
    assert seen.pop("subscribers are confirmed").mark is Mark.WARNING
    assert {name: outcome.sentence for name, outcome in seen.items() if outcome.mark is not Mark.PASS} == {}
    assert "over TLSv1.3, certificate verified" in seen["login over TLS works"].sentence
    assert "takes no writes" in seen["replicas follow and take no writes"].sentence
    assert "rdsadmin (Binlog Dump)" in seen["replication is streaming"].sentence


def test_a_login_that_is_refused_says_why(maria: Fixture, maria_plan: Plan) -> None:
    login, address, _ = login_of(maria, maria_plan)
    with pytest.raises(TargetRefused, match="did not let us in") as refused:
        connect(replace(login, password="wrong"), address, maria.site.ca_bundle, engine="mariadb")
    assert "Access denied" in refused.value.detail
    with (
        pytest.raises(TargetRefused, match="refused a statement"),
        connected(login, address, maria.site.ca_bundle, engine="mariadb") as connection,
    ):
        connection.execute("SELECT nothing")


@contextmanager
def as_administrator(place: Fixture, state: DbState) -> Iterator[Any]:
    """The server's own administrator on one instance, past the endpoint."""
    side = sorted((Layout.load(place.directory).data / state.resource_id).glob("*/side"))[0]
    settings = dict(line.replace('"', "").split(" = ") for line in (side / "client.cnf").read_text().splitlines()[2:])
    opened = pymysql.connect(
        host=settings["host"], port=int(settings["port"]), user=settings["user"], password=settings["password"],
        ssl_ca=settings["ssl-ca"], autocommit=True,
    )  # fmt: skip
    with opened, opened.cursor() as cursor:
        yield cursor


def replica_of(place: Fixture) -> DbState:
    found: DbState = next(state for state in place.site.doors.rds.instances() if state.is_replica)
    return found


def test_a_setting_that_somebody_changed_and_a_replica_that_fell_behind_fail(
    maria: Fixture, maria_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_checks, "_REPLAY_S", 0.3)
    _, _, primary = login_of(maria, maria_plan)
    with as_administrator(maria, primary) as admin, as_administrator(maria, replica_of(maria)) as follower:
        admin.execute("SET GLOBAL long_query_time = 9")
        follower.execute("STOP SLAVE SQL_THREAD")
        admin.execute("CREATE TABLE shop.behind (id int)")
        try:
            seen = outcomes(maria, maria_plan)
        finally:
            follower.execute("START SLAVE SQL_THREAD")
            admin.execute("SET GLOBAL long_query_time = 2")
    assert "long_query_time is 9.000000, expected 2" in seen["parameters are in force"].sentence
    assert "has not replayed binlog." in seen["replicas follow and take no writes"].sentence
    assert outcomes(maria, maria_plan)["replicas follow and take no writes"].mark is Mark.PASS


def test_a_server_that_lets_plain_logins_in_fails(maria: Fixture, maria_plan: Plan) -> None:
    _, _, primary = login_of(maria, maria_plan)
    with as_administrator(maria, primary) as admin:
        admin.execute("SET GLOBAL require_secure_transport = OFF")
        seen = outcomes(maria, maria_plan)["connections without TLS are refused"]
        admin.execute("SET GLOBAL require_secure_transport = ON")
    assert (seen.mark, seen.hint) == (Mark.FAIL, "set require_secure_transport to 1")


def test_a_promoted_replica_is_no_replica(maria: Fixture, maria_plan: Plan) -> None:
    """Last: it takes the replica away."""
    replica = replica_of(maria).identifier
    maria.site.doors._client("rds").promote_read_replica(DBInstanceIdentifier=replica, BackupRetentionPeriod=0)
    wait_for(
        lambda: maria.site.doors.rds.instance(replica),
        lambda state: state.is_available and not state.is_replica,
        message="promoting",
        deadline_s=30,
        pace_s=0.1,
        progress=Silent(),
        clock=SystemClock(),
    )
    seen = outcomes(maria, maria_plan)["replicas follow and take no writes"]
    assert (seen.mark, "takes writes" in seen.sentence) == (Mark.FAIL, True)
