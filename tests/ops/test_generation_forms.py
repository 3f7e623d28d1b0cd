"""The forms of a stack on the way to another database: what leaves, what is imported as it is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.ops.aws.rds_states import DbState, db_state
from mainstay.ops.generation.forms import forms_of, literals_of, log_groups, target_groups

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Log": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": "/aws/rds/instance/shop/postgresql", "RetentionInDays": 7},
        },
        "Other": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/rds/instance/shop-two/error"}},
        "Bare": {"Type": "AWS::Logs::LogGroup"},
        "Db": {
            "Type": "AWS::RDS::DBInstance",
            "DependsOn": "Log",
            "Properties": {"DBInstanceIdentifier": "shop", "AutomatedBackupReplicationRegion": "eu-west-1"},
        },
        "Target": {"Type": "AWS::RDS::DBProxyTargetGroup", "Properties": {"DBInstanceIdentifiers": [{"Ref": "Db"}]}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Description": {"Fn::Sub": "${Db.DbiResourceId} ${Log.Arn} ${Target}"}},
        },
    }
}
ARN = "arn:aws:rds:eu-central-1:123456789012:target-group:prx-tg-1"
HELD: DbState = db_state(
    {
        "DBInstanceIdentifier": "shop",
        "DBInstanceArn": "arn:aws:rds:eu-central-1:123456789012:db:shop",
        "Endpoint": {"Address": "shop.example", "Port": 5432},
    }
)


def test_the_database_its_logs_and_its_proxy_leave_and_come_in_as_they_are() -> None:
    assert log_groups(TEMPLATE, "shop") == {"Log": "postgresql"}
    assert target_groups(TEMPLATE, "Db") == ("Target",)
    literals = literals_of(TEMPLATE, "Db", HELD, "db-1", {"Target": ARN})
    forms = forms_of(TEMPLATE, "Db", literals, "next", ["/aws/rds/instance/next/postgresql"])
    assert forms.leaving == ("Db", "Log", "Target")
    assert [(one.logical_id, one.property, one.identifier) for one in forms.imports] == [
        ("Db", "DBInstanceIdentifier", "next"),
        ("Log", "LogGroupName", "/aws/rds/instance/next/postgresql"),
        ("Target", "TargetGroupArn", ARN),
    ]
    shown: Any = [each["Resources"] for each in forms.templates]
    first, loose, left, taken, last = shown
    log = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/rds/instance/shop/postgresql:*"
    said = {"Fn::Sub": f"db-1 {log} {ARN}"}
    assert loose["Role"]["Properties"]["Description"] == said
    assert list(left) == ["Other", "Bare", "Role"]
    assert taken["Log"]["Properties"] == {"LogGroupName": "/aws/rds/instance/next/postgresql"}
    assert taken["Db"]["Properties"] == {"DBInstanceIdentifier": "next"}  # its replication is made, not believed
    assert taken["Target"]["Properties"] == {"DBInstanceIdentifiers": [{"Ref": "Db"}]}
    assert taken["Role"]["Properties"]["Description"] == said  # an import changes nothing else
    assert last["Db"]["Properties"]["AutomatedBackupReplicationRegion"] == "eu-west-1"
    assert last["Log"]["Properties"]["RetentionInDays"] == 7
    assert (last["Role"], first) == (TEMPLATE["Resources"]["Role"], TEMPLATE["Resources"])
    without: Any = forms_of(TEMPLATE, "Db", literals, "next", []).templates[3]["Resources"]
    assert "Log" not in without
    assert "DependsOn" not in without["Db"]


def test_under_the_same_name_only_the_database_leaves_and_the_end_is_the_beginning() -> None:
    literals = literals_of(TEMPLATE, "Db", HELD, "db-1", {})
    forms = forms_of(TEMPLATE, "Db", literals, "shop", ["/aws/rds/instance/shop/postgresql"])
    assert (forms.leaving, [one.logical_id for one in forms.imports]) == (("Db",), ["Db"])
    assert forms.is_at(4, TEMPLATE)
    assert forms.is_at(0, TEMPLATE)
    assert not forms.is_at(1, TEMPLATE)


def test_a_replica_in_the_stack_cannot_follow() -> None:
    replica = {"Type": "AWS::RDS::DBInstance", "Properties": {"SourceDBInstanceIdentifier": {"Ref": "Db"}}}
    following = {"Resources": {**TEMPLATE["Resources"], "Copy": replica}}
    with pytest.raises(InputRefused, match="a replica follows") as stop:
        forms_of(following, "Db", literals_of(following, "Db", HELD, "db-1", {}), "next", [])
    assert "Copy of the stack follows Db" in stop.value.detail
