"""The blueprint with a proxy, in the sandbox from beginning to end: deployed, verified, broken, and taken down."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where, open_site
from mainstay.api._verify import verify_plan
from mainstay.core.errors import EnvironmentLacking
from mainstay.core.units import Duration
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.ops.aws.proxies import ProxyState, TargetState
from mainstay.ops.deployment import Deployed
from mainstay.ops.verify.model import Mark, Outcome
from mainstay.ops.verify.proxies import unwell
from mainstay.plan.passes import build
from mainstay.plan.resources import DbProxy, DbProxyTargetGroup
from mainstay.spec import load

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "mysql-proxy.yaml"
CHOICE = "MAINSTAY_SANDBOX_MYSQL"
REACH, PLANNED = "proxies reach their database", "proxies are as planned"


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Where]:
    try:
        find_mariadb(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(error.detail)
    before, os.environ[CHOICE] = os.environ.get(CHOICE), "mariadb"
    found = Where(is_sandbox=True, workspace=tmp_path_factory.mktemp("work"))
    try:
        yield found
    finally:
        sandbox.down(found.sandbox_directory)
        os.environ.pop(CHOICE)
        if before is not None:
            os.environ[CHOICE] = before


@pytest.fixture(scope="module")
def deployed(where: Where) -> Deployed:
    return api.deploy(BLUEPRINT, where=where, approve=lambda _: True).primary


def client(where: Where, service: str) -> Any:
    return sandbox.session(where.sandbox_directory, "us-east-1").client(service)


def outcome(where: Where, name: str) -> Outcome:
    verified = api.verify(BLUEPRINT, where=where).primary
    return next(each.outcome for each in verified.verification.answers if each.name == name)


def test_a_deployment_says_what_runs_in_place_of_what_was_planned(deployed: Deployed) -> None:
    assert deployed.status == "CREATE_COMPLETE"
    assert "ProxyEndpoint" in deployed.outputs
    database, proxy = deployed.stand_ins
    assert database.startswith("Database: a MariaDB engine")
    assert proxy.startswith("DatabaseProxy: nothing pools here")
    assert json.loads(json.dumps(deployed.as_json()))["stand_ins"] == [database, proxy]


def test_verify_walks_through_the_proxy(where: Where, deployed: Deployed) -> None:
    verified = api.verify(BLUEPRINT, where=where).primary
    seen = {each.name: each.outcome for each in verified.verification.answers}
    assert {name: each.sentence for name, each in seen.items() if each.mark in (Mark.FAIL, Mark.NOT_OBSERVED)} == {}
    assert "profiles_owner reaches profiles-dev (MariaDB" in seen[REACH].sentence
    assert {row.name for row in verified.substitutions["proxy profiles-dev"]} >= {"IAMAuth", "MaxConnectionsPercent"}
    assert "IAM authentication" in {row.name for row in verified.substitutions["profiles-dev"]}


def test_status_sees_the_proxy_and_its_target(where: Where, deployed: Deployed) -> None:
    seen = api.status(BLUEPRINT, where=where).primary
    assert seen.proof is not None
    assert (seen.proof.is_well, seen.proof.is_proven) == (False, False)  # it asks for a drill a week, and had none
    assert replace(seen, proof=None).is_well
    (proxy,) = seen.proxies
    assert (proxy.status, proxy.requires_tls, proxy.targets) == ("available", True, {"profiles-dev": "AVAILABLE"})
    assert proxy.address == deployed.outputs["ProxyEndpoint"]
    assert len(seen.stand_ins) == 2


def test_what_somebody_changed_fails_by_name(where: Where, deployed: Deployed) -> None:
    rds = client(where, "rds")
    rds.modify_db_proxy(DBProxyName="profiles-dev", IdleClientTimeout=60)
    pool = {"MaxConnectionsPercent": 50}
    rds.modify_db_proxy_target_group(DBProxyName="profiles-dev", TargetGroupName="default", ConnectionPoolConfig=pool)
    told = outcome(where, PLANNED)
    assert told.mark is Mark.FAIL
    for words in (
        "idle timeout is 1m, planned 30m",
        "largest share is 50, planned 100",
        "idle share is 25, planned 50",
    ):
        assert words in told.sentence
    rds.deregister_db_proxy_targets(DBProxyName="profiles-dev", DBInstanceIdentifiers=["profiles-dev"])
    told = outcome(where, REACH)
    assert (told.mark, told.sentence) == (Mark.FAIL, "profiles-dev does not stand before Database.")
    rds.register_db_proxy_targets(DBProxyName="profiles-dev", DBInstanceIdentifiers=["profiles-dev"])
    settled(where)
    rds.modify_db_proxy(DBProxyName="profiles-dev", IdleClientTimeout=1800)
    pool = {"MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 30}
    rds.modify_db_proxy_target_group(DBProxyName="profiles-dev", TargetGroupName="default", ConnectionPoolConfig=pool)


def settled(where: Where) -> None:
    """Wait for a verdict on the target."""
    rds = client(where, "rds")
    for _ in range(2000):
        (target,) = rds.describe_db_proxy_targets(DBProxyName="profiles-dev")["Targets"]
        if target["TargetHealth"]["State"] != "REGISTERING":
            return
    pytest.fail("no verdict came")


def test_a_proxy_that_is_not_there_fails_both_checks(where: Where, deployed: Deployed) -> None:
    plan = build(load(BLUEPRINT))
    (proxy,) = plan.of(DbProxy)
    resources = (*plan.primary.resources, replace(proxy, key="Other"))
    more = replace(plan, regions=(replace(plan.primary, resources=resources),))
    answers = verify_plan(open_site(where, "us-east-1"), where, more, deployed.stack, progress=None).verification
    told = {each.name: each.outcome for each in answers.answers}
    for name in (PLANNED, REACH):
        assert (told[name].mark, told[name].sentence) == (Mark.FAIL, "Other does not exist.")


def test_without_a_proxy_there_is_nothing_to_ask(where: Where, deployed: Deployed) -> None:
    plan = build(load(BLUEPRINT))
    resources = tuple(each for each in plan.primary.resources if not isinstance(each, DbProxy | DbProxyTargetGroup))
    less = replace(plan, regions=(replace(plan.primary, resources=resources),))
    answers = verify_plan(open_site(where, "us-east-1"), where, less, deployed.stack, progress=None).verification
    assert [each.outcome.sentence for each in answers.answers if each.name in (PLANNED, REACH)] == [
        "No proxy is planned."
    ] * 2


@pytest.mark.parametrize(
    ("state", "why", "mark", "next_step"),
    [
        ("REGISTERING", "", Mark.NOT_OBSERVED, "wait until RDS has tried it"),
        ("UNAVAILABLE", "PENDING_PROXY_CAPACITY", Mark.FAIL, "wait until the proxy has grown"),
        ("UNAVAILABLE", "CONNECTION_FAILED: timed out", Mark.FAIL, "the proxy's group must reach"),
        ("UNAVAILABLE", "UNREACHABLE", Mark.FAIL, "look at the target's health"),
    ],
)
def test_each_verdict_of_rds_has_a_next_step(state: str, why: str, mark: Mark, next_step: str) -> None:
    target = TargetState(identifier="db", state=state, why=why)
    proxy = ProxyState(
        name="front", status="available", engine_family="MYSQL", address=None, requires_tls=True, demands_tokens=False,
        idle_timeout=Duration(1), max_connections_percent=1, max_idle_percent=0, borrow_timeout=Duration(1),
        targets=(target,),
    )  # fmt: skip
    told = unwell(proxy, target)
    assert (told.mark, told.hint.startswith(next_step), why in told.sentence) == (mark, True, True)


def test_a_secret_that_is_no_login_shows_at_the_target(where: Where, deployed: Deployed) -> None:
    secrets, arn = client(where, "secretsmanager"), deployed.outputs["DatabaseSecret"]
    before = secrets.get_secret_value(SecretId=arn)["SecretString"]
    rds = client(where, "rds")
    secrets.put_secret_value(
        SecretId=arn, SecretString=json.dumps({**json.loads(before), "password": "wrong-password"})
    )
    for _ in range(2000):
        (target,) = rds.describe_db_proxy_targets(DBProxyName="profiles-dev")["Targets"]
        if target["TargetHealth"]["State"] == "UNAVAILABLE":
            break
    told = outcome(where, REACH)
    assert (told.mark, "AUTH_FAILURE" in told.sentence) == (Mark.FAIL, True)
    assert "must read the secret" in told.hint
    seen = api.status(BLUEPRINT, where=where).primary
    assert not seen.is_well
    secrets.put_secret_value(SecretId=arn, SecretString=before)


def test_destruction_leaves_neither_proxy_nor_database(where: Where, deployed: Deployed) -> None:
    api.destroy(BLUEPRINT, where=where, confirm=deployed.stack)
    rds = client(where, "rds")
    assert rds.describe_db_proxies()["DBProxies"] == rds.describe_db_instances()["DBInstances"] == []
    seen = sandbox.status(where.sandbox_directory)
    assert (seen.instances, seen.proxies) == ((), ())
