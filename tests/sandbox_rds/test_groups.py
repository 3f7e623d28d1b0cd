"""Parameter groups, subnet groups, event subscriptions and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstay.sandbox.rds.events import EVENTS, emit

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
REGION = "eu-west-1"


def group(desk: Desk, name: str = "tuned") -> None:
    desk.call("CreateDBParameterGroup", DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="d")


def change(name: str, value: str, method: str = "pending-reboot") -> dict[str, str]:
    return {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}


def test_parameters_set_and_reset(desk: Desk) -> None:
    group(desk)
    changes = [change("work_mem", "16384", "immediate"), change("shared_buffers", "{DBInstanceClassMemory/32768}")]
    desk.call("ModifyDBParameterGroup", DBParameterGroupName="tuned", Parameters=changes)
    own = desk.call("DescribeDBParameters", DBParameterGroupName="tuned", Source="user")["Parameters"]
    assert {one["ParameterName"]: (one["ParameterValue"], one["ApplyType"]) for one in own} == {
        "work_mem": ("16384", "dynamic"),
        "shared_buffers": ("{DBInstanceClassMemory/32768}", "static"),
    }
    one = [{"ParameterName": "work_mem", "ApplyMethod": "immediate"}]
    desk.call("ResetDBParameterGroup", DBParameterGroupName="tuned", Parameters=one)
    left = desk.call("DescribeDBParameters", DBParameterGroupName="tuned", Source="user")["Parameters"]
    assert [each["ParameterName"] for each in left] == ["shared_buffers"]


@pytest.mark.parametrize(
    ("parameter", "code", "words"),
    [
        (change("nonsense", "1"), VALUE, "Could not find parameter with name: nonsense"),
        (change("work_mem", "16MB"), VALUE, "Invalid parameter value: 16MB for: work_mem allowed values are: 64-"),
        (change("work_mem", "63"), VALUE, "63"),
        (change("work_mem", "64.5"), VALUE, "64.5"),
        (change("autovacuum", "on"), VALUE, "allowed values are: 0,1"),
        (change("rds.force_ssl", "yes"), VALUE, "rds.force_ssl"),
        (change("shared_buffers", "1000", "immediate"), COMBINATION, "static parameter"),
        (change("work_mem", "1000", "later"), VALUE, "later"),
        ({"ParameterName": "work_mem"}, VALUE, "ApplyMethod"),
    ],
)
def test_parameter_is_refused(desk: Desk, parameter: dict[str, str], code: str, words: str) -> None:
    group(desk)
    refused = desk.refused("ModifyDBParameterGroup", DBParameterGroupName="tuned", Parameters=[parameter])
    assert refused[0] == code
    assert words in refused[1]
    assert desk.call("DescribeDBParameters", DBParameterGroupName="tuned", Source="user")["Parameters"] == []


def test_at_most_twenty_parameters_a_call(desk: Desk) -> None:
    group(desk)
    names = ["work_mem"] * 20
    desk.call("ModifyDBParameterGroup", DBParameterGroupName="tuned", Parameters=[change(n, "64") for n in names])
    refused = desk.refused(
        "ModifyDBParameterGroup",
        DBParameterGroupName="tuned",
        Parameters=[change(n, "64") for n in [*names, "work_mem"]],
    )
    assert "20" in refused[1]


def test_dynamic_change_reaches_the_instances_of_the_group(desk: Desk) -> None:
    group(desk)
    desk.create(DBParameterGroupName="tuned")
    desk.create("other")
    desk.call(
        "ModifyDBParameterGroup", DBParameterGroupName="tuned", Parameters=[change("work_mem", "64", "immediate")]
    )
    assert [(each["kind"], each["instance"]) for each in desk.operations()] == [("reload", "shop")]
    desk.call("ModifyDBParameterGroup", DBParameterGroupName="tuned", Parameters=[change("max_connections", "50")])
    assert desk.find("shop")["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    assert desk.refused("DeleteDBParameterGroup", DBParameterGroupName="tuned")[0] == "InvalidDBParameterGroupState"


def test_groups_are_refused(desk: Desk) -> None:
    group(desk)
    again = {"DBParameterGroupName": "Tuned", "DBParameterGroupFamily": "postgres17", "Description": "d"}
    assert desk.refused("CreateDBParameterGroup", **again)[0] == "DBParameterGroupAlreadyExists"
    odd = {"DBParameterGroupName": "x", "DBParameterGroupFamily": "postgres99", "Description": "d"}
    assert desk.refused("CreateDBParameterGroup", **odd)[0] == VALUE
    default = {"DBParameterGroupName": "default.postgres17"}
    assert desk.call("DescribeDBParameterGroups", **default)["DBParameterGroups"]
    assert desk.refused("DeleteDBParameterGroup", **default)[0] == "InvalidDBParameterGroupState"
    assert desk.refused("DescribeDBParameterGroups", DBParameterGroupName="no")[0] == "DBParameterGroupNotFound"


def test_fifty_groups_and_no_more(desk: Desk) -> None:
    for number in range(50):
        group(desk, f"tuned-{number}")
    wanted = {"DBParameterGroupName": "more", "DBParameterGroupFamily": "postgres17", "Description": "d"}
    assert desk.refused("CreateDBParameterGroup", **wanted)[0] == "DBParameterGroupQuotaExceeded"
    desk.call("DeleteDBParameterGroup", DBParameterGroupName="tuned-7")
    desk.call("CreateDBParameterGroup", **wanted)


def test_a_group_is_in_use_until_its_instance_is_gone_and_fits_its_family_alone(desk: Desk) -> None:
    group(desk)
    desk.create(DBParameterGroupName="tuned")
    desk.call("DeleteDBInstance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    assert desk.refused("DeleteDBParameterGroup", DBParameterGroupName="tuned")[0] == "InvalidDBParameterGroupState"
    older = {"DBParameterGroupName": "older", "DBParameterGroupFamily": "postgres16", "Description": "d"}
    desk.call("CreateDBParameterGroup", **older)
    desk.create("other")
    copy = {"SourceDBInstanceIdentifier": "other", "TargetDBInstanceIdentifier": "copy"}
    latest = {**copy, "UseLatestRestorableTime": True, "DBParameterGroupName": "older"}
    code, words = desk.refused("RestoreDBInstanceToPointInTime", **latest)
    assert code == COMBINATION
    assert "Use a parameter group with DBParameterGroupFamily postgres17" in words


def test_subnet_group_needs_two_zones(desk: Desk) -> None:
    _, subnets, _ = desk.network()
    make = {"DBSubnetGroupName": "s", "DBSubnetGroupDescription": "d"}
    assert desk.refused("CreateDBSubnetGroup", **make, SubnetIds=subnets[:1])[0] == "DBSubnetGroupDoesNotCoverEnoughAZs"
    assert desk.refused("CreateDBSubnetGroup", **make, SubnetIds=["subnet-none"])[0] == "InvalidSubnet"
    reserved = {**make, "DBSubnetGroupName": "Default"}
    assert "reserved" in desk.refused("CreateDBSubnetGroup", **reserved, SubnetIds=subnets)[1]
    created = desk.call("CreateDBSubnetGroup", **make, SubnetIds=subnets)["DBSubnetGroup"]
    assert [each["SubnetIdentifier"] for each in created["Subnets"]] == subnets
    assert desk.refused("CreateDBSubnetGroup", **make, SubnetIds=subnets)[0] == "DBSubnetGroupAlreadyExists"
    desk.call("DeleteDBSubnetGroup", DBSubnetGroupName="s")
    assert desk.refused("DescribeDBSubnetGroups", DBSubnetGroupName="s")[0] == "DBSubnetGroupNotFoundFault"


def test_event_subscription(desk: Desk) -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alerts"
    make: dict[str, Any] = {"SubscriptionName": "e", "SnsTopicArn": topic, "SourceType": "db-instance"}
    made = desk.call("CreateEventSubscription", **make, SourceIds=["shop"], EventCategories=["failover"])
    assert made["EventSubscription"]["EventCategoriesList"] == ["failover"]
    assert desk.refused("CreateEventSubscription", **make)[0] == "SubscriptionAlreadyExist"
    other = {**make, "SubscriptionName": "f"}
    assert desk.refused("CreateEventSubscription", **other, EventCategories=["no"])[0] == "SubscriptionCategoryNotFound"
    nameless = {"SubscriptionName": "f", "SnsTopicArn": topic, "SourceIds": ["shop"]}
    assert (
        desk.refused("CreateEventSubscription", **nameless)[1] == "If SourceType is null, SourceId must also be null."
    )
    desk.call("AddSourceIdentifierToSubscription", SubscriptionName="e", SourceIdentifier="more")
    desk.call("RemoveSourceIdentifierFromSubscription", SubscriptionName="e", SourceIdentifier="shop")
    desk.call("ModifyEventSubscription", SubscriptionName="e", Enabled=False)
    (found,) = desk.call("DescribeEventSubscriptions")["EventSubscriptionsList"]
    assert (found["SourceIdsList"], found["Enabled"]) == (["more"], False)
    desk.call("DeleteEventSubscription", SubscriptionName="e")
    assert desk.refused("DescribeEventSubscriptions", SubscriptionName="e")[0] == "SubscriptionNotFound"


def test_events_by_source_and_category(desk: Desk) -> None:
    with desk.state.transaction(REGION) as tx:
        emit(tx, "RDS-EVENT-0013", "shop")
        emit(tx, "RDS-EVENT-0005", "other")
    found = desk.call("DescribeEvents", SourceIdentifier="shop", SourceType="db-instance")["Events"]
    assert [each["EventCategories"] for each in found] == [["failover"]]
    assert len(desk.call("DescribeEvents", EventCategories=["creation"])["Events"]) == 1
    assert desk.refused("DescribeEvents", SourceIdentifier="shop")[0] == COMBINATION


def test_every_event_can_be_written(desk: Desk) -> None:
    with desk.state.transaction(REGION) as tx:
        for event in EVENTS:
            emit(tx, event, "shop", reason="because", source="a", target="b", proxy="p")
    assert len(desk.call("DescribeEvents")["Events"]) == len(EVENTS)


def test_versions_and_classes(desk: Desk) -> None:
    found = desk.call("DescribeDBEngineVersions", Engine="postgres", EngineVersion="17")["DBEngineVersions"]
    assert [each["EngineVersion"] for each in found] == ["17.7", "17.9", "17.10", "17.11"]
    only = desk.call("DescribeDBEngineVersions", Engine="postgres", EngineVersion="17", DefaultOnly=True)
    assert [each["EngineVersion"] for each in only["DBEngineVersions"]] == ["17.10"]
    options = desk.call("DescribeOrderableDBInstanceOptions", Engine="postgres", DBInstanceClass="db.t4g.micro")
    assert options["OrderableDBInstanceOptions"][0]["MultiAZCapable"]
    elsewhere = desk.call("DescribeOrderableDBInstanceOptions", Engine="postgres", DBInstanceClass="db.m9g.large")
    assert elsewhere["OrderableDBInstanceOptions"] == []  # not offered in eu-west-1
    assert desk.call("DescribeEventCategories")["EventCategoriesMapList"]
