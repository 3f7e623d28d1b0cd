"""A proxy and its target group in a stack: made, changed, and taken away."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from mainstay.formats import cloudformation
from mainstay.plan.passes import build
from mainstay.spec import load

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "mysql-proxy.yaml"
GENERATED = {"SecretStringTemplate": '{"username": "u"}', "GenerateStringKey": "password"}


def document() -> dict[str, Any]:
    """The parts of the blueprint's template that a proxy needs."""
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]}  # fmt: skip
    zones = [{"Fn::Select": [index, {"Fn::GetAZs": ""}]} for index in (0, 1)]
    subnets = {
        f"Subnet{index}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": f"10.0.{index}.0/24", "AvailabilityZone": zone},
        }
        for index, zone in enumerate(zones)
    }
    login = {"AuthScheme": "SECRETS", "SecretArn": {"Ref": "Login"}, "IAMAuth": "REQUIRED"}
    kinds = {
        "Net": ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        "Group": ("AWS::EC2::SecurityGroup", {"GroupDescription": "d", "VpcId": {"Ref": "Net"}}),
        "Login": ("AWS::SecretsManager::Secret", {"GenerateSecretString": GENERATED}),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust}),
        "Database": (
            "AWS::RDS::DBInstance",
            {"Engine": "postgres", "EngineVersion": "17.9", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20",
             "MasterUsername": "u", "MasterUserPassword": "correct-horse", "StorageType": "gp3"},
        ),
        "Front": (
            "AWS::RDS::DBProxy",
            {"DBProxyName": "front", "EngineFamily": "POSTGRESQL", "RequireTLS": True, "Auth": [login],
             "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "VpcSubnetIds": [{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
             "VpcSecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}],
             "Tags": [{"Key": "Owner", "Value": "me"}]},
        ),
        "Target": (
            "AWS::RDS::DBProxyTargetGroup",
            {"DBProxyName": {"Ref": "Front"}, "TargetGroupName": "default",
             "DBInstanceIdentifiers": [{"Ref": "Database"}],
             "ConnectionPoolConfigurationInfo": {"MaxConnectionsPercent": 50, "ConnectionBorrowTimeout": 30}},
        ),
    }  # fmt: skip
    resources = {key: {"Type": kind, "Properties": properties} for key, (kind, properties) in kinds.items()}
    outputs = {"Endpoint": {"Value": {"Fn::GetAtt": ["Front", "Endpoint"]}}}
    return {"Resources": {**subnets, **resources}, "Outputs": outputs}


def pool(rds: Any) -> dict[str, Any]:
    (group,) = rds.describe_db_proxy_target_groups(DBProxyName="front")["TargetGroups"]
    found: dict[str, Any] = group["ConnectionPoolConfig"]
    return found


def test_a_proxy_is_made_changed_and_taken_away(site: Any) -> None:
    rds, template = site.client("rds"), document()
    deployed = site.deploy("s", template, "CREATE")
    told = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    assert deployed == "CREATE_COMPLETE", [
        event["ResourceStatusReason"] for event in told if "ResourceStatusReason" in event
    ]
    (stack,) = site.client("cloudformation").describe_stacks(StackName="s")["Stacks"]
    assert stack["Outputs"][0]["OutputValue"] == "127.0.0.8"
    (proxy,) = rds.describe_db_proxies()["DBProxies"]
    assert (proxy["Auth"][0]["IAMAuth"], proxy["RequireTLS"]) == ("REQUIRED", True)
    assert pool(rds)["ConnectionBorrowTimeout"] == 30
    (target,) = rds.describe_db_proxy_targets(DBProxyName="front")["Targets"]
    assert target["TargetHealth"] == {"State": "AVAILABLE"}

    changed = copy.deepcopy(template)
    changed["Resources"]["Front"]["Properties"] |= {"IdleClientTimeout": 60, "Tags": [{"Key": "Owner", "Value": "you"}]}
    properties = changed["Resources"]["Target"]["Properties"]
    properties["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"] = 20
    properties["DBInstanceIdentifiers"] = []
    assert site.deploy("s", changed, "UPDATE") == "UPDATE_COMPLETE"
    assert rds.describe_db_proxies()["DBProxies"][0]["IdleClientTimeout"] == 60
    assert rds.list_tags_for_resource(ResourceName=proxy["DBProxyArn"])["TagList"][0]["Value"] == "you"
    assert pool(rds)["MaxConnectionsPercent"] == 20
    assert rds.describe_db_proxy_targets(DBProxyName="front")["Targets"] == []
    site.client("cloudformation").delete_change_set(StackName="s", ChangeSetName="UPDATE")
    assert site.deploy("s", template | {"Description": "again"}, "UPDATE") == "UPDATE_COMPLETE"
    assert len(rds.describe_db_proxy_targets(DBProxyName="front")["Targets"]) == 1

    site.client("cloudformation").delete_stack(StackName="s")
    assert site.run(stack["StackId"]) == "DELETE_COMPLETE"
    assert rds.describe_db_proxies()["DBProxies"] == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_blueprint_s_every_resource_is_made(site: Any, environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_SANDBOX_MYSQL", "mariadb")
    plan = build(load(BLUEPRINT, environment=environment))
    client = site.client("cloudformation")
    body = next(iter(cloudformation.render(plan).values()))
    place = {"LocationConstraint": "eu-central-1"}
    site.client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration=place)
    site.client("s3").put_object(Bucket="templates", Key="t.json", Body=body.encode())
    made = client.create_change_set(
        StackName="p", ChangeSetName="c", ChangeSetType="CREATE", Capabilities=["CAPABILITY_NAMED_IAM"],
        TemplateURL="https://templates.s3.eu-central-1.amazonaws.com/t.json",
    )  # fmt: skip
    client.execute_change_set(StackName="p", ChangeSetName="c")
    assert site.run(made["StackId"], most=1200) == "CREATE_COMPLETE"
    assert site.client("rds").describe_db_proxies()["DBProxies"][0]["EngineFamily"] == "MYSQL"
