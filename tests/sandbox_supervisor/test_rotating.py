"""A stack with a rotation schedule: the database really has another password, whoever is killed on the way."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest

from mainstay.functions.packaging import package
from mainstay.functions.rotation import STEPS
from mainstay.sandbox.lambda_launch import MODULE

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

# Each step does its work; the first time it then stays until somebody kills it.
STAYING = """
import pathlib, time
from mainstay.functions import rotation

def handler(event, context):
    rotation.handler(event, context)
    mark = pathlib.Path({marks!r}) / event["Step"]
    if not mark.exists():
        mark.touch()
        time.sleep(100)
"""
STAYING_ON_EVENT = """
import pathlib, time

def handler(event, context):
    marks = pathlib.Path({marks!r})
    if (marks / "begun").exists():
        (marks / "ended").touch()
    else:
        (marks / "begun").touch()
        time.sleep(100)
"""
SECRETS = "secretsmanager.amazonaws.com"


def trust(service: str) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [allow]}


def template(bucket: str) -> dict[str, Any]:
    secret: dict[str, Any] = {"Ref": "Login"}
    resolve = {"Fn::Join": ["", ["{{resolve:secretsmanager:", secret, ":SecretString:password}}"]]}
    generated = {"SecretStringTemplate": '{"username":"master"}', "GenerateStringKey": "password",
                 "PasswordLength": 30, "ExcludeCharacters": "\"@/\\ '"}  # fmt: skip
    function = {"Fn::GetAtt": ["Turn", "Arn"]}
    resources: dict[str, Any] = {
        "Login": ("AWS::SecretsManager::Secret", {"GenerateSecretString": generated}),
        "Db": (
            "AWS::RDS::DBInstance",
            {"Engine": "postgres", "EngineVersion": "17.10", "DBInstanceClass": "db.m6g.large",
             "AllocatedStorage": "100", "DBName": "tap", "MasterUsername": "master", "MasterUserPassword": resolve,
             "DBInstanceIdentifier": "turning", "BackupRetentionPeriod": 0, "CopyTagsToSnapshot": True},
        ),
        "Attached": (
            "AWS::SecretsManager::SecretTargetAttachment",
            {"SecretId": secret, "TargetId": {"Ref": "Db"}, "TargetType": "AWS::RDS::DBInstance"},
        ),
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}),
        "Turn": (
            "AWS::Lambda::Function",
            {"FunctionName": "turn", "Runtime": "python3.13", "Handler": "staying.handler", "Timeout": 120,
             "MemorySize": 256, "Role": {"Fn::GetAtt": ["Role", "Arn"]},
             "Code": {"S3Bucket": bucket, "S3Key": "turn.zip"}},
        ),
        "May": (
            "AWS::Lambda::Permission",
            {"FunctionName": {"Ref": "Turn"}, "Action": "lambda:InvokeFunction", "Principal": SECRETS},
        ),
        "Schedule": (
            "AWS::SecretsManager::RotationSchedule",
            {"SecretId": secret, "RotationLambdaARN": function,
             "RotationRules": {"AutomaticallyAfterDays": 30}},
        ),
    }  # fmt: skip
    made = {key: {"Type": kind, "Properties": properties} for key, (kind, properties) in resources.items()}
    made["Schedule"]["DependsOn"] = ["May", "Attached"]
    return {"Resources": made}


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    directory = tmp_path / "marks"
    directory.mkdir()
    return directory


@pytest.fixture
def stack(box: Box, marks: Path) -> Any:
    content = io.BytesIO(package("rotation", "arm64").content)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("staying.py", STAYING.format(marks=str(marks)))
    s3, cloudformation = box.client("s3"), box.client("cloudformation")
    s3.create_bucket(Bucket="packages-of-mine")
    s3.put_object(Bucket="packages-of-mine", Key="turn.zip", Body=content.getvalue())
    cloudformation.create_change_set(
        StackName="turn", ChangeSetName="c", ChangeSetType="CREATE", Capabilities=["CAPABILITY_IAM"],
        TemplateBody=json.dumps(template("packages-of-mine")),
    )  # fmt: skip
    cloudformation.execute_change_set(StackName="turn", ChangeSetName="c")
    await_stack(box, "CREATE_COMPLETE")
    yield cloudformation
    cloudformation.delete_stack(StackName="turn")
    await_stack(box, "DELETE_COMPLETE")


def await_stack(box: Box, wanted: str) -> None:
    """Wait for the stack's status; its last id is remembered, because a deleted stack has no name."""
    cloudformation, deadline = box.client("cloudformation"), time.monotonic() + 60
    name = next(each for each in cloudformation.list_stacks()["StackSummaries"] if each["StackName"] == "turn")
    while True:
        stack = cloudformation.describe_stacks(StackName=name["StackId"])["Stacks"][0]
        if stack["StackStatus"] == wanted:
            return
        events = cloudformation.describe_stack_events(StackName=name["StackId"])["StackEvents"]
        told = [each["ResourceStatusReason"] for each in events if "ResourceStatusReason" in each]
        assert "FAILED" not in stack["StackStatus"], told
        assert "ROLLBACK" not in stack["StackStatus"], told
        assert time.monotonic() < deadline, stack["StackStatus"]
        time.sleep(0.05)


def running_functions(box: Box) -> list[psutil.Process]:
    return [
        each
        for each in psutil.process_iter(["cmdline"])
        if {MODULE, str(box.directory)} <= set(each.info["cmdline"] or ())
    ]


def test_a_supervisor_killed_at_every_step_rotates_all_the_same(box: Box, stack: Any, marks: Path) -> None:
    secrets = box.client("secretsmanager")
    [secret] = [each["ARN"] for each in secrets.list_secrets()["SecretList"] if each["Name"].startswith("turn-Login")]
    before = box.secret_value(secret)
    for step in STEPS:
        await_mark(box, marks / step)
        box.kill_supervisor()
        # The function went with it; nobody would have heard of its end.
        psutil.wait_procs(running_functions(box), timeout=5)
        assert running_functions(box) == []
        secrets.describe_secret(SecretId=secret)  # any call starts the next supervisor
    described = box.rotated(secret)
    after = box.secret_value(secret)
    assert after["username"] == before["username"]
    assert after["password"] != before["password"]
    assert box.secret_value(secret, "AWSPREVIOUS") == before
    assert sorted(label for labels in described["VersionIdsToStages"].values() for label in labels) == [
        "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS",
    ]  # fmt: skip
    db = box.find("turning")
    with box.connect(db, password=after["password"]) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("master",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        box.connect(db, password=before["password"])


def test_an_event_whose_supervisor_is_killed_is_handled_by_the_next_one(box: Box, marks: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("staying.py", STAYING_ON_EVENT.format(marks=str(marks)))
    role = box.client("iam").create_role(
        RoleName="staying", AssumeRolePolicyDocument=json.dumps(trust("lambda.amazonaws.com"))
    )["Role"]["Arn"]
    functions = box.client("lambda")
    functions.create_function(
        FunctionName="staying", Runtime="python3.13", Handler="staying.handler", Role=role, Timeout=120,
        MemorySize=256, Code={"ZipFile": packed.getvalue()},
    )  # fmt: skip
    functions.invoke(FunctionName="staying", InvocationType="Event", Payload=b'{"Step": "begun"}')
    await_mark(box, marks / "begun")
    box.kill_supervisor()
    functions.list_functions()  # any call starts the next supervisor
    await_mark(box, marks / "ended")
    functions.delete_function(FunctionName="staying")


def await_mark(box: Box, mark: Path) -> None:
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < deadline, (mark.name, (box.directory / "supervisor.log").read_text()[-2000:])
        time.sleep(0.02)
