"""What AWS Backup asks of the members that several of its requests share.

Bounds and patterns: botocore 1.44.5, service `backup`, and the developer guide's pages on plans (checked 2026-11-20).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.schedules import backup_fault, parse_schedule
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import refuse_if

INVALID: Final = "InvalidParameterValueException"
MISSING: Final = "ResourceNotFoundException"
REFUSED: Final = "InvalidRequestException"
EXISTS: Final = "AlreadyExistsException"
MOST_DAYS: Final = 36_500
CONTINUOUS_DAYS: Final = 35
COLD_GAP_DAYS: Final = 90


def check_name(name: str, member: str, pattern: str) -> None:
    """Refuse a name that the pattern does not cover whole."""
    refuse_if(not re.fullmatch(pattern, name), INVALID, f"Invalid {member}: {name}. It must match {pattern}.")


def check_between(value: int | None, member: str, least: int, most: int) -> None:
    """Refuse a number out of bounds; nothing was given with None."""
    refuse_if(
        value is not None and not least <= value <= most,
        INVALID,
        f"{member} must be between {least} and {most}, not {value}.",
    )


def check_lifecycle(lifecycle: Mapping[str, Any]) -> None:
    """Refuse retention out of bounds, and fewer than 90 days in cold storage."""
    delete, cold = lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays")
    check_between(delete, "DeleteAfterDays", 1, MOST_DAYS)
    check_between(cold, "MoveToColdStorageAfterDays", 1, MOST_DAYS)
    refuse_if(
        delete is not None and cold is not None and delete < cold + COLD_GAP_DAYS,
        INVALID,
        f"Invalid lifecycle. DeleteAfterDays cannot be less than {COLD_GAP_DAYS} days apart from "
        "MoveToColdStorageAfterDays",
    )


def check_schedule(text: str, *, is_backup: bool) -> None:
    """Refuse a schedule that cannot be read or, for backups, one that runs more often than hourly."""
    try:
        schedule = parse_schedule(text)
    except ValueError as error:
        raise ServiceError(INVALID, f"Invalid schedule expression {text}: {error}.") from None
    fault = backup_fault(schedule) if is_backup else None
    refuse_if(fault, INVALID, f"Invalid schedule expression: {fault}.")


def check_role(arn: str) -> None:
    """Refuse what is not the ARN of a role."""
    refuse_if(not re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:role/.+", arn), INVALID, f"Invalid IAM role ARN: {arn}")
