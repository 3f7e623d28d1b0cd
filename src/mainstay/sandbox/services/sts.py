"""STS: who is asking. In a sandbox it is always the same account."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.handler import Answer, Params, Table
from mainstay.sandbox.state import Transaction


def get_caller_identity(tx: Transaction, params: Params) -> Answer:
    """The sandbox's account, with a user name that nobody mistakes for a real one."""
    del params
    return {"UserId": "AIDASANDBOX", "Account": tx.account, "Arn": tx.arn("iam", "user/sandbox", region=False)}


HANDLERS: Final[Table] = {"GetCallerIdentity": get_caller_identity}
