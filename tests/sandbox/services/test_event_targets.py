"""EventBridge's targets: what they are given, functions that are called, schedules, and what could not be delivered."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.core.clock import SystemClock
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.services.event_inputs import input_of
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor import errands

if TYPE_CHECKING:
    from tests.sandbox.conftest import Later

REGION = "eu-central-1"
RULE = f"arn:aws:events:{REGION}:123456789012:rule/r"
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:f"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:letters"
EVENT = {
    "time": "2026-11-21T12:00:00Z",
    "source": "shop",
    "detail-type": "order",
    "detail": {"id": 7, "name": 'a "b"', "lines": [{"sku": "x"}]},
}


def transformed(template: str, **paths: str) -> dict[str, Any]:
    return {"InputTransformer": {"InputTemplate": template, "InputPathsMap": paths}}


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ({}, json.dumps(EVENT)),
        ({"Input": '{"a": 1}'}, '{"a": 1}'),
        ({"InputPath": "$.detail.lines[0].sku"}, '"x"'),
        ({"InputPath": "$.detail-type"}, '"order"'),
        ({"InputPath": "$.detail.lines[1]"}, "null"),
        ({"InputPath": "$.source.name"}, "null"),
        ({"InputPath": "$.detail.id[0]"}, "null"),
        (transformed('{"order": <id>, "who": <name>}', id="$.detail.id", name="$.detail.name"),
         '{"order": 7, "who": "a \\"b\\""}'),
        (transformed('"order <id> of <name>, <gone>"', id="$.detail.id", name="$.detail.name", gone="$.x"),
         '"order 7 of a \\"b\\", "'),
        (transformed('{"gone": <gone>, "lines": <lines>}', gone="$.x", lines="$.detail.lines"),
         '{"gone": null, "lines": [{"sku": "x"}]}'),
        (transformed('"<aws.events.rule-name> at <aws.events.event.ingestion-time>"'), '"r at 2026-11-21T12:00:00Z"'),
        (transformed('{"rule": <aws.events.rule-arn>}'), json.dumps({"rule": RULE})),
        (transformed("<aws.events.event.json>"), json.dumps(EVENT)),
    ],
)  # fmt: skip
def test_a_target_is_given_the_event_or_what_is_made_of_it(target: dict[str, Any], wanted: str) -> None:
    assert input_of(target, EVENT, RULE) == wanted
    json.loads(wanted)


@pytest.fixture
def events(site: Any) -> Any:
    made = site.client("events")
    made.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    return made


@pytest.mark.parametrize(
    ("members", "code", "told"),
    [
        ({"Input": "{"}, "ValidationException", "JSON syntax error"),
        ({"Input": "{}", "InputPath": "$"}, "ValidationException", "Only one of"),
        ({"InputPath": "detail"}, "ValidationException", "Invalid InputPath"),
        (transformed("<a>", a="$.a."), "ValidationException", "Invalid InputPath or InputPathsMap"),
        (transformed("<AWS.a>", **{"AWS.a": "$.a"}), "ValidationException", "may not name AWS.a"),
        (transformed("x", **{f"a{number}": "$.a" for number in range(101)}), "ValidationException", "more than 100"),
        ({"RetryPolicy": {"MaximumRetryAttempts": 186}}, "ValidationException", "from 0 to 185"),
        ({"RetryPolicy": {"MaximumEventAgeInSeconds": 86_401}}, "ValidationException", "from 60 to 86400"),
        ({"DeadLetterConfig": {"Arn": FUNCTION}}, "ValidationException", "no SQS queue"),
        ({"SqsParameters": {"MessageGroupId": "g"}}, "SandboxNotImplemented", "only topics and functions"),
        ({"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}, "ValidationException", "correct region"),
    ],
)
def test_what_no_target_can_be_is_refused(
    events: Any, refuses: Any, members: dict[str, Any], code: str, told: str
) -> None:
    with refuses(code, told):
        events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": FUNCTION, **members}])


def test_what_is_just_within_bounds_is_taken(events: Any) -> None:
    members = {
        "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400},
        "DeadLetterConfig": {"Arn": QUEUE},
        **transformed("x", **{f"a{number}": "$.a" for number in range(100)}),
    }
    assert events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": FUNCTION, **members}])["FailedEntryCount"] == 0


@pytest.fixture
def function(site: Any) -> Any:
    """A function that says what it was given; nobody may call it yet."""
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = site.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": [allow]}))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("say.py", "import json\ndef handler(event, context):\n    print(json.dumps(event))\n")
    functions = site.client("lambda")
    functions.create_function(
        FunctionName="f", Runtime="python3.13", Handler="say.handler", Role=role["Role"]["Arn"],
        Code={"ZipFile": target.getvalue()}, Timeout=20, MemorySize=256,
    )  # fmt: skip
    return functions


@pytest.fixture
def admitted(function: Any) -> Any:
    function.add_permission(
        FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
        SourceArn=RULE,
    )  # fmt: skip
    return function


def waiting(site: Any) -> list[Any]:
    with site.state.reading(REGION) as tx:
        return [each["event"] for each in tx.all("lambda:event")]


def counted(site: Any, name: str) -> float:
    now = SystemClock().now()
    told = site.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events", MetricName=name, Dimensions=[{"Name": "RuleName", "Value": "r"}], Period=86_400,
        StartTime=now - timedelta(days=2), EndTime=now + timedelta(days=2), Statistics=["Sum"],
    )  # fmt: skip
    return float(sum(point["Sum"] for point in told["Datapoints"]))


def test_an_event_of_rds_calls_the_function_for_real(site: Any, admitted: Any) -> None:
    events = site.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["aws.rds"], "detail": {"EventCategories": ["failure"]}}')
    paths = {"who": "$.detail.SourceIdentifier"}
    transformer = {"InputTemplate": '{"failed": <who>}', "InputPathsMap": paths}
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": FUNCTION, "InputTransformer": transformer}])
    with site.state.transaction(REGION) as tx:
        emit(tx, "RDS-EVENT-0005", "one")
        emit(tx, "RDS-EVENT-0031", "one", reason="a test")
    [errand] = errands.due(site.state)
    errands.carry_out(site.state, errand)
    logs = site.client("logs")
    [stream] = logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
    kept = logs.get_log_events(logGroupName="/aws/lambda/f", logStreamName=stream["logStreamName"])["events"]
    assert '{"failed": "one"}' in [event["message"] for event in kept]
    assert (counted(site, "TriggeredRules"), counted(site, "Invocations")) == (1, 1)


def test_who_does_not_admit_the_rule_is_not_called_and_the_letter_is_dead(
    site: Any, events: Any, function: Any
) -> None:
    function.add_permission(
        FunctionName="f", StatementId="other", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
        SourceArn=RULE + "-other",
    )  # fmt: skip
    gone = FUNCTION + "-gone"
    letters = {"DeadLetterConfig": {"Arn": QUEUE}}
    targets = [{"Id": "a", "Arn": FUNCTION, **letters}, {"Id": "b", "Arn": gone, **letters}, {"Id": "c", "Arn": gone}]
    events.put_targets(Rule="r", Targets=targets)
    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}])
    assert waiting(site) == []
    assert (counted(site, "FailedInvocations"), counted(site, "InvocationsSentToDlq")) == (3, 2)
    with site.state.reading(REGION) as tx:
        kept = tx.all("events:dead-letter")
    assert [(each["queue"], each["code"]) for each in kept] == [(QUEUE, "NO_PERMISSIONS"), (QUEUE, "NO_RESOURCE")]
    assert kept[0]["event"]["source"] == "shop"


def test_an_input_that_is_no_json_calls_nobody(site: Any, events: Any, admitted: Any) -> None:
    target = {"Id": "t", "Arn": FUNCTION, "InputTransformer": {"InputTemplate": "no json"}}
    events.put_targets(Rule="r", Targets=[target])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}])
    assert waiting(site) == []
    assert counted(site, "FailedInvocations") == 1


@pytest.mark.parametrize(("schedule", "most"), [("rate(1 hour)", 3600), ("cron(0 * * * ? *)", 3600)])
def test_a_schedule_comes_round_once_however_long_nobody_looked(
    site: Any, admitted: Any, state: State, clock: Later, schedule: str, most: int
) -> None:
    events = site.client("events")
    events.put_rule(Name="r", ScheduleExpression=schedule)
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": FUNCTION}])
    errands.do_chores(state)
    assert waiting(site) == []
    clock.ahead = timedelta(seconds=most + 1)
    errands.do_chores(state)
    errands.do_chores(state)
    [event] = waiting(site)
    assert (event["detail-type"], event["source"], event["resources"]) == ("Scheduled Event", "aws.events", [RULE])
    assert datetime.fromisoformat(event["time"]) <= clock.now()
    clock.ahead += timedelta(days=1)
    errands.do_chores(state)
    assert len(waiting(site)) == 2
    events.disable_rule(Name="r")
    clock.ahead += timedelta(days=1)
    errands.do_chores(state)
    assert len(waiting(site)) == 2
    events.enable_rule(Name="r")
    with state.reading(REGION) as tx:
        assert tx.all("events:rule")[0]["_due"] is not None


def test_a_schedule_that_is_over_never_comes(site: Any, admitted: Any, state: State, clock: Later) -> None:
    events = site.client("events")
    events.put_rule(Name="r", ScheduleExpression="cron(0 0 1 1 ? 2020)")
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": FUNCTION}])
    clock.ahead = timedelta(days=400)
    errands.do_chores(state)
    assert waiting(site) == []
