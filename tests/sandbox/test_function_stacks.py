"""Stacks of functions, permissions and rotation schedules: made, changed, undone and taken away."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mainstay.sandbox.services.functions.code import inline_zip

REGION = "eu-central-1"
TEXT = "def handler(event, context):\n    return 1\n"
RULES = {"AutomaticallyAfterDays": 30, "Duration": "3h"}


def trust(service: str) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [allow]}


OWNER: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}},
    "Action": "kms:*",
    "Resource": "*",
}
TURN: dict[str, Any] = {
    "FunctionName": "turn",
    "Runtime": "python3.13",
    "Handler": "index.handler",
    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    "Code": {"ZipFile": TEXT},
}
STACK: dict[str, Any] = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")},
        },
        "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Near": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.0.1.0/24"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "functions", "VpcId": {"Ref": "Net"}},
        },
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [OWNER]}}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/turns"}},
        "Dead": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Login": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {
                "Name": "login",
                "GenerateSecretString": {"SecretStringTemplate": "{}", "GenerateStringKey": "password"},
            },
        },
        "Turn": {"Type": "AWS::Lambda::Function", "Properties": TURN},
        "May": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Fn::GetAtt": ["Turn", "Arn"]},
                "Action": "lambda:InvokeFunction",
                "Principal": "secretsmanager.amazonaws.com",
                "SourceAccount": {"Ref": "AWS::AccountId"},
            },
        },
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "DependsOn": ["May"],
            "Properties": {
                "SecretId": {"Ref": "Login"},
                "RotationLambdaARN": {"Fn::GetAtt": ["Turn", "Arn"]},
                "RotationRules": RULES,
                "RotateImmediatelyOnUpdate": False,
            },
        },
    },
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Turn", "Arn"]}}},
}
RICH: dict[str, Any] = {
    "Description": "turns",
    "Timeout": 30,
    "MemorySize": 256,
    "EphemeralStorage": {"Size": 1024},
    "Architectures": ["arm64"],
    "Environment": {"Variables": {"WHERE": {"Ref": "AWS::Region"}}},
    "KmsKeyArn": {"Fn::GetAtt": ["Key", "Arn"]},
    "VpcConfig": {"SubnetIds": [{"Ref": "Near"}], "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]},
    "DeadLetterConfig": {"TargetArn": {"Ref": "Dead"}},
    "LoggingConfig": {"LogGroup": {"Ref": "Logs"}, "LogFormat": "JSON"},
    "TracingConfig": {"Mode": "Active"},
    "ReservedConcurrentExecutions": 2,
    "Tags": [{"Key": "a", "Value": "b"}],
}


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(STACK)


def function(site: Any) -> Any:
    return site.client("lambda").get_function(FunctionName="turn")


def test_a_stack_makes_a_function_that_runs_and_may_rotate(site: Any, document: dict[str, Any]) -> None:
    assert site.deploy("s", document, "CREATE") == "CREATE_COMPLETE"
    answer = site.client("lambda").invoke(FunctionName="turn")
    assert json.loads(answer["Payload"].read()) == 1
    described = site.client("secretsmanager").describe_secret(SecretId="login")
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, RULES)
    assert described["NextRotationDate"].strftime("%H:%M:%S") == "02:59:59"
    [statement] = json.loads(site.client("lambda").get_policy(FunctionName="turn")["Policy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": "123456789012"}}
    stack = site.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    site.client("cloudformation").delete_stack(StackName="s")
    assert site.run(stack) == "DELETE_COMPLETE"
    assert site.client("lambda").list_functions()["Functions"] == []
    with site.state.reading(REGION) as tx:
        assert not [kind for kind in ("lambda:permission", "secrets:secret") if tx.all(kind)]


def test_a_function_is_changed_in_place_and_goes_back(site: Any, document: dict[str, Any]) -> None:
    site.deploy("s", document, "CREATE")
    plain = function(site)["Configuration"]
    rich = copy.deepcopy(document)
    rich["Resources"]["Turn"]["Properties"] |= {**RICH, "Code": {"ZipFile": TEXT + "# changed\n"}}
    assert site.deploy("s", rich, "UPDATE") == "UPDATE_COMPLETE"
    found = function(site)
    made = found["Configuration"]
    assert (made["Timeout"], made["MemorySize"], made["Architectures"]) == (30, 256, ["arm64"])
    assert made["Environment"] == {"Variables": {"WHERE": REGION}}
    assert made["LoggingConfig"] == {"LogGroup": "/turns", "LogFormat": "JSON"}
    assert made["EphemeralStorage"] == {"Size": 1024}
    assert made["VpcConfig"]["SubnetIds"][0].startswith("subnet-")
    assert made["KMSKeyArn"].startswith("arn:aws:kms:")
    assert made["CodeSha256"] != plain["CodeSha256"]
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 2}
    assert found["Tags"] == {"a": "b"}
    assert site.deploy("s", document, "UPDATE") == "UPDATE_COMPLETE"
    back = function(site)
    kept = {name for name in plain if back["Configuration"].get(name) != plain[name]}
    assert kept <= {"LastModified", "RevisionId", "LoggingConfig"}
    assert "Concurrency" not in back


def test_a_schedule_without_permission_fails_and_is_rolled_back(site: Any, document: dict[str, Any]) -> None:
    document["Resources"]["May"]["Properties"]["SourceAccount"] = "9" * 12
    assert site.deploy("s", document, "CREATE") == "ROLLBACK_COMPLETE"
    events = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    told = [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert any("cannot invoke the specified Lambda function" in reason for reason in told)
    assert site.client("lambda").list_functions()["Functions"] == []


def test_code_out_of_a_bucket_follows_its_key_and_a_schedule_its_rules(site: Any, document: dict[str, Any]) -> None:
    s3 = site.client("s3")
    s3.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, text in (("one.zip", "1"), ("two.zip", "2")):
        s3.put_object(Bucket="packages", Key=key, Body=inline_zip(f"def handler(event, context):\n    return {text}"))
    turn, schedule = (document["Resources"][key]["Properties"] for key in ("Turn", "Schedule"))
    turn["Code"] = {"S3Bucket": "packages", "S3Key": "one.zip"}
    schedule.pop("RotateImmediatelyOnUpdate")
    site.deploy("s", document, "CREATE")
    [pending] = [
        version
        for version, labels in site.client("secretsmanager")
        .describe_secret(SecretId="login")["VersionIdsToStages"]
        .items()
        if labels == ["AWSPENDING"]
    ]
    turn["Code"]["S3Key"] = "two.zip"
    assert site.deploy("s", document, "UPDATE") == "UPDATE_COMPLETE"
    answer = site.client("lambda").invoke(FunctionName="turn")
    assert json.loads(answer["Payload"].read()) == 2
    # While a rotation is under way the schedule cannot be changed.
    schedule["RotationRules"] = {"ScheduleExpression": "rate(10 days)"}
    assert site.deploy("s", document, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    secrets = site.client("secretsmanager")
    secrets.cancel_rotate_secret(SecretId="login")
    secrets.update_secret_version_stage(SecretId="login", VersionStage="AWSPENDING", RemoveFromVersionId=pending)
    assert site.deploy("s", document, "UPDATE") == "UPDATE_COMPLETE"
    assert secrets.describe_secret(SecretId="login")["RotationRules"] == {"ScheduleExpression": "rate(10 days)"}
