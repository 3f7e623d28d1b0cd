"""The questions of a dialect that can be asked from afar: what goes there and comes back as JSON, and how they are cut
short where whoever answers has little time left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mainstay.probe.carrying import read, written
from mainstay.probe.dialect import Dialect
from mainstay.probe.markers import Found, Marker
from mainstay.probe.server import Acting, TableCheck
from mainstay.probe.session import Connection
from mainstay.probe.sql_checks import SqlAnswer

PROBE: Final = "probe"
"""The member of an event that holds a question."""
TIMEOUT: Final = "timeout_s"


@dataclass(frozen=True, slots=True)
class Question:
    """A member of a dialect. `answer` is the type of what it answers, `takes` the types of its arguments after the
    connection, and `limit` which of these is the longest that a statement may take: a place, or a keyword.
    """

    answer: Any
    takes: tuple[Any, ...] = ()
    limit: int | str | None = None


QUESTIONS: Final[Mapping[str, Question]] = {
    "databases": Question(list[str]),
    "version": Question(str),
    "tls_version": Question(str | None),
    "log_position": Question(str),
    "acting": Question(Acting),
    "silence": Question(list[str]),
    "check_tables": Question(list[TableCheck], (float,), limit=0),
    "create_canary": Question(None),
    "write_marker": Question(Marker, (str,)),
    "erase_markers": Question(None, (list[str],)),
    "database_clock": Question(datetime),
    "read_markers": Question(tuple[Marker, ...]),
    "find_markers": Question(Found, (tuple[Marker, ...], float), limit=1),
    "ask": Question(SqlAnswer, limit=TIMEOUT),
}


def answered(
    dialect: Dialect,
    connection: Connection,
    name: str,
    arguments: Sequence[Any],
    options: Mapping[str, Any],
    *,
    within_s: float,
) -> Any:
    """What a dialect answers, as JSON; no statement takes longer than `within_s`. Any: JSON, both ways.

    Errors: DriverError; KeyError for a question that there is none of.
    """
    question = QUESTIONS[name]
    given = [read(kind, value) for kind, value in zip(question.takes, arguments, strict=True)]
    named = dict(options)
    if isinstance(question.limit, int):
        given[question.limit] = min(given[question.limit], within_s)
    elif question.limit is not None:
        named[question.limit] = min(named.get(question.limit, within_s), within_s)
    return written(getattr(dialect, name)(connection, *given, **named))
