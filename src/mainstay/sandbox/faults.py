"""Errors that handlers are told to give next, so that retries can be tried: throttling, outages, refusals."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import Transaction

KIND: Final = "sandbox:fault"


def order(tx: Transaction, service: str, operation: str, codes: list[str], *, http_status: int = 400) -> None:
    """The next calls of this operation in this region fail with these codes, one each, in this order."""
    key = f"{service}.{operation}"
    waiting = tx.get(KIND, key) or {"faults": []}
    waiting["faults"] += [{"code": code, "http_status": http_status} for code in codes]
    tx.put(KIND, key, waiting)


def take(tx: Transaction, service: str, operation: str) -> ServiceError | None:
    """The fault that this call has to give, taken off the list; None when none was ordered."""
    key = f"{service}.{operation}"
    waiting = tx.get(KIND, key)
    if not waiting or not waiting["faults"]:
        return None
    fault, *waiting["faults"] = waiting["faults"]
    tx.put(KIND, key, waiting)
    return ServiceError(fault["code"], f"fault ordered for {service} {operation}", fault["http_status"])
