"""Changes of names, on their way to Route 53's servers."""

from __future__ import annotations

import secrets
import string
from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, public
from mainstay.sandbox.state import Transaction

CHANGE: Final = "route53:change"
_LETTERS: Final = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """An id as Route 53 makes them: `Z` or `C`, and letters and digits."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(20))


def bare(identifier: str) -> str:
    """An id without the path that Route 53 puts before it: `/hostedzone/Z…`, `/change/C…`."""
    return identifier.rpartition("/")[2]


def begin_change(tx: Transaction, comment: str | None = None) -> Answer:
    """A change that nobody has seen arrive yet."""
    identifier = new_id("C")
    change = {"Id": f"/change/{identifier}", "Status": "PENDING", "SubmittedAt": render_time(tx.now)}
    if comment:
        change["Comment"] = comment
    tx.put(CHANGE, identifier, change)
    return dict(change)


def get_change(tx: Transaction, params: Params) -> Answer:
    """A change: the first who looks finds it PENDING, and INSYNC from then on. Route 53 takes up to a minute."""
    identifier = bare(params["Id"])
    missing = ServiceError("NoSuchChange", f"Could not find resource with ID: {identifier}", 404)
    change = tx.require(CHANGE, identifier, missing)
    tx.put(CHANGE, identifier, {**change, "_was_seen": True})
    return {"ChangeInfo": public({**change, "Status": "INSYNC" if change.get("_was_seen") else "PENDING"})}


HANDLERS: Final[Table] = {"GetChange": get_change}
