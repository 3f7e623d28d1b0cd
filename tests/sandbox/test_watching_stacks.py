"""Stacks of alarms over alarms, dashboards, filters, flow logs and option groups: made, changed, replaced, undone."""

from __future__ import annotations

import copy
from typing import Any

ALARM = {
    "MetricName": "CPUUtilization", "Namespace": "AWS/RDS", "Statistic": "Average", "Period": 60,
    "EvaluationPeriods": 1, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip
TAGS = [{"Key": "a", "Value": "b"}]
WATCHED: dict[str, Any] = {
    "Resources": {
        "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Cpu": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Any": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": {
                "AlarmRule": {"Fn::Join": ["", ['ALARM("', {"Ref": "Cpu"}, '")']]},
                "AlarmActions": [{"Ref": "Topic"}],
                "Tags": TAGS,
            },
        },
        "Board": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": "board", "DashboardBody": '{"widgets":[]}', "Tags": TAGS},
        },
        "Errors": {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": {"Ref": "Logs"},
                "FilterPattern": "ERROR",
                "MetricTransformations": [
                    {"MetricName": "Errors", "MetricNamespace": "shop", "MetricValue": "1", "DefaultValue": 0}
                ],
            },
        },
        "Traffic": {
            "Type": "AWS::EC2::FlowLog",
            "Properties": {
                "ResourceId": {"Ref": "Net"},
                "ResourceType": "VPC",
                "TrafficType": "REJECT",
                "LogGroupName": {"Ref": "Logs"},
                "DeliverLogsPermissionArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "Tags": TAGS,
            },
        },
        "Options": {
            "Type": "AWS::RDS::OptionGroup",
            "Properties": {
                "EngineName": "mysql",
                "MajorEngineVersion": "8.4",
                "OptionGroupDescription": "d",
                "OptionConfigurations": [
                    {
                        "OptionName": "MARIADB_AUDIT_PLUGIN",
                        "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT"}],
                    }
                ],
                "Tags": TAGS,
            },
        },
    }
}


def ids(site: Any) -> dict[str, str]:
    found = site.client("cloudformation").describe_stack_resources(StackName="s")["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}


def changed(**properties: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(WATCHED)
    for key, more in properties.items():
        document["Resources"][key]["Properties"].update(more)
    return document


def composite(site: Any) -> Any:
    return site.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]


def test_all_of_it_is_made_changed_and_taken_away(site: Any) -> None:
    assert site.deploy("s", WATCHED, "CREATE") == "CREATE_COMPLETE"
    before = ids(site)
    assert composite(site)[0]["AlarmRule"] == f'ALARM("{before["Cpu"]}")'
    assert composite(site)[0]["AlarmActions"] == [before["Topic"]]
    options = site.client("rds").describe_option_groups()["OptionGroupsList"][0]["Options"]
    assert options[0]["OptionSettings"][0]["Value"] == "CONNECT"

    tags = [{"Key": "c", "Value": "d"}]
    document = changed(
        Any={"AlarmDescription": "new", "Tags": tags},
        Board={"DashboardBody": '{"widgets": []}', "Tags": tags},
        Errors={"FilterPattern": "FATAL"},
        Traffic={"Tags": tags},
        Options={"OptionConfigurations": [], "Tags": tags},
    )
    assert site.deploy("s", document, "UPDATE") == "UPDATE_COMPLETE"
    assert ids(site) == before
    assert composite(site)[0]["AlarmDescription"] == "new"
    cloudwatch = site.client("cloudwatch")
    board = cloudwatch.get_dashboard(DashboardName="board")
    for arn in (composite(site)[0]["AlarmArn"], board["DashboardArn"]):
        assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    assert site.client("logs").describe_metric_filters()["metricFilters"][0]["filterPattern"] == "FATAL"
    assert site.client("ec2").describe_flow_logs()["FlowLogs"][0]["Tags"] == tags
    group = site.client("rds").describe_option_groups()["OptionGroupsList"][0]
    assert group["Options"] == []
    assert site.client("rds").list_tags_for_resource(ResourceName=group["OptionGroupArn"])["TagList"] == tags

    site.client("cloudformation").delete_stack(StackName="s")
    site.run(_stack(site))
    assert composite(site) == []
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
    assert site.client("ec2").describe_flow_logs()["FlowLogs"] == []
    assert site.client("logs").describe_metric_filters()["metricFilters"] == []
    assert site.client("rds").describe_option_groups()["OptionGroupsList"] == []


def _stack(site: Any) -> str:
    with site.state.reading("eu-central-1") as tx:
        return str(tx.all("cfn:stack")[0]["StackId"])


def test_what_cannot_change_is_replaced(site: Any) -> None:
    assert site.deploy("s", WATCHED, "CREATE") == "CREATE_COMPLETE"
    before = ids(site)
    document = changed(
        Board={"DashboardName": "other"}, Traffic={"TrafficType": "ALL", "MaxAggregationInterval": 60,
        "LogFormat": "${srcaddr}", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b"},
        Options={"OptionGroupDescription": "e"}, Errors={"FilterName": "named"}, Any={"AlarmName": "named"},
    )  # fmt: skip
    for gone in ("LogGroupName", "DeliverLogsPermissionArn"):
        del document["Resources"]["Traffic"]["Properties"][gone]
    assert site.deploy("s", document, "UPDATE") == "UPDATE_COMPLETE"
    after = ids(site)
    assert {key for key in before if before[key] != after[key]} == {"Board", "Traffic", "Options", "Errors", "Any"}
    assert [item["AlarmName"] for item in composite(site)] == ["named"]
    assert len(site.client("ec2").describe_flow_logs()["FlowLogs"]) == 1
    assert len(site.client("rds").describe_option_groups()["OptionGroupsList"]) == 1


def test_a_failed_update_is_taken_back(site: Any) -> None:
    assert site.deploy("s", WATCHED, "CREATE") == "CREATE_COMPLETE"
    document = changed(
        Any={"AlarmDescription": "new"},
        Errors={"FilterPattern": "FATAL"},
        Options={"OptionConfigurations": []},
        Board={"DashboardBody": "{}"},
    )
    assert site.deploy("s", document, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert "AlarmDescription" not in composite(site)[0]
    assert site.client("logs").describe_metric_filters()["metricFilters"][0]["filterPattern"] == "ERROR"
    assert len(site.client("rds").describe_option_groups()["OptionGroupsList"][0]["Options"]) == 1
