"""One row an engine: how to open it, how to change a password in it, how to read it, and how to mark a time in it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mainstay.functions.database import Inspection
from mainstay.functions.login import Login
from mainstay.functions.mysql import accounts as mysql_accounts
from mainstay.functions.mysql import canary as mysql_canary
from mainstay.functions.mysql import connection as mysql_connection
from mainstay.functions.mysql import inspection as mysql_inspection
from mainstay.functions.postgres import accounts as postgres_accounts
from mainstay.functions.postgres import canary as postgres_canary
from mainstay.functions.postgres import connection as postgres_connection
from mainstay.functions.postgres import inspection as postgres_inspection


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between engines. Any: each function takes the connection that the same row's `connect` makes."""

    connect: Callable[[Login, ssl.SSLContext], Any]
    set_own_password: Callable[[Any, str, str], None]
    set_password: Callable[[Any, str, str], None]
    ensure_user: Callable[[Any, str, str, str], None]
    ensure_alternate: Callable[[Any, str, str, str], None]
    inspect: Callable[[Any], Inspection]
    count: Callable[[Any, str, str], int]
    beat: Callable[[Any], str | None]
    longest_password: int
    longest_name: int


_MYSQL: Final = Dialect(
    connect=mysql_connection.connect,
    set_own_password=mysql_accounts.set_own_password,
    set_password=mysql_accounts.set_password,
    ensure_user=mysql_accounts.ensure_user,
    ensure_alternate=mysql_accounts.ensure_alternate,
    inspect=mysql_inspection.inspect,
    count=mysql_inspection.count,
    beat=mysql_canary.beat,
    longest_password=mysql_accounts.LONGEST_PASSWORD,
    longest_name=mysql_accounts.LONGEST_NAME,
)
_POSTGRES: Final = Dialect(
    connect=postgres_connection.connect,
    set_own_password=postgres_accounts.set_password,
    set_password=postgres_accounts.set_password,
    ensure_user=postgres_accounts.ensure_user,
    ensure_alternate=postgres_accounts.ensure_alternate,
    inspect=postgres_inspection.inspect,
    count=postgres_inspection.count,
    beat=postgres_canary.beat,
    longest_password=postgres_accounts.LONGEST_PASSWORD,
    longest_name=postgres_accounts.LONGEST_NAME,
)

DIALECTS: Final[Mapping[str, Dialect]] = {"postgres": _POSTGRES, "mysql": _MYSQL, "mariadb": _MYSQL}
"""By the engine's name in a secret, which is the one in RDS."""
