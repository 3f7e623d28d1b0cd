"""psycopg, as a probe uses it on a machine that has libpq."""

from __future__ import annotations

from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow

from mainstay.probe.patience import GRACE_S, LONGEST_S, cut_off
from mainstay.probe.postgres.session import PostgresConnection, PostgresCursor
from mainstay.probe.transcript import Listener


class PatientCursor(psycopg.Cursor[TupleRow]):
    """A cursor that waits for an answer as long as the statement may take, and a grace; then the connection is over."""

    patience_s: float = LONGEST_S
    listener: Listener | None = None

    def execute(self, *arguments: Any, **options: Any) -> Self:  # Any: psycopg's own, passed on
        """Run one statement. Errors: psycopg.Error; psycopg.OperationalError too when nobody answers."""
        with cut_off(self.connection.fileno(), self.patience_s + GRACE_S):
            if self.listener is None:
                return super().execute(*arguments, **options)
            with self.listener.asking(str(arguments[0]), *arguments[1:2]) as answered:
                done = super().execute(*arguments, **options)
                answered.rows = _as_written(done)
                return done


def _as_written(cursor: PostgresCursor) -> list[list[bytes | None]] | None:
    """The rows of an answer as the server wrote them; None for a statement that has none."""
    answer = cursor.pgresult
    if answer is None or not answer.nfields:
        return None
    columns = range(answer.nfields)
    return [[answer.get_value(row, column) for column in columns] for row in range(answer.ntuples)]


def listen(connection: PostgresConnection, listener: Listener) -> None:
    """Have every statement of a connection written down from now on."""

    def cursor(*arguments: Any, **options: Any) -> PatientCursor:  # Any: psycopg's own, passed on
        made = PatientCursor(*arguments, **options)
        made.listener = listener
        return made

    connection.cursor_factory = cursor  # type: ignore[assignment]  # psycopg only calls it
