"""How a proxy's target does: the verdict that RDS shows, from a login that is really tried."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import DriverError, said

TIMEOUT_S: Final = 3
AVAILABLE: Final[Mapping[str, str]] = {"State": "AVAILABLE"}
# How PostgreSQL and MariaDB say that it is the login, and not the way there.
_REFUSED_LOGIN: Final = ("authentication failed", "does not exist", "is not permitted to log in", "Access denied")


def unavailable(reason: str, description: str) -> dict[str, str]:
    """A verdict that names why; `reason` is one of RDS's own words (TargetHealth, 2026-11-20)."""
    return {"State": "UNAVAILABLE", "Reason": reason, "Description": " ".join(description.split())}


def health(engine: str, address: tuple[str, int], authority: Path, logins: Mapping[str, str]) -> dict[str, str]:
    """The health of a target: every login is tried over TLS, and the first that fails decides.

    A login goes to the engine's own database: a proxy needs `postgres` to be there (RDS User Guide, rds-proxy
    limitations, 2026-11-20).
    """
    for user, password in logins.items():
        try:
            DIALECTS[engine].connect(
                host=address[0], port=address[1], user=user, password=password, database=None, ca_bundle=authority,
                timeout_s=TIMEOUT_S,
            ).close()  # fmt: skip
        except DriverError as error:
            is_login = any(sign in said(error) for sign in _REFUSED_LOGIN)
            return unavailable("AUTH_FAILURE" if is_login else "CONNECTION_FAILED", f"{user}: {said(error)}")
    return dict(AVAILABLE)
