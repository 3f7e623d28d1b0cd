"""What is there already comes into a stack, and nothing else happens with it; drift tells whether it is as written."""

from __future__ import annotations

import json
from typing import Any

import botocore.exceptions
import pytest

GROUP = "AWS::Logs::LogGroup"
DATABASE = "AWS::RDS::DBInstance"


def block(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties, **more}


STANDING = {
    "Resources": {"Topic": block("AWS::SNS::Topic", {"DisplayName": "a"})},
    "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}},
}
LOGS = block(GROUP, {"LogGroupName": "/mine", "RetentionInDays": 7}, DeletionPolicy="Retain")


def having(**resources: Any) -> dict[str, Any]:
    return {**STANDING, "Resources": {**STANDING["Resources"], **resources}}


def named(key: str = "Logs", value: str = "/mine", kind: str = GROUP, name: str = "LogGroupName") -> dict[str, Any]:
    return {"ResourceType": kind, "LogicalResourceId": key, "ResourceIdentifier": {name: value}}


@pytest.fixture
def stack(site: Any) -> Any:
    """A stack with a topic, beside a log group that is nobody's."""
    assert site.deploy("s", STANDING, "CREATE") == "CREATE_COMPLETE"
    site.client("logs").create_log_group(logGroupName="/mine")
    return site


def propose(site: Any, document: Any, *wanted: Any, name: str = "take", stack: str = "s") -> Any:
    client = site.client("cloudformation")
    client.create_change_set(
        StackName=stack, ChangeSetName=name, ChangeSetType="IMPORT", TemplateBody=json.dumps(document),
        ResourcesToImport=list(wanted),
    )  # fmt: skip
    return client.describe_change_set(StackName=stack, ChangeSetName=name)


def carry_out(site: Any, document: Any, *wanted: Any, stack: str = "s") -> str:
    made = propose(site, document, *wanted, stack=stack)
    site.client("cloudformation").execute_change_set(StackName=stack, ChangeSetName="take")
    status: str = site.run(made["StackId"])
    return status


def statuses(site: Any, key: str) -> list[str]:
    found = site.client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    return [each["ResourceStatus"] for each in reversed(found) if each["LogicalResourceId"] == key]


def test_what_is_there_comes_into_the_stack_as_it_is(stack: Any) -> None:
    made = propose(stack, having(Logs=LOGS), named())
    (change,) = (each["ResourceChange"] for each in made["Changes"])
    assert (change["Action"], change["LogicalResourceId"], change["PhysicalResourceId"]) == ("Import", "Logs", "/mine")
    stack.client("cloudformation").execute_change_set(StackName="s", ChangeSetName="take")
    assert stack.run(made["StackId"]) == "IMPORT_COMPLETE"
    assert statuses(stack, "Logs") == ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert statuses(stack, "s")[-2:] == ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]
    (group,) = stack.client("logs").describe_log_groups()["logGroups"]
    assert "retentionInDays" not in group  # the template is believed, not applied
    changed = having(Logs={**LOGS, "Properties": {"LogGroupName": "/mine", "RetentionInDays": 14}})
    assert stack.deploy("s", changed, "UPDATE") == "UPDATE_COMPLETE"
    assert stack.client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"] == 14


OTHER_TOPIC = block("AWS::SNS::Topic", {"DisplayName": "b"})
REFUSED = [
    (having(Logs=LOGS), [], "Must Provide at least one resource to import"),
    (having(Logs=LOGS), [named(), named()], "must have unique LogicalResourceId"),
    (having(Logs=LOGS), [named("Other")], r"\[Other\] provided in ResourceToImport do not exist in the template"),
    (having(Logs=LOGS), [named(kind=DATABASE)], f"{DATABASE}; Resource type in Template: {GROUP}"),
    (having(Logs=LOGS), [named(name="Name")], r"Expected \[LogGroupName\]"),
    (having(Logs=LOGS), [named(value=" ")], "Invalid resource identifier"),
    (having(Other=OTHER_TOPIC), [named("Other", kind="AWS::SNS::Topic", name="TopicArn")], "an import of AWS::SNS"),
    (STANDING, [named("Topic", kind="AWS::SNS::Topic", name="TopicArn")], "an import of AWS::SNS::Topic"),
    (having(Logs=LOGS, More=LOGS), [named()], r"Resources \[More\] is missing from ResourceToImport list"),
    (having(Logs=LOGS, Topic=OTHER_TOPIC), [named()], r"modified resources \[Topic\] .* not being imported"),
    (having(Logs=LOGS, Topic={**STANDING["Resources"]["Topic"], "DeletionPolicy": "Retain"}), [named()], "modified"),
    ({**having(Logs=LOGS), "Resources": {"Logs": LOGS}, "Outputs": {}}, [named()], r"modified resources \[Topic\]"),
    (having(Logs=block(GROUP, {})), [named()], r"\[Logs\] must have DeletionPolicy attribute specified"),
    ({**having(Logs=LOGS), "Outputs": {}}, [named()], r"you cannot modify or add \[Outputs\]"),
]  # fmt: skip


def test_an_import_does_nothing_else(stack: Any) -> None:
    for document, wanted, said in REFUSED:
        with pytest.raises(botocore.exceptions.ClientError, match=said):
            propose(stack, document, *wanted)


def test_what_is_in_the_stack_already_is_not_imported_again(stack: Any) -> None:
    assert carry_out(stack, having(Logs=LOGS), named()) == "IMPORT_COMPLETE"
    with pytest.raises(botocore.exceptions.ClientError, match="at least one new resource"):
        propose(stack, having(Logs=LOGS), named(), name="again")
    stack.client("logs").create_log_group(logGroupName="/more")
    more = {**LOGS, "Properties": {"LogGroupName": "/more"}}
    with pytest.raises(botocore.exceptions.ClientError, match=r"\[Logs\] passed in ResourceToImport are already"):
        propose(stack, having(Logs=LOGS, More=more), named(), named("More", "/more"), name="again")
    with pytest.raises(botocore.exceptions.ClientError, match="only valid for a change set of type IMPORT"):
        stack.client("cloudformation").create_change_set(
            StackName="s", ChangeSetName="x", TemplateBody=json.dumps(STANDING), ResourcesToImport=[named()]
        )


def test_a_change_set_fails_for_what_is_not_there_or_is_another_stacks(stack: Any) -> None:
    missing = {**LOGS, "Properties": {"LogGroupName": "/none"}}
    made = propose(stack, having(Logs=missing), named(value="/none"))
    assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert made["StatusReason"] == f"Resource of type '{GROUP}' with identifier '/none' was not found."
    alone = {"Resources": {"Logs": LOGS}}
    assert carry_out(stack, alone, named(), stack="other") == "IMPORT_COMPLETE"  # a stack may begin with an import
    made = propose(stack, having(Logs=LOGS), named(), name="theirs")
    assert made["Status"] == "FAILED"
    assert made["StatusReason"].startswith("/mine already exists in stack arn:aws:cloudformation:")
    assert "stack/other/" in made["StatusReason"]


def test_an_import_that_fails_is_taken_back_and_the_thing_stays(stack: Any) -> None:
    renamed = {**LOGS, "Properties": {"LogGroupName": "/yours"}}
    assert carry_out(stack, having(Logs=renamed), named()) == "IMPORT_ROLLBACK_COMPLETE"
    assert statuses(stack, "Logs") == ["IMPORT_FAILED", "IMPORT_ROLLBACK_COMPLETE"]
    listed = stack.client("cloudformation").describe_stack_resources(StackName="s")["StackResources"]
    assert [each["LogicalResourceId"] for each in listed] == ["Topic"]
    assert stack.client("logs").describe_log_groups()["logGroups"]
    assert stack.deploy("s", having(More={**LOGS, "Properties": {}}), "UPDATE") == "UPDATE_COMPLETE"


DB = {
    "DBInstanceIdentifier": "tap", "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20",
    "MasterUsername": "owner", "MasterUserPassword": "correct-horse", "BackupRetentionPeriod": 1,
}  # fmt: skip


def test_a_database_is_imported_and_compared_with_its_template(site: Any) -> None:
    client, rds = site.client("cloudformation"), site.client("rds")
    assert site.deploy("s", STANDING, "CREATE") == "CREATE_COMPLETE"
    rds.create_db_instance(**{**DB, "AllocatedStorage": 20})
    site.settle_databases()
    document = having(Data=block(DATABASE, DB, DeletionPolicy="Retain"))
    data = named("Data", "tap", DATABASE, "DBInstanceIdentifier")
    assert carry_out(site, document, data) == "IMPORT_COMPLETE"

    def drift() -> Any:
        return client.detect_stack_resource_drift(StackName="s", LogicalResourceId="Data")["StackResourceDrift"]

    assert drift()["StackResourceDriftStatus"] == "IN_SYNC"
    rds.modify_db_instance(DBInstanceIdentifier="tap", BackupRetentionPeriod=3, ApplyImmediately=True)
    site.settle_databases()
    seen = drift()
    assert seen["StackResourceDriftStatus"] == "MODIFIED"
    assert [each["PropertyPath"] for each in seen["PropertyDifferences"]] == ["/BackupRetentionPeriod"]
    with pytest.raises(botocore.exceptions.ClientError, match="with a AWS::SNS::Topic"):
        client.detect_stack_resource_drift(StackName="s", LogicalResourceId="Topic")
    with pytest.raises(botocore.exceptions.ClientError, match="does not exist for stack"):
        client.detect_stack_resource_drift(StackName="s", LogicalResourceId="None")
    with site.state.transaction("eu-central-1") as tx:
        tx.delete("rds:db", "tap")
    assert drift()["StackResourceDriftStatus"] == "DELETED"


def test_a_literal_in_place_of_a_reference_changes_nothing(site: Any) -> None:
    """A detachment on the way to an import: what refers to a thing says its name instead, and is not replaced."""
    client = site.client("cloudformation")
    rule = block("AWS::SNS::Subscription", {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@b.de"})
    assert site.deploy("s", having(Rule=rule), "CREATE") == "CREATE_COMPLETE"
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in _resources(client)}
    literal = {**rule, "Properties": {**rule["Properties"], "TopicArn": ids["Topic"]}}
    assert site.deploy("s", having(Rule=literal), "UPDATE") == "UPDATE_COMPLETE"
    assert {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in _resources(client)} == ids
    assert "UPDATE_IN_PROGRESS" not in statuses(site, "Rule")


def _resources(client: Any) -> Any:
    return client.describe_stack_resources(StackName="s")["StackResources"]
