"""Rotation of secrets: asked for, begun on schedule, and led step by step to the end that its function gives it.

A rotation is a record of its own: the version it makes, the steps that are done, how often it has failed. The
supervisor calls the function for each step; killed in between, it goes on with the step that has not ended. A rotation
that fails leaves its version AWSPENDING and is tried again from the first step. How often and how soon AWS does that
is not documented; here it is PAUSES_S, and then again with the next schedule or the next RotateSecret.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.lambda_launch import Invocation
from mainstay.sandbox.services import events
from mainstay.sandbox.services.functions.calls import Call, prepare
from mainstay.sandbox.services.functions.permissions import admits
from mainstay.sandbox.services.functions.records import find_function
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.services.rotation_rules import check_rules, next_window
from mainstay.sandbox.services.secretsmanager import (
    CURRENT,
    INVALID_PARAMETER,
    INVALID_REQUEST,
    KIND,
    PENDING,
    ROTATION,
    give_stage,
    living,
)
from mainstay.sandbox.state import Record, Transaction

SERVICE: Final = "secretsmanager.amazonaws.com"
STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
PAUSES_S: Final = (2, 10, 60, 300)
_FORBIDDEN: Final = (
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the "
    f"principal {SERVICE}."
)


def rotate_secret(tx: Transaction, params: Params) -> Answer:
    """Configure rotation and begin one, unless only the schedule is wanted: then the function is tried with a test."""
    secret = living(tx, params["SecretId"])
    refuse_if(
        "ExternalSecretRotationRoleArn" in params or "ExternalSecretRotationMetadata" in params,
        INVALID_PARAMETER,
        "The sandbox rotates secrets with functions only.",
    )
    arn: str = params.get("RotationLambdaARN") or secret.get("RotationLambdaARN", "")
    refuse_if(not arn, INVALID_REQUEST, "No Lambda rotation function ARN is associated with this secret.")
    rules: dict[str, Any] = dict(params.get("RotationRules") or secret.get("RotationRules", {}))  # Any: its shape
    refuse_if(not rules, INVALID_PARAMETER, "You must specify RotationRules when you turn on rotation.")
    check_rules(rules)
    function = find_function(tx, arn)
    is_admitted = function is not None and admits(tx, function, SERVICE, secret["ARN"])
    refuse_if(not is_admitted, "AccessDeniedException", _FORBIDDEN)
    token = params.get("ClientRequestToken") or str(uuid.uuid4())
    if (tx.get(ROTATION, secret["Name"]) or {}).get("token") == token:
        return _answer(secret, token)
    _refuse_unfinished(tx, secret)
    secret |= {"RotationEnabled": True, "RotationLambdaARN": arn, "RotationRules": rules}
    _schedule(tx, secret)
    _begin(tx, secret, token, is_test=params.get("RotateImmediately", True) is False)
    return _answer(secret, token)


def cancel_rotate_secret(tx: Transaction, params: Params) -> Answer:
    """Turn rotation off. One that is under way stops where it is, and its version stays AWSPENDING."""
    secret = living(tx, params["SecretId"])
    rotation = tx.get(ROTATION, secret["Name"])
    tx.delete(ROTATION, secret["Name"])
    for member in ("NextRotationDate", "_rotates_at"):
        secret.pop(member, None)
    tx.put(KIND, secret["Name"], {**secret, "RotationEnabled": False})
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    return {**answer, "VersionId": rotation["token"]} if rotation else answer


def begin_scheduled(tx: Transaction) -> None:
    """Begin the rotations of the region whose window has opened; one that had failed begins again."""
    for secret in tx.all(KIND):
        if not secret.get("RotationEnabled") or "DeletedDate" in secret or parse_time(secret["_rotates_at"]) > tx.now:
            continue
        rotation = tx.get(ROTATION, secret["Name"])
        _schedule(tx, secret)
        if rotation is None and not _pending_elsewhere(secret):
            _begin(tx, secret, str(uuid.uuid4()), is_test=False)
        else:
            tx.put(KIND, secret["Name"], secret)
            _try_again(tx, secret)


def due(tx: Transaction) -> list[str]:
    """The names of the secrets whose next step is to be called now."""
    return [each["secret"] for each in tx.all(ROTATION) if each["due"] and parse_time(each["due"]) <= tx.now]


def begin_step(tx: Transaction, name: str) -> Call | None:
    """The call of the next step; None when there is none, or when it cannot be made."""
    rotation, secret = tx.get(ROTATION, name), tx.get(KIND, name)
    if rotation is None or secret is None or not rotation["due"]:
        return None
    if "DeletedDate" in secret:
        tx.delete(ROTATION, name)
        return None
    function = find_function(tx, secret["RotationLambdaARN"])
    if function is None or not admits(tx, function, SERVICE, secret["ARN"]):
        _fail(tx, secret, rotation, _FORBIDDEN)
        return None
    event = {"SecretId": secret["ARN"], "ClientRequestToken": rotation["token"], "Step": _next_step(rotation)}
    try:
        return prepare(tx, function, event)
    except ServiceError as error:
        _fail(tx, secret, rotation, f"{error.code}: {error.message}")
        return None


def end_step(tx: Transaction, name: str, call: Call, done: Invocation) -> None:
    """Go on with the next step, end the rotation, or note its failure."""
    rotation, secret = tx.get(ROTATION, name), tx.get(KIND, name)
    token = call.event["ClientRequestToken"]
    # Cancelled meanwhile, or the same step called by two supervisors of which one was about to die.
    if rotation is None or secret is None or (rotation["token"], _next_step(rotation)) != (token, call.event["Step"]):
        return
    if done.error is not None:
        told = f"{call.event['Step']}: {done.error['errorType']}: {done.error['errorMessage']}"
        _fail(tx, secret, rotation, told)
        return
    rotation["done"].append(call.event["Step"])
    if len(rotation["done"]) < len(rotation["steps"]):
        tx.put(ROTATION, name, rotation)
    elif rotation["is_test"]:
        secret["_versions"].pop(token, None)
        tx.put(KIND, name, secret)
        tx.delete(ROTATION, name)
        _announce(tx, secret, "TestRotationSucceeded")
    elif CURRENT not in secret["_versions"].get(token, {"stages": []})["stages"]:
        _fail(tx, secret, rotation, f"finishSecret: it ended without moving {CURRENT} to the version {token}")
    else:
        _finish(tx, secret)


def _finish(tx: Transaction, secret: Record) -> None:
    now = render_time(tx.now)
    secret |= {"LastRotatedDate": now, "LastChangedDate": now}
    _schedule(tx, secret)
    tx.put(KIND, secret["Name"], secret)
    tx.delete(ROTATION, secret["Name"])
    _announce(tx, secret, "RotationSucceeded")


def _begin(tx: Transaction, secret: Record, token: str, *, is_test: bool) -> None:
    """Make the version that the rotation fills, without a value, and write down the steps."""
    versions: dict[str, Any] = secret["_versions"]  # Any: JSON
    known = versions.get(token, {"value": {}, "stages": [], "created": render_time(tx.now)})
    refuse_if(known["value"], "ResourceExistsException", f"A version of the secret has the id {token} already.")
    versions[token] = known
    give_stage(versions, token, PENDING)
    tx.put(KIND, secret["Name"], secret)
    rotation = {
        "secret": secret["Name"],
        "token": token,
        "steps": ["testSecret"] if is_test else list(STEPS),
        "is_test": is_test,
        "done": [],
        "tried": 0,
        "due": render_time(tx.now),
        "failure": None,
    }
    tx.put(ROTATION, secret["Name"], rotation)
    _announce(tx, secret, "TestRotationStarted" if is_test else "RotationStarted")


def _fail(tx: Transaction, secret: Record, rotation: Record, why: str) -> None:
    """Note a failure; the next try begins with the first step, after a pause, as long as there is one left."""
    tried = rotation["tried"]
    is_test = rotation["is_test"]
    pause_s = PAUSES_S[tried] if tried < len(PAUSES_S) and not is_test else None
    at = None if pause_s is None else render_time(tx.now + timedelta(seconds=pause_s))
    _announce(tx, secret, "TestRotationFailed" if is_test else "RotationFailed", why)
    if is_test:
        secret["_versions"].pop(rotation["token"], None)
        tx.put(KIND, secret["Name"], secret)
        tx.delete(ROTATION, secret["Name"])
        return
    tx.put(ROTATION, secret["Name"], {**rotation, "done": [], "tried": tried + 1, "due": at, "failure": why})


def _refuse_unfinished(tx: Transaction, secret: Record) -> None:
    """Refuse a second rotation while one is under way; one that has failed is tried again all the same."""
    if tx.get(ROTATION, secret["Name"]) is None and not _pending_elsewhere(secret):
        return
    _try_again(tx, secret)
    message = "A previous rotation isn't complete. That rotation will be reattempted."
    raise ServiceError(INVALID_REQUEST, message, keeps=True)


def _try_again(tx: Transaction, secret: Record) -> None:
    rotation = tx.get(ROTATION, secret["Name"])
    if rotation is not None and rotation["failure"]:
        tx.put(ROTATION, secret["Name"], {**rotation, "tried": 0, "due": render_time(tx.now)})


def _pending_elsewhere(secret: Record) -> bool:
    """Whether AWSPENDING is on a version that is not the current one."""
    return any(
        PENDING in version["stages"] and CURRENT not in version["stages"] for version in secret["_versions"].values()
    )


def _schedule(tx: Transaction, secret: Record) -> None:
    window = next_window(secret["RotationRules"], tx.now)
    secret |= {"NextRotationDate": render_time(window.closes), "_rotates_at": render_time(window.opens)}


def _next_step(rotation: Record) -> str:
    return str(rotation["steps"][len(rotation["done"])])


def _announce(tx: Transaction, secret: Record, name: str, why: str = "") -> None:
    """The event that CloudTrail passes on (user guide, "Match Secrets Manager events", not re-read)."""
    about = {"SecretId": secret["ARN"], **({"ErrorMessage": why} if why else {})}
    detail = {
        "eventSource": SERVICE,
        "eventName": name,
        "eventType": "AwsServiceEvent",
        "awsRegion": tx.region,
        "additionalEventData": about,
    }
    events.happen(tx, "aws.secretsmanager", "AWS Service Event via CloudTrail", detail, [secret["ARN"]])


def _answer(secret: Record, token: str) -> Answer:
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}


HANDLERS: Final[Table] = {"RotateSecret": rotate_secret, "CancelRotateSecret": cancel_rotate_secret}
