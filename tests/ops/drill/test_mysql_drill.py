"""Whole drills of a MariaDB source: what is proven of PostgreSQL is proven of it, and what is damaged is found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pymysql
import pytest
from tests.ops.drill.conftest import (
    GROUP,
    PASSWORD,
    Shop,
    check,
    looking_function,
    opened_shop,
    ordinary_copy,
    take_snapshot,
    wait_until,
)

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.engines.mysql.programs import find_mysql
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.drill import Baseline, DrillRequest, DrillResult, read
from mainstay.ops.generation import Generation, GenerationRequest, replace_database, undo
from mainstay.ops.generation.moved import Filing
from mainstay.ops.login import Address, connect
from mainstay.plan.intent import SqlCheck
from mainstay.probe.dialect import MYSQL
from mainstay.probe.fence import set_fence
from mainstay.sandbox import session

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
COULD_ACT = "nothing could act since it started"
LATEST = DrillRequest(stack="maria", source="shop-db", secret="shop-login")


@pytest.fixture(scope="module")
def maria() -> Iterator[Shop]:
    try:
        find_mariadb(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    with opened_shop("mariadb", EngineVersion="10.11.19") as shop:
        yield shop


def outcomes(result: DrillResult, kind: str) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in result.evidence["checks"] if check["kind"] == kind}


def test_the_name_that_is_verified_is_the_databases_own(maria: Shop) -> None:
    source = maria.site.doors.rds.instance("shop-db")
    assert source.address is not None
    assert source.port is not None
    login, here = maria.site.doors.secrets.read_login("shop-login"), Address(source.address, source.port)
    ca_bundle = maria.site.ca_bundle
    with connect(login, Address(source.address, 1), ca_bundle, engine="mariadb", dialled=here) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(TargetRefused, match="did not let us in") as stop:
        connect(login, Address("other.example", 1), ca_bundle, engine="mariadb", dialled=here)
    assert "certificate is not valid for 'other.example'" in stop.value.detail
    with pytest.raises(TargetRefused, match="did not let us in"):
        connect(login, here, ca_bundle, engine="mariadb", dialled=Address(source.address, 1))


def test_a_table_that_was_dropped_is_proven_to_come_back(maria: Shop) -> None:
    with maria.open() as connection:
        connection.execute("CREATE EVENT cleaning ON SCHEDULE EVERY 1 SECOND DO DELETE FROM order_item")
        connection.execute("CREATE USER clerk IDENTIFIED BY 'only-for-this-test-9' REQUIRE SSL")
        connection.execute("GRANT SELECT ON shop.orders TO clerk")
    traffic = maria.application.run_for(20, limit=100)
    assert traffic.acknowledged >= 100
    disaster = maria.application.drop_table()
    with maria.open() as connection:
        assert not MYSQL.has_table(connection, "order_item")
    question = SqlCheck(name="items", statement="SELECT 1 FROM order_item LIMIT 1", expected_rows=1)
    result = maria.drill(
        replace(
            LATEST, time=disaster.target, disaster_at=disaster.at, baseline=disaster.baseline,
            markers=disaster.markers, canary_database=disaster.database, checks=(question,), rpo=Duration(300),
            rto=Duration(900),
        )
    )  # fmt: skip
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P5", ())
    jsonschema.validate(result.evidence, SCHEMA)
    assert outcomes(result, "table") == dict.fromkeys(("`customer`", "`order_item`", "`orders`", "`product`"), "passed")
    catalog = outcomes(result, "catalog")
    assert {"users", "grants", "settings", "columns", "every page is sound"} <= set(catalog)
    instance = outcomes(result, "instance")
    assert instance["it does nothing by itself"] == "passed"
    assert instance["position in the log"] == "noted"
    assert result.evidence["source"]["engine_build"].startswith("MariaDB 10.")
    assert PASSWORD not in result.evidence_path.read_text()
    assert maria.instances() == ["shop-db"]
    with maria.open() as connection:
        connection.execute("DROP EVENT cleaning")


def test_the_latest_time_is_proven_without_being_told_anything_by_a_function(maria: Shop) -> None:
    result = maria.drill(LATEST, routes=looking_function(maria))
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P4", ())
    assert "through function shop-validation" in result.evidence["made_by"]["observed_from"]
    assert {"users", "grants", "settings", "columns", "every page is sound"} <= set(outcomes(result, "catalog"))
    asked = [call for call in result.evidence["calls"] if call["operation"] == "Invoke"]
    assert len(asked) < 20


def test_rows_a_character_set_a_user_and_a_table_that_differ_disprove(maria: Shop) -> None:
    before = read(MYSQL, maria.open, timeout_s=30)
    with maria.open() as connection:
        connection.execute("UPDATE customer SET name = 'somebody else' WHERE id = 7")
        connection.execute("ALTER TABLE product CONVERT TO CHARACTER SET latin1")
        connection.execute("CREATE TABLE untold (id int PRIMARY KEY)")
        connection.execute("CREATE USER intruder IDENTIFIED BY 'only-for-this-test-9'")
        fence = set_fence(MYSQL, connection, "wrong", time.sleep)
    request = replace(LATEST, time=fence.target, baseline=Baseline(before), markers=(fence.first, fence.last))
    result = maria.drill(request)
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P3")
    tables = outcomes(result, "table")
    assert (tables["`customer`"], tables["`untold`"], tables["`orders`"]) == ("failed", "failed", "passed")
    catalog = outcomes(result, "catalog")
    assert catalog["columns: product.name is changed"] == "failed"
    assert catalog["users: intruder@% is unexpected"] == "failed"


def test_commits_that_were_never_logged_disprove(maria: Shop) -> None:
    """Somebody switched the binary log off for a session: what it wrote can never be restored."""
    servers = list((maria.sandbox / "data").glob("*/*/side/rdsadmin.pass"))
    assert servers
    settings = dict(
        line.replace('"', "").split(" = ") for line in (servers[0].parent / "client.cnf").read_text().splitlines()[2:]
    )
    with maria.open() as connection:
        MYSQL.create_canary(connection)
    admin = pymysql.connect(
        host=settings["host"], port=int(settings["port"]), user=settings["user"], password=settings["password"],
        ssl_ca=settings["ssl-ca"], autocommit=True,
    )  # fmt: skip
    with admin, admin.cursor() as cursor:
        cursor.execute("SET SESSION sql_log_bin = 0")
        cursor.execute("INSERT INTO mainstay_canary.marker (written_at, run) VALUES (UTC_TIMESTAMP(6), 'unlogged')")
    with maria.open() as connection:
        told = MYSQL.read_markers(connection)
        fence = set_fence(MYSQL, connection, "stopped", time.sleep)
    lost = told[-1]
    result = maria.drill(replace(LATEST, time=fence.target, markers=(lost, fence.first, fence.last)))
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P2")
    assert any(f"missing: {lost.id} of" in reason for reason in result.verdict.reasons)


@pytest.fixture
def ticking(maria: Shop) -> Iterator[None]:
    """An event of the source that writes each second who it is."""
    schedule(maria, "ON")
    with maria.open() as connection:
        connection.execute("CREATE TABLE tick (at datetime(6), port int)")
        connection.execute("CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO tick VALUES (NOW(6), @@port)")
        wait_until(lambda: connection.execute("SELECT 1 FROM tick LIMIT 1").fetchone() is not None)
        yield
        connection.execute("DROP EVENT tick")
        connection.execute("DROP TABLE tick")
    schedule(maria, "OFF")


def schedule(maria: Shop, value: str) -> None:
    change = {"ParameterName": "event_scheduler", "ParameterValue": value, "ApplyMethod": "immediate"}
    client = session(maria.sandbox, "eu-central-1").client("rds")
    client.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change])
    with maria.open() as connection:
        wait_until(lambda: connection.execute("SELECT @@global.event_scheduler").fetchone() == (value,))


@pytest.mark.usefixtures("ticking")
def test_an_event_writes_nothing_in_a_drill_and_would_have_without_its_group(maria: Shop) -> None:
    snapshot = take_snapshot(maria, "ticking")
    own = SqlCheck(name="own ticks", statement="SELECT 1 FROM tick WHERE port = @@port", expected_rows=0)
    brought = SqlCheck(name="ticks", statement="SELECT 1 FROM tick LIMIT 1", expected_rows=1)
    result = maria.drill(replace(LATEST, snapshot=snapshot, checks=(own, brought), required="P2"))
    assert outcomes(result, "sql") == dict.fromkeys(
        (f"{one.name}: {one.statement}" for one in (own, brought)), "passed"
    )
    acting, disabled = (check(result, name) for name in (COULD_ACT, "it does nothing by itself"))
    assert acting == ("passed", "event_scheduler = OFF, no replication stream")
    assert disabled == ("passed", "disabled `shop`.`tick`")
    excluded = {one["subject"] for one in result.evidence["exclusions"]}
    assert "setting event_scheduler" in excluded
    assert maria.groups() == []
    with ordinary_copy(maria, snapshot) as open_copy, open_copy() as connection:
        wait_until(lambda: connection.execute(own.statement).fetchone() is not None)
        assert MYSQL.acting(connection).acts == ("event_scheduler = ON",)


TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"},
     "Action": "sts:AssumeRole"}]}
)  # fmt: skip


def put_proxy_before(maria: Shop) -> str:
    """A proxy in front of the shop's database; where it is."""
    made = session(maria.sandbox, "eu-central-1")
    ec2, rds = made.client("ec2"), made.client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"eu-central-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for i, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306,
                                       "IpRanges": [{"CidrIp": "127.0.0.0/8"}]}]
    )  # fmt: skip
    role = made.client("iam").create_role(RoleName="front", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    secret = made.client("secretsmanager").describe_secret(SecretId="shop-login")["ARN"]
    rds.create_db_proxy(
        DBProxyName="front", EngineFamily="MYSQL", RoleArn=role, VpcSubnetIds=subnets, VpcSecurityGroupIds=[group],
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "DISABLED"}], RequireTLS=True,
    )  # fmt: skip
    proxies = maria.site.doors.proxies
    wait_until(lambda: str(getattr(proxies.find("front"), "status", "")) == "available")
    proxies.register("front", "shop-db")
    wait_until(lambda: any(one.is_available for one in proxies.find("front").targets))  # type: ignore[union-attr]
    return str(proxies.find("front").address)  # type: ignore[union-attr]


def test_a_new_generation_takes_over_by_each_way_and_gives_back(maria: Shop) -> None:
    site, first = maria.site, maria.site.doors.rds.instance("shop-db")
    site.doors.secrets.point_login(
        "shop-login", host=str(first.address), port=int(str(first.port)), identifier="shop-db"
    )
    with maria.open() as connection:
        connection.execute("CREATE TABLE swapped (id int PRIMARY KEY)")
        connection.execute("INSERT INTO swapped VALUES (1), (2)")
        point = set_fence(MYSQL, connection, "swapped", time.sleep).target
        connection.execute("DELETE FROM swapped WHERE id = 2")
        set_fence(MYSQL, connection, "swapped", time.sleep)
    wait_until(lambda: (site.doors.rds.restorable_window("shop-db").latest or point) > point)
    front = put_proxy_before(maria)
    places = {"secret": None, "rename": first.address, "proxy": front}  # None: where the secret leads
    for swap, place in places.items():
        made = swapped_by(maria, swap, point)  # one restore: kept aside, and taken again
        assert (made.word, made.swap) == ("PROVEN", swap)
        login = site.doors.secrets.read_login("shop-login")
        address = Address(str(place or login.host), int(str(login.port)))
        with connect(login, address, site.ca_bundle, database="shop", engine="mariadb") as connection:
            assert connection.execute("SELECT id FROM swapped ORDER BY id").fetchall() == ((1,), (2,))
        undo(
            site, "maria", secret="shop-login", run_id=None, confirm="maria", confirm_loss=made.restored.resource_id,
            journal=maria.journal, filing=Filing(workspace=maria.workspace), progress=Silent(),
        )  # fmt: skip
        login = site.doors.secrets.read_login("shop-login")
        with connect(login, address if place else Address(str(login.host), int(str(login.port))), site.ca_bundle,
                     database="shop", engine="mariadb") as connection:  # fmt: skip
            assert connection.execute("SELECT id FROM swapped").fetchall() == ((1,),)
        assert site.doors.rds.instance("shop-db").resource_id == first.resource_id
    site.doors.proxies.deregister("front", "shop-db")
    site.doors.rds.delete_without_snapshot("shop-next")
    wait_until(lambda: maria.instances() == ["shop-db"])


def swapped_by(maria: Shop, swap: Any, point: datetime) -> Generation:
    request = GenerationRequest(
        stack="maria", source="shop-db", secret="shop-login", key="Database", address="aws_db_instance.database",
        database="shop", target="shop-next", time=point, swap=swap,
        keeping=Keeping(retention=Duration.days(1), is_protected=False),
    )  # fmt: skip
    return replace_database(
        maria.site, request, confirm="maria", workspace=maria.workspace, journal=maria.journal, progress=Silent()
    )


def test_an_application_counts_what_is_killed_and_refuses_a_table_that_is_not_there(maria: Shop) -> None:
    maria.application.seed(orders=0)
    with maria.open() as connection:
        before = connection.execute("SELECT COUNT(*) FROM orders").fetchone()
        connection.execute("RENAME TABLE order_item TO hidden")
    traffic = maria.application.run_for(0.5)
    with maria.open() as connection:
        connection.execute("RENAME TABLE hidden TO order_item")
        assert connection.execute("SELECT COUNT(*) FROM orders").fetchone() == before
    assert (traffic.acknowledged, traffic.in_doubt) == (0, 0)
    assert traffic.errors == {"Table 'shop.order_item' doesn't exist": traffic.failed}
    assert traffic.failed > 0
    with pytest.raises(InputRefused, match="no such table"):
        maria.application.drop_table("nothing")


def test_a_real_mysql_is_proven_where_there_is_one() -> None:
    try:
        version = find_mysql(identity=engine_identity()).version
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    with opened_shop("mysql", EngineVersion="8.4") as mysql:
        mysql.application.run_for(20, limit=50)
        disaster = mysql.application.drop_table()
        result = mysql.drill(
            replace(
                LATEST, time=disaster.target, disaster_at=disaster.at, baseline=disaster.baseline,
                markers=disaster.markers, canary_database=disaster.database,
            )
        )  # fmt: skip
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P4", ())
    assert result.evidence["source"]["engine_build"].startswith(f"MySQL {version}")


def test_an_archive_with_a_gap_disproves(maria: Shop) -> None:
    """Last, because the archive stays broken."""
    with maria.open() as connection:
        connection.execute("UPDATE customer SET name = 'before the gap' WHERE id = 8")
        connection.execute("FLUSH BINARY LOGS")
        fence = set_fence(MYSQL, connection, "gap", time.sleep)
    wait_until(lambda: maria.site.doors.rds.restorable_window("shop-db").holds(fence.target))
    logs = sorted((maria.sandbox / "data").glob("*/archive-*/**/binlog.[0-9]*"))
    assert len(logs) > 1
    for log in logs[:-1]:
        log.unlink()
    result = maria.drill(replace(LATEST, time=fence.target, markers=(fence.first, fence.last)))
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P1")
    assert "restore ends in available: expected available, found incompatible-restore" in result.verdict.reasons[0]
