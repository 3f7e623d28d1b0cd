r"""What a database was asked, word for word, and what it answered: so that anybody can ask it again.

A short answer of one row is kept as it was; of a longer one its size and its hash, so that no data leave the database.
The hash is SHA-256 over the rows in the order of their bytes, each as COPY writes it (`\N` for null, tabs between the
values, a newline after each row).
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from mainstay.probe.sql_checks import written

_SHORT: Final = 200
"""Up to so many bytes an answer of one row is kept in full."""
_LONG: Final = 2_000
"""From so many characters on a statement's parameters are told by their hash."""
# What makes the session as it has to be; and what only moves within one statement's answer or a transaction.
_SETS: Final = re.compile(r"\s*(BEGIN|START TRANSACTION|SET |RESET |SELECT set_config)", re.IGNORECASE)
_PASSES: Final = re.compile(
    r"\s*(FETCH|MOVE|DECLARE|SAVEPOINT|RELEASE|ROLLBACK|COMMIT|PREPARE|DEALLOCATE|SET TRANSACTION SNAPSHOT)\b",
    re.IGNORECASE,
)
SESSION: Final = "session"
# Definitions are text of the user's, in which anything may stand: a view's may name a password.
_HIDDEN: Final = frozenset({"catalog"})
_NOBODY: Final = ("", "")
_ABOUT: ContextVar[tuple[str, str]] = ContextVar("about", default=_NOBODY)


Timing = tuple[datetime, float]
"""When something began, and how many seconds it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement, of whom (`source` or `copy`), and its answer: `rows` None where it failed or gives none.

    `kind` and `subject` tell what it was asked for: a `table` and its name. `result` is the answer itself where it is
    short, `hash` and `size` in bytes that of any. `parameters` are JSON, or their hash where they are many.
    """

    of: str
    database: str
    kind: str
    subject: str
    statement: str
    parameters: str
    at: datetime
    seconds: float
    rows: int | None = None
    result: str | None = None
    hash: str = ""
    size: int = 0
    error: str = ""


@contextmanager
def about(kind: str, subject: str = "") -> Iterator[None]:
    """What the statements of the block are asked for, in this thread."""
    token = _ABOUT.set((kind, subject))
    try:
        yield
    finally:
        _ABOUT.reset(token)


@dataclass(slots=True)
class Answered:
    """An answer while it is noted: its rows as bytes, None for a statement that has none; or the error's first line."""

    rows: Sequence[Sequence[bytes | None]] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """Writes down what one connection is asked, into a list that several share."""

    queries: list[Query]
    of: str
    database: str
    _known: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def asking(self, statement: str, parameters: object = None) -> Iterator[Answered]:
        """Around a statement: its time, and the answer that is put into what this yields, or the error."""
        answered, at, start = Answered(), datetime.now(UTC), time.monotonic()
        try:
            yield answered
        except Exception as error:
            answered.error = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise
        finally:
            self._note(statement, _told(parameters), answered, (at, round(time.monotonic() - start, 6)))

    def _note(self, statement: str, parameters: str, answered: Answered, timing: Timing) -> None:
        if _PASSES.match(statement):
            return
        about_it = _ABOUT.get()
        if _SETS.match(statement):
            if (statement, parameters) in self._known:
                return
            self._known.add((statement, parameters))
            answered, about_it = Answered(error=answered.error), (SESSION, "")
        (kind, subject), (at, seconds) = about_it, timing
        self.queries.append(
            Query(
                of=self.of,
                database=self.database,
                kind=kind,
                subject=subject,
                statement=statement,
                parameters=parameters,
                at=at,
                seconds=seconds,
                error=answered.error,
                **_of_rows(answered.rows, is_shown=kind not in _HIDDEN),
            )
        )


def _told(parameters: object) -> str:
    """Parameters as JSON; what JSON has no form for, as its text."""
    if not parameters:
        return ""
    text = json.dumps(parameters, default=str, ensure_ascii=False)
    return text if len(text) <= _LONG else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _of_rows(
    rows: Sequence[Sequence[bytes | None]] | None, *, is_shown: bool
) -> dict[str, Any]:  # Any: members of Query
    if rows is None:
        return {}
    lines = sorted(map(written, rows))
    size, found = sum(map(len, lines)), hashlib.sha256(b"".join(lines))
    is_short = is_shown and len(lines) == 1 and size <= _SHORT
    result = lines[0].decode(errors="replace").removesuffix("\n") if is_short else None
    return {"rows": len(lines), "result": result, "hash": f"sha256:{found.hexdigest()}", "size": size}


def as_bytes(row: Iterable[object]) -> list[bytes | None]:
    """Values that a driver has read, as their text."""
    return [value if value is None or isinstance(value, bytes) else str(value).encode() for value in row]
