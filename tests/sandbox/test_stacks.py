"""Stacks from change set to deletion, over the blueprint's own template and small ones."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from mainstay import facts
from mainstay.formats import cloudformation
from mainstay.plan.passes import build
from mainstay.plan.resources import KINDS
from mainstay.sandbox.cloudformation.engine import advance
from mainstay.sandbox.cloudformation.realisers import NOT_REALISED, REALISERS
from mainstay.sandbox.services.functions.code import inline_zip
from mainstay.spec import load

REGION = "eu-central-1"
BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "postgres-ecommerce.yaml"
IMAGE = "ami-0a12023000000f864"
CODE = "def handler(event, context):\n    return None\n"
IAM = ["CAPABILITY_NAMED_IAM"]


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": {key: {"Type": kind, "Properties": more} for key, (kind, more) in resources.items()}}


NETWORK = template(
    Net=("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
    Group=("AWS::EC2::SecurityGroup", {"GroupDescription": "d", "VpcId": {"Ref": "Net"}}),
    Topic=("AWS::SNS::Topic", {"DisplayName": "a"}),
)


def propose(site: Any, document: Any, name: str = "one", *, stack: str = "s", kind: str = "CREATE", **more: Any) -> Any:
    client = site.client("cloudformation")
    body = document if isinstance(document, str) else json.dumps(document)
    client.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, **more)
    return client.describe_change_set(StackName=stack, ChangeSetName=name)


def carry_out(
    site: Any, document: Any, name: str = "one", *, stack: str = "s", kind: str = "CREATE", **more: Any
) -> str:
    made = propose(site, document, name, stack=stack, kind=kind, **more)
    site.client("cloudformation").execute_change_set(StackName=stack, ChangeSetName=name)
    status: str = site.run(made["StackId"])
    return status


def events(site: Any, stack: str = "s") -> list[tuple[str, str]]:
    """Oldest first: logical id and status."""
    pages = site.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
    found = [(event["LogicalResourceId"], event["ResourceStatus"]) for page in pages for event in page["StackEvents"]]
    return found[::-1]


def resources(site: Any, stack: str = "s") -> dict[str, str]:
    found = site.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}


def test_every_kind_of_resource_has_a_realiser_or_a_reason() -> None:
    missing = [kind.__name__ for kind in KINDS if kind not in REALISERS]
    assert [name for name in missing if name not in NOT_REALISED] == []
    assert not {kind.__name__ for kind in REALISERS} & NOT_REALISED.keys()
    assert all(NOT_REALISED.values())
    assert [kind.__name__ for kind in REALISERS if kind not in KINDS] == []


def test_change_sets_and_realisers_agree_on_what_cannot_be_updated() -> None:
    fixed = {cloudformation.TABLES[kind].type_name for kind, realiser in REALISERS.items() if realiser.update is None}
    assert fixed == {name for name in facts.replacement_types() if facts.replacement(name).is_always}
    assert {name for name, row in facts.load("replacement").data.items() if "also_replacing" in row} <= {
        table.type_name for table in cloudformation.TABLES.values()
    }


def test_every_attribute_of_the_format_is_given_by_a_realiser(site: Any) -> None:
    """Read off the blueprint's stack: a template may ask for any attribute that the format knows."""
    stack, _ = _blueprint(site)
    with site.state.reading(REGION) as tx:
        records = tx.all("cfn:resource")
    tables = {table.type_name: table for table in cloudformation.TABLES.values()}
    assert len(records) > 60
    for record in records:
        table = tables[record["ResourceType"]]
        missing = {table.ref_is, *table.attributes} - record["_attributes"].keys()
        assert not missing, f"{record['LogicalResourceId']} ({stack}) lacks {missing}"


def _blueprint(site: Any) -> tuple[str, str]:
    plan = build(load(BLUEPRINT))
    text = next(iter(cloudformation.render(plan).values()))
    s3 = site.client("s3")
    s3.create_bucket(Bucket="artifacts-here", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="artifacts-here", Key="a/t.json", Body=text.encode())
    s3.put_object(Bucket="artifacts-here", Key="code.zip", Body=inline_zip(CODE))
    client = site.client("cloudformation")
    made = client.create_change_set(
        StackName="shop",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=f"https://artifacts-here.s3.{REGION}.amazonaws.com/a/t.json",
        Parameters=[
            {"ParameterKey": item.name, "ParameterValue": _given(item.name)}
            for item in plan.primary.parameters
            if item.default is None
        ],
        Capabilities=IAM,
    )
    client.execute_change_set(StackName="shop", ChangeSetName="first")
    assert site.run(made["StackId"]) == "CREATE_COMPLETE"
    return made["StackId"], text


def _given(parameter: str) -> str:
    """What a deployer gives: the image, or where the packages of functions lie."""
    return IMAGE if parameter == "BastionImage" else "artifacts-here" if parameter == "CodeBucket" else "code.zip"


def _unchanged(text: str) -> list[dict[str, Any]]:
    """Every parameter of a template, as it is."""
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in json.loads(text)["Parameters"]]


def test_the_blueprint_is_deployed_changed_and_taken_down(site: Any) -> None:
    stack, text = _blueprint(site)
    client = site.client("cloudformation")
    described = client.describe_stacks(StackName="shop")["Stacks"][0]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in described["Outputs"]}
    assert outputs["DatabaseEndpoint"] == "127.0.0.9"
    document = json.loads(text)
    assert client.get_template(StackName="shop")["TemplateBody"] == document
    secret = site.client("secretsmanager").get_secret_value(SecretId=outputs["DatabaseSecret"])["SecretString"]
    password = json.loads(secret)["password"]
    stored = site.state.path.read_bytes() + Path(f"{site.state.path}-wal").read_bytes()
    shown = json.dumps(
        [events(site, "shop"), described, client.describe_stack_resources(StackName="shop")], default=str
    )
    assert password.encode() in stored  # it has to be somewhere, and that is the secret
    assert password not in shown
    with site.state.reading(REGION) as tx:
        everything = json.dumps([tx.all(kind) for kind in ("cfn:stack", "cfn:resource", "cfn:event", "cfn:changeset")])
    assert json.dumps(password)[1:-1] not in everything

    document["Resources"]["Database"]["Properties"]["BackupRetentionPeriod"] = 9
    site.client("s3").put_object(Bucket="artifacts-here", Key="b.json", Body=json.dumps(document))
    client.create_change_set(
        StackName="shop",
        ChangeSetName="second",
        TemplateURL=f"https://s3.{REGION}.amazonaws.com/artifacts-here/b.json",
        Parameters=_unchanged(text),
        Capabilities=IAM,
    )
    changes = client.describe_change_set(StackName="shop", ChangeSetName="second")["Changes"]
    assert [
        (item["ResourceChange"]["LogicalResourceId"], item["ResourceChange"]["Replacement"]) for item in changes
    ] == [("Database", "Conditional")]
    client.execute_change_set(StackName="shop", ChangeSetName="second")
    assert site.run(stack) == "UPDATE_COMPLETE"
    name = resources(site, "shop")["Database"]
    found = site.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert found["BackupRetentionPeriod"] == 9

    client.update_termination_protection(StackName="shop", EnableTerminationProtection=True)
    with pytest.raises(botocore.exceptions.ClientError, match="TerminationProtection is enabled"):
        client.delete_stack(StackName="shop")
    client.update_termination_protection(StackName="shop", EnableTerminationProtection=False)
    client.delete_stack(StackName="shop")
    site.run(stack)
    assert client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(botocore.exceptions.ClientError, match="does not exist"):
        client.describe_stacks(StackName="shop")
    assert site.client("ec2").describe_vpcs()["Vpcs"] == []


def test_events_follow_the_dependencies_and_come_newest_first(site: Any) -> None:
    assert carry_out(site, NETWORK) == "CREATE_COMPLETE"
    found = events(site)
    assert found[0] == ("s", "REVIEW_IN_PROGRESS")
    assert found[-1] == ("s", "CREATE_COMPLETE")
    assert found.index(("Net", "CREATE_COMPLETE")) < found.index(("Group", "CREATE_IN_PROGRESS"))
    raw = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    assert raw[0]["ResourceStatus"] == "CREATE_COMPLETE"
    assert [event["Timestamp"] for event in raw] == sorted((event["Timestamp"] for event in raw), reverse=True)


def test_a_failed_creation_is_rolled_back_in_reverse(site: Any) -> None:
    broken = json.loads(json.dumps(NETWORK))
    broken["Resources"]["Bad"] = {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "192.168.0.0/24"},
    }
    assert carry_out(site, broken) == "ROLLBACK_COMPLETE"
    found = events(site)
    assert ("Bad", "CREATE_FAILED") in found
    assert found.index(("Group", "DELETE_COMPLETE")) < found.index(("Net", "DELETE_IN_PROGRESS"))
    assert site.client("ec2").describe_vpcs()["Vpcs"] == []
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    ]
    assert any("InvalidSubnet.Range" in reason for reason in reasons)
    with pytest.raises(botocore.exceptions.ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        propose(site, NETWORK, "again", kind="UPDATE")


def test_rollback_can_be_turned_off(site: Any) -> None:
    broken = json.loads(json.dumps(NETWORK))
    broken["Resources"]["Bad"] = {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"},
    }
    assert carry_out(site, broken, OnStackFailure="DO_NOTHING") == "CREATE_FAILED"
    assert len(site.client("ec2").describe_vpcs()["Vpcs"]) == 1


def test_a_type_without_realiser_fails_the_deployment_by_name(site: Any) -> None:
    assert carry_out(site, template(Bus=("AWS::Events::EventBus", {"Name": "x"}))) == "ROLLBACK_COMPLETE"
    raw = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in raw]
    assert any("no realiser for AWS::Events::EventBus" in reason for reason in reasons)


def _replicating(region: str | None, key: str | None = None, keep: int | None = None) -> dict[str, Any]:
    wanted = {"Region": region, "KmsKeyId": key, "RetentionPeriod": keep}
    properties = {
        "Engine": "postgres", "EngineVersion": "17.10", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": "20",
        "MasterUsername": "master", "MasterUserPassword": "correct-horse", "StorageEncrypted": True,
        "BackupRetentionPeriod": 7,
    }  # fmt: skip
    properties |= {f"AutomaticBackupReplication{name}": value for name, value in wanted.items() if value is not None}
    return template(Db=("AWS::RDS::DBInstance", properties))


def _replicated(site: Any, region: str) -> list[tuple[str, int]]:
    found = site.client("rds", region).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    return [(each["Status"], each["BackupRetentionPeriod"]) for each in found]


def test_automated_backups_are_replicated_as_a_template_says(site: Any) -> None:
    keys = {
        region: site.client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in ("eu-west-1", "us-east-1")
    }
    assert carry_out(site, _replicating("eu-west-1", keys["eu-west-1"], 3)) == "CREATE_COMPLETE"
    assert _replicated(site, "eu-west-1") == [("pending", 3)]
    assert carry_out(site, _replicating("us-east-1", keys["us-east-1"]), "two", kind="UPDATE") == "UPDATE_COMPLETE"
    assert (_replicated(site, "eu-west-1"), _replicated(site, "us-east-1")) == ([("retained", 3)], [("pending", 7)])
    assert carry_out(site, _replicating(None), "three", kind="UPDATE") == "UPDATE_COMPLETE"
    assert _replicated(site, "us-east-1") == [("retained", 7)]
    links = site.client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceAutomatedBackupsReplications"]
    assert links == []


def test_a_replication_that_cannot_be_fails_the_deployment(site: Any) -> None:
    assert carry_out(site, _replicating("eu-west-1")) == "ROLLBACK_COMPLETE"
    raw = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    assert any("KmsKeyId must name a key of eu-west-1" in event.get("ResourceStatusReason", "") for event in raw)


def test_a_property_that_nobody_knows_fails_the_deployment_by_name(site: Any) -> None:
    document = template(Topic=("AWS::SNS::Topic", {"ArchivePolicy": {"MessageRetentionPeriod": 3}}))
    assert carry_out(site, document) == "ROLLBACK_COMPLETE"
    raw = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    assert any("ArchivePolicy" in event.get("ResourceStatusReason", "") for event in raw)


def test_an_update_changes_in_place_adds_removes_and_replaces(site: Any) -> None:
    carry_out(site, NETWORK)
    before = resources(site)
    changed = template(
        Net=("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        Group=("AWS::EC2::SecurityGroup", {"GroupDescription": "other", "VpcId": {"Ref": "Net"}}),
        Rule=("AWS::EC2::SecurityGroupIngress", {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 1,
                                                 "ToPort": 2, "CidrIp": "10.0.0.0/8"}),
    )  # fmt: skip
    shown = propose(site, changed, "two", kind="UPDATE")["Changes"]
    told = [(item["ResourceChange"]["Action"], item["ResourceChange"]["LogicalResourceId"],
             item["ResourceChange"].get("Replacement")) for item in shown]  # fmt: skip
    assert told == [("Modify", "Group", "True"), ("Add", "Rule", None), ("Remove", "Topic", None)]
    site.client("cloudformation").execute_change_set(StackName="s", ChangeSetName="two")
    assert (
        site.run(site.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0]["StackId"])
        == "UPDATE_COMPLETE"
    )
    after = resources(site)
    assert after["Net"] == before["Net"]
    assert after["Group"] != before["Group"]
    assert "Topic" not in after
    groups = {item["GroupId"] for item in site.client("ec2").describe_security_groups()["SecurityGroups"]}
    assert after["Group"] in groups
    assert before["Group"] not in groups
    assert site.client("sns").list_topics()["Topics"] == []


def test_a_reference_to_what_is_replaced_is_conditional(site: Any) -> None:
    carry_out(site, NETWORK)
    changed = json.loads(json.dumps(NETWORK))
    changed["Resources"]["Net"]["Properties"]["CidrBlock"] = "10.1.0.0/16"
    shown = propose(site, changed, "two", kind="UPDATE")["Changes"]
    told = {item["ResourceChange"]["LogicalResourceId"]: item["ResourceChange"]["Replacement"] for item in shown}
    assert told == {"Net": "True", "Group": "Conditional"}


def test_a_failed_update_is_taken_back(site: Any) -> None:
    carry_out(site, NETWORK)
    before = resources(site)
    changed = json.loads(json.dumps(NETWORK))
    changed["Resources"]["Topic"]["Properties"]["DisplayName"] = "b"
    changed["Resources"]["Group"]["Properties"]["GroupDescription"] = "other"
    changed["Resources"]["Bad"] = {
        "Type": "AWS::EC2::Subnet",
        "DependsOn": ["Topic", "Group"],
        "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "192.168.0.0/24"},
    }
    assert carry_out(site, changed, "two", kind="UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert resources(site) == before
    attributes = site.client("sns").get_topic_attributes(TopicArn=before["Topic"])["Attributes"]
    assert attributes["DisplayName"] == "a"
    groups = [item["GroupName"] for item in site.client("ec2").describe_security_groups()["SecurityGroups"]]
    assert len(groups) == 2  # the default one and the old one
    assert carry_out(site, NETWORK | {"Description": "fine"}, "three", kind="UPDATE") == "UPDATE_COMPLETE"


def test_an_update_without_changes_is_a_failed_change_set(site: Any) -> None:
    carry_out(site, NETWORK)
    shown = propose(site, NETWORK, "two", kind="UPDATE")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in shown["StatusReason"]
    with pytest.raises(botocore.exceptions.ClientError, match="cannot be executed") as told:
        site.client("cloudformation").execute_change_set(StackName="s", ChangeSetName="two")
    assert told.value.response["Error"]["Code"] == "InvalidChangeSetStatus"


def test_a_stack_policy_keeps_what_it_names(site: Any) -> None:
    carry_out(site, NETWORK)
    policy = {"Statement": [
        {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*",
         "Resource": "LogicalResourceId/Group"},
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
    ]}  # fmt: skip
    client = site.client("cloudformation")
    client.set_stack_policy(StackName="s", StackPolicyBody=json.dumps(policy))
    assert json.loads(client.get_stack_policy(StackName="s")["StackPolicyBody"]) == policy
    before = resources(site)
    replaced = json.loads(json.dumps(NETWORK))
    replaced["Resources"]["Group"]["Properties"]["GroupDescription"] = "other"
    removed = json.loads(json.dumps(NETWORK))
    del removed["Resources"]["Group"]
    assert carry_out(site, replaced, "two", kind="UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert carry_out(site, removed, "three", kind="UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert resources(site) == before
    changed = json.loads(json.dumps(NETWORK))
    changed["Resources"]["Topic"]["Properties"]["DisplayName"] = "b"
    assert carry_out(site, changed, "four", kind="UPDATE") == "UPDATE_COMPLETE"


@pytest.mark.parametrize(("fate", "stays"), [("Retain", True), ("RetainExceptOnCreate", True), ("Delete", False)])
def test_deletion_policies_are_honoured(site: Any, fate: str, stays: bool) -> None:
    document = json.loads(json.dumps(NETWORK))
    document["Resources"]["Topic"]["DeletionPolicy"] = fate
    carry_out(site, document)
    stack = site.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    site.client("cloudformation").delete_stack(StackName="s")
    assert site.run(stack) == "DELETE_COMPLETE"
    assert bool(site.client("sns").list_topics()["Topics"]) is stays
    assert (("Topic", "DELETE_SKIPPED") in events(site, stack)) is stays


def test_update_replace_policy_keeps_the_old_thing(site: Any) -> None:
    document = template(Topic=("AWS::SNS::Topic", {"TopicName": "one"}))
    document["Resources"]["Topic"]["UpdateReplacePolicy"] = "Retain"
    carry_out(site, document)
    document["Resources"]["Topic"]["Properties"]["TopicName"] = "two"
    assert carry_out(site, document, "two", kind="UPDATE") == "UPDATE_COMPLETE"
    arns = [item["TopicArn"].rsplit(":", 1)[-1] for item in site.client("sns").list_topics()["Topics"]]
    assert arns == ["one", "two"]


def test_a_deletion_that_fails_can_be_finished_by_retaining(site: Any) -> None:
    carry_out(site, template(Files=("AWS::S3::Bucket", {"BucketName": "files-of-mine"}),
                             Topic=("AWS::SNS::Topic", {})))  # fmt: skip
    site.client("s3").put_object(Bucket="files-of-mine", Key="k", Body=b"x")
    client = site.client("cloudformation")
    stack = client.describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    client.delete_stack(StackName="s")
    assert site.run(stack) == "DELETE_FAILED"
    assert list(resources(site)) == ["Files"]
    client.delete_stack(StackName="s", RetainResources=["Files"])
    assert site.run(stack) == "DELETE_COMPLETE"
    assert site.client("s3").get_object(Bucket="files-of-mine", Key="k")["Body"].read() == b"x"


def test_parameters_are_settled_checked_and_hidden(site: Any) -> None:
    document = template(Topic=("AWS::SNS::Topic", {"DisplayName": {"Ref": "Shown"}}))
    document["Parameters"] = {
        "Shown": {"Type": "String", "Default": "d", "AllowedValues": ["d", "e"]},
        "Hidden": {"Type": "String", "NoEcho": True},
    }
    client = site.client("cloudformation")

    def given(**values: str) -> list[dict[str, str]]:
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]

    for parameters, told in (
        (given(), r"Parameters: \[Hidden\] must have values"),
        (given(Hidden="x", Other="y"), r"Parameters: \[Other\] do not exist"),
        (given(Hidden="x", Shown="f"), "must be one of AllowedValues"),
        ([{"ParameterKey": "Hidden", "UsePreviousValue": True}], "no previous value"),
    ):
        with pytest.raises(botocore.exceptions.ClientError, match=told):
            propose(site, document, Parameters=parameters)
    assert carry_out(site, document, Parameters=given(Hidden="geheim")) == "CREATE_COMPLETE"
    stack = client.describe_stacks(StackName="s")["Stacks"][0]
    assert {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]} == {
        "Shown": "d",
        "Hidden": "****",
    }
    again = [*given(Shown="e"), {"ParameterKey": "Hidden", "UsePreviousValue": True}]
    shown = propose(site, document, "two", kind="UPDATE", Parameters=again)
    assert [item["ResourceChange"]["LogicalResourceId"] for item in shown["Changes"]] == ["Topic"]
    assert "geheim" not in json.dumps(shown, default=str)


def test_iam_has_to_be_acknowledged(site: Any) -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    document = template(Role=("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust}))
    client = site.client("cloudformation")
    with pytest.raises(client.exceptions.InsufficientCapabilitiesException):
        propose(site, document)
    assert client.validate_template(TemplateBody=json.dumps(document))["Capabilities"] == ["CAPABILITY_IAM"]
    assert carry_out(site, document, Capabilities=["CAPABILITY_IAM"]) == "CREATE_COMPLETE"


def test_a_large_template_has_to_come_from_a_bucket(site: Any) -> None:
    document = NETWORK | {"Metadata": {"padding": "x" * 51_200}}
    with pytest.raises(botocore.exceptions.ClientError, match="51200"):
        propose(site, document)


@pytest.mark.parametrize("text", ["not: [yaml", "[]", "{}", '{"Resources": {}}', '{"Resources": {"A": {"Type": 7}}}'])
def test_what_is_no_template_is_refused(site: Any, text: str) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as told:
        site.client("cloudformation").validate_template(TemplateBody=text)
    assert told.value.response["Error"]["Code"] == "ValidationError"


def test_exports_are_unique_and_kept_while_used(site: Any) -> None:
    giving = template(Topic=("AWS::SNS::Topic", {}))
    giving["Outputs"] = {"Arn": {"Value": {"Ref": "Topic"}, "Export": {"Name": "the-topic"}}}
    using = template(Mine=("AWS::SNS::Subscription", {"TopicArn": {"Fn::ImportValue": "the-topic"}, "Protocol": "sqs",
                                                      "Endpoint": "arn:aws:sqs:eu-central-1:1:q"}))  # fmt: skip
    assert carry_out(site, giving, stack="giving") == "CREATE_COMPLETE"
    assert carry_out(site, giving, stack="twice") == "ROLLBACK_COMPLETE"
    assert carry_out(site, using, stack="using") == "CREATE_COMPLETE"
    client = site.client("cloudformation")
    assert [item["Name"] for item in client.list_exports()["Exports"]] == ["the-topic"]
    assert client.list_imports(ExportName="the-topic")["Imports"] == ["using"]
    with pytest.raises(botocore.exceptions.ClientError, match="in use by using"):
        client.delete_stack(StackName="giving")
    stopping = {**giving, "Outputs": {}}
    assert carry_out(site, stopping, "two", stack="giving", kind="UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    for name in ("using", "giving"):
        stack = client.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        client.delete_stack(StackName=name)
        assert site.run(stack) == "DELETE_COMPLETE"
    assert client.list_exports()["Exports"] == []


def test_waiters_see_the_end(site: Any) -> None:
    carry_out(site, NETWORK)
    client = site.client("cloudformation")
    client.get_waiter("stack_create_complete").wait(StackName="s")
    client.get_waiter("change_set_create_complete").wait(StackName="s", ChangeSetName="one")
    stack = client.describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    client.delete_stack(StackName="s")
    site.run(stack)
    client.get_waiter("stack_delete_complete").wait(StackName=stack)


_STEP_AND_DIE = """
import os, signal, sys
from pathlib import Path
from mainstay.sandbox.cloudformation import engine
from mainstay.sandbox.state import State
calls = int(sys.argv[3])
put = engine.put_stack
def dying(tx, stack):
    put(tx, stack)
    if engine_calls[0] == calls:
        os.kill(os.getpid(), signal.SIGKILL)
    engine_calls[0] += 1
engine_calls = [0]
engine.put_stack = dying
state = State(Path(sys.argv[1]))
while engine.advance(state, sys.argv[2], "eu-central-1"):
    pass
"""


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_process_killed_in_the_middle_makes_nothing_twice(site: Any, step: int) -> None:
    stack = propose(site, NETWORK)["StackId"]
    site.client("cloudformation").execute_change_set(StackName="s", ChangeSetName="one")
    argv = [sys.executable, "-c", _STEP_AND_DIE, str(site.directory), stack, str(step)]
    ended = subprocess.run(argv, check=False, timeout=60, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL
    assert site.run(stack) == "CREATE_COMPLETE"
    found = events(site)
    assert len(found) == len(set(found)) + 3  # each of the three has a second CREATE_IN_PROGRESS: "initiated"
    assert len(site.client("ec2").describe_vpcs()["Vpcs"]) == 1
    assert len(site.client("sns").list_topics()["Topics"]) == 1


def test_advancing_what_is_done_does_nothing(site: Any) -> None:
    carry_out(site, NETWORK)
    stack = site.client("cloudformation").describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    before = site.state.version()
    assert advance(site.state, stack, REGION) is False
    assert advance(site.state, "arn:nothing", REGION) is False
    assert len(events(site)) > 0
    assert before <= site.state.version()


def test_the_same_token_executes_once(site: Any) -> None:
    stack = propose(site, NETWORK)["StackId"]
    client = site.client("cloudformation")
    for _ in range(2):
        client.execute_change_set(StackName="s", ChangeSetName="one", ClientRequestToken="t1")
    assert site.run(stack) == "CREATE_COMPLETE"
    assert all(
        event["ClientRequestToken"] == "t1" for event in client.describe_stack_events(StackName="s")["StackEvents"][:-1]
    )


def test_an_update_can_be_cancelled(site: Any) -> None:
    carry_out(site, NETWORK)
    changed = json.loads(json.dumps(NETWORK))
    changed["Resources"]["Topic"]["Properties"]["DisplayName"] = "b"
    client = site.client("cloudformation")
    stack = propose(site, changed, "two", kind="UPDATE")["StackId"]
    client.execute_change_set(StackName="s", ChangeSetName="two")
    client.cancel_update_stack(StackName="s")
    assert site.run(stack) == "UPDATE_ROLLBACK_COMPLETE"


# One property of each type that is changed in place, and its new value.
_IN_PLACE: dict[str, dict[str, Any]] = {
    "AWS::EC2::VPC": {"EnableDnsHostnames": True},
    "AWS::EC2::Subnet": {"MapPublicIpOnLaunch": False},
    "AWS::EC2::SecurityGroup": {"SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "10.9.0.0/16"}]},
    "AWS::KMS::Key": {"Description": "changed"},
    "AWS::SecretsManager::Secret": {"Description": "changed"},
    "AWS::IAM::Role": {"Description": "changed"},
    "AWS::RDS::DBSubnetGroup": {"DBSubnetGroupDescription": "changed"},
    "AWS::RDS::DBParameterGroup": {"Parameters": {"work_mem": "8192"}},
    "AWS::RDS::DBInstance": {"EnableCloudwatchLogsExports": ["upgrade"], "CopyTagsToSnapshot": True},
    "AWS::RDS::EventSubscription": {"EventCategories": ["configuration change"], "Enabled": False},
    "AWS::Logs::LogGroup": {"RetentionInDays": 30},
    "AWS::S3::Bucket": {"LifecycleConfiguration": {"Rules": [{"Id": "r", "Status": "Enabled", "ExpirationInDays": 9}]}},
    "AWS::SNS::Topic": {"DisplayName": "changed"},
    "AWS::CloudWatch::Alarm": {"AlarmDescription": "changed"},
}  # fmt: skip


def test_every_kind_is_changed_in_place_and_back(site: Any) -> None:
    """Tags too; and an update that fails at its very end takes each of the changes back."""
    stack, text = _blueprint(site)
    before, document = resources(site, "shop"), json.loads(text)
    for block in document["Resources"].values():
        block.get("Properties", {}).update(_IN_PLACE.get(block["Type"], {}))
        if isinstance(block.get("Properties", {}).get("Tags"), list):
            block["Properties"]["Tags"] = [*block["Properties"]["Tags"], {"Key": "added", "Value": "yes"}]
    broken = json.loads(json.dumps(document))
    broken["Resources"]["Bad"] = {
        "Type": "AWS::EC2::Subnet",
        "DependsOn": sorted(document["Resources"]),
        "Properties": {"VpcId": before["Vpc"], "CidrBlock": "192.168.0.0/24"},
    }
    previous = _unchanged(text)
    client, s3 = site.client("cloudformation"), site.client("s3")
    for name, body, ended in (("bad", broken, "UPDATE_ROLLBACK_COMPLETE"), ("good", document, "UPDATE_COMPLETE")):
        s3.put_object(Bucket="artifacts-here", Key=name, Body=json.dumps(body))
        url = f"s3://artifacts-here/{name}"
        client.create_change_set(
            StackName="shop", ChangeSetName=name, TemplateURL=url, Parameters=previous, Capabilities=IAM
        )
        client.execute_change_set(StackName="shop", ChangeSetName=name)
        status = site.run(stack)
        told = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in client.describe_stack_events(StackName="shop")["StackEvents"]
            if "FAILED" in event["ResourceStatus"] and event["LogicalResourceId"] != "Bad"
        ]
        assert not told, "\n".join(told)
        assert status == ended
        after = resources(site, "shop")
        assert {key: after[key] for key in before} == before
        key = site.client("kms").describe_key(KeyId=before["DatabaseKey"])["KeyMetadata"]
        assert (key["Description"] == "changed") is (name == "good")
