"""Tags of anything in EC2, found by the beginning of its id."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import KINDS, Kind, put, require
from mainstay.sandbox.services.handler import Answer, Params, Table, merged_tags, without_tags
from mainstay.sandbox.state import Transaction


def create_tags(tx: Transaction, params: Params) -> Answer:
    """Set tags of things."""
    for identifier in params["Resources"]:
        kind = _kind(identifier)
        record = require(tx, kind, identifier)
        put(tx, kind, {**record, "Tags": merged_tags(record.get("Tags", []), params["Tags"])})
    return {}


def delete_tags(tx: Transaction, params: Params) -> Answer:
    """Take tags off things; all of them when none is named."""
    for identifier in params["Resources"]:
        kind = _kind(identifier)
        record = require(tx, kind, identifier)
        old = record.get("Tags", [])
        keys = [tag["Key"] for tag in params.get("Tags", old)]
        put(tx, kind, {**record, "Tags": without_tags(old, keys)})
    return {}


def _kind(identifier: str) -> Kind:
    found = next((kind for kind in KINDS if identifier.startswith(kind.prefix)), None)
    if found is None:
        raise ServiceError("InvalidID", f"The ID '{identifier}' is not valid")
    return found


HANDLERS: Final[Table] = {"CreateTags": create_tags, "DeleteTags": delete_tags}
