"""Where a proxy in the sandbox is another thing than RDS Proxy, and why: the whole table, visible in every view.

RDS Proxy pins a session whose state it cannot carry over, and multiplexes the others (RDS User Guide,
rds-proxy-pinning, 2026-11-20). PgBouncer knows no pinning: what a transaction leaves in its session is gone with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mainstay.sandbox.rds.substitutions import Substitution

LEAST_BORROW_S: Final = 1
_ALONE: Final = "nothing pools here: the proxy's address leads straight to the database"
_POOL_MEMBERS: Final = ("MaxConnectionsPercent", "MaxIdleConnectionsPercent", "ConnectionBorrowTimeout")

Record = Mapping[str, Any]  # Any: a record is JSON


def note(pooler: str | None, family: str) -> str:
    """What stands behind a proxy's address, in a sentence; `pooler` is PgBouncer's version, None without one."""
    if pooler is not None:
        return (
            f"PgBouncer {pooler} pools in place of RDS Proxy: what a transaction leaves in its session (SET, "
            "temporary tables, advisory locks, LISTEN, prepared statements) is gone with it, where RDS Proxy pins"
        )
    if family == "POSTGRESQL":
        return f"{_ALONE}, as PgBouncer is not installed (`make pgbouncer`)"
    return f"{_ALONE}, as there is no pooler for MySQL and MariaDB"


def substitutions(proxy: Record, group: Record, *, is_pooled: bool) -> list[Substitution]:
    """The settings of a proxy that another value, or nothing, runs for."""
    rows = list(_logins(proxy))
    rows += _pooled(proxy, group) if is_pooled else _unpooled(proxy, group)
    return rows


def _logins(proxy: Record) -> Iterator[Substitution]:
    """Tokens: the sandbox has no IAM that signs any, so the login of the secret lets clients in."""
    if any(login["IAMAuth"] == "REQUIRED" for login in proxy["Auth"]):
        reason = "the sandbox has no IAM tokens: clients log in over TLS with the password of the secret"
        yield Substitution("IAMAuth", "REQUIRED", "DISABLED", reason)


def _pooled(proxy: Record, group: Record) -> Iterator[Substitution]:
    pool = group["ConnectionPoolConfig"]
    idle = str(pool["MaxIdleConnectionsPercent"])
    yield Substitution("MaxIdleConnectionsPercent", idle, None, "PgBouncer closes idle connections after ten minutes")
    if pool["ConnectionBorrowTimeout"] < LEAST_BORROW_S:
        planned, reason = str(pool["ConnectionBorrowTimeout"]), "PgBouncer takes 0 for an endless wait"
        yield Substitution("ConnectionBorrowTimeout", planned, str(LEAST_BORROW_S), reason)
    if pool.get("InitQuery"):
        reason = "what it set would be gone after the first transaction"
        yield Substitution("InitQuery", str(pool["InitQuery"]), None, reason)
    if proxy["DebugLogging"]:
        yield Substitution("DebugLogging", "true", None, "PgBouncer's log tells of logins, and of no statements")


def _unpooled(proxy: Record, group: Record) -> Iterator[Substitution]:
    pool = group["ConnectionPoolConfig"]
    for member in (*_POOL_MEMBERS, "InitQuery"):
        if pool.get(member) is not None:
            yield Substitution(member, str(pool[member]), None, _ALONE)
    if pool["SessionPinningFilters"]:
        yield Substitution("SessionPinningFilters", ",".join(pool["SessionPinningFilters"]), None, _ALONE)
    yield Substitution("IdleClientTimeout", str(proxy["IdleClientTimeout"]), None, _ALONE)
    for how in sorted({login["ClientPasswordAuthType"] for login in proxy["Auth"]}):
        yield Substitution("ClientPasswordAuthType", how, None, "the database itself asks for the password")
    if proxy["RequireTLS"]:
        yield Substitution("RequireTLS", "true", None, "whether TLS is forced is the database's own setting")
    if proxy["DebugLogging"]:
        yield Substitution("DebugLogging", "true", None, _ALONE)
