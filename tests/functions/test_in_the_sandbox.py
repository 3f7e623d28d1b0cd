"""The functions as they will run in Lambda: packed, unpacked in a process of its own, against a real instance."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.clock import SystemClock
from mainstay.functions.packaging import Package, package
from mainstay.sandbox.lambda_environments import POOL
from mainstay.sandbox.lambda_launch import Invocation, invoke
from mainstay.sandbox.state import State

REGION = "eu-central-1"
HOUR = timedelta(hours=1)
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture(scope="module")
def rotation() -> Package:
    return package("rotation", "arm64")


def step(rotation: Package, box: Path, secret: str, token: str, name: str) -> Invocation:
    event = {"SecretId": secret, "ClientRequestToken": token, "Step": name}
    return invoke(rotation, event, sandbox=box, region=REGION, timeout_s=30, memory_mib=256)


def test_a_password_is_really_rotated_twice_and_by_processes_that_die_between_steps(
    rotation: Package, box: Path, postgres: Any, aws: Any, document: Any
) -> None:
    postgres.new_user("packed", "first-password-1")
    secret = aws.put(document(postgres, "packed", "first-password-1"))
    known = ["first-password-1"]
    for calls in (STEPS, (*STEPS[:2], *STEPS)):
        token = aws.begin(secret)
        for at, name in enumerate(calls):
            if at == 2:
                POOL.close(box)
            done = step(rotation, box, secret, token, name)
            assert done.error is None, done.log
            assert secret in done.log
        known.append(aws.value(secret)["password"])
        assert postgres.admits("packed", known[-1])
        assert not postgres.admits("packed", known[-2])
    assert len(set(known)) == 3


def test_an_error_of_ours_reaches_the_caller_with_its_hint(rotation: Package, box: Path, aws: Any) -> None:
    secret = aws.put({"username": "app", "password": "sesame-open-1"})
    done = step(rotation, box, secret, aws.begin(secret), "createSecret")
    assert done.error is not None
    assert done.error["errorType"] == "InputRefused"
    assert "SecretTargetAttachment" in done.error["errorMessage"]
    assert "sesame" not in done.log + str(done.error)


def test_a_validation_finds_what_its_packed_manifest_expects_to_be_otherwise(
    box: Path, postgres: Any, aws: Any, document: Any
) -> None:
    environment = {"MAINSTAY_SECRET": aws.put(document(postgres, "master", "correct-horse-battery"))}
    for manifest, is_right in ((b'{"version": "17", "character_set": "utf8"}', True), (b'{"version": "16"}', False)):
        packed = package("validation", "x86_64", {"manifest.json": manifest})
        done = invoke(packed, {}, sandbox=box, region=REGION, environment=environment, timeout_s=30, memory_mib=256)
        assert (done.error is None) == is_right, done.log
        assert f'"ValidationSucceeded": {int(is_right)}' in done.log


@contextmanager
def deployed(
    session: Any, name: str, manifest: dict[str, Any], secret: str, function: str = "validation"
) -> Iterator[Any]:
    """A validation function in the sandbox's Lambda; gives what calls it and reads its answer."""
    packed = package(function, "x86_64", {"manifest.json": json.dumps(manifest).encode()})
    functions, iam = session.client("lambda"), session.client("iam")
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [allow]}))["Role"]["Arn"]
    functions.create_function(
        FunctionName=name, Runtime=packed.runtime, Handler=packed.handler, Role=role, Timeout=60, MemorySize=256,
        Code={"ZipFile": packed.content}, Environment={"Variables": {"MAINSTAY_SECRET": secret}},
    )  # fmt: skip
    yield lambda: json.loads(functions.invoke(FunctionName=name)["Payload"].read())


def test_lambda_finds_the_wrong_charset_and_the_missing_table(
    session: Any, postgres: Any, aws: Any, document: Any
) -> None:
    postgres.run("CREATE TABLE IF NOT EXISTS present (i int)")
    secret = aws.put(document(postgres, "master", "correct-horse-battery"))
    manifest = {"character_set": "latin1", "tables": {"present": None, "absent": 3}}
    with deployed(session, "finds", manifest, secret) as call:
        error = call()
        assert error["errorType"] == "AnswerIsNo"
        assert "character set: expected latin1, found UTF8" in error["errorMessage"]
        assert "table absent: expected present, found missing" in error["errorMessage"]
        assert "table present" not in error["errorMessage"]


def test_lambda_finds_the_stopped_replica_and_cloudwatch_hears_of_it(
    session: Any, postgres: Any, aws: Any, document: Any
) -> None:
    place = postgres.standby
    login = {**document(postgres, place.username, place.password), "host": place.host, "port": place.port}
    with deployed(session, "follows", {"replication": "replica"}, aws.put(login)) as call:
        assert call()["has_passed"] is True
        postgres.set_replication(False)
        try:
            assert "replication runs: expected running" in call()["errorMessage"]
        finally:
            postgres.set_replication(True)
    now = SystemClock().now()
    told = session.client("cloudwatch").get_metric_statistics(
        Namespace="Mainstay", MetricName="ValidationSucceeded", Period=3600, StartTime=now - HOUR, EndTime=now + HOUR,
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": place.host}], Statistics=["Minimum", "Maximum"],
    )  # fmt: skip
    assert {(point["Minimum"], point["Maximum"]) for point in told["Datapoints"]} == {(0.0, 1.0)}


def test_a_restore_test_is_judged_by_the_function_and_cleaned_up(
    session: Any, box: Path, postgres: Any, aws: Any, document: Any
) -> None:
    backup, events, functions = (session.client(name) for name in ("backup", "events", "lambda"))
    database = session.client("rds").describe_db_instances(DBInstanceIdentifier="shop")["DBInstances"][0]
    role = "arn:aws:iam::123456789012:role/backup"
    backup.create_backup_vault(BackupVaultName="kept")
    backup.start_backup_job(BackupVaultName="kept", ResourceArn=database["DBInstanceArn"], IamRoleArn=role)
    await_one(lambda: backup.list_backup_jobs(ByState="COMPLETED")["BackupJobs"])
    chosen = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": "nightly", "ScheduleExpression": "cron(0 3 * * ? *)",
            "RecoveryPointSelection": chosen,
        }
    )["RestoreTestingPlanArn"]  # fmt: skip
    backup.create_restore_testing_selection(
        RestoreTestingPlanName="nightly",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "all", "ProtectedResourceType": "RDS", "IamRoleArn": role,
            "ProtectedResourceArns": [database["DBInstanceArn"]], "ValidationWindowHours": 1,
        },
    )  # fmt: skip
    detail = {"status": ["COMPLETED"], "resourceType": ["RDS"], "restoreTestingPlanArn": [plan]}
    pattern = {"source": ["aws.backup"], "detail-type": ["Restore Job State Change"], "detail": detail}
    rule = events.put_rule(Name="restored", EventPattern=json.dumps(pattern))["RuleArn"]
    secret = aws.put(document(postgres, "master", "correct-horse-battery"))
    with deployed(session, "judges", {"version": "17"}, secret, "restore-validation"):
        functions.add_permission(
            FunctionName="judges", StatementId="e", Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com", SourceArn=rule,
        )  # fmt: skip
        target = functions.get_function_configuration(FunctionName="judges")["FunctionArn"]
        events.put_targets(Rule="restored", Targets=[{"Id": "f", "Arn": target}])
        make_due(box, "nightly")
        job = await_one(
            lambda: [
                each
                for each in backup.list_restore_jobs()["RestoreJobs"]
                if each.get("DeletionStatus") == "SUCCESSFUL" or each["Status"] == "FAILED"
            ]
        )
    assert job["ValidationStatus"] == "SUCCESSFUL", job
    assert "is as expected" in job["ValidationStatusMessage"]
    left = [each["DBInstanceIdentifier"] for each in session.client("rds").describe_db_instances()["DBInstances"]]
    assert not [name for name in left if name.startswith("awsbackup")]


def make_due(box: Path, plan: str) -> None:
    """As if three o'clock had come."""
    state = State(box)
    with state.transaction(REGION) as tx:
        record = tx.get("backup:test-plan", plan)
        assert record is not None
        tx.put("backup:test-plan", plan, {**record, "_due": "2026-01-01T03:00:00Z"})
    state.close()


def await_one(ask: Callable[[], list[Any]]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found[0]
