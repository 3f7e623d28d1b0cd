"""What PostgreSQL's drivers raise: psycopg, and a connection in pure Python where there is no libpq."""

from __future__ import annotations

from typing import Final

# query_canceled, insufficient_privilege, feature_not_supported (PostgreSQL 17, "PostgreSQL Error Codes", 2026-11-21).
CANCELED: Final = "57014"
MAY_NOT: Final = "42501"
UNSUPPORTED: Final = "0A000"


class WireError(Exception):
    """An error of a connection without libpq; `sqlstate` is None where it is not the server's."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def _errors() -> tuple[type[Exception], ...]:
    try:
        import psycopg  # noqa: PLC0415  lazy: inside a function there is none
    except ImportError:
        return (WireError,)
    return (psycopg.Error, WireError)


PostgresError: Final = _errors()
"""Every driver's, for an `except`."""


def sqlstate(error: BaseException) -> str | None:
    """The server's code for an error; None for one that is not the server's."""
    code = getattr(error, "sqlstate", None)
    return str(code) if code else None
