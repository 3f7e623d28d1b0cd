"""What the databases were asked, as it stands in evidence: each statement once, with every answer to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mainstay.core.clock import render_time
from mainstay.probe.transcript import SESSION, Query

Part = dict[str, Any]  # Any: JSON of the published schema


def queries(asked: Iterable[Query]) -> Part:
    """A transcript: what makes a session as it has to be, and the statements in the order of their first time."""
    session: dict[tuple[str, str], Part] = {}
    found: dict[tuple[str, ...], Part] = {}
    for query in asked:
        told = _statement(query)
        if query.kind == SESSION:
            session.setdefault((query.statement, query.parameters), told)
            continue
        key = (query.kind, query.subject, query.statement, query.parameters)
        row = found.setdefault(key, {"kind": query.kind, "subject": query.subject, **told, "answers": []})
        row["answers"].append(_answer(query))
    return {"session": list(session.values()), "asked": list(found.values())}


def _statement(query: Query) -> Part:
    parameters = {"parameters": query.parameters} if query.parameters else {}
    return {"statement": query.statement.strip(), **parameters}


def _answer(query: Query) -> Part:
    answer: Part = {
        "of": query.of,
        "database": query.database,
        "at": render_time(query.at),
        "seconds": query.seconds,
        "rows": query.rows,
    }
    if query.result is not None:
        answer["result"] = query.result
    if query.hash:
        answer |= {"hash": query.hash, "bytes": query.size}
    return {**answer, "error": query.error} if query.error else answer
