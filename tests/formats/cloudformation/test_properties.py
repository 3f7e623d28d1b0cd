"""Properties of foreign templates: spellings that are normalised, shapes that are kept as extras."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mainstay.core.units import Bytes
from mainstay.formats.cloudformation import read, render
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.resources import (
    AccessLogging,
    Bucket,
    BucketEncryption,
    LifecycleRule,
    PublicAccessBlock,
    Resource,
    RulePeer,
)
from mainstay.plan.values import Attr, If, Json, Param, Ref, SecretField, Unknown

CAST: dict[str, Json] = {
    "Key": {"Type": "AWS::KMS::Key"},
    "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "Key"}}},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d"}},
    "Role": {"Type": "AWS::IAM::Role"},
    "Db": {"Type": "AWS::RDS::DBInstance"},
    "Logs": {"Type": "AWS::S3::Bucket"},
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Custom": {"Type": "Custom::Thing"},
    "Credentials": {"Type": "AWS::SecretsManager::Secret"},
}
NO_VALUE: Json = {"Ref": "AWS::NoValue"}
ODD_MEMBERS: list[dict[str, Json]] = [
    {"Sid": 5},
    {"Action": []},
    {"Action": [None]},
    {"Action": NO_VALUE},
    {"Principal": "someone"},
    {"Principal": {}},
    {"Principal": {"Somebody": "x"}},
    {"Condition": []},
    {"Condition": {"Bool": {}}},
    {"Condition": {"Bool": "x"}},
    {"Condition": {"Fn::If": {"a": "b"}}},
    {"Condition": {"Bool": {"Fn::If": "x"}}},
]
ODD_DOCUMENTS: list[Json] = [{"Statement": [{"Effect": "Deny", **member}]} for member in ODD_MEMBERS]


def subject(kind: str, properties: Json) -> Any:  # Any: a resource of whatever kind the test asked for
    """The resource read from a template, which has to survive being written and read again."""
    template = {
        "Parameters": {
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
            "Env": {"Type": "String"},
        },
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Env"}, "a"]}},
        "Resources": {**CAST, "Subject": {"Type": kind, "Properties": properties}},
    }
    plan = read(json.dumps(template), file="t.json")
    (text,) = render(plan).values()
    assert read(text, file="t.json") == plan
    assert render(read(text, file="t.json")) == render(plan)
    return plan.primary["Subject"]


@pytest.mark.parametrize(
    ("kind", "path", "node", "field", "value"),
    [
        ("RDS::DBInstance", "KmsKeyId", {"Ref": "Key"}, "key_id", Ref("Key")),
        ("RDS::DBInstance", "KmsKeyId", {"Fn::GetAtt": ["Key", "Arn"]}, "key_id", Ref("Key")),
        ("RDS::DBInstance", "KmsKeyId", {"Fn::GetAtt": ["Key", "KeyId"]}, "key_id", Ref("Key")),
        ("RDS::DBInstance", "KmsKeyId", {"Ref": "Alias"}, "key_id", Attr("Alias", "id")),
        ("RDS::DBInstance", "KmsKeyId", "arn:aws:kms:a", "key_id", "arn:aws:kms:a"),
        # Logs takes nothing but the ARN, so that a rule can see the mistake.
        ("Logs::LogGroup", "KmsKeyId", {"Ref": "Key"}, "key_id", Attr("Key", "id")),
        ("RDS::DBInstance", "MonitoringRoleArn", {"Ref": "Role"}, "monitoring_role", Attr("Role", "id")),
        ("RDS::DBInstance", "MonitoringRoleArn", {"Fn::GetAtt": ["Role", "Arn"]}, "monitoring_role", Ref("Role")),
        ("RDS::DBInstance", "SourceDBInstanceIdentifier", {"Ref": "Custom"}, "source", Ref("Custom")),
        (
            "RDS::DBInstance",
            "SourceDBInstanceIdentifier",
            {"Fn::GetAtt": ["Custom", "Arn"]},
            "source",
            Attr("Custom", "Arn"),
        ),
        (
            "RDS::DBInstance",
            "KmsKeyId",
            {"Fn::If": ["C", {"Ref": "Key"}, NO_VALUE]},
            "key_id",
            If("C", Ref("Key"), None),
        ),
        ("EC2::Subnet", "VpcId", {"Fn::GetAtt": ["Vpc", "VpcId"]}, "vpc", Ref("Vpc")),
        ("EC2::SecurityGroup", "VpcId", NO_VALUE, "vpc", None),
        ("EC2::Subnet", "VpcId", NO_VALUE, "vpc", Unknown("not written")),
        (
            "RDS::DBInstance",
            "VPCSecurityGroups",
            [{"Fn::GetAtt": ["Group", "GroupId"]}],
            "security_groups",
            (Ref("Group"),),
        ),
        ("RDS::DBInstance", "VPCSecurityGroups", {"Ref": "Group"}, "security_groups", (Ref("Group"),)),
        (
            "RDS::DBInstance",
            "VPCSecurityGroups",
            {"Fn::GetAtt": ["Group", "GroupId"]},
            "security_groups",
            (Ref("Group"),),
        ),
        ("RDS::DBInstance", "VPCSecurityGroups", "sg-1", "security_groups", ("sg-1",)),
        ("RDS::DBSubnetGroup", "SubnetIds", {"Ref": "Subnets"}, "subnets", (Param("Subnets"),)),
        (
            "RDS::DBSubnetGroup",
            "SubnetIds",
            {"Fn::GetAtt": ["Custom", "Ids"]},
            "subnets",
            (Unknown("an attribute that may be a list", {"Fn::GetAtt": ["Custom", "Ids"]}, is_list=True),),
        ),
        (
            "RDS::DBSubnetGroup",
            "SubnetIds",
            {"Fn::If": ["C", ["a"], {"Ref": "Subnets"}]},
            "subnets",
            (If("C", ("a",), (Param("Subnets"),)),),
        ),
        ("RDS::DBSubnetGroup", "SubnetIds", [{"Fn::If": ["C", "a", NO_VALUE]}], "subnets", (If("C", "a", None),)),
        ("SNS::Subscription", "TopicArn", {"Ref": "Topic"}, "topic", Ref("Topic")),
        ("SNS::Subscription", "TopicArn", {"Fn::GetAtt": ["Topic", "TopicArn"]}, "topic", Ref("Topic")),
        ("RDS::DBInstance", "AllocatedStorage", 20, "storage", Bytes.gib(20)),
        ("EC2::Instance", "UserData", {"Fn::Base64": "#!/bin/sh"}, "user_data", "#!/bin/sh"),
        ("EC2::Instance", "UserData", "IyEvYmluL3No", "user_data", "#!/bin/sh"),
        ("EC2::Instance", "UserData", "???", "user_data", Unknown("user data that is not base64 text", "???")),
        ("EC2::Instance", "UserData", "/w==", "user_data", Unknown("user data that is not base64 text", "/w==")),
        (
            "EC2::Instance",
            "UserData",
            {"Ref": "Env"},
            "user_data",
            Unknown("user data that is encoded elsewhere", {"Ref": "Env"}),
        ),
        (
            "EC2::Instance",
            "UserData",
            {"Fn::Base64": []},
            "user_data",
            Unknown("user data that is not a text", {"Fn::Base64": []}),
        ),
        (
            "RDS::DBInstance",
            "MasterUserPassword",
            {"Fn::Sub": "{{resolve:secretsmanager:${Credentials}:SecretString:password}}"},
            "password",
            SecretField(Ref("Credentials"), "password"),
        ),
    ],
)
def test_one_property(kind: str, path: str, node: Json, field: str, value: object) -> None:
    resource = subject(f"AWS::{kind}", {path: node})
    assert getattr(resource, field) == value
    assert resource.extras == {}


@pytest.mark.parametrize(
    ("kind", "properties", "extras"),
    [
        ("EC2::VPC", {"Nonsense.Member": 1, "@x": 2, "7": 3}, {"Nonsense~1Member": 1, "~2x": 2, "~37": 3}),
        ("EC2::VPC", {"EnableDnsSupport": None}, {"EnableDnsSupport": None}),
        ("EC2::VPC", {"Tags": {"Fn::If": ["C", [], []]}}, {"Tags": {"Fn::If": ["C", [], []]}}),
        ("EC2::VPC", {"Tags": [{"Key": "a", "Value": NO_VALUE}]}, {"Tags": [{"Key": "a", "Value": NO_VALUE}]}),
        ("EC2::VPC", {"Tags": [{"Key": "a", "Value": None}]}, {"Tags": [{"Key": "a", "Value": None}]}),
        ("EC2::VPC", {"Tags": [{"Key": "a"}]}, {"Tags": [{"Key": "a"}]}),
        (
            "EC2::VPC",
            {"Tags": [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}]},
            {"Tags": [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}]},
        ),
        ("EC2::VPC", {"Tags": [{"Key": "a", "Value": "b"}] * 2}, {"Tags": [{"Key": "a", "Value": "b"}] * 2}),
        (
            "RDS::DBParameterGroup",
            {"Parameters": {"Fn::If": ["C", {}, {}]}},
            {"Parameters": {"Fn::If": ["C", {}, {}]}},
        ),
        ("RDS::DBParameterGroup", {"Parameters": {"a": NO_VALUE}}, {"Parameters": {"a": NO_VALUE}}),
        ("RDS::DBSubnetGroup", {"SubnetIds": NO_VALUE}, {"SubnetIds": NO_VALUE}),
        ("RDS::DBSubnetGroup", {"SubnetIds": ["a", None]}, {"SubnetIds": ["a", None]}),
        (
            "RDS::DBSubnetGroup",
            {"SubnetIds": {"Fn::If": ["C", NO_VALUE, NO_VALUE]}},
            {"SubnetIds": {"Fn::If": ["C", NO_VALUE, NO_VALUE]}},
        ),
        (
            "EC2::SecurityGroup",
            {"SecurityGroupIngress": [{"IpProtocol": "-1", "SourceSecurityGroupOwnerId": "1"}]},
            {"SecurityGroupIngress.0.SourceSecurityGroupOwnerId": "1"},
        ),
        (
            "EC2::SecurityGroup",
            {"SecurityGroupIngress": [{"Fn::If": ["C", {"IpProtocol": "-1"}, NO_VALUE]}]},
            {"SecurityGroupIngress": [{"Fn::If": ["C", {"IpProtocol": "-1"}, NO_VALUE]}]},
        ),
        (
            "EC2::SecurityGroup",
            {"SecurityGroupIngress": {"IpProtocol": "-1"}},
            {"SecurityGroupIngress": {"IpProtocol": "-1"}},
        ),
        ("S3::Bucket", {"VersioningConfiguration": {}}, {"VersioningConfiguration": {}}),
        ("S3::Bucket", {"VersioningConfiguration": {"0": 1}}, {"VersioningConfiguration.~30": 1}),
        ("S3::Bucket", {"VersioningConfiguration": [1]}, {"VersioningConfiguration": [1]}),
        ("S3::Bucket", {"OwnershipControls": {"Rules": []}}, {"OwnershipControls.Rules": []}),
        ("S3::Bucket", {"OwnershipControls": {"Rules": {"a": 1}}}, {"OwnershipControls.Rules": {"a": 1}}),
        (
            "S3::Bucket",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "x"}, {"ObjectOwnership": "y"}]}},
            {"OwnershipControls.Rules.1": {"ObjectOwnership": "y"}},
        ),
        (
            "S3::Bucket",
            {"PublicAccessBlockConfiguration": {"Fn::If": ["C", {}, NO_VALUE]}},
            {"PublicAccessBlockConfiguration": {"Fn::If": ["C", {}, NO_VALUE]}},
        ),
        (
            "S3::Bucket",
            {"LifecycleConfiguration": {"Rules": [{"Status": {"Ref": "Env"}}]}},
            {"LifecycleConfiguration.Rules": [{"Status": {"Ref": "Env"}}]},
        ),
        (
            "S3::Bucket",
            {"PublicAccessBlockConfiguration": {"BlockPublicAcls": None}},
            {"PublicAccessBlockConfiguration.BlockPublicAcls": None},
        ),
        ("SecretsManager::SecretTargetAttachment", {"TargetType": None}, {"TargetType": None}),
        ("KMS::Key", {"KeyPolicy": "text"}, {"KeyPolicy": "text"}),
        ("KMS::Key", {"KeyPolicy": {"Statement": []}}, {"KeyPolicy": {"Statement": []}}),
        ("KMS::Key", {"KeyPolicy": {"Statement": ["a"]}}, {"KeyPolicy": {"Statement": ["a"]}}),
        (
            "KMS::Key",
            {"KeyPolicy": {"Statement": [{"Effect": "No"}]}},
            {"KeyPolicy": {"Statement": [{"Effect": "No"}]}},
        ),
        (
            "KMS::Key",
            {"KeyPolicy": {"Version": 5, "Statement": [{"Effect": "Deny"}]}},
            {"KeyPolicy": {"Version": 5, "Statement": [{"Effect": "Deny"}]}},
        ),
        *(("KMS::Key", {"KeyPolicy": document}, {"KeyPolicy": document}) for document in ODD_DOCUMENTS),
        (
            "KMS::Key",
            {"KeyPolicy": {"Id": "p", "Statement": {"Effect": "Deny", "Action": "*", "Note": 1}}},
            {"KeyPolicy.Statement.0.Note": 1, "KeyPolicy.Id": "p"},
        ),
    ],
)
def test_what_has_no_form_is_an_extra(kind: str, properties: Json, extras: dict[str, Json]) -> None:
    assert subject(f"AWS::{kind}", properties).extras == extras


def test_a_bucket_in_full() -> None:
    bucket: Bucket = subject(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}}}
                ]
            },
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
            "LoggingConfiguration": {"DestinationBucketName": {"Ref": "Logs"}},
            "LifecycleConfiguration": {"Rules": [{"Status": "Disabled", "Id": "a"}]},
        },
    )
    assert bucket.encryption == BucketEncryption(algorithm="aws:kms", key_id=Ref("Key"))
    assert bucket.public_access == PublicAccessBlock(
        blocks_acls=True, ignores_acls=False, blocks_policies=False, restricts_buckets=False
    )
    assert bucket.logging == AccessLogging(bucket=Ref("Logs"))
    assert bucket.lifecycle == (LifecycleRule(name="a", is_enabled=False),)


def test_an_empty_list_of_egress_is_not_no_list() -> None:
    assert subject("AWS::EC2::SecurityGroup", {"SecurityGroupEgress": []}).egress == ()
    assert subject("AWS::EC2::SecurityGroup", {}).egress is None
    rules = subject("AWS::EC2::SecurityGroup", {"SecurityGroupEgress": [{"IpProtocol": -1}]}).egress
    assert rules == (RulePeer(protocol="-1"),)


def test_a_policy_in_every_spelling() -> None:
    key = subject(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*", "Service": ["a.amazonaws.com", {"Ref": "Env"}]},
                    "Action": ["kms:*"],
                    "Resource": {"Fn::GetAtt": ["Key", "Arn"]},
                    "Condition": {"Bool": {"aws:SecureTransport": False}},
                }
            }
        },
    )
    statement = Statement(
        principals=(
            Principal("AWS", "*"),
            Principal("Service", "a.amazonaws.com"),
            Principal("Service", Param("Env")),
        ),
        actions=("kms:*",),
        resources=(Attr("Key", "arn"),),
        conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),),
    )
    assert key.policy == Policy((statement,), version="2008-10-17")


def test_anybody_is_a_star() -> None:
    statement: Json = {"Effect": "Deny", "NotPrincipal": "*", "Action": "*"}
    key: Any = subject("AWS::KMS::Key", {"KeyPolicy": {"Statement": [statement]}})
    assert key.policy.statements[0].not_principals == (ANYBODY,)


def test_what_is_required_and_missing_is_unknown() -> None:
    resource: Resource = subject("AWS::RDS::DBSubnetGroup", {})
    assert resource.description == Unknown("not written")  # type: ignore[attr-defined]  # a SubnetGroup
    assert resource.subnets == ()  # type: ignore[attr-defined]  # a SubnetGroup
