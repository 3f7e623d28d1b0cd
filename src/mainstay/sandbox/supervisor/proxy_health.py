"""How a proxy's target does: the verdict that RDS shows, from a login that is really tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg
import pymysql

TIMEOUT_S: Final = 3
AVAILABLE: Final[Mapping[str, str]] = {"State": "AVAILABLE"}
WRONG_LOGIN: Final = (1044, 1045, 1698)  # ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR and its kin
_REFUSED_LOGIN: Final = ("authentication failed", "does not exist", "is not permitted to log in")


def unavailable(reason: str, description: str) -> dict[str, str]:
    """A verdict that names why; `reason` is one of RDS's own words (TargetHealth, 2026-11-20)."""
    return {"State": "UNAVAILABLE", "Reason": reason, "Description": " ".join(description.split())}


def health(kind: str, address: tuple[str, int], authority: Path, logins: Mapping[str, str]) -> dict[str, str]:
    """The health of a target: every login is tried over TLS, and the first that fails decides."""
    for user, password in logins.items():
        verdict = _TRIALS[kind](address, authority, user, password)
        if verdict is not None:
            return verdict
    return dict(AVAILABLE)


def _try_postgres(address: tuple[str, int], authority: Path, user: str, password: str) -> dict[str, str] | None:
    try:
        # A proxy needs the database `postgres` to be there (RDS User Guide, rds-proxy limitations, 2026-11-20).
        psycopg.connect(
            host=address[0], port=address[1], user=user, password=password, dbname="postgres", sslmode="verify-full",
            sslrootcert=str(authority), gssencmode="disable", connect_timeout=TIMEOUT_S,
        ).close()  # fmt: skip
    except psycopg.Error as error:
        text = str(error)
        is_login = any(sign in text for sign in _REFUSED_LOGIN)
        return unavailable("AUTH_FAILURE" if is_login else "CONNECTION_FAILED", f"{user}: {text}")
    return None


def _try_mariadb(address: tuple[str, int], authority: Path, user: str, password: str) -> dict[str, str] | None:
    try:
        with closing(
            pymysql.connect(
                host=address[0], port=address[1], user=user, password=password, ssl_ca=str(authority),
                ssl_verify_cert=True, ssl_verify_identity=True, connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S,
            )
        ):  # fmt: skip
            return None
    except pymysql.err.MySQLError as error:
        code, text = error.args[0] if error.args else 0, ": ".join(str(part) for part in error.args)
        return unavailable("AUTH_FAILURE" if code in WRONG_LOGIN else "CONNECTION_FAILED", f"{user}: {text}")


_TRIALS: Final[Mapping[str, Callable[[tuple[str, int], Path, str, str], dict[str, str] | None]]] = {
    "postgres": _try_postgres,
    "mariadb": _try_mariadb,
}
