from __future__ import annotations

import pytest
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from mainstay.core.errors import Busy, EnvironmentLacking, InputRefused, MainstayError, NotFound, TargetRefused
from mainstay.ops.aws.errors import code_of, is_already_there, is_passing, translate


def answered(code: str, message: str = "said so") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Ignored")


CASES = [
    ("AccessDenied", "", TargetRefused, "not allowed"),
    ("AccessDeniedException", "", TargetRefused, "not allowed"),
    ("UnauthorizedOperation", "", TargetRefused, "not allowed"),
    ("Throttling", "", Busy, "too many calls"),
    ("TooManyRequestsException", "", Busy, "too many calls"),
    ("ServiceUnavailable", "", Busy, "the service failed"),
    ("ExpiredToken", "", EnvironmentLacking, "AWS credentials expired"),
    ("ExpiredTokenException", "", EnvironmentLacking, "AWS credentials expired"),
    ("InvalidClientTokenId", "", EnvironmentLacking, "credentials not accepted"),
    ("DBInstanceNotFound", "", NotFound, "not found"),
    ("DBSnapshotNotFound", "", NotFound, "not found"),
    ("ResourceNotFoundException", "", NotFound, "not found"),
    ("ParameterNotFound", "", NotFound, "not found"),
    ("NoSuchBucket", "", NotFound, "not found"),
    ("404", "", NotFound, "not found"),
    ("ChangeSetNotFound", "", NotFound, "not found"),
    ("ValidationError", "Stack with id shop does not exist", NotFound, "not found"),
    ("ValidationError", "Stack:x is in UPDATE_IN_PROGRESS state and can not be updated.", Busy, "busy with something"),
    ("ValidationError", "Template format error", TargetRefused, "refused"),
    ("DBInstanceAlreadyExists", "", TargetRefused, "the name is taken"),
    ("ResourceExistsException", "", TargetRefused, "the name is taken"),
    ("BucketAlreadyOwnedByYou", "", TargetRefused, "the name is taken"),
    ("InvalidDBInstanceState", "", Busy, "busy with something else"),
    ("InvalidDBParameterGroupState", "", Busy, "busy with something else"),
    ("DBParameterGroupQuotaExceeded", "", TargetRefused, "a quota is full"),
    ("OptionGroupQuotaExceededFault", "", TargetRefused, "a quota is full"),
    ("SandboxNotImplemented", "", TargetRefused, "the sandbox does not do this"),
    ("InvalidParameterValue", "", TargetRefused, "refused"),
]


@pytest.mark.parametrize(("code", "message", "kind", "summary"), CASES)
def test_a_code_becomes_a_kind_of_stop(code: str, message: str, kind: type[MainstayError], summary: str) -> None:
    error = translate(answered(code, message or "said so"), "rds", "DescribeDBInstances")
    assert type(error) is kind
    assert error.summary.startswith(summary)
    assert "rds:DescribeDBInstances" in error.detail
    assert code_of(error) == code


def test_a_refusal_names_the_action_that_has_to_be_allowed() -> None:
    error = translate(answered("AccessDenied"), "rds", "ModifyDBInstance")
    assert "rds:ModifyDBInstance" in error.hint


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (boto.NoCredentialsError(), EnvironmentLacking),
        (boto.NoRegionError(), InputRefused),
        (boto.UnauthorizedSSOTokenError(), EnvironmentLacking),
        (boto.ParamValidationError(report="x"), InputRefused),
        (boto.EndpointConnectionError(endpoint_url="https://rds"), Busy),
        (boto.ReadTimeoutError(endpoint_url="https://rds"), Busy),
        (boto.DataNotFoundError(data_path="x"), TargetRefused),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_what_never_reached_the_service_has_its_kind_too(error: BotoCoreError, kind: type[MainstayError]) -> None:
    translated = translate(error, "rds", "DescribeDBInstances")
    assert type(translated) is kind
    assert code_of(translated) == ""
    assert translated.__cause__ is error


def test_only_what_passes_by_itself_is_worth_repeating() -> None:
    def passes(error: ClientError | BotoCoreError) -> bool:
        return is_passing(translate(error, "rds", "X"))

    assert passes(answered("Throttling"))
    assert passes(answered("InternalFailure"))
    assert passes(boto.ConnectTimeoutError(endpoint_url="https://rds"))
    assert not passes(answered("AccessDenied"))
    assert not passes(answered("InvalidDBInstanceState"))
    assert not passes(boto.NoCredentialsError())


def test_a_name_that_is_taken_is_told_from_other_refusals() -> None:
    assert is_already_there(translate(answered("DBInstanceAlreadyExists"), "rds", "X"))
    assert not is_already_there(translate(answered("DBInstanceNotFound"), "rds", "X"))
    assert not is_already_there(TargetRefused("taken by nobody"))
