"""Stacks in stacks: made with their parent, updated, taken back and deleted with it, and heard of by their outputs."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from mainstay.sandbox.cloudformation.engine import advance
from mainstay.sandbox.cloudformation.records import find_stack

REGION = "eu-central-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
NET: dict[str, Any] = {
    "Parameters": {"Cidr": {"Type": "String"}, "Names": {"Type": "String", "Default": "none"}},
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Cidr"}}},
        "Told": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Names"}}},
    },
    "Outputs": {"VpcId": {"Value": {"Ref": "Vpc"}}, "Topic": {"Value": {"Ref": "Told"}}},
}
APP: dict[str, Any] = {
    "Parameters": {"Vpc": {"Type": "String"}},
    "Resources": {
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "app", "VpcId": {"Ref": "Vpc"}},
        },
    },
    "Outputs": {"Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}}},
}

Placing = Callable[[Any], str]


@pytest.fixture
def place(site: Any) -> Placing:
    """Templates as deployments place them: another one has another address."""
    s3 = site.client("s3")
    s3.create_bucket(Bucket="templates-of-mine", CreateBucketConfiguration={"LocationConstraint": REGION})

    def placed(document: Any) -> str:
        text = json.dumps(document)
        key = hashlib.sha256(text.encode()).hexdigest()
        s3.put_object(Bucket="templates-of-mine", Key=key, Body=text.encode())
        return f"https://templates-of-mine.s3.{REGION}.amazonaws.com/{key}"

    return placed


def parent(net: str, app: str, **net_parameters: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Net": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": net,
                    "Parameters": {"Cidr": "10.0.0.0/16", **net_parameters},
                    "Tags": [{"Key": "part", "Value": "net"}],
                    "TimeoutInMinutes": 30,
                },
            },
            "App": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": app, "Parameters": {"Vpc": {"Fn::GetAtt": ["Net", "Outputs.VpcId"]}}},
            },
            "Rest": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "rest", "VpcId": {"Fn::GetAtt": ["Net", "Outputs.VpcId"]}},
            },
        },
        "Outputs": {"Group": {"Value": {"Fn::GetAtt": ["App", "Outputs.Group"]}}},
    }


def physical(site: Any, stack: str = "p") -> dict[str, str]:
    found = site.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}


def stack(site: Any, name: str) -> Any:
    return site.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]


def told(site: Any, name: str = "p") -> str:
    events = site.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_children_come_with_their_parent_and_go_with_it(site: Any, place: Placing) -> None:
    assert site.deploy("p", parent(place(NET), place(APP)), "CREATE") == "CREATE_COMPLETE"
    made = physical(site)
    net, app = stack(site, made["Net"]), stack(site, made["App"])
    assert (net["StackStatus"], app["StackStatus"]) == ("CREATE_COMPLETE", "CREATE_COMPLETE")
    root = stack(site, "p")["StackId"]
    assert (net["ParentId"], net["RootId"]) == (root, root)
    assert net["StackName"].startswith("p-Net-")
    assert {"Key": "part", "Value": "net"} in net["Tags"]
    inside = physical(site, net["StackId"])
    assert inside["Vpc"].startswith("vpc-")
    [rest] = site.client("ec2").describe_security_groups(GroupIds=[made["Rest"]])["SecurityGroups"]
    assert rest["VpcId"] == inside["Vpc"]
    assert stack(site, "p")["Outputs"][0]["OutputValue"] == physical(site, app["StackId"])["Group"]
    listed = {each["StackName"]: each.get("ParentId") for each in
              site.client("cloudformation").list_stacks()["StackSummaries"]}  # fmt: skip
    assert listed == {"p": None, net["StackName"]: root, app["StackName"]: root}
    site.client("cloudformation").delete_stack(StackName="p")
    assert site.run(root) == "DELETE_COMPLETE"
    assert {stack(site, each["StackId"])["StackStatus"] for each in (net, app)} == {"DELETE_COMPLETE"}
    assert site.client("sns").list_topics()["Topics"] == []


def test_an_update_reaches_the_child_that_differs_and_those_that_read_its_outputs(site: Any, place: Placing) -> None:
    net, app = place(NET), place(APP)
    site.deploy("p", parent(net, app), "CREATE")
    before = physical(site)
    app_before = physical(site, before["App"])
    assert site.deploy("p", parent(net, app, Names="some"), "UPDATE") == "UPDATE_COMPLETE"
    statuses = [stack(site, before[key])["StackStatus"] for key in ("Net", "App")]
    assert statuses == ["UPDATE_COMPLETE", "CREATE_COMPLETE"]
    assert physical(site) == before
    # Another VPC: its id is an output, and what reads it follows, in the parent and in the other child.
    assert site.deploy("p", parent(net, app, Names="some", Cidr="10.9.0.0/16"), "UPDATE") == "UPDATE_COMPLETE"
    after = physical(site)
    assert (after["Net"], after["App"]) == (before["Net"], before["App"])
    assert after["Rest"] != before["Rest"]
    assert physical(site, after["App"])["Group"] != app_before["Group"]
    vpcs = site.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"]
    assert vpcs == []


def test_a_child_that_cannot_be_made_takes_everything_back(site: Any, place: Placing) -> None:
    broken = copy.deepcopy(APP)
    broken["Resources"]["Group"]["Properties"]["GroupDescription"] = "sg-\u00fc"
    assert site.deploy("p", parent(place(NET), place(broken)), "CREATE") == "ROLLBACK_COMPLETE"
    assert "was not successfully created: The following resource(s) failed to create: [Group]" in told(site)
    assert site.client("sns").list_topics()["Topics"] == []
    names = [each["StackName"] for each in site.client("cloudformation").describe_stacks()["Stacks"]]
    assert names == ["p"]


def test_a_child_whose_update_fails_goes_back_and_its_sister_too(site: Any, place: Placing) -> None:
    net = place(NET)
    site.deploy("p", parent(net, place(APP)), "CREATE")
    before = physical(site)
    broken = copy.deepcopy(APP)
    broken["Resources"]["Group"]["Properties"]["GroupDescription"] = "sg-\u00fc"
    document = parent(net, place(broken), Names="other")
    assert site.deploy("p", document, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert "was not successfully updated" in told(site)
    assert physical(site) == before
    assert stack(site, before["App"])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    topic = physical(site, before["Net"])["Told"]
    attributes = site.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["DisplayName"] == "none"
    # It can be changed again after that.
    assert site.deploy("p", parent(net, place(APP), Names="third"), "UPDATE") == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Parameters": {}}, "must have values"),
        ({"Parameters": {"Cidr": "10.0.0.0/16", "Odd": "1"}}, "do not exist in the template"),
        ({"TemplateURL": "https://example.com/x"}, "must be a supported URL"),
        ({"TemplateURL": f"https://templates-of-mine.s3.{REGION}.amazonaws.com/none"}, "S3 error"),
    ],
)
def test_a_child_that_cannot_begin_fails_its_parent(
    site: Any, place: Placing, change: dict[str, Any], message: str
) -> None:
    document = parent(place(NET), place(APP))
    document["Resources"]["Net"]["Properties"] |= change
    assert site.deploy("p", document, "CREATE") == "ROLLBACK_COMPLETE"
    assert message in told(site)


def test_capabilities_reach_the_children(site: Any, place: Placing) -> None:
    role = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}}}
    document = {"Resources": {"Roles": {"Type": "AWS::CloudFormation::Stack",
                                        "Properties": {"TemplateURL": place(role)}}}}  # fmt: skip
    client = site.client("cloudformation")
    made = client.create_change_set(
        StackName="p", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(document)
    )
    client.execute_change_set(StackName="p", ChangeSetName="c")
    assert site.run(made["StackId"]) == "ROLLBACK_COMPLETE"
    assert "Requires capabilities : [CAPABILITY_IAM]" in told(site)


def test_a_child_that_somebody_deleted_is_not_updated(site: Any, place: Placing) -> None:
    net, app = place(NET), place(APP)
    document = parent(net, app)
    site.deploy("p", document, "CREATE")
    child = physical(site)["App"]
    site.client("cloudformation").delete_stack(StackName=child)
    site.run(child)
    changed = copy.deepcopy(document)
    changed["Resources"]["App"]["Properties"]["Tags"] = [{"Key": "a", "Value": "b"}]
    assert site.deploy("p", changed, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert "does not exist" in told(site)
    root = stack(site, "p")["StackId"]
    site.client("cloudformation").delete_stack(StackName="p")
    assert site.run(root) == "DELETE_COMPLETE"


def test_a_child_that_takes_too_long_goes_back(site: Any, place: Placing) -> None:
    client = site.client("cloudformation")
    document = parent(place(NET), place(APP))
    made = client.create_change_set(
        StackName="p", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(document)
    )
    client.execute_change_set(StackName="p", ChangeSetName="c")
    advance(site.state, made["StackId"], REGION)
    with site.state.transaction(REGION) as tx:
        [key] = [each["StackId"] for each in tx.all("cfn:stack") if each.get("ParentId")]
        child = find_stack(tx, key)
        assert child is not None
        tx.put("cfn:stack", key, {**child, "CreationTime": "2020-01-01T00:00:00Z"})
    assert site.run(made["StackId"]) == "ROLLBACK_COMPLETE"
    assert "exceeded the specified timeout" in told(site)


def test_a_child_that_cannot_be_deleted_keeps_its_parent(site: Any, place: Placing) -> None:
    bucket = {"Resources": {"Kept": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full-of-things"}}}}
    document = {"Resources": {"Store": {"Type": "AWS::CloudFormation::Stack",
                                        "Properties": {"TemplateURL": place(bucket)}}}}  # fmt: skip
    assert site.deploy("p", document, "CREATE") == "CREATE_COMPLETE"
    site.client("s3").put_object(Bucket="full-of-things", Key="k", Body=b"x")
    root = stack(site, "p")["StackId"]
    site.client("cloudformation").delete_stack(StackName="p")
    assert site.run(root) == "DELETE_FAILED"
    assert "was not successfully deleted: The following resource(s) failed to delete: [Kept]" in told(site)
    site.client("s3").delete_object(Bucket="full-of-things", Key="k")
    site.client("cloudformation").delete_stack(StackName="p")
    assert site.run(root) == "DELETE_COMPLETE"


def test_a_child_reads_the_secret_that_its_parent_names(site: Any, place: Placing) -> None:
    reference = "{{resolve:secretsmanager:${Login}:SecretString:password}}"
    database = {
        "Parameters": {"Login": {"Type": "String"}},
        "Resources": {
            "Db": {
                "Type": "AWS::RDS::DBInstance",
                "Properties": {
                    "Engine": "postgres", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": "20",
                    "MasterUsername": "owner", "MasterUserPassword": {"Fn::Sub": reference},
                },
            }
        },
    }  # fmt: skip
    generated = {"SecretStringTemplate": "{}", "GenerateStringKey": "password", "ExcludeCharacters": "\"@/\\ '"}
    child = {"TemplateURL": place(database), "Parameters": {"Login": {"Ref": "Login"}}}
    document = {
        "Resources": {
            "Login": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": generated}},
            "Data": {"Type": "AWS::CloudFormation::Stack", "Properties": child},
        }
    }
    assert site.deploy("p", document, "CREATE") == "CREATE_COMPLETE"
    secret = site.client("secretsmanager").get_secret_value(SecretId=physical(site)["Login"])["SecretString"]
    with site.state.reading(REGION) as tx:
        [operation] = [each for each in tx.all("rds:operation") if each["kind"] == "create"]
    assert operation["params"]["password"] == json.loads(secret)["password"]
    child["TemplateURL"] = place(json.loads(json.dumps(database).replace("secretsmanager", "ssm-secure")))
    assert site.deploy("q", document, "CREATE") == "ROLLBACK_COMPLETE"
