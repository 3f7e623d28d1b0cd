"""Changes to an instance that runs reach its server; who may come in is what the security groups say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mainstay import sandbox

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box


@pytest.fixture(scope="module")
def db(box: Box) -> dict[str, Any]:
    return box.create("shop")


def setting(box: Box, name: str, identifier: str = "shop") -> str:
    with box.connect(box.find(identifier)) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        assert row is not None
        return str(row[0])


def test_plain_connections_are_refused(box: Box, db: dict[str, Any]) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        box.connect(db, sslmode="disable")


def test_master_is_no_superuser(box: Box, db: dict[str, Any]) -> None:
    with box.connect(db) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    with pytest.raises(psycopg.OperationalError):
        box.connect(db, user="rdsadmin")


def test_replica_reads_and_does_not_write(box: Box, db: dict[str, Any]) -> None:
    box.rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-r1", SourceDBInstanceIdentifier="shop")
    replica = box.settle("shop-r1")
    with box.connect(replica) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TABLE t (i int)")
    assert box.find("shop")["ReadReplicaDBInstanceIdentifiers"] == ["shop-r1"]
    assert replica["StatusInfos"][0]["Status"] == "replicating"
    assert box.status("shop-r1").lag_s is not None


def test_promoted_replica_is_an_instance_of_its_own(box: Box, db: dict[str, Any]) -> None:
    box.rds.promote_read_replica(DBInstanceIdentifier="shop-r1", BackupRetentionPeriod=3)
    promoted = box.settle("shop-r1")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in promoted
    assert promoted["LatestRestorableTime"]
    with box.connect(promoted) as connection:
        connection.execute("CREATE TABLE own (i int)")
    box.delete("shop-r1")


def test_parameters_take_effect_when_rds_says(box: Box, db: dict[str, Any]) -> None:
    box.rds.create_db_parameter_group(
        DBParameterGroupName="tuned", DBParameterGroupFamily="postgres17", Description="for the shop"
    )
    box.rds.modify_db_parameter_group(
        DBParameterGroupName="tuned",
        Parameters=[
            {"ParameterName": "work_mem", "ParameterValue": "16384", "ApplyMethod": "immediate"},
            {
                "ParameterName": "shared_buffers",
                "ParameterValue": "{DBInstanceClassMemory/32768}",
                "ApplyMethod": "pending-reboot",
            },
            {"ParameterName": "max_connections", "ParameterValue": "120", "ApplyMethod": "pending-reboot"},
            {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"},
        ],
    )  # fmt: skip
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", DBParameterGroupName="tuned", ApplyImmediately=True)
    group = box.find("shop")["DBParameterGroups"][0]
    assert group == {"DBParameterGroupName": "tuned", "ParameterApplyStatus": "pending-reboot"}
    box.rds.reboot_db_instance(DBInstanceIdentifier="shop")
    assert box.settle("shop")["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert (setting(box, "work_mem"), setting(box, "max_connections")) == ("16MB", "120")
    box.connect(db, sslmode="disable").close()
    tls, differing = sandbox.substitutions(box.directory, "shop")
    assert (tls.name, tls.planned, tls.effective) == ("rds.force_ssl", "0", None)
    assert (differing.name, differing.effective) == ("shared_buffers", "16384")
    assert int(differing.planned) > 16384


def test_dynamic_parameter_reaches_the_running_server(box: Box, db: dict[str, Any]) -> None:
    change = {"ParameterName": "log_min_duration_statement", "ParameterValue": "250", "ApplyMethod": "immediate"}
    box.rds.modify_db_parameter_group(DBParameterGroupName="tuned", Parameters=[change])
    for _ in range(200):
        if setting(box, "log_min_duration_statement") == "250ms":
            break
    assert setting(box, "log_min_duration_statement") == "250ms"


def test_memory_that_the_class_has_not_is_incompatible(box: Box, db: dict[str, Any]) -> None:
    change = {"ParameterName": "shared_buffers", "ParameterValue": "1048576", "ApplyMethod": "pending-reboot"}
    box.rds.modify_db_parameter_group(DBParameterGroupName="tuned", Parameters=[change])
    box.rds.reboot_db_instance(DBInstanceIdentifier="shop")
    found = box.settle("shop", "incompatible-parameters")
    assert "8.0 GiB" in found["StatusInfos"][0]["Message"]
    box.rds.reset_db_parameter_group(DBParameterGroupName="tuned", ResetAllParameters=True)
    box.rds.reboot_db_instance(DBInstanceIdentifier="shop")
    assert "StatusInfos" not in box.settle("shop")
    assert setting(box, "work_mem") == "4MB"


def test_stop_and_start(box: Box, db: dict[str, Any]) -> None:
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE kept (i int)")
    box.rds.stop_db_instance(DBInstanceIdentifier="shop")
    box.settle("shop", "stopped")
    assert box.status("shop").servers[0].pid is None
    with pytest.raises(psycopg.OperationalError, match="refused"):
        box.connect(db)
    box.rds.start_db_instance(DBInstanceIdentifier="shop")
    with box.connect(box.settle("shop")) as connection:
        connection.execute("SELECT * FROM kept")


def test_multi_az_is_given_and_taken(box: Box, db: dict[str, Any]) -> None:
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", MultiAZ=True)
    assert box.find("shop")["PendingModifiedValues"] == {"MultiAZ": True}  # waits for the window
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", MultiAZ=True, ApplyImmediately=True)
    assert box.settle("shop")["MultiAZ"] is True
    assert box.status("shop").servers[1].is_synchronous
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", MultiAZ=False, ApplyImmediately=True)
    assert box.settle("shop")["PendingModifiedValues"] == {}
    assert len(box.status("shop").servers) == 1


def test_backups_go_off_and_on(box: Box, db: dict[str, Any]) -> None:
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", BackupRetentionPeriod=0, ApplyImmediately=True)
    assert "LatestRestorableTime" not in box.settle("shop")
    box.rds.modify_db_instance(DBInstanceIdentifier="shop", BackupRetentionPeriod=5, ApplyImmediately=True)
    assert box.restorable_after("shop", box.settle("shop")["LatestRestorableTime"])["BackupRetentionPeriod"] == 5


def rename(box: Box, old: str, new: str) -> dict[str, Any]:
    box.rds.modify_db_instance(DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True)
    for _ in range(3000):
        if any(each["DBInstanceIdentifier"] == new for each in box.rds.describe_db_instances()["DBInstances"]):
            break
    return box.settle(new)


def test_an_address_belongs_to_a_name_and_not_to_who_bears_it(box: Box, db: dict[str, Any]) -> None:
    away = rename(box, "shop", "shop-old")
    assert away["Endpoint"] != db["Endpoint"]
    box.connect(away).close()
    with pytest.raises(psycopg.OperationalError):
        box.connect(db)
    back = rename(box, "shop-old", "shop")
    assert back["Endpoint"] == db["Endpoint"]
    box.connect(db).close()


def test_instance_gets_another_name_and_port(box: Box, db: dict[str, Any]) -> None:
    box.rds.modify_db_instance(
        DBInstanceIdentifier="shop", NewDBInstanceIdentifier="store", DBPortNumber=6432, ApplyImmediately=True
    )
    for _ in range(500):
        if any(each["DBInstanceIdentifier"] == "store" for each in box.rds.describe_db_instances()["DBInstances"]):
            break
    found = box.settle("store")
    assert found["Endpoint"]["Port"] == 6432
    assert found["DBInstanceArn"].endswith(":db:store")
    box.connect(found).close()


def test_security_group_that_admits_nobody(box: Box) -> None:
    ec2 = box.session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for i, zone in enumerate("ab")
    ]
    subnets = [each["Subnet"]["SubnetId"] for each in made]
    group = ec2.create_security_group(GroupName="db", Description="database", VpcId=vpc)["GroupId"]
    box.rds.create_db_subnet_group(
        DBSubnetGroupName="private",
        DBSubnetGroupDescription="two zones",
        SubnetIds=subnets,
    )
    walled = box.create("walled", DBSubnetGroupName="private", VpcSecurityGroupIds=[group], BackupRetentionPeriod=0)
    assert walled["DBSubnetGroup"]["VpcId"] == vpc
    with pytest.raises(psycopg.OperationalError, match=rf"{group} \(db\) admits nobody on port 5432"):
        box.connect(walled, sslmode="prefer")
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    for _ in range(200):
        try:
            box.connect(walled).close()
        except psycopg.OperationalError:
            continue
        break
    box.connect(walled).close()
    box.delete("walled")
