"""Lambda: functions made, changed and called for real, who may call them, and events that wait for them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

from mainstay.core.clock import SystemClock
from mainstay.sandbox.lambda_launch import Invocation
from mainstay.sandbox.services.functions import queue
from mainstay.sandbox.services.functions.permissions import admits
from mainstay.sandbox.services.functions.records import find_function
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor import errands

if TYPE_CHECKING:
    from tests.sandbox.conftest import Later

REGION = "eu-central-1"
ARN = f"arn:aws:lambda:{REGION}:123456789012:function:f"
CODE = """
import json

def handler(event, context):
    print("asked for", event.get("do"))
    if event.get("do") == "fail":
        raise ValueError("no such thing")
    if event.get("do") == "wait":
        import time
        time.sleep(60)
    if event.get("do") == "large":
        return "x" * (6 * 1024 * 1024 + 1)
    if event.get("do") == "measure":
        metrics = [{"Name": "Depth", "Unit": "Count"}]
        blocks = [{"Namespace": "Mine", "Dimensions": [["Queue"]], "Metrics": metrics}]
        print(json.dumps({"_aws": {"CloudWatchMetrics": blocks}, "Queue": "q", "Depth": 7}))
        print('{"_aws": {"CloudWatchMetrics": [{}]}}')
    return {"event": event, "arn": context.invoked_function_arn, "stream": context.log_stream_name}
"""
FAILED = Invocation(None, {"errorType": "ValueError", "errorMessage": "no such thing"}, "", 0.1)
DONE = Invocation({}, None, "", 0.1)


def zipped(text: str = CODE, name: str = "job.py") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, text)
    return target.getvalue()


def new_role(site: Any, name: str = "runs", service: str = "lambda.amazonaws.com") -> str:
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    arn: str = site.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return arn


@pytest.fixture
def functions(site: Any) -> Any:
    return site.client("lambda")


@pytest.fixture
def wanted(site: Any) -> dict[str, Any]:
    """What CreateFunction is given."""
    return {
        "FunctionName": "f",
        "Runtime": "python3.13",
        "Handler": "job.handler",
        "Role": new_role(site),
        "Code": {"ZipFile": zipped()},
    }


@pytest.fixture
def function(functions: Any, wanted: dict[str, Any]) -> Any:
    return functions.create_function(**wanted, Timeout=20, MemorySize=256)


def call(functions: Any, event: dict[str, Any], **params: Any) -> Any:
    return functions.invoke(FunctionName="f", Payload=json.dumps(event).encode(), **params)


def payload(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())


def test_a_function_has_lambdas_defaults_and_is_found_by_each_of_its_names(functions: Any, wanted: Any) -> None:
    made = functions.create_function(**wanted)
    assert (made["Timeout"], made["MemorySize"], made["Architectures"]) == (3, 128, ["x86_64"])
    assert (made["State"], made["LastUpdateStatus"], made["Version"]) == ("Active", "Successful", "$LATEST")
    assert made["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}
    assert made["CodeSize"] == len(wanted["Code"]["ZipFile"])
    for name in ("f", ARN, "123456789012:function:f", f"{ARN}:$LATEST"):
        found = functions.get_function(FunctionName=name)
        assert found["Configuration"]["FunctionArn"] == ARN
    assert found["Code"]["Location"].startswith("file:///")
    assert [each["FunctionName"] for each in functions.list_functions()["Functions"]] == ["f"]
    functions.get_waiter("function_active_v2").wait(FunctionName="f")


@pytest.mark.parametrize("name", ["g", "f:7", "arn:aws:lambda:us-east-1:123456789012:function:f", "999999999999:f"])
def test_a_function_that_is_not_there_is_not_found(functions: Any, function: Any, refuses: Any, name: str) -> None:
    with refuses("ResourceNotFoundException", "Function not found", 404):
        functions.get_function(FunctionName=name)
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName=name)


@pytest.mark.parametrize(
    ("members", "code", "told"),
    [
        ({"FunctionName": "x" * 65}, "InvalidParameterValueException", "65 characters"),
        ({"FunctionName": "a b"}, "ValidationException", "functionName"),
        ({"Runtime": "python3.9"}, "InvalidParameterValueException", "python3.9 is no longer supported"),
        ({"Runtime": "nodejs22.x"}, "SandboxNotImplemented", "nodejs22.x"),
        ({"Timeout": 901}, "InvalidParameterValueException", "from 1 to 900"),
        ({"MemorySize": 10241}, "InvalidParameterValueException", "from 128 to 10240"),
        ({"EphemeralStorage": {"Size": 10241}}, "InvalidParameterValueException", "from 512 to 10240"),
        ({"Description": "x" * 257}, "InvalidParameterValueException", "description"),
        ({"Handler": "a b"}, "InvalidParameterValueException", "handler"),
        ({"Role": "arn:aws:iam::123456789012:role/nobody"}, "InvalidParameterValueException", "cannot be assumed"),
        ({"Architectures": ["arm64", "x86_64"]}, "InvalidParameterValueException", "exactly one"),
        ({"Code": {}}, "InvalidParameterValueException", "provide a source"),
        ({"Code": {"S3Bucket": "nowhere"}}, "InvalidParameterValueException", "S3Key"),
        ({"Code": {"S3Bucket": "nowhere", "S3Key": "k"}}, "InvalidParameterValueException", "NoSuchBucket"),
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", "Could not unzip"),
        ({"Code": {"ZipFile": b"PK\5\6" + bytes(18)}}, "InvalidParameterValueException", "non-empty zip"),
        ({"Code": {"ImageUri": "x"}}, "SandboxNotImplemented", "ImageUri"),
        ({"PackageType": "Image"}, "SandboxNotImplemented", "images"),
        ({"Layers": ["arn:aws:lambda:eu-central-1:123456789012:layer:x:1"]}, "SandboxNotImplemented", "Layers"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException", "reserved keys"),
        ({"Environment": {"Variables": {"1a": "x"}}}, "InvalidParameterValueException", "1a"),
        ({"Environment": {"Variables": {"aa": "x" * 4087}}}, "InvalidParameterValueException", "4KB limit"),
        ({"KMSKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/none"}, "InvalidParameterValueException", "KMS key"),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-central-1:123456789012:q"}}, "SandboxNotImplemented", "q"),
        (
            {"DeadLetterConfig": {"TargetArn": "arn:aws:sns:eu-central-1:123456789012:t"}},
            "InvalidParameterValueException",
            "no topic",
        ),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "InvalidParameterValueException", "must coexist"),
        (
            {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
            "InvalidParameterValueException",
            "InvalidSubnetID.NotFound",
        ),
        ({"LoggingConfig": {"LogGroup": "a b"}}, "InvalidParameterValueException", "logGroup"),
    ],
)
def test_what_lambda_does_not_take_is_refused(
    functions: Any, wanted: dict[str, Any], refuses: Any, members: dict[str, Any], code: str, told: str
) -> None:
    with refuses(code, told):
        functions.create_function(**{**wanted, **members})
    assert functions.list_functions()["Functions"] == []


def test_what_is_just_within_bounds_is_taken(functions: Any, wanted: dict[str, Any]) -> None:
    members = {
        "FunctionName": "x" * 64,
        "Timeout": 900,
        "MemorySize": 10240,
        "EphemeralStorage": {"Size": 10240},
        "Description": "x" * 256,
        "Environment": {"Variables": {"aa": "x" * 4086}},
    }
    assert functions.create_function(**{**wanted, **members})["Timeout"] == 900


def test_a_role_must_trust_lambda_and_a_name_is_given_once(
    site: Any, functions: Any, wanted: dict[str, Any], refuses: Any
) -> None:
    other = new_role(site, "other", "rds.amazonaws.com")
    with refuses("InvalidParameterValueException", "cannot be assumed by Lambda"):
        functions.create_function(**{**wanted, "Role": other})
    functions.create_function(**wanted)
    with pytest.raises(functions.exceptions.ResourceConflictException, match="already exist: f"):
        functions.create_function(**wanted)
    with refuses("InvalidParameterValueException", "Runtime and Handler"):
        functions.create_function(FunctionName="g", Role=wanted["Role"], Code=wanted["Code"])


def test_a_place_in_a_network_is_one_vpc(site: Any, functions: Any, wanted: dict[str, Any], refuses: Any) -> None:
    ec2 = site.client("ec2")
    places = []
    for number in (1, 2):
        vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.0.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
        places.append((vpc, subnet, group))
    (vpc, subnet, group), (_, _, other) = places
    placed = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    made = functions.create_function(**wanted, VpcConfig=placed)
    assert made["VpcConfig"] == {**placed, "VpcId": vpc}
    with refuses("InvalidParameterValueException", "different VPCs"):
        functions.update_function_configuration(
            FunctionName="f", VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [other]}
        )
    left = functions.update_function_configuration(
        FunctionName="f", VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}
    )
    assert left["VpcConfig"]["VpcId"] == ""


def test_code_comes_out_of_a_bucket_by_version_too(
    site: Any, functions: Any, wanted: dict[str, Any], refuses: Any
) -> None:
    s3 = site.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="code-of-mine", CreateBucketConfiguration=place)
    s3.put_bucket_versioning(Bucket="code-of-mine", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="code-of-mine", Key="k", Body=zipped("def handler(e, c): return 1"))["VersionId"]
    s3.put_object(Bucket="code-of-mine", Key="k", Body=zipped("def handler(e, c): return 2"))
    stored = {"S3Bucket": "code-of-mine", "S3Key": "k"}
    functions.create_function(**{**wanted, "Code": stored})
    assert payload(functions.invoke(FunctionName="f")) == 2
    before = functions.get_function_configuration(FunctionName="f")
    checked = functions.update_function_code(FunctionName="f", S3ObjectVersion=first, DryRun=True, **stored)
    assert checked["CodeSha256"] != before["CodeSha256"]
    assert functions.get_function_configuration(FunctionName="f")["CodeSha256"] == before["CodeSha256"]
    functions.update_function_code(
        FunctionName="f", S3ObjectVersion=first, Architectures=["arm64"], RevisionId=before["RevisionId"], **stored
    )
    assert payload(functions.invoke(FunctionName="f")) == 1
    with refuses("PreconditionFailedException", "Revision Id", 412):
        functions.update_function_code(FunctionName="f", RevisionId=before["RevisionId"], **stored)


def test_a_changed_configuration_keeps_what_is_not_named(functions: Any, function: Any) -> None:
    functions.update_function_configuration(
        FunctionName="f", Environment={"Variables": {"aa": "1"}}, LoggingConfig={"LogFormat": "JSON"}
    )
    after = functions.get_function_configuration(FunctionName="f")
    assert (after["Timeout"], after["Environment"]) == (20, {"Variables": {"aa": "1"}})
    assert after["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/aws/lambda/f"}
    assert after["RevisionId"] != function["RevisionId"]


def test_tags_and_reserved_concurrency(functions: Any, function: Any, refuses: Any) -> None:
    functions.tag_resource(Resource=ARN, Tags={"a": "1", "b": "2"})
    functions.untag_resource(Resource=ARN, TagKeys=["a"])
    assert functions.list_tags(Resource=ARN)["Tags"] == {"b": "2"}
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName="f")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert functions.get_function(FunctionName="f")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    assert functions.get_function_concurrency(FunctionName="f")["ReservedConcurrentExecutions"] == 0
    with refuses("TooManyRequestsException", "Rate Exceeded", 429):
        call(functions, {})
    functions.delete_function_concurrency(FunctionName="f")
    assert "Concurrency" not in functions.get_function(FunctionName="f")


def test_a_call_answers_logs_and_counts(site: Any, functions: Any, function: Any) -> None:
    answer = call(functions, {"do": "measure"}, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    result = payload(answer)
    assert (result["event"], result["arn"]) == ({"do": "measure"}, ARN)
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith("START RequestId: ")
    assert "asked for measure" in tail
    assert "Memory Size: 256 MB" in tail
    logs = site.client("logs")
    kept = logs.get_log_events(logGroupName="/aws/lambda/f", logStreamName=result["stream"])["events"]
    assert [event["message"] for event in kept] == tail.splitlines()
    now = SystemClock().now()
    told = site.client("cloudwatch").get_metric_statistics(
        Namespace="Mine", MetricName="Depth", Dimensions=[{"Name": "Queue", "Value": "q"}], Period=60,
        StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=5), Statistics=["Maximum"],
    )  # fmt: skip
    assert [point["Maximum"] for point in told["Datapoints"]] == [7.0]


def test_errors_come_back_as_lambda_gives_them_and_move_an_alarm(site: Any, functions: Any, function: Any) -> None:
    cloudwatch, sns = site.client("cloudwatch"), site.client("sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    cloudwatch.put_metric_alarm(
        AlarmName="errors", Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
        Dimensions=[{"Name": "FunctionName", "Value": "f"}], TreatMissingData="notBreaching",
    )  # fmt: skip
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "OK"
    answer = call(functions, {"do": "fail"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = payload(answer)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such thing")
    assert error["stackTrace"]
    assert error["requestId"]
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    with site.state.reading(REGION) as tx:
        [message] = tx.all("sns:message")
    assert json.loads(message["Message"])["NewStateValue"] == "ALARM"


def test_a_call_that_takes_too_long_is_ended_and_says_so_in_json(
    site: Any, functions: Any, wanted: dict[str, Any]
) -> None:
    functions.create_function(**wanted, Timeout=1, LoggingConfig={"LogFormat": "JSON", "LogGroup": "mine"})
    answer = call(functions, {"do": "wait"})
    assert payload(answer)["errorType"] == "Sandbox.Timedout"
    [stream] = site.client("logs").describe_log_streams(logGroupName="mine")["logStreams"]
    kept = site.client("logs").get_log_events(logGroupName="mine", logStreamName=stream["logStreamName"])["events"]
    lines = [event["message"] for event in kept]
    assert json.loads(lines[0])["type"] == "platform.start"
    assert lines[-2].endswith("Task timed out after 1.00 seconds")
    assert json.loads(lines[-1])["record"]["status"] == "error"


def test_an_answer_that_is_too_large_is_an_error(functions: Any, function: Any) -> None:
    answer = call(functions, {"do": "large"})
    assert answer["FunctionError"] == "Unhandled"
    assert payload(answer)["errorType"] == "Function.ResponseSizeTooLarge"


def test_payloads_have_limits_and_are_json(functions: Any, function: Any, refuses: Any) -> None:
    with refuses("InvalidRequestContentException", "parse request body"):
        functions.invoke(FunctionName="f", Payload=b"{")
    most = 1024 * 1024
    for kind, size, is_taken in (("Event", most, True), ("Event", most + 1, False), ("DryRun", 6 * most + 1, False)):
        body = b'"' + b"x" * (size - 2) + b'"'
        if is_taken:
            assert functions.invoke(FunctionName="f", InvocationType=kind, Payload=body)["StatusCode"] == 202
        else:
            with refuses("RequestTooLargeException", "must be smaller", 413):
                functions.invoke(FunctionName="f", InvocationType=kind, Payload=body)
    assert functions.invoke(FunctionName="f", InvocationType="DryRun")["StatusCode"] == 204
    with refuses("InvalidParameterValueException", "InvocationType"):
        functions.invoke(FunctionName="f", InvocationType="Later")


def test_a_function_whose_key_is_disabled_cannot_be_called(
    site: Any, functions: Any, wanted: dict[str, Any], refuses: Any
) -> None:
    kms = site.client("kms")
    key = kms.create_key()["KeyMetadata"]
    functions.create_function(**wanted, KMSKeyArn=key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    with refuses("KMSDisabledException", "decrypt the environment", 502):
        call(functions, {})


def test_permissions_are_statements_that_admit_a_service_for_a_source(
    site: Any, functions: Any, function: Any, refuses: Any
) -> None:
    with refuses("ResourceNotFoundException", "does not exist", 404):
        functions.get_policy(FunctionName="f")
    rule = f"arn:aws:events:{REGION}:123456789012:rule/nightly"
    given = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    added = functions.add_permission(**given, StatementId="a", SourceArn=rule, SourceAccount="123456789012")
    assert json.loads(added["Statement"])["Condition"] == {
        "ArnLike": {"AWS:SourceArn": rule},
        "StringEquals": {"AWS:SourceAccount": "123456789012"},
    }
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.add_permission(**given, StatementId="a")
    functions.add_permission(**{**given, "Principal": "123456789012"}, StatementId="b")
    functions.add_permission(**{**given, "Principal": "s3.amazonaws.com"}, StatementId="c", SourceAccount="9" * 12)
    with site.state.reading(REGION) as tx:
        found = find_function(tx, ARN)
        assert found is not None
        asked = [
            admits(tx, found, "events.amazonaws.com", rule),
            admits(tx, found, "events.amazonaws.com", rule + "2"),
            admits(tx, found, "s3.amazonaws.com", "arn:aws:s3:::x"),
            admits(tx, found, "backup.amazonaws.com", rule),
        ]
    assert asked == [True, False, False, False]
    assert len(json.loads(functions.get_policy(FunctionName="f")["Policy"])["Statement"]) == 3
    with refuses("PublicPolicyException", "public"):
        functions.add_permission(**{**given, "Principal": "*"}, StatementId="d")
    with refuses("PolicyLengthExceededException", "bytes"):
        functions.add_permission(**given, StatementId="e", SourceArn=rule + "x" * 10_000, EventSourceToken="t" * 9)
        functions.add_permission(**given, StatementId="g", SourceArn=rule + "x" * 10_000)
    functions.remove_permission(FunctionName="f", StatementId="a")
    with refuses("ResourceNotFoundException", "a is not found", 404):
        functions.remove_permission(FunctionName="f", StatementId="a")


def test_an_event_waits_and_is_handled(site: Any, functions: Any, function: Any, state: State) -> None:
    assert call(functions, {"do": "later"}, InvocationType="Event")["StatusCode"] == 202
    [errand] = errands.due(state)
    assert errand[:2] == ("event", REGION)
    errands.carry_out(state, errand)
    assert errands.due(state) == []
    [stream] = site.client("logs").describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
    kept = site.client("logs").get_log_events(logGroupName="/aws/lambda/f", logStreamName=stream["logStreamName"])[
        "events"
    ]
    assert "asked for later" in [event["message"] for event in kept]
    errands.carry_out(state, errand)  # it is gone: nothing happens


@pytest.fixture
def dead_letters(site: Any, functions: Any, function: Any) -> Any:
    """The topic that is told of events that were given up, and what it was told."""
    topic = site.client("sns").create_topic(Name="dead")["TopicArn"]
    functions.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": topic})

    def told() -> list[Any]:
        with site.state.reading(REGION) as tx:
            return [(json.loads(each["Message"]), each["MessageAttributes"]) for each in tx.all("sns:message")]

    return told


def test_a_failed_event_is_tried_twice_more_and_then_told_of(
    functions: Any, state: State, clock: Later, dead_letters: Any
) -> None:
    call(functions, {"do": "fail"}, InvocationType="Event")
    for pause_s in (60, 120, 0):
        [(_, _, identifier)] = errands.due(state)
        with state.transaction(REGION) as tx:
            begun = queue.begin(tx, identifier)
            assert begun is not None
            queue.end(tx, identifier, begun, FAILED)
        if pause_s:
            assert dead_letters() == []
            clock.ahead += timedelta(seconds=pause_s - 5)
            assert errands.due(state) == []
            clock.ahead += timedelta(seconds=6)
    assert errands.due(state) == []
    [(event, attributes)] = dead_letters()
    assert event == {"do": "fail"}
    assert attributes["ErrorMessage"]["StringValue"] == "no such thing"


def test_an_event_that_waits_too_long_or_cannot_run_is_given_up(
    site: Any, functions: Any, state: State, clock: Later, dead_letters: Any
) -> None:
    call(functions, {"do": "old"}, InvocationType="Event")
    clock.ahead = timedelta(hours=6, seconds=5)
    [errand] = errands.due(state)
    errands.carry_out(state, errand)
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    call(functions, {"do": "throttled"}, InvocationType="Event")
    clock.ahead = timedelta()
    [errand] = errands.due(state)
    errands.carry_out(state, errand)
    assert [event["do"] for event, _ in dead_letters()] == ["old", "throttled"]
    site.client("sns").delete_topic(TopicArn=f"arn:aws:sns:{REGION}:123456789012:dead")
    call(functions, {"do": "unheard"}, InvocationType="Event")
    [errand] = errands.due(state)
    errands.carry_out(state, errand)
    names = {each["MetricName"] for each in site.client("cloudwatch").list_metrics(Namespace="AWS/Lambda")["Metrics"]}
    assert {"AsyncEventsDropped", "DeadLetterErrors", "Throttles"} <= names


def test_events_and_policy_go_with_their_function(functions: Any, function: Any, state: State) -> None:
    call(functions, {}, InvocationType="Event")
    functions.add_permission(
        FunctionName="f", StatementId="a", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    [(_, _, identifier)] = errands.due(state)
    with state.transaction(REGION) as tx:
        begun = queue.begin(tx, identifier)
        assert begun is not None
    functions.delete_function(FunctionName="f")
    assert errands.due(state) == []
    with state.transaction(REGION) as tx:
        queue.end(tx, identifier, begun, DONE)
        assert tx.all("lambda:permission") == []
        function_record = {**begun.function, "FunctionName": "gone"}
        queue.enqueue(tx, function_record, {})
        [orphan] = queue.due(tx)
        assert queue.begin(tx, orphan) is None
        assert queue.due(tx) == []


def test_a_function_is_deleted_once(functions: Any, function: Any) -> None:
    functions.delete_function(FunctionName="f")
    with pytest.raises(botocore.exceptions.ClientError, match="Function not found"):
        functions.delete_function(FunctionName="f")
