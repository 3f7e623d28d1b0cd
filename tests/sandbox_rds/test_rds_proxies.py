"""DB proxies and their target group: what RDS answers and refuses, with each bound on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstay.sandbox.rds.records import PROXY
from mainstay.sandbox.state import State

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

from tests.sandbox_rds.conftest import REGION

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
LOGIN = {"AuthScheme": "SECRETS", "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-abc"}
Record = dict[str, Any]


@pytest.fixture
def wanted(desk: Desk) -> Record:
    _, subnets, group = desk.network()
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = desk.call("CreateRole", "iam", RoleName="proxy", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return {
        "DBProxyName": "Front", "EngineFamily": "POSTGRESQL", "RoleArn": role, "VpcSubnetIds": subnets,
        "VpcSecurityGroupIds": [group], "Auth": [LOGIN], "RequireTLS": True,
    }  # fmt: skip


def settle(state: State, status: str = "available") -> None:
    """What the supervisor writes when the address is open."""
    with state.transaction(REGION) as tx:
        for proxy in tx.all(PROXY):
            tx.put(PROXY, proxy["DBProxyName"], proxy | {"Status": status, "Endpoint": "127.0.0.8"})


@pytest.fixture
def proxy(desk: Desk, wanted: Record) -> Record:
    made: Record = desk.call("CreateDBProxy", **wanted)["DBProxy"]
    settle(desk.state)
    return made


def test_a_new_proxy_has_rds_s_defaults_and_an_empty_target_group(desk: Desk, proxy: Record) -> None:
    assert (proxy["DBProxyName"], proxy["Status"], proxy["IdleClientTimeout"]) == ("front", "creating", 1800)
    assert proxy["DBProxyArn"].split(":")[-2:][0] == "db-proxy"
    assert proxy["DBProxyArn"].rsplit(":", 1)[1].startswith("prx-")
    assert proxy["Auth"][0]["IAMAuth"] == "DISABLED"
    assert proxy["Auth"][0]["ClientPasswordAuthType"] == "POSTGRES_SCRAM_SHA_256"
    assert "Endpoint" not in proxy
    (group,) = desk.call("DescribeDBProxyTargetGroups", DBProxyName="front")["TargetGroups"]
    assert (group["TargetGroupName"], group["IsDefault"]) == ("default", True)
    assert group["ConnectionPoolConfig"] == {
        "MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 120,
        "SessionPinningFilters": [],
    }  # fmt: skip
    assert desk.call("DescribeDBProxyTargets", DBProxyName="front")["Targets"] == []
    assert [each["DBProxyName"] for each in desk.call("DescribeDBProxies")["DBProxies"]] == ["front"]
    desk.call("AddTagsToResource", ResourceName=proxy["DBProxyArn"], Tags=[{"Key": "a", "Value": "b"}])
    assert desk.call("ListTagsForResource", ResourceName=proxy["DBProxyArn"])["TagList"] == [{"Key": "a", "Value": "b"}]


def login(**changes: Any) -> Record:
    return {"Auth": [{**LOGIN, **changes}]}


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"DBProxyName": "a--b"}, VALUE, "DBProxyName"),
        ({"DBProxyName": "a" * 64}, VALUE, "DBProxyName"),
        ({"EngineFamily": "ORACLE"}, VALUE, "Invalid engine family"),
        ({"EngineFamily": "SQLSERVER"}, "SandboxNotImplemented", "SQLSERVER"),
        ({"EndpointNetworkType": "DUAL"}, "SandboxNotImplemented", "EndpointNetworkType DUAL"),
        ({"DefaultAuthScheme": "IAM_AUTH"}, "SandboxNotImplemented", "no tokens"),
        ({"DefaultAuthScheme": "OTHER"}, VALUE, "default authentication scheme"),
        ({"Auth": []}, VALUE, "1 to 200 entries"),
        ({"Auth": [LOGIN] * 201}, VALUE, "201 were given"),
        (login(AuthScheme="PLAIN"), VALUE, "Valid values: SECRETS"),
        ({"Auth": [{"AuthScheme": "SECRETS"}]}, VALUE, "SecretArn is required"),
        (login(IAMAuth="ENABLED"), COMBINATION, "ENABLED isn't supported"),
        (login(IAMAuth="MAYBE"), VALUE, "DISABLED, REQUIRED"),
        ({**login(IAMAuth="REQUIRED"), "RequireTLS": False}, COMBINATION, "RequireTLS must be true"),
        (login(ClientPasswordAuthType="MYSQL_NATIVE_PASSWORD"), COMBINATION, "POSTGRESQL"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody"}, VALUE, "role/nobody"),
        ({"IdleClientTimeout": 0}, VALUE, "between 1 and 28800"),
        ({"IdleClientTimeout": 28801}, VALUE, "28801 was given"),
    ],
)
def test_what_rds_refuses_of_a_proxy(desk: Desk, wanted: Record, changes: Record, code: str, says: str) -> None:
    refused = desk.refused("CreateDBProxy", **{**wanted, **changes})
    assert (refused[0], says in refused[1]) == (code, True), refused


@pytest.mark.parametrize(
    "changes",
    [
        {"DBProxyName": "a" * 63},
        {"Auth": [LOGIN] * 200},
        {"IdleClientTimeout": 1},
        {"IdleClientTimeout": 28800},
        login(IAMAuth="REQUIRED"),
        {**login(ClientPasswordAuthType="MYSQL_NATIVE_PASSWORD"), "EngineFamily": "MYSQL"},
        {"VpcSecurityGroupIds": []},
    ],
)
def test_what_lies_on_the_bound_is_taken(desk: Desk, wanted: Record, changes: Record) -> None:
    made = desk.call("CreateDBProxy", **{**wanted, **changes})["DBProxy"]
    assert made["VpcSecurityGroupIds"]


def test_a_name_is_given_once_and_twenty_are_the_most(desk: Desk, wanted: Record) -> None:
    for number in range(20):
        desk.call("CreateDBProxy", **{**wanted, "DBProxyName": f"p{number}"})
    assert desk.refused("CreateDBProxy", **{**wanted, "DBProxyName": "P1"})[0] == "DBProxyAlreadyExistsFault"
    assert desk.refused("CreateDBProxy", **{**wanted, "DBProxyName": "p20"})[0] == "DBProxyQuotaExceededFault"


def test_subnets_are_of_two_zones_and_one_vpc(desk: Desk, wanted: Record) -> None:
    one = wanted["VpcSubnetIds"][:1]
    assert "at least 2" in desk.refused("CreateDBProxy", **{**wanted, "VpcSubnetIds": one})[1]
    _, others, stranger = desk.network()
    assert "more than one VPC" in desk.refused("CreateDBProxy", **{**wanted, "VpcSubnetIds": [*one, others[1]]})[1]
    assert desk.refused("CreateDBProxy", **{**wanted, "VpcSecurityGroupIds": [stranger]})[0].startswith("InvalidVPC")


def test_a_proxy_is_changed_and_deleted(desk: Desk, wanted: Record, proxy: Record) -> None:
    changed = desk.call("ModifyDBProxy", DBProxyName="front", IdleClientTimeout=60, DebugLogging=True)["DBProxy"]
    assert (changed["Status"], changed["IdleClientTimeout"], changed["RequireTLS"]) == ("modifying", 60, True)
    assert desk.refused("ModifyDBProxy", DBProxyName="front", RequireTLS=False, **login(IAMAuth="REQUIRED"))[0] == (
        COMBINATION
    )
    assert desk.refused("ModifyDBProxy", DBProxyName="front", NewDBProxyName="x")[0] == "SandboxNotImplemented"
    changed = desk.call("ModifyDBProxy", DBProxyName="front", SecurityGroups=wanted["VpcSecurityGroupIds"])["DBProxy"]
    assert changed["VpcSecurityGroupIds"] == wanted["VpcSecurityGroupIds"]
    assert desk.call("DeleteDBProxy", DBProxyName="front")["DBProxy"]["Status"] == "deleting"
    for operation in ("DeleteDBProxy", "ModifyDBProxy"):
        assert desk.refused(operation, DBProxyName="front")[0] == "InvalidDBProxyStateFault"
    assert desk.refused("DescribeDBProxies", DBProxyName="nobody")[0] == "DBProxyNotFoundFault"
    assert desk.refused("DescribeDBProxies", Filters=[{"Name": "a", "Values": ["b"]}])[0] == VALUE


def pool(**settings: Any) -> Record:
    return {"DBProxyName": "front", "TargetGroupName": "default", "ConnectionPoolConfig": settings}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"MaxConnectionsPercent": 0}, "between 1 and 100"),
        ({"MaxConnectionsPercent": 101}, "101 was given"),
        ({"MaxIdleConnectionsPercent": 10}, "without MaxConnectionsPercent"),
        ({"MaxConnectionsPercent": 50, "MaxIdleConnectionsPercent": 51}, "between 0 and 50"),
        ({"MaxConnectionsPercent": 50, "MaxIdleConnectionsPercent": -1}, "between 0 and 50"),
        ({"ConnectionBorrowTimeout": -1}, "between 0 and 300"),
        ({"ConnectionBorrowTimeout": 301}, "301 was given"),
        ({"SessionPinningFilters": ["ALL"]}, "Invalid session pinning filter"),
        ({"SessionPinningFilters": ["EXCLUDE_VARIABLE_SETS"]}, "POSTGRESQL"),
    ],
)
def test_what_rds_refuses_of_a_pool(desk: Desk, proxy: Record, settings: Record, says: str) -> None:
    assert says in desk.refused("ModifyDBProxyTargetGroup", **pool(**settings))[1]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"MaxConnectionsPercent": 1}, (1, 0, 120)),
        ({"MaxConnectionsPercent": 50, "MaxIdleConnectionsPercent": 50}, (50, 50, 120)),
        ({"MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 0}, (100, 0, 120)),
        ({"ConnectionBorrowTimeout": 0}, (100, 50, 0)),
        ({"ConnectionBorrowTimeout": 300}, (100, 50, 300)),
    ],
)
def test_a_pool_takes_what_lies_on_the_bound(
    desk: Desk, proxy: Record, settings: Record, expected: tuple[int, int, int]
) -> None:
    held = desk.call("ModifyDBProxyTargetGroup", **pool(**settings))["DBProxyTargetGroup"]["ConnectionPoolConfig"]
    found = (held["MaxConnectionsPercent"], held["MaxIdleConnectionsPercent"], held["ConnectionBorrowTimeout"])
    assert found == expected


def test_a_group_keeps_its_name_and_there_is_no_other(desk: Desk, proxy: Record) -> None:
    assert "can't be renamed" in desk.refused("ModifyDBProxyTargetGroup", **pool(), NewName="other")[1]
    missing = desk.refused("DescribeDBProxyTargetGroups", DBProxyName="front", TargetGroupName="other")
    assert missing[0] == "DBProxyTargetGroupNotFoundFault"


def register(**more: Any) -> Record:
    return {"DBProxyName": "front", "DBInstanceIdentifiers": ["shop"], **more}


def test_one_primary_of_the_family_stands_behind_a_proxy(desk: Desk, proxy: Record) -> None:
    assert desk.refused("RegisterDBProxyTargets", **register())[0] == "DBInstanceNotFound"
    desk.create(is_ready=False)
    assert desk.refused("RegisterDBProxyTargets", **register())[0] == "InvalidDBInstanceState"
    desk.make_ready("shop")
    desk.create("mine", Engine="mariadb", EngineVersion="10.11")
    desk.call("CreateDBInstanceReadReplica", DBInstanceIdentifier="r1", SourceDBInstanceIdentifier="shop")
    desk.make_ready("r1")
    desk.create("second")
    for names, says in (
        ([], "exactly one"), (["shop", "second"], "exactly one"), (["mine"], "MYSQL"), (["r1"], "read replica"),
    ):  # fmt: skip
        assert says in desk.refused("RegisterDBProxyTargets", **register(DBInstanceIdentifiers=names))[1]
    assert desk.refused("RegisterDBProxyTargets", **register(DBClusterIdentifiers=["c"]))[0] == "SandboxNotImplemented"
    (target,) = desk.call("RegisterDBProxyTargets", **register())["DBProxyTargets"]
    assert (target["RdsResourceId"], target["TargetHealth"]) == ("shop", {"State": "REGISTERING"})
    assert desk.refused("RegisterDBProxyTargets", **register())[0] == "DBProxyTargetAlreadyRegisteredFault"
    assert "deregister it first" in desk.refused(
        "RegisterDBProxyTargets", **register(DBInstanceIdentifiers=["second"])
    )[1]  # fmt: skip
    assert desk.refused("DeregisterDBProxyTargets", **register(DBInstanceIdentifiers=["second"]))[0] == (
        "DBProxyTargetNotFoundFault"
    )
    assert desk.refused("DeregisterDBProxyTargets", **register(DBClusterIdentifiers=["c"]))[0] == (
        "SandboxNotImplemented"
    )
    desk.call("DeregisterDBProxyTargets", **register())
    assert desk.call("DescribeDBProxyTargets", DBProxyName="front")["Targets"] == []


def test_an_instance_of_another_network_is_refused(desk: Desk, proxy: Record) -> None:
    _, subnets, _ = desk.network()
    desk.call("CreateDBSubnetGroup", DBSubnetGroupName="far", DBSubnetGroupDescription="d", SubnetIds=subnets)
    desk.create(DBSubnetGroupName="far")
    assert "in vpc-" in desk.refused("RegisterDBProxyTargets", **register())[1]


def test_a_proxy_that_is_not_there_yet_takes_no_target(desk: Desk, proxy: Record) -> None:
    settle(desk.state, "creating")
    for operation in ("RegisterDBProxyTargets", "DeregisterDBProxyTargets"):
        assert desk.refused(operation, **register())[0] == "InvalidDBProxyStateFault"
