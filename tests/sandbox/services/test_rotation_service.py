"""Rotation of secrets without a database: asked for, led through its steps, failed, cancelled, begun on schedule."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.sandbox.lambda_launch import Invocation
from mainstay.sandbox.services import rotation
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor import errands

if TYPE_CHECKING:
    from tests.sandbox.conftest import Later

REGION = "eu-central-1"
SECRETS = "secretsmanager.amazonaws.com"
DAILY = {"AutomaticallyAfterDays": 1}
TOKEN = "0123456789abcdef0123456789abcdef"
DONE = Invocation(None, None, "", 0.1)
FAILED = Invocation(None, {"errorType": "LoginRefused", "errorMessage": "no"}, "", 0.1)
# A rotation function that is right, but for a database.
CODE = """
import boto3

def handler(event, context):
    service = boto3.client("secretsmanager")
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step == "createSecret":
        service.put_secret_value(SecretId=secret, ClientRequestToken=token, SecretString=token,
                                 VersionStages=["AWSPENDING"])
    if step == "finishSecret":
        versions = service.describe_secret(SecretId=secret)["VersionIdsToStages"]
        old = next(name for name, stages in versions.items() if "AWSCURRENT" in stages)
        service.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                            RemoveFromVersionId=old)
"""


@pytest.fixture
def secrets(site: Any) -> Any:
    return site.client("secretsmanager")


@pytest.fixture
def secret(secrets: Any) -> str:
    arn: str = secrets.create_secret(Name="login", SecretString="old")["ARN"]
    return arn


@pytest.fixture
def function(site: Any) -> str:
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = site.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": [allow]}))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("turn.py", CODE)
    made = site.client("lambda").create_function(
        FunctionName="turn", Runtime="python3.13", Handler="turn.handler", Role=role["Role"]["Arn"],
        Code={"ZipFile": target.getvalue()}, Timeout=30, MemorySize=256,
    )  # fmt: skip
    arn: str = made["FunctionArn"]
    return arn


@pytest.fixture
def admitted(site: Any, function: str) -> str:
    site.client("lambda").add_permission(
        FunctionName=function, StatementId="s", Action="lambda:InvokeFunction", Principal=SECRETS
    )
    return function


def names(site: Any) -> list[str]:
    """What EventBridge was told of rotations, by a rule that tells a topic."""
    with site.state.reading(REGION) as tx:
        return [json.loads(each["Message"])["detail"]["eventName"] for each in tx.all("sns:message")]


@pytest.fixture
def told(site: Any) -> None:
    sns, events = site.client("sns"), site.client("events")
    topic = sns.create_topic(Name="t")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "SNS:Publish"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": topic}]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    events.put_rule(Name="r", EventPattern='{"source": ["aws.secretsmanager"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": topic}])


def lead(state: State, done: Invocation = DONE) -> str:
    """End the step that is due, as a function would have; its name."""
    with state.transaction(REGION) as tx:
        [name] = rotation.due(tx)
        call = rotation.begin_step(tx, name)
        assert call is not None
        rotation.end_step(tx, name, call, done)
    step: str = call.event["Step"]
    return step


def stages(secrets: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = secrets.describe_secret(SecretId="login")["VersionIdsToStages"]
    return found


def test_a_rotation_really_runs_its_four_steps(
    site: Any, secrets: Any, secret: str, admitted: str, state: State, told: None
) -> None:
    answer = secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY, ClientRequestToken=TOKEN
    )
    assert answer["VersionId"] == TOKEN
    assert stages(secrets)[TOKEN] == ["AWSPENDING"]
    again = secrets.rotate_secret(SecretId=secret, ClientRequestToken=TOKEN)
    assert again["VersionId"] == TOKEN
    for _ in rotation.STEPS:
        [errand] = errands.due(state)
        errands.carry_out(state, errand)
    assert errands.due(state) == []
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == TOKEN
    assert secrets.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")["SecretString"] == "old"
    described = secrets.describe_secret(SecretId=secret)
    assert described["RotationEnabled"] is True
    assert described["LastRotatedDate"] <= described["NextRotationDate"]
    assert described["NextRotationDate"].strftime("%H:%M:%S") == "23:59:59"
    assert names(site) == ["RotationStarted", "RotationSucceeded"]


def test_a_step_that_ends_twice_counts_once(secrets: Any, secret: str, admitted: str, state: State) -> None:
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)
    with state.transaction(REGION) as tx:
        calls = [rotation.begin_step(tx, "login") for _ in range(2)]
        for call in calls:
            assert call is not None
            rotation.end_step(tx, "login", call, DONE)
    assert lead(state) == "setSecret"


def test_nothing_is_rotated_without_a_function_rules_and_permission(
    site: Any, secrets: Any, secret: str, function: str, refuses: Any
) -> None:
    with refuses("InvalidRequestException", "No Lambda rotation function ARN"):
        secrets.rotate_secret(SecretId=secret)
    with refuses("InvalidParameterException", "RotationRules"):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=function)
    with refuses("InvalidParameterException", "functions only"):
        secrets.rotate_secret(SecretId=secret, ExternalSecretRotationRoleArn="arn:aws:iam::123456789012:role/r")
    for name in (function, function + "x"):
        with refuses("AccessDeniedException", "grants access to the principal secretsmanager"):
            secrets.rotate_secret(SecretId=secret, RotationLambdaARN=name, RotationRules=DAILY)
    site.client("lambda").add_permission(
        FunctionName=function, StatementId="other", Action="lambda:InvokeFunction", Principal=SECRETS,
        SourceArn=secret + "x",
    )  # fmt: skip
    with refuses("AccessDeniedException", ""):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=function, RotationRules=DAILY)
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=secret)


def test_a_version_that_has_a_value_is_not_rotated_into(secrets: Any, secret: str, admitted: str, refuses: Any) -> None:
    [used] = stages(secrets)
    with refuses("ResourceExistsException", used):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY, ClientRequestToken=used)


def test_a_failure_leaves_the_version_pending_is_told_and_tried_again_from_the_first_step(
    site: Any, secrets: Any, secret: str, admitted: str, state: State, clock: Later, told: None, refuses: Any
) -> None:
    token = secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)["VersionId"]
    assert lead(state) == "createSecret"
    assert lead(state, FAILED) == "setSecret"
    assert stages(secrets)[token] == ["AWSPENDING"]
    assert "LastRotatedDate" not in secrets.describe_secret(SecretId=secret)
    for pause_s in rotation.PAUSES_S:
        with state.reading(REGION) as tx:
            assert rotation.due(tx) == []
        clock.ahead += timedelta(seconds=pause_s + 1)
        assert lead(state, FAILED) == "createSecret"
    clock.ahead += timedelta(hours=1)
    with state.reading(REGION) as tx:
        assert rotation.due(tx) == []  # nothing more is tried by itself
    assert names(site) == ["RotationStarted", *["RotationFailed"] * (1 + len(rotation.PAUSES_S))]
    with refuses("InvalidRequestException", "isn't complete. That rotation will be reattempted"):
        secrets.rotate_secret(SecretId=secret)
    assert lead(state) == "createSecret"
    clock.ahead += timedelta(days=1)
    errands.do_chores(state)  # one that runs is not begun again by its schedule
    assert lead(state) == "setSecret"


def test_a_failed_rotation_begins_again_with_its_schedule(
    secrets: Any, secret: str, admitted: str, state: State, clock: Later
) -> None:
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)
    for pause_s in (*rotation.PAUSES_S, 0):
        lead(state, FAILED)
        clock.ahead += timedelta(seconds=pause_s + 1)
    clock.ahead += timedelta(days=1)
    errands.do_chores(state)
    assert lead(state) == "createSecret"


def test_a_function_that_does_not_finish_has_failed(secrets: Any, secret: str, admitted: str, state: State) -> None:
    token = secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)["VersionId"]
    assert [lead(state) for _ in rotation.STEPS] == list(rotation.STEPS)
    with state.reading(REGION) as tx:
        record = tx.get("secrets:rotation", "login")
    assert record is not None
    assert "without moving AWSCURRENT" in record["failure"]
    assert stages(secrets)[token] == ["AWSPENDING"]


def test_permission_and_function_are_needed_at_every_step(
    site: Any, secrets: Any, secret: str, admitted: str, state: State
) -> None:
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)
    functions = site.client("lambda")
    functions.remove_permission(FunctionName="turn", StatementId="s")
    [errand] = errands.due(state)
    errands.carry_out(state, errand)
    with state.reading(REGION) as tx:
        record = tx.get("secrets:rotation", "login")
    assert record is not None
    assert "function policy" in record["failure"]
    errands.carry_out(state, errand)  # it is not due any more only after its pause
    functions.add_permission(FunctionName="turn", StatementId="s", Action="lambda:InvokeFunction", Principal=SECRETS)
    functions.put_function_concurrency(FunctionName="turn", ReservedConcurrentExecutions=0)
    with state.transaction(REGION) as tx:
        assert rotation.begin_step(tx, "login") is None
        record = tx.get("secrets:rotation", "login")
    assert record is not None
    assert record["failure"].startswith("TooManyRequestsException")


def test_a_schedule_that_does_not_rotate_at_once_tries_the_function(
    site: Any, secrets: Any, secret: str, admitted: str, state: State, told: None
) -> None:
    for done, name in ((DONE, "TestRotationSucceeded"), (FAILED, "TestRotationFailed")):
        token = secrets.rotate_secret(
            SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY, RotateImmediately=False
        )["VersionId"]
        assert stages(secrets)[token] == ["AWSPENDING"]
        assert lead(state, done) == "testSecret"
        assert token not in stages(secrets)
        assert names(site)[-1] == name
    described = secrets.describe_secret(SecretId=secret)
    assert described["RotationEnabled"] is True
    assert "LastRotatedDate" not in described


def test_the_supervisor_begins_what_is_due(
    secrets: Any, secret: str, admitted: str, state: State, clock: Later
) -> None:
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY, RotateImmediately=False)
    lead(state)
    errands.do_chores(state)
    assert errands.due(state) == []
    clock.ahead = timedelta(days=1)
    errands.do_chores(state)
    assert lead(state) == "createSecret"
    pending = [version for version, labels in stages(secrets).items() if labels == ["AWSPENDING"]]
    assert len(pending) == 1


def test_a_cancelled_rotation_stops_and_leaves_its_version(
    secrets: Any, secret: str, admitted: str, state: State, clock: Later, refuses: Any
) -> None:
    token = secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)["VersionId"]
    with state.transaction(REGION) as tx:
        call = rotation.begin_step(tx, "login")
        assert call is not None
    assert secrets.cancel_rotate_secret(SecretId=secret)["VersionId"] == token
    with state.transaction(REGION) as tx:
        rotation.end_step(tx, "login", call, DONE)
        assert rotation.begin_step(tx, "login") is None
    described = secrets.describe_secret(SecretId=secret)
    assert described["RotationEnabled"] is False
    assert "NextRotationDate" not in described
    assert described["VersionIdsToStages"][token] == ["AWSPENDING"]
    clock.ahead = timedelta(days=2)
    errands.do_chores(state)
    assert errands.due(state) == []
    assert "VersionId" not in secrets.cancel_rotate_secret(SecretId=secret)
    # A version that is left pending stands in the way, as in AWS, until its stage is taken off.
    with refuses("InvalidRequestException", "isn't complete"):
        secrets.rotate_secret(SecretId=secret)
    secrets.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token)
    assert secrets.rotate_secret(SecretId=secret)["VersionId"] != token


def test_a_secret_that_is_deleted_rotates_no_more(
    secrets: Any, secret: str, admitted: str, state: State, clock: Later
) -> None:
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=admitted, RotationRules=DAILY)
    secrets.delete_secret(SecretId=secret)
    with state.transaction(REGION) as tx:
        assert rotation.begin_step(tx, "login") is None
    secrets.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    clock.ahead = timedelta(days=2)
    errands.do_chores(state)
    assert errands.due(state) == []
