"""Validation of what an AWS Backup restore test has restored, and the verdict that AWS Backup keeps.

    1  the job       out of the event; jobs that are not finished restore tests of RDS are left alone
    2  the instance  where the restored copy listens
    3  the login     the secret's passwords, the current one and the one before it, or an IAM token
    4  the copy      opened over TLS, read, compared with the manifest
    5  the verdict   PutRestoreValidationResult, once: AWS Backup takes no second one

The event: EventBridge, source aws.backup, "Restore Job State Change" (facts A.7). The restored copy has the password
of the moment it was backed up at, so a rotation since then is no failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mainstay.core.errors import InputRefused, MainstayError
from mainstay.functions import manifest as manifests
from mainstay.functions import settings
from mainstay.functions.aws import ask, client
from mainstay.functions.database import LoginRefused
from mainstay.functions.login import DEFAULT_PORTS, Login, login_of
from mainstay.functions.manifest import Manifest
from mainstay.functions.result import Result, demand, tell
from mainstay.functions.secret_versions import CURRENT, PREVIOUS, read_secret
from mainstay.functions.validation import validate

SUCCESSFUL: Final = "SUCCESSFUL"
FAILED: Final = "FAILED"
_FINAL: Final = frozenset({SUCCESSFUL, FAILED, "TIMED_OUT"})
# Short enough for every place that shows it; the API names no bound (botocore 1.44, 2026-11-21).
LONGEST_MESSAGE: Final = 1000
TRIGGER: Final = "restore test"


def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Lambda's entry. Error: AnswerIsNo after a FAILED verdict was given. Any: the event is JSON."""
    del context
    reason = _not_ours(event)
    if reason:
        return {"skipped": reason}
    backup = client("backup")
    identifier = str(event["detail"]["restoreJobId"])
    job = ask(backup.describe_restore_job, RestoreJobId=identifier)
    if job.get("ValidationStatus") in _FINAL:
        return {"skipped": f"restore job {identifier} is {job['ValidationStatus']} already"}
    result = _validated(str(job.get("CreatedResourceArn") or ""), identifier)
    tell(result)
    ask(
        backup.put_restore_validation_result,
        RestoreJobId=identifier,
        ValidationStatus=SUCCESSFUL if result.has_passed else FAILED,
        ValidationStatusMessage=result.summary[:LONGEST_MESSAGE],
    )
    return demand(result)


def _not_ours(event: Mapping[str, Any]) -> str:
    """Why an event is left alone, or nothing. Error: InputRefused when it is no event of AWS Backup at all."""
    detail = event.get("detail")
    if event.get("source") != "aws.backup" or not isinstance(detail, Mapping) or not detail.get("restoreJobId"):
        raise InputRefused(
            "not a restore job event",
            detail="The event has no restoreJobId from aws.backup.",
            hint="call this function by an EventBridge rule on 'Restore Job State Change'",
        )
    if not detail.get("restoreTestingPlanArn"):
        return "the restore was no test"
    if detail.get("resourceType") != "RDS":
        return f"the restored resource is {detail.get('resourceType')}, not RDS"
    return "" if detail.get("status") == "COMPLETED" else f"the restore job is {detail.get('status')}"


def _validated(arn: str, job: str) -> Result:
    """The validation of the restored copy. What stands in its way is a failed validation: nothing was proven."""
    name = arn.rpartition(":")[2]
    try:
        # A restored copy has no replicas and is none, whatever its source was.
        expected = replace(manifests.find(), replication="", max_lag_s=None)
        logins = _logins(_instance(name, job))
    except MainstayError as error:
        return Result(name or job, TRIGGER, (), None, error, 0.0)
    return _first_admitted(logins, expected, name)


def _first_admitted(logins: list[Login], expected: Manifest, name: str) -> Result:
    """The result of the first login that the copy accepts; of the last one, when it accepts none."""
    result = validate(logins[0], expected, subject=name, trigger=TRIGGER)
    for login in logins[1:]:
        if not isinstance(result.error, LoginRefused):
            break
        result = validate(login, expected, subject=name, trigger=TRIGGER)
    return result


# Any: an instance as RDS describes it.
def _instance(name: str, job: str) -> dict[str, Any]:
    if not name:
        raise InputRefused("the restore job names no instance", detail=f"{job} has no CreatedResourceArn.")
    answer = ask(client("rds").describe_db_instances, DBInstanceIdentifier=name)
    instance: dict[str, Any] = answer["DBInstances"][0]
    if not instance.get("Endpoint") or instance["Engine"] not in DEFAULT_PORTS:
        raise InputRefused(
            "the restored instance cannot be validated",
            detail=f"{name} ({instance['Engine']}) is {instance['DBInstanceStatus']}.",
            hint=f"it needs an endpoint and one of the engines {', '.join(DEFAULT_PORTS)}",
        )
    return instance


def _logins(instance: Mapping[str, Any]) -> list[Login]:
    """Every login that the copy may know, the likeliest first."""
    where = {
        "engine": instance["Engine"],
        "host": instance["Endpoint"]["Address"],
        "port": instance["Endpoint"]["Port"],
    }
    database = settings.optional(settings.DATABASE)
    user = settings.optional(settings.IAM_USER)
    if user:
        home = database or str(instance.get("DBName") or "")
        return [Login(**where, username=user, password=_token(where, user), database=home)]
    arn = settings.required(settings.SECRET, f"the login of the copy, unless {settings.IAM_USER} is set")
    documents = [document for stage in (CURRENT, PREVIOUS) if (document := read_secret(arn, stage)) is not None]
    if not documents:
        raise InputRefused("the secret has no value", detail=f"{arn} holds none.", hint="check its name")
    logins = [login_of({**document, **where}, arn) for document in documents]
    return [replace(login, database=database or login.database) for login in logins]


def _token(where: Mapping[str, Any], user: str) -> str:
    """A password for 15 minutes, signed with the function's own role; no call leaves for it."""
    return str(client("rds").generate_db_auth_token(DBHostname=where["host"], Port=where["port"], DBUsername=user))
