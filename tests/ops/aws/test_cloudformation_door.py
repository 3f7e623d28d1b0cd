"""Shapes and pages that a sandbox does not give: long histories, change sets of two pages, YAML templates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mainstay.ops.aws.cloudformation import ChangeSetRequest, CloudFormationDoor
from mainstay.ops.aws.stack_states import ChangeSetState, StackState

Fixture = Any  # fixtures of conftest
AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


@cache
def real_client() -> Any:
    session: Any = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="none", region_name="eu-west-1")
    return session.client("cloudformation")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(real_client()) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def door(stub: Stubber, clock: Fixture) -> CloudFormationDoor:
    return CloudFormationDoor(stub.client, clock)


def event(number: int, status: str = "CREATE_COMPLETE", reason: str | None = None) -> dict[str, Any]:
    told = {"ResourceStatusReason": reason} if reason else {}
    return {
        "StackId": "arn",
        "EventId": str(number),
        "StackName": "shop",
        "Timestamp": AT,
        "LogicalResourceId": f"R{number}",
        "ResourceType": "AWS::SNS::Topic",
        "ResourceStatus": status,
        **told,
    }


def test_events_come_oldest_first_and_reading_stops_at_the_known_one(stub: Stubber, door: CloudFormationDoor) -> None:
    newest: dict[str, Any] = {"StackEvents": [event(5), event(4)], "NextToken": "more"}
    older: dict[str, Any] = {"StackEvents": [event(3), event(2)]}
    stub.add_response("describe_stack_events", newest, {"StackName": "shop"})
    stub.add_response("describe_stack_events", older, {"StackName": "shop", "NextToken": "more"})
    assert [seen.event_id for seen in door.events("shop", after="2")] == ["3", "4", "5"]
    stub.add_response("describe_stack_events", {"StackEvents": [event(1)]}, {"StackName": "shop"})
    assert [seen.event_id for seen in door.events("shop")] == ["1"]


def test_a_cancelled_resource_is_no_failure_of_its_own(stub: Stubber, door: CloudFormationDoor) -> None:
    rows = [
        event(3, "CREATE_FAILED", "Resource creation cancelled"),
        event(2, "CREATE_FAILED", "no such class"),
        event(1),
    ]
    stub.add_response("describe_stack_events", {"StackEvents": rows})
    assert [seen.is_failure for seen in door.events("shop")] == [False, True, False]


def test_changes_are_read_over_all_pages(stub: Stubber, door: CloudFormationDoor) -> None:
    first = {
        "Action": "Modify",
        "LogicalResourceId": "Database",
        "PhysicalResourceId": "shop",
        "ResourceType": "AWS::RDS::DBInstance",
        "Replacement": "True",
        "Details": [
            {"Target": {"Attribute": "Properties", "Name": "KmsKeyId"}},
            {"Target": {"Attribute": "Tags"}},
            {"Target": {"Attribute": "Properties", "Name": "KmsKeyId"}},
        ],
    }
    second = {
        "Action": "Remove",
        "LogicalResourceId": "Key",
        "ResourceType": "AWS::KMS::Key",
        "PolicyAction": "Retain",
    }
    common = {"ChangeSetName": "c", "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
    hook = {"Type": "Resource"}
    stub.add_response(
        "describe_change_set", {**common, "Changes": [{"ResourceChange": first}, hook], "NextToken": "more"}
    )
    stub.add_response("describe_change_set", {**common, "Changes": [{"ResourceChange": second}]})
    seen = door.change_set("shop", "c")
    assert seen.is_ready
    assert [change.logical_id for change in seen.changes] == ["Database", "Key"]
    assert seen.changes[0].properties == ("KmsKeyId", "Tags")
    assert seen.changes[1].kept == "Retain"


def test_a_parameter_without_a_value_keeps_the_one_it_had(stub: Stubber, door: CloudFormationDoor) -> None:
    stub.add_response(
        "create_change_set",
        {},
        {
            "StackName": "shop",
            "ChangeSetName": "c",
            "ChangeSetType": "UPDATE",
            "TemplateURL": "https://bucket/key",
            "Parameters": [
                {"ParameterKey": "Image", "UsePreviousValue": True},
                {"ParameterKey": "Class", "ParameterValue": "db.t4g.micro"},
            ],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            "Tags": [{"Key": "ManagedBy", "Value": "mainstay"}],
        },
    )
    parameters = {"Image": None, "Class": "db.t4g.micro"}
    tags = {"ManagedBy": "mainstay"}
    request = ChangeSetRequest(
        stack="shop", name="c", kind="UPDATE", url="https://bucket/key", parameters=parameters, tags=tags
    )
    door.create_change_set(request)


@pytest.mark.parametrize(
    ("reason", "is_empty"),
    [
        ("The submitted information didn't contain changes. Submit different information.", True),
        ("No updates are to be performed.", True),
        ("Transform failed", False),
    ],
)
def test_a_change_set_without_changes_is_told_from_a_broken_one(reason: str, is_empty: bool) -> None:
    state = ChangeSetState(name="c", status="FAILED", execution_status="UNAVAILABLE", reason=reason)
    assert state.is_without_changes is is_empty
    assert not state.is_ready


def test_a_template_is_text_whatever_botocore_made_of_it(stub: Stubber, door: CloudFormationDoor) -> None:
    stub.add_response("get_template", {"TemplateBody": "Resources: {}\n"})
    stub.add_response("get_template", {"TemplateBody": '{"Resources": {}}'})
    assert door.template("shop") == "Resources: {}\n"
    assert json.loads(door.template("shop")) == {"Resources": {}}


def test_what_is_not_there_is_none_and_deleting_it_is_nothing(stub: Stubber, door: CloudFormationDoor) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id shop does not exist")
    stub.add_client_error("describe_change_set", "ChangeSetNotFound", "ChangeSet [c] does not exist")
    stub.add_client_error("delete_change_set", "ValidationError", "Stack [shop] does not exist")
    assert door.find_stack("shop") is None
    assert door.find_change_set("shop", "c") is None
    door.delete_change_set("shop", "c")


def test_throttled_calls_are_repeated_until_they_are_answered(
    stub: Stubber, door: CloudFormationDoor, clock: Fixture
) -> None:
    stub.add_client_error("describe_stacks", "Throttling", "Rate exceeded")
    stub.add_client_error("describe_stacks", "Throttling", "Rate exceeded")
    stack = {"StackName": "shop", "StackStatus": "CREATE_COMPLETE", "CreationTime": AT}
    stub.add_response("describe_stacks", {"Stacks": [stack]})
    assert door.stack("shop").is_whole
    assert len(clock.sleeps) == 2


def test_exports_and_protection(stub: Stubber, door: CloudFormationDoor) -> None:
    stub.add_response("list_exports", {"Exports": [{"Name": "shop-endpoint", "Value": "db.example"}]})
    expected = {"StackName": "shop", "EnableTerminationProtection": True}
    stub.add_response("update_termination_protection", {}, expected)
    stub.add_response("set_stack_policy", {}, {"StackName": "shop", "StackPolicyBody": '{"Statement": []}'})
    stub.add_response("execute_change_set", {}, {"StackName": "shop", "ChangeSetName": "c", "ClientRequestToken": "t"})
    stub.add_response("delete_stack", {}, {"StackName": "shop"})
    assert door.exports() == {"shop-endpoint": "db.example"}
    door.set_termination_protection("shop", is_on=True)
    door.set_policy("shop", {"Statement": []})
    door.execute_change_set("shop", "c", "t")
    door.delete_stack("shop")


@pytest.mark.parametrize(
    ("status", "moving", "whole", "updatable", "empty"),
    [
        ("CREATE_IN_PROGRESS", True, False, False, False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True, False, False, False),
        ("REVIEW_IN_PROGRESS", False, False, False, False),
        ("CREATE_COMPLETE", False, True, True, False),
        ("UPDATE_ROLLBACK_COMPLETE", False, False, True, False),
        ("ROLLBACK_COMPLETE", False, False, False, True),
        ("UPDATE_ROLLBACK_FAILED", False, False, False, False),
        ("DELETE_FAILED", False, False, False, False),
    ],
)
def test_what_a_status_means(status: str, moving: bool, whole: bool, updatable: bool, empty: bool) -> None:
    state = StackState(name="shop", stack_id="arn", status=status)
    assert (state.is_moving, state.is_whole, state.takes_updates, state.is_empty_failure) == (
        moving,
        whole,
        updatable,
        empty,
    )
