"""What a function is made of in the state: its configuration, who may call it, and events that wait for it.

A function's members are Lambda's; those that begin with `_` are the sandbox's own: `_code` names the bytes of its
zip, `_concurrency` is how much is reserved, or None.
"""

from __future__ import annotations

import re
from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, public
from mainstay.sandbox.state import Record, Transaction

FUNCTION, PERMISSION, EVENT = "lambda:function", "lambda:permission", "lambda:event"
INVALID: Final = "InvalidParameterValueException"
MISSING: Final = "ResourceNotFoundException"
CONFLICT: Final = "ResourceConflictException"
LATEST: Final = "$LATEST"
# A name, a partial ARN (account:function:name) or an ARN, with a qualifier or without (Lambda API, FunctionName,
# botocore 1.44.5).
_NAMED: Final = re.compile(
    r"(?:arn:aws[\w-]*:lambda:(?P<region>[a-z0-9-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)


def plain_name(tx: Transaction, given: str, qualifier: str | None = None) -> str:
    """The bare name that a request gives in any of its forms; other versions than $LATEST do not exist here."""
    found = _NAMED.fullmatch(given)
    if found is None:
        message = f"1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint"
        raise ServiceError("ValidationException", message)
    wanted = qualifier or found["qualifier"] or LATEST
    elsewhere = found["region"] not in (None, tx.region) or found["account"] not in (None, tx.account)
    if elsewhere or wanted != LATEST:
        raise _missing(tx, f"{found['name']}:{wanted}")
    return found["name"]


def require_function(tx: Transaction, given: str, qualifier: str | None = None) -> Record:
    """The function that a request names. Error: ResourceNotFoundException."""
    name = plain_name(tx, given, qualifier)
    return tx.require(FUNCTION, name, _missing(tx, name))


def find_function(tx: Transaction, arn: str) -> Record | None:
    """The function of an ARN, or None."""
    try:
        return require_function(tx, arn)
    except ServiceError:
        return None


def shown(function: Record) -> Answer:
    """A function's configuration as Lambda answers it."""
    return public(function)


def _missing(tx: Transaction, name: str) -> ServiceError:
    return ServiceError(MISSING, f"Function not found: {tx.arn('lambda', f'function:{name}')}", 404)
