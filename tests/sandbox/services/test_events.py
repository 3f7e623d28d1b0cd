"""EventBridge: which events fit, whom rules tell, and stacks that hold rules."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.services.event_patterns import PatternFault, fits, parse

REGION = "eu-central-1"
EVENT = {"source": "aws.rds", "detail": {"state": "FAILED", "tags": ["a", "b"], "count": 3}}


@pytest.mark.parametrize(
    ("pattern", "is_fitting"),
    [
        ({"source": ["aws.rds"]}, True),
        ({"source": ["aws.ec2"]}, False),
        ({"source": ["aws.ec2", "aws.rds"], "detail": {"state": ["FAILED"]}}, True),
        ({"detail": {"tags": ["b"]}}, True),
        ({"detail": {"count": [3]}}, True),
        ({"detail": {"count": ["3"]}}, False),
        ({"detail": {"status": ["FAILED"]}}, False),
        ({"detail": {"status": [{"exists": False}]}}, True),
        ({"detail": {"state": [{"exists": True}]}}, True),
        ({"source": {"name": ["x"]}}, False),
        ({"detail": {"state": [{"prefix": "FA"}]}}, True),
        ({"detail": {"state": [{"suffix": "FA"}]}}, False),
        ({"detail": {"state": [{"equals-ignore-case": "failed"}]}}, True),
        ({"detail": {"state": [{"wildcard": "F*L*D"}]}}, True),
        ({"detail": {"count": [{"wildcard": "*"}]}}, False),
        ({"detail": {"state": [{"anything-but": ["FAILED", "EXPIRED"]}]}}, False),
        ({"detail": {"state": [{"anything-but": "COMPLETED"}]}}, True),
        ({"detail": {"state": [{"anything-but": {"prefix": "FA"}}]}}, False),
    ],
)
def test_a_pattern_fits_or_not(pattern: dict[str, Any], is_fitting: bool) -> None:
    assert fits(parse(json.dumps(pattern)), EVENT) is is_fitting


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"a": "b"}',
        '{"a": []}',
        '{"a": {}}',
        '{"$or": [{"a": ["b"]}]}',
        '{"a": [["b"]]}',
        '{"a": [{"numeric": ["<", 1]}]}',
        '{"a": [{}]}',
        '{"a": [{"prefix": 1}]}',
        '{"a": [{"anything-but": {"cidr": "x"}}]}',
    ],
)
def test_a_pattern_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(PatternFault):
        parse(text)


@pytest.fixture
def events(site: Any) -> Any:
    return site.client("events")


def open_topic(site: Any, name: str = "t", principal: str = "events.amazonaws.com") -> str:
    sns = site.client("sns")
    arn: str = sns.create_topic(Name=name)["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "SNS:Publish", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return arn


def told(site: Any) -> list[str]:
    with site.state.reading(REGION) as tx:
        return [message["Message"] for message in tx.all("sns:message")]


FAILURES = json.dumps({"source": ["aws.rds"], "detail": {"EventCategories": ["failure"]}})


def fail(site: Any) -> None:
    with site.state.transaction(REGION) as tx:
        emit(tx, "RDS-EVENT-0005", "one")
        emit(tx, "RDS-EVENT-0031", "one", reason="a test")


def test_a_topic_is_told_of_what_fits(site: Any, events: Any) -> None:
    events.put_rule(Name="failures", EventPattern=FAILURES)
    targets = [{"Id": "t", "Arn": open_topic(site)}, {"Id": "n", "Arn": open_topic(site, "n"), "Input": '"short"'}]
    events.put_targets(Rule="failures", Targets=targets)
    fail(site)
    whole, short = told(site)
    event = json.loads(whole)
    assert (event["detail-type"], event["region"], event["detail"]["EventID"], event["detail"]["SourceType"]) == (
        "RDS DB Instance Event",
        REGION,
        "RDS-EVENT-0031",
        "DB_INSTANCE",
    )
    assert event["resources"] == [f"arn:aws:rds:{REGION}:123456789012:db:one"]
    assert short == '"short"'
    events.disable_rule(Name="failures")
    fail(site)
    assert len(told(site)) == 2
    events.enable_rule(Name="failures")
    fail(site)
    assert len(told(site)) == 4


def test_nobody_is_told_who_does_not_admit_it(site: Any, events: Any) -> None:
    events.put_rule(Name="failures", EventPattern=FAILURES)
    key = site.client("kms").create_key()["KeyMetadata"]["KeyId"]
    locked = open_topic(site, "locked")
    site.client("sns").set_topic_attributes(TopicArn=locked, AttributeName="KmsMasterKeyId", AttributeValue=key)
    site.client("kms").disable_key(KeyId=key)
    plain = site.client("sns").create_topic(Name="plain")["TopicArn"]
    closed = open_topic(site, "closed", "cloudwatch.amazonaws.com")
    gone = f"{plain}-gone"
    events.put_targets(
        Rule="failures", Targets=[{"Id": str(at), "Arn": arn} for at, arn in enumerate((locked, plain, closed, gone))]
    )
    fail(site)
    assert told(site) == []


def test_rules_are_kept_and_go_without_targets(site: Any, events: Any, refuses: Any) -> None:
    arn = events.put_rule(Name="daily", ScheduleExpression="rate(1 day)", Tags=[{"Key": "a", "Value": "b"}])["RuleArn"]
    events.put_targets(Rule="daily", Targets=[{"Id": "t", "Arn": open_topic(site)}])
    events.put_rule(Name="daily", ScheduleExpression="cron(0 2 * * ? *)", Description="d", State="DISABLED")
    found = events.describe_rule(Name="daily", EventBusName="default")
    assert (found["Arn"], found["State"], found["Description"]) == (arn, "DISABLED", "d")
    assert [rule["Name"] for rule in events.list_rules(NamePrefix="da")["Rules"]] == ["daily"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    with refuses("ValidationException", "has targets"):
        events.delete_rule(Name="daily")
    events.remove_targets(Rule="daily", Ids=["t"])
    assert events.list_targets_by_rule(Rule="daily")["Targets"] == []
    events.delete_rule(Name="daily")
    events.delete_rule(Name="daily")
    with refuses("ResourceNotFoundException", "daily does not exist"):
        events.describe_rule(Name="daily")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({}, "ValidationException"),
        ({"ScheduleExpression": "soon"}, "ValidationException"),
        ({"EventPattern": "{}"}, "InvalidEventPatternException"),
        ({"EventPattern": FAILURES, "EventBusName": "own"}, "ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(events: Any, refuses: Any, rule: dict[str, str], code: str) -> None:
    with refuses(code):
        events.put_rule(Name="r", **rule)


def test_a_rule_has_five_topics(events: Any, refuses: Any) -> None:
    events.put_rule(Name="r", EventPattern=FAILURES)
    targets = [{"Id": str(number), "Arn": f"arn:aws:sns:{REGION}:123456789012:t{number}"} for number in range(6)]
    with refuses("LimitExceededException"):
        events.put_targets(Rule="r", Targets=targets)
    events.put_targets(Rule="r", Targets=targets[:5])
    with refuses("SandboxNotImplemented", "only topics"):
        events.put_targets(Rule="r", Targets=[{"Id": "f", "Arn": f"arn:aws:sqs:{REGION}:123456789012:q"}])


def test_events_of_one_s_own_are_told_and_those_of_aws_refused(site: Any, events: Any) -> None:
    events.put_rule(Name="own", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="own", Targets=[{"Id": "t", "Arn": open_topic(site)}])
    good = {"Source": "shop", "DetailType": "order", "Detail": '{"id": 1}'}
    wrong = [{**good, "Source": "aws.rds"}, {**good, "Detail": "{"}, {**good, "Detail": "[]"}, {"Source": "shop"}]
    answer = events.put_events(Entries=[good, *wrong])
    assert answer["FailedEntryCount"] == 4
    assert [json.loads(message)["detail"] for message in told(site)] == [{"id": 1}]


STACK: dict[str, Any] = {
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.rds"],
                    "detail": {"EventCategories": ["failure"], "SourceIdentifier": [{"prefix": "on"}]},
                },
                "Targets": [{"Id": "t", "Arn": {"Ref": "Topic"}, "RetryPolicy": {"MaximumRetryAttempts": 2}}],
                "Tags": [{"Key": "a", "Value": "b"}],
            },
        },
    }
}


def test_a_stack_s_rule_is_made_changed_undone_and_taken_away(site: Any, events: Any) -> None:
    assert site.deploy("e", STACK, "CREATE") == "CREATE_COMPLETE"
    rule = events.list_rules()["Rules"][0]
    assert json.loads(rule["EventPattern"]) == STACK["Resources"]["Rule"]["Properties"]["EventPattern"]
    changed = copy.deepcopy(STACK)
    changed["Resources"]["Rule"]["Properties"] |= {"State": "DISABLED", "Tags": [{"Key": "c", "Value": "d"}]}
    changed["Resources"]["Rule"]["Properties"]["Targets"][0]["Id"] = "other"
    assert site.deploy("e", changed, "UPDATE") == "UPDATE_COMPLETE"
    assert events.describe_rule(Name=rule["Name"])["State"] == "DISABLED"
    assert [each["Id"] for each in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]] == ["other"]
    assert events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"] == [{"Key": "c", "Value": "d"}]
    broken = copy.deepcopy(changed)
    broken["Resources"]["Rule"]["Properties"]["Targets"][0]["Arn"] = "arn:aws:sns:us-east-1:123456789012:t"
    assert site.deploy("e", broken, "UPDATE") == "UPDATE_ROLLBACK_COMPLETE"
    assert events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]["Arn"].startswith("arn:aws:sns")
    site.client("cloudformation").delete_stack(StackName="e")
    with site.state.reading(REGION) as tx:
        stack = tx.all("cfn:stack")[0]["StackId"]
    site.run(stack)
    assert events.list_rules()["Rules"] == []
