"""Every operation that the sandbox answers, in one visible table.

A handler validates and writes desired state; what takes time is done afterwards by the supervisor. It gets the
parameters as botocore validated them, and answers in the members of the operation's output shape: times as aware
datetimes or RFC 3339 text, streams as bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.sandbox.cloudformation import table as cloudformation
from mainstay.sandbox.rds import table as rds
from mainstay.sandbox.services import (
    backup,
    cloudwatch,
    ec2,
    events,
    functions,
    iam,
    kms,
    logs,
    rotation,
    route53,
    s3,
    secretsmanager,
    sns,
    ssm,
    sts,
)
from mainstay.sandbox.services.handler import Answer, Handler, Outside, Params

HANDLERS: Final[Mapping[tuple[str, str], Handler]] = {
    (service, operation): handler
    for service, table in {
        "backup": backup.HANDLERS,
        "cloudformation": cloudformation.HANDLERS,
        "cloudwatch": cloudwatch.HANDLERS,
        "ec2": ec2.HANDLERS,
        "events": events.HANDLERS,
        "iam": iam.HANDLERS,
        "kms": kms.HANDLERS,
        "lambda": functions.HANDLERS,
        "logs": logs.HANDLERS,
        "rds": rds.HANDLERS,
        "route53": route53.HANDLERS,
        "s3": s3.HANDLERS,
        "secretsmanager": {**secretsmanager.HANDLERS, **rotation.HANDLERS},
        "sns": sns.HANDLERS,
        "ssm": ssm.HANDLERS,
        "sts": sts.HANDLERS,
    }.items()
    for operation, handler in table.items()
}
"""By botocore's service name and operation: `("rds", "CreateDBInstance")`."""

OUTSIDE: Final[Mapping[tuple[str, str], Outside]] = {
    ("lambda", operation): handler for operation, handler in functions.OUTSIDE.items()
}
"""The operations that run between transactions, by the same names."""

__all__ = ["HANDLERS", "OUTSIDE", "Answer", "Handler", "Outside", "Params"]
