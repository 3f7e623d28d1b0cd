"""Tags of vaults, plans and restore testing plans, by ARN."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.backup import plans, restore_testing, vaults
from mainstay.sandbox.services.backup.requests import MISSING
from mainstay.sandbox.services.handler import Answer, Params, Table
from mainstay.sandbox.state import Record, Transaction

_KINDS: Final = {
    "backup-vault": vaults.VAULT,
    "backup-plan": plans.PLAN,
    "restore-testing-plan": restore_testing.PLAN,
}


def list_tags(tx: Transaction, params: Params) -> Answer:
    """The tags of a thing."""
    return {"Tags": _find(tx, params["ResourceArn"])[2]["_tags"]}


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags."""
    kind, key, record = _find(tx, params["ResourceArn"])
    tx.put(kind, key, {**record, "_tags": {**record["_tags"], **params["Tags"]}})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off."""
    kind, key, record = _find(tx, params["ResourceArn"])
    kept = {name: value for name, value in record["_tags"].items() if name not in params["TagKeyList"]}
    tx.put(kind, key, {**record, "_tags": kept})
    return {}


def _find(tx: Transaction, arn: str) -> tuple[str, str, Record]:
    missing = ServiceError(MISSING, f"{arn} does not exist.")
    kind, _, key = arn.removeprefix(tx.arn("backup", "")).partition(":")
    if kind not in _KINDS:
        raise missing
    return _KINDS[kind], key, tx.require(_KINDS[kind], key, missing)


HANDLERS: Final[Table] = {
    "ListTags": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
