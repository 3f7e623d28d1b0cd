"""The functions' one door to boto3: a client for each service, made from the process's default session."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mainstay.core.errors import MainstayError, TargetRefused

# A function has minutes, not hours: a service that cannot be reached (no NAT, no endpoint) must be told in time.
_PATIENCE: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})

MISSING: Final = frozenset(
    {
        "DBInstanceNotFound",
        "DBSnapshotNotFound",
        "ExportTaskNotFound",
        "ParameterNotFound",
        "ResourceNotFoundException",
    }
)


# Any: boto3 publishes no types.
def client(service: str) -> Any:
    """A client of the region that Lambda runs in."""
    return boto3.client(service, config=_PATIENCE)


def ask(question: Callable[..., Any], **parameters: Any) -> Any:
    """The answer of one operation. Error: TargetRefused with the service's own code and words."""
    try:
        return question(**parameters)
    except (ClientError, BotoCoreError) as error:
        raise refused(error) from error


def ask_for(question: Callable[..., Any], **parameters: Any) -> Any | None:
    """As `ask`, but None when the thing asked for does not exist."""
    return ask_unless(MISSING, question, **parameters)


def ask_unless(codes: Collection[str], question: Callable[..., Any], **parameters: Any) -> Any | None:
    """As `ask`, but None when the service refuses with one of these codes."""
    try:
        return question(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise refused(error) from error
    except BotoCoreError as error:
        raise refused(error) from error


def refused(error: ClientError | BotoCoreError) -> MainstayError:
    """A client's error in our own shape; neither of botocore's carries parameters, so no secret is told."""
    return TargetRefused(
        "aws refused a call",
        detail=f"{error}.",
        hint="check the function's role, and that its subnets reach the service (NAT or interface endpoint)",
    )
