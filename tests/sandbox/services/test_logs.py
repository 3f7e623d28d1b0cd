from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def logs(site: Any) -> Any:
    return site.client("logs")


def test_a_group_keeps_for_days_of_the_list(logs: Any, refuses: Any) -> None:
    logs.create_log_group(logGroupName="/aws/rds/x", tags={"a": "b"})
    with refuses("ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName="/aws/rds/x")
    logs.put_retention_policy(logGroupName="/aws/rds/x", retentionInDays=7)
    with refuses("InvalidParameterException", "'8'"):
        logs.put_retention_policy(logGroupName="/aws/rds/x", retentionInDays=8)
    group = logs.describe_log_groups(logGroupNamePrefix="/aws")["logGroups"][0]
    assert group["retentionInDays"] == 7
    logs.delete_retention_policy(logGroupName="/aws/rds/x")
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePattern="RDS")["logGroups"][0]
    logs.tag_resource(resourceArn=group["arn"], tags={"c": "d"})
    logs.untag_resource(resourceArn=group["arn"], tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=group["arn"])["tags"] == {"c": "d"}
    for call, more in ((logs.delete_log_group, {}), (logs.put_retention_policy, {"retentionInDays": 1})):
        with refuses("ResourceNotFoundException"):
            call(logGroupName="nobody", **more)
    with refuses("InvalidParameterException"):
        logs.create_log_group(logGroupName="with space")


def test_a_key_is_given_by_its_arn_and_enabled(site: Any, logs: Any, refuses: Any) -> None:
    kms = site.client("kms")
    key = kms.create_key()["KeyMetadata"]
    logs.create_log_group(logGroupName="g", kmsKeyId=key["Arn"])
    with refuses("InvalidParameterException", "KMS"):
        logs.associate_kms_key(logGroupName="g", kmsKeyId=key["KeyId"])
    logs.disassociate_kms_key(logGroupName="g")
    logs.associate_kms_key(logGroupName="g", kmsKeyId=key["Arn"])
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key["Arn"]


def test_events_come_back_in_pages_and_by_time(logs: Any, refuses: Any) -> None:
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    with refuses("ResourceAlreadyExistsException"):
        logs.create_log_stream(logGroupName="g", logStreamName="s")
    events = [{"timestamp": 1000 + number, "message": str(number)} for number in range(5)]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    with refuses("InvalidParameterException", "chronological"):
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events[::-1])
    where = {"logGroupName": "g", "logStreamName": "s"}

    def messages(**more: Any) -> list[str]:
        return [event["message"] for event in logs.get_log_events(**where, **more)["events"]]

    assert messages(startTime=1001, endTime=1003) == ["1", "2"]
    assert messages(limit=2) == ["3", "4"]
    assert messages(limit=2, startFromHead=True) == ["0", "1"]
    forward = logs.get_log_events(**where, limit=2, startFromHead=True)["nextForwardToken"]
    assert messages(limit=2, nextToken=forward) == ["2", "3"]
    back = logs.get_log_events(**where, limit=2)["nextBackwardToken"]
    assert messages(limit=2, nextToken=back) == ["1", "2"]
    stream = logs.describe_log_streams(logGroupName="g")["logStreams"][0]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (1000, 1004)
    logs.delete_log_group(logGroupName="g")
    logs.create_log_group(logGroupName="g")
    assert logs.describe_log_streams(logGroupName="g")["logStreams"] == []
    with refuses("ResourceNotFoundException", "log stream"):
        logs.get_log_events(**where)
