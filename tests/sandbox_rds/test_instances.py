"""Creating and describing instances: what RDS answers, and what it refuses with which code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.engines.mysql.programs import MYSQL_VARIABLE

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"


def test_create_answers_what_will_be(desk: Desk) -> None:
    created = desk.create(is_ready=False, MultiAZ=True, Tags=[{"Key": "Project", "Value": "tap"}])
    assert created["DBInstanceStatus"] == "creating"
    assert created["DBInstanceArn"] == "arn:aws:rds:eu-west-1:123456789012:db:shop"
    assert created["DbiResourceId"].startswith("db-")
    assert created["EngineVersion"] == "17.9"
    assert created["PendingModifiedValues"] == {"MasterUserPassword": "****"}
    assert created["TagList"] == [{"Key": "Project", "Value": "tap"}]
    assert "Endpoint" not in created
    (operation,) = desk.operations()
    assert (operation["kind"], operation["resource"], operation["done"]) == ("create", created["DbiResourceId"], [])


def test_password_is_never_answered(desk: Desk) -> None:
    desk.create()
    assert "correct-horse" not in str(desk.find("shop"))


def test_defaults_are_those_of_the_api(desk: Desk) -> None:
    created = desk.create()
    expected = {
        "BackupRetentionPeriod": 1, "MultiAZ": False, "DeletionProtection": False, "StorageEncrypted": False,
        "CopyTagsToSnapshot": False, "AutoMinorVersionUpgrade": True, "StorageType": "gp3",
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    }  # fmt: skip
    assert {name: created[name] for name in expected} == expected
    assert created["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres17"


def test_identifiers_are_lower_case_and_unique(desk: Desk) -> None:
    assert desk.create("Shop", is_ready=False)["DBInstanceIdentifier"] == "shop"
    assert desk.refused("CreateDBInstance", **_with(DBInstanceIdentifier="SHOP"))[0] == "DBInstanceAlreadyExists"
    assert desk.refused("DescribeDBInstances", DBInstanceIdentifier="other")[0] == "DBInstanceNotFound"


def test_major_alone_gets_a_minor(desk: Desk) -> None:
    assert desk.create(EngineVersion="17")["EngineVersion"] == "17.10"


def test_managed_password_is_a_secret(desk: Desk) -> None:
    members = {**_with(ManageMasterUserPassword=True)}
    del members["MasterUserPassword"]
    created = desk.call("CreateDBInstance", **members)["DBInstance"]
    secret = desk.call("GetSecretValue", "secretsmanager", SecretId=created["MasterUserSecret"]["SecretArn"])
    (operation,) = desk.operations()
    assert operation["params"]["password"] in secret["SecretString"]


def test_subnet_group_places_the_instance(desk: Desk) -> None:
    vpc, subnets, group = desk.network()
    desk.call("CreateDBSubnetGroup", DBSubnetGroupName="Private", DBSubnetGroupDescription="d", SubnetIds=subnets)
    created = desk.create(DBSubnetGroupName="private", VpcSecurityGroupIds=[group], MultiAZ=True)
    assert created["DBSubnetGroup"]["VpcId"] == vpc
    assert (created["AvailabilityZone"], created["SecondaryAvailabilityZone"]) == ("eu-west-1a", "eu-west-1b")
    assert desk.refused("DeleteDBSubnetGroup", DBSubnetGroupName="private")[0] == "InvalidDBSubnetGroupStateFault"
    assert "VpcSecurityGroupId" in str(desk.create("other", DBSubnetGroupName="private")["VpcSecurityGroups"])


def test_mysql_is_refused_where_nothing_can_run_it(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MYSQL_VARIABLE, str(tmp_path))
    code, words = desk.refused("CreateDBInstance", **_with(Engine="mysql"))[:2]
    assert code == "SandboxNotImplemented"
    assert "make mysql" in words
    assert "MAINSTAY_SANDBOX_MYSQL=mariadb" in words


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"Engine": "nope"}, VALUE, "Invalid DB engine: nope"),
        ({"EngineVersion": "17.4"}, COMBINATION, "Cannot find version 17.4 for postgres"),
        ({"EngineVersion": "9"}, COMBINATION, "Cannot find version 9"),
        ({"DBInstanceIdentifier": "1st"}, VALUE, "not a valid identifier"),
        ({"DBInstanceIdentifier": "a--b"}, VALUE, "not a valid identifier"),
        ({"DBInstanceIdentifier": "a" * 64}, VALUE, "not a valid identifier"),
        ({"DBInstanceClass": "db.m6g.micro"}, VALUE, "Invalid DB Instance class: db.m6g.micro"),
        ({"MasterUsername": "rdsadmin"}, VALUE, "reserved word"),
        ({"MasterUsername": "1st"}, VALUE, "MasterUsername"),
        ({"MasterUserPassword": "short"}, VALUE, "shorter than 8 characters"),
        ({"MasterUserPassword": "with/slash1"}, VALUE, "Only printable ASCII"),
        ({"MasterUserPassword": "x" * 129}, VALUE, "longer than 128"),
        ({"ManageMasterUserPassword": True}, COMBINATION, "mutually exclusive"),
        ({"MasterUserSecretKmsKeyId": "k"}, COMBINATION, "ManageMasterUserPassword value is required"),
        ({"DBName": "with-hyphen"}, VALUE, "DBName"),
        ({"DBName": "rdsadmin"}, VALUE, "reserved"),
        ({"AllocatedStorage": -5}, VALUE, "-5"),
        ({"AllocatedStorage": 19}, VALUE, "19"),
        ({"StorageType": "gp9"}, VALUE, "gp9"),
        ({"Iops": 12000}, COMBINATION, "less than 400"),
        ({"StorageThroughput": 500}, COMBINATION, "less than 400"),
        ({"AllocatedStorage": 400, "Iops": 11999}, COMBINATION, "11999"),
        ({"AllocatedStorage": 400, "Iops": 12000, "StorageThroughput": 4000}, COMBINATION, "quarter"),
        ({"StorageType": "io1"}, COMBINATION, "Iops must be specified"),
        ({"StorageType": "gp2", "Iops": 3000}, COMBINATION, "Iops"),
        ({"MaxAllocatedStorage": 109}, COMBINATION, "109"),
        ({"BackupRetentionPeriod": 36}, VALUE, "36"),
        ({"BackupRetentionPeriod": -1}, VALUE, "-1"),
        ({"PreferredBackupWindow": "0700"}, VALUE, "Invalid backup window time '0700'"),
        ({"PreferredBackupWindow": "03:00-03:29"}, VALUE, "Backup window must be at least 30 minutes."),
        ({"PreferredMaintenanceWindow": "sun"}, VALUE, "Invalid maintenance window format: sun"),
        ({"PreferredMaintenanceWindow": "sun:04:00-sun:04:29"}, VALUE, "Maintenance window must be at least 30"),
        (
            {"PreferredBackupWindow": "03:00-04:01", "PreferredMaintenanceWindow": "sun:04:00-sun:05:00"},
            VALUE,
            "The backup window and maintenance window must not overlap.",
        ),
        ({"Port": 1149}, VALUE, "Invalid endpoint port 1149. Valid range is: 1150-65535"),
        ({"MultiAZ": True, "AvailabilityZone": "eu-west-1a"}, COMBINATION, "availability zone"),
        ({"MonitoringInterval": 7}, VALUE, "monitoring interval"),
        ({"MonitoringInterval": 60}, COMBINATION, "MonitoringRoleARN"),
        ({"MonitoringRoleArn": "arn:aws:iam::123456789012:role/m"}, COMBINATION, "other than 0"),
        ({"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 30}, VALUE, "[7, 31, 62, ... 731]"),
        ({"DatabaseInsightsMode": "advanced"}, COMBINATION, "465"),
        ({"EnableCloudwatchLogsExports": ["slowquery"]}, COMBINATION, "slowquery"),
        ({"CACertificateIdentifier": "rds-ca-2019"}, VALUE, "rds-ca-2019"),
        ({"KmsKeyId": "alias/none"}, COMBINATION, "StorageEncrypted"),
        ({"StorageEncrypted": True, "KmsKeyId": "alias/none"}, "KMSKeyNotAccessibleFault", "alias/none"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault", "none"),
        ({"VpcSecurityGroupIds": ["sg-none"]}, VALUE, "sg-none"),
        ({"DBParameterGroupName": "none"}, "DBParameterGroupNotFound", "none"),
        ({"DBParameterGroupName": "default.postgres16"}, COMBINATION, "DBParameterGroupFamily postgres17"),
        ({"DBClusterIdentifier": "c"}, "SandboxNotImplemented", "DBClusterIdentifier"),
        ({"OptionGroupName": "o"}, "SandboxNotImplemented", "OptionGroupName"),
    ],
)
def test_create_is_refused(desk: Desk, members: dict[str, Any], code: str, words: str) -> None:
    refused = desk.refused("CreateDBInstance", **_with(**members))
    assert refused[0] == code
    assert words in refused[1]
    assert desk.operations() == []
    assert desk.call("DescribeDBInstances")["DBInstances"] == []


@pytest.mark.parametrize(
    "members",
    [
        {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "sun:04:00-sun:05:00"},
        {"BackupRetentionPeriod": 0},
        {"BackupRetentionPeriod": 35},
        {"Port": 1150},
        {"MaxAllocatedStorage": 110},
        {"AllocatedStorage": 400, "Iops": 12000, "StorageThroughput": 500},
        {"AllocatedStorage": 20},
        {"DBName": "_tap"},
        {"MasterUserPassword": "12345678"},
        {"EngineVersion": "17.7"},
        {"EnableCloudwatchLogsExports": ["postgresql", "upgrade"]},
        {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 731},
    ],
)
def test_create_takes_what_stands_on_the_bound(desk: Desk, members: dict[str, Any]) -> None:
    created = desk.create(is_ready=False, **members)
    assert created["DBInstanceStatus"] == "creating"


def test_disabled_key_refuses_creation(desk: Desk) -> None:
    key = desk.call("CreateKey", "kms")["KeyMetadata"]["KeyId"]
    desk.create("before", StorageEncrypted=True, KmsKeyId=key)
    desk.call("DisableKey", "kms", KeyId=key)
    assert (
        desk.refused("CreateDBInstance", **_with(StorageEncrypted=True, KmsKeyId=key))[0] == "KMSKeyNotAccessibleFault"
    )


def test_describe_filters_and_pages(desk: Desk) -> None:
    for name in ("a1", "b2", "c3"):
        desk.create(name)
    filters = [{"Name": "db-instance-id", "Values": ["a1", "arn:aws:rds:eu-west-1:123456789012:db:c3"]}]
    found = desk.call("DescribeDBInstances", Filters=filters)["DBInstances"]
    assert [each["DBInstanceIdentifier"] for each in found] == ["a1", "c3"]
    first = desk.call("DescribeDBInstances", MaxRecords=2)
    rest = desk.call("DescribeDBInstances", MaxRecords=2, Marker=first["Marker"])
    assert [each["DBInstanceIdentifier"] for each in (*first["DBInstances"], *rest["DBInstances"])] == [
        "a1",
        "b2",
        "c3",
    ]
    assert "Marker" not in rest
    unknown = [{"Name": "colour", "Values": ["red"]}]
    assert desk.refused("DescribeDBInstances", Filters=unknown)[0] == VALUE


def test_regions_are_apart(desk: Desk) -> None:
    desk.create()
    with desk.state.reading("us-east-1") as tx:
        assert tx.all("rds:db") == []


def _with(**members: Any) -> dict[str, Any]:
    base = {
        "DBInstanceIdentifier": "shop",
        "Engine": "postgres",
        "EngineVersion": "17.9",
        "DBInstanceClass": "db.m6g.large",
        "AllocatedStorage": 100,
        "MasterUsername": "master",
        "MasterUserPassword": "correct-horse-battery",
    }
    return {**base, **members}
