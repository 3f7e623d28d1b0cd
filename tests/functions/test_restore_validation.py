"""Restore tests: which jobs are looked at, how the copy is opened, and the verdict that AWS Backup is given.

The database is real; AWS Backup's two operations are botocore's Stubber, which checks their parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from mainstay.core.errors import AnswerIsNo, InputRefused, TargetRefused
from mainstay.functions import restore_validation
from mainstay.functions.aws import client
from mainstay.functions.validation import validate

JOB = "restore-job-1"
ARN = "arn:aws:rds:eu-central-1:123456789012:db:shop"


def event(**detail: object) -> dict[str, Any]:
    usual = {
        "restoreJobId": JOB,
        "status": "COMPLETED",
        "resourceType": "RDS",
        "restoreTestingPlanArn": "arn:aws:backup:eu-central-1:123456789012:restore-testing-plan:weekly",
    }
    return {
        "source": "aws.backup",
        "detail-type": "Restore Job State Change",
        "detail": {name: value for name, value in {**usual, **detail}.items() if value is not None},
    }


@cache
def real_service() -> Any:
    made: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")
    return made.client("backup")


@pytest.fixture
def backup(aws: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """AWS Backup, which answers what a test told it to, in this order."""
    service = real_service()
    monkeypatch.setattr(restore_validation, "client", lambda name: service if name == "backup" else client(name))
    with Stubber(service) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def copy(postgres: Any, aws: Any, monkeypatch: pytest.MonkeyPatch, document: Any) -> Callable[..., None]:
    """The sandbox's instance as the restored copy; the secret's host is the source's, which nobody may ask."""
    monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(postgres.ca_bundle))

    def store(*passwords: str) -> None:
        stored = [{**document(postgres, "master", word), "host": "source.example", "port": 1} for word in passwords]
        secret = aws.put(stored[0])
        for each in stored[1:]:
            aws.service.put_secret_value(SecretId=secret, SecretString=json.dumps(each))
        monkeypatch.setenv("MAINSTAY_SECRET", secret)

    return store


def expect(stub: Stubber, status: str, *, arn: str = ARN) -> None:
    stub.add_response("describe_restore_job", {"RestoreJobId": JOB, "CreatedResourceArn": arn}, {"RestoreJobId": JOB})
    stub.add_response(
        "put_restore_validation_result",
        {},
        {"RestoreJobId": JOB, "ValidationStatus": status, "ValidationStatusMessage": ANY},
    )


def test_a_good_copy_is_successful(
    backup: Stubber, copy: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy("correct-horse-battery")
    monkeypatch.setenv("MAINSTAY_MANIFEST", '{"version": "17"}')
    expect(backup, "SUCCESSFUL")
    answer = restore_validation.handler(event(), None)
    assert answer["has_passed"] is True
    assert json.loads(capsys.readouterr().out)["DBInstanceIdentifier"] == "shop"


def test_a_copy_need_not_have_the_replicas_of_its_source(
    backup: Stubber, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy("correct-horse-battery")
    monkeypatch.setenv("MAINSTAY_MANIFEST", '{"replication": "none", "max_lag_s": 0}')
    expect(backup, "SUCCESSFUL")
    assert restore_validation.handler(event(), None)["has_passed"] is True


def test_a_copy_that_lacks_a_table_is_failed_and_the_invocation_too(
    backup: Stubber, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy("correct-horse-battery")
    monkeypatch.setenv("MAINSTAY_MANIFEST", '{"tables": {"never_restored": null}}')
    expect(backup, "FAILED")
    with pytest.raises(AnswerIsNo, match="never_restored"):
        restore_validation.handler(event(), None)


def test_a_password_that_was_rotated_since_the_backup_is_no_failure(backup: Stubber, copy: Any) -> None:
    copy("correct-horse-battery", "rotated-since-then-1")
    expect(backup, "SUCCESSFUL")
    assert restore_validation.handler(event(), None)["has_passed"] is True


def test_a_password_that_works_is_not_followed_by_another(
    backup: Stubber, copy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    copy("never-true-password-1", "correct-horse-battery")
    expect(backup, "SUCCESSFUL")
    assert restore_validation.handler(event(), None)["has_passed"] is True
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_copy_that_takes_no_password_is_failed(backup: Stubber, copy: Any) -> None:
    copy("wrong-password-1", "wrong-password-2")
    expect(backup, "FAILED")
    with pytest.raises(AnswerIsNo, match="refused the login") as caught:
        restore_validation.handler(event(), None)
    assert "wrong-password" not in str(caught.value)


def test_an_iam_user_logs_in_with_a_token_for_the_copy(
    backup: Stubber, copy: Any, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server here knows IAM, so what arrives is refused as a password; the token is what AWS would be given."""
    copy("correct-horse-battery")
    monkeypatch.setenv("MAINSTAY_IAM_USER", "auditor")
    logins: list[Any] = []

    def listening(login: Any, *others: Any, **named: Any) -> Any:
        logins.append(login)
        return validate(login, *others, **named)

    monkeypatch.setattr(restore_validation, "validate", listening)
    expect(backup, "FAILED")
    with pytest.raises(AnswerIsNo, match="auditor"):
        restore_validation.handler(event(), None)
    [login] = logins
    assert login.password.startswith(f"{postgres.host}:{postgres.port}/?Action=connect&DBUser=auditor&")
    assert login.database == "shop"


@pytest.mark.parametrize(
    ("arn", "told"),
    [("", "names no instance"), (ARN + "-gone", "DBInstanceNotFound")],
)
def test_a_copy_that_cannot_be_found_is_failed(backup: Stubber, copy: Any, arn: str, told: str) -> None:
    copy("correct-horse-battery")
    expect(backup, "FAILED", arn=arn)
    with pytest.raises(AnswerIsNo, match=told):
        restore_validation.handler(event(), None)


def test_an_instance_without_an_endpoint_is_failed(backup: Stubber, copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    copy("correct-horse-battery")
    instance = {"Engine": "postgres", "DBInstanceStatus": "incompatible-restore"}
    described = {"DBInstances": [instance]}

    class Rds:
        def describe_db_instances(self, **_: object) -> dict[str, Any]:
            return described

    inner = vars(restore_validation)["client"]
    monkeypatch.setattr(restore_validation, "client", lambda name: Rds() if name == "rds" else inner(name))
    expect(backup, "FAILED")
    with pytest.raises(AnswerIsNo, match="incompatible-restore"):
        restore_validation.handler(event(), None)


@pytest.mark.parametrize("secret", [None, "no-such-secret"])
def test_a_login_is_needed(backup: Stubber, copy: Any, monkeypatch: pytest.MonkeyPatch, secret: str | None) -> None:
    copy("correct-horse-battery")
    if secret is None:
        monkeypatch.delenv("MAINSTAY_SECRET")
    else:
        monkeypatch.setenv("MAINSTAY_SECRET", secret)
    expect(backup, "FAILED")
    with pytest.raises(AnswerIsNo, match="lacks a setting" if secret is None else "has no value"):
        restore_validation.handler(event(), None)


@pytest.mark.parametrize("status", ["SUCCESSFUL", "FAILED", "TIMED_OUT"])
def test_a_verdict_is_given_once(backup: Stubber, status: str) -> None:
    backup.add_response("describe_restore_job", {"RestoreJobId": JOB, "ValidationStatus": status})
    assert restore_validation.handler(event(), None) == {"skipped": f"restore job {JOB} is {status} already"}


@pytest.mark.parametrize(
    ("detail", "why"),
    [
        ({"status": "RUNNING"}, "the restore job is RUNNING"),
        ({"resourceType": "EBS"}, "the restored resource is EBS, not RDS"),
        ({"restoreTestingPlanArn": None}, "the restore was no test"),
    ],
)
def test_other_jobs_are_left_alone(backup: Stubber, detail: dict[str, Any], why: str) -> None:
    assert restore_validation.handler(event(**detail), None) == {"skipped": why}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"source": "aws.rds", "detail": {"restoreJobId": JOB}}, {"source": "aws.backup"}, event(restoreJobId="")],
)
def test_another_event_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="not a restore job event"):
        restore_validation.handler(wrong, None)


def test_a_verdict_that_aws_backup_does_not_take_stops_the_function(backup: Stubber, copy: Any) -> None:
    copy("correct-horse-battery")
    backup.add_response("describe_restore_job", {"RestoreJobId": JOB, "CreatedResourceArn": ARN})
    backup.add_client_error("put_restore_validation_result", "InvalidRequestException", "not yours")
    with pytest.raises(TargetRefused, match="InvalidRequestException"):
        restore_validation.handler(event(), None)
