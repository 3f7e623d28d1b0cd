"""What the handlers ask of a database, whichever engine it is, and how an opening can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from mainstay.core.errors import TargetRefused

CONNECT_S: Final = 10.0
# Longer than any count that fits into Lambda's 15 minutes; Lambda's own timeout is the one that matters.
ANSWER_S: Final = 840.0

Row = tuple[Any, ...]  # Any: a row holds what the statement selects


class Unreachable(TargetRefused):
    """No connection came about: network, TLS, or a server that is not up."""


class LoginRefused(TargetRefused):
    """The server was reached over TLS and did not accept the user or the password."""


class StatementRefused(TargetRefused):
    """The server did not do what a statement asked; `code` is its own error code."""

    def __init__(self, summary: str, *, detail: str = "", hint: str = "", code: str = "") -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.code = code


class Database(Protocol):
    """An open connection in autocommit mode."""

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Every row of an answer. Parameters are written in the engine's own way: `$1` or `%s`."""
        ...

    def execute(self, statement: str) -> None:
        """A statement that changes something; an error tells the server's code only, as it may hold a secret."""
        ...

    def close(self) -> None:
        """Log out."""
        ...


@dataclass(frozen=True, slots=True)
class Replication:
    """How a database takes part in replication.

    `role`: source, replica, none or unknown (the login may not see it). `lag_s` is None where nothing is received
    or nothing is known. `detail` says why a replica does not run.
    """

    role: str
    is_running: bool = True
    lag_s: float | None = None
    detail: str = ""

    def as_json(self) -> dict[str, object]:
        """As it stands in a result."""
        return {"role": self.role, "is_running": self.is_running, "lag_s": self.lag_s, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a database says of itself; `tables` are `schema.table`, and `schema` is where unqualified names are."""

    version: str
    character_set: str
    collation: str
    replication: Replication
    schema: str
    tables: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """As it stands in a result."""
        return {
            "version": self.version,
            "character_set": self.character_set,
            "collation": self.collation,
            "replication": self.replication.as_json(),
            "tables": list(self.tables),
        }


def unreachable(where: str, why: object) -> Unreachable:
    """The error of an opening that failed before the login was judged."""
    return Unreachable(
        "the database cannot be reached",
        detail=f"{where}: {why}.",
        hint="check that it is available, the security groups both ways, and the ca bundle",
    )


def login_refused(where: str, why: object) -> LoginRefused:
    """The error of a login that the server judged."""
    return LoginRefused(
        "the database refused the login", detail=f"{where}: {why}.", hint="compare the secret with the user's password"
    )


def missing_account(name: str) -> TargetRefused:
    """The error of a user that the alternate should follow and that is not there."""
    return TargetRefused(
        "the user to alternate with does not exist",
        detail=f"The database has no user {name}.",
        hint="create it and grant it what the application needs; rotation makes the second one",
    )
