"""Foreign errors become ours here, and nowhere else.

The AWS error code stays readable behind the translated error (`code_of`), because a few callers act on one code
while everybody else acts on the kind.
"""

from __future__ import annotations

import re
from typing import Final

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from mainstay.core.errors import Busy, EnvironmentLacking, InputRefused, MainstayError, NotFound, TargetRefused

# Codes that several services share; the common list is at
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (not re-read).
THROTTLES: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "SlowDown",
        "PriorRequestNotComplete",
        "TransactionInProgressException",
    }
)
FAILING_SERVICES: Final = frozenset(
    {"InternalFailure", "InternalError", "InternalServiceError", "ServiceUnavailable", "RequestTimeout", "500", "503"}
)
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
)
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_CALLER: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId"}
)
_WRONG_STATE: Final = frozenset(
    {
        "InvalidDBInstanceState",
        "InvalidDBParameterGroupState",
        "InvalidDBSnapshotState",
        "InvalidDBSubnetGroupStateFault",
        "InvalidChangeSetStatus",
        "OperationInProgressException",
        "OperationAborted",
        "ConflictException",
        "ResourceInUseException",
    }
)
_NO_LONGER: Final = (
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.SSOTokenLoadError,
    boto.RefreshWithMFAUnsupportedError,
)
_LOGGED_OUT: Final = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError, *_NO_LONGER)
_UNSUPPORTED_BY_SANDBOX: Final = "SandboxNotImplemented"
# A code that ends so speaks of absence; `NoSuch…` is S3's way, `404` that of a HEAD request.
_ABSENT: Final = re.compile(
    r"(NotFound(Fault|Exception)?|NoSuch\w+|^404|NonExistent\w*|DoesNotExist\w*|NotFoundFault\w*)$"
)
_PRESENT: Final = re.compile(r"(AlreadyExists\w*|ResourceExistsException|EntityAlreadyExists|AlreadyOwnedByYou)$")
# As in DBParameterGroupQuotaExceeded (botocore 1.44, service `rds`, 2026-11-21).
_FULL: Final = re.compile(r"QuotaExceeded(Fault)?$")
# CloudFormation has one code, ValidationError, for everything it does not like.
_ABSENT_STACK: Final = re.compile(r"does not exist", re.IGNORECASE)
_BUSY_STACK: Final = re.compile(r"is in \w+ state and can ?not be", re.IGNORECASE)


def code_of(error: BaseException) -> str:
    """The AWS error code behind a translated error; empty when none was behind it."""
    cause = error.__cause__ if isinstance(error, MainstayError) else error
    return str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""


def is_logged_out(error: BaseException) -> bool:
    """Whether the caller is nobody any more, or never was: no call will succeed before a new login."""
    return code_of(error) in _EXPIRED | _UNKNOWN_CALLER or isinstance(error.__cause__, _LOGGED_OUT)


def is_already_there(error: MainstayError) -> bool:
    """Whether creation was refused because the name is taken."""
    return _PRESENT.search(code_of(error)) is not None


def is_passing(error: MainstayError) -> bool:
    """Whether the same call can succeed a little later without anybody doing anything."""
    if code_of(error) in THROTTLES | FAILING_SERVICES:
        return True
    return isinstance(error.__cause__, boto.ConnectionError | boto.HTTPClientError)


def translate(error: ClientError | BotoCoreError, service: str, operation: str) -> MainstayError:
    """The error of one call as ours, with `error` as its cause. `operation` is the API's own name for the call."""
    translated = (
        _from_service(error, service, operation)
        if isinstance(error, ClientError)
        else _from_client(error, service, operation)
    )
    translated.__cause__ = error
    return translated


def _from_service(error: ClientError, service: str, operation: str) -> MainstayError:
    known = error.response.get("Error", {})
    code, message = str(known.get("Code", "")), str(known.get("Message", "")).strip()
    action = f"{service}:{operation}"
    said = f"{action} answered {code}: {message or '(no message)'}"
    if code == _UNSUPPORTED_BY_SANDBOX:
        return TargetRefused(
            "the sandbox does not do this",
            detail=f"{action} has no handler in the sandbox. {message}".strip(),
            hint="leave this resource or option out in the sandbox, or run the command against AWS",
        )
    if code in _DENIED:
        return TargetRefused(
            "not allowed", detail=said, hint=f"let the caller do {action}, or choose another --profile or --role-arn"
        )
    if code in THROTTLES | FAILING_SERVICES:
        summary = "too many calls" if code in THROTTLES else "the service failed"
        return Busy(summary, detail=said, hint="wait a minute and run the same command again; it resumes")
    return _from_credentials(code, said) or _from_state(code, message, said)


def _from_credentials(code: str, said: str) -> MainstayError | None:
    if code in _EXPIRED:
        return _expired(said)
    if code in _UNKNOWN_CALLER:
        return EnvironmentLacking(
            "credentials not accepted", detail=said, hint="check the access key with `aws sts get-caller-identity`"
        )
    return None


def _from_state(code: str, message: str, said: str) -> MainstayError:
    if _ABSENT.search(code) or (code == "ValidationError" and _ABSENT_STACK.search(message)):
        return NotFound("not found", detail=said, hint="check the name, the region and the account")
    if code in _WRONG_STATE or (code == "ValidationError" and _BUSY_STACK.search(message)):
        return Busy("busy with something else", detail=said, hint="wait until it has settled, then try again")
    if _PRESENT.search(code):
        return TargetRefused("the name is taken", detail=said, hint="choose another name, or remove what has it")
    if _FULL.search(code):
        return TargetRefused(
            "a quota is full", detail=said, hint="delete what nobody uses, or ask for more in Service Quotas"
        )
    return TargetRefused("refused", detail=said, hint="")


def _from_client(error: BotoCoreError, service: str, operation: str) -> MainstayError:
    said = f"{service}:{operation}: {error}"
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            return no_credentials(said)
        case boto.NoRegionError():
            return no_region(said)
        case _ if isinstance(error, _NO_LONGER):
            return _expired(said)
        case boto.ParamValidationError():
            return InputRefused("the call is not well-formed", detail=said, hint="correct the value that is named")
        case boto.ConnectionError() | boto.HTTPClientError():
            return Busy("no answer", detail=said, hint="check the network and the region, then run the command again")
        case _:
            return TargetRefused("the call failed", detail=said)


def no_credentials(detail: str) -> EnvironmentLacking:
    """Nobody to call as."""
    return EnvironmentLacking(
        "no AWS credentials",
        detail=detail,
        hint="run `aws configure` or `aws sso login`, name a --profile, or try it with --sandbox",
    )


def no_region(detail: str) -> InputRefused:
    """No region anywhere."""
    return InputRefused("no region", detail=detail, hint="give --region, or set AWS_REGION")


def _expired(detail: str) -> EnvironmentLacking:
    return EnvironmentLacking(
        "AWS credentials expired",
        detail=detail,
        hint="log in again (`aws sso login`), then run the same command; the journal knows how far it came",
    )
