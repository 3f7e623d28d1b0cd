"""A drill's questions, asked from inside the network: one and the same probe as on the operator's machine.

The event names a question, a database, and whose login: the stack's own secret, or one that the drill made for its copy
and that the role may read (`plan.copies`). It never holds a password, nor an address to log in at: a login goes only
where its secret says. Every answer tells by its `code` which code gave it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from mainstay.core.errors import InputRefused, MainstayError
from mainstay.functions import settings
from mainstay.functions.imports import code_digest
from mainstay.functions.instance_login import instance_login
from mainstay.functions.login import Login, login_of
from mainstay.functions.mysql import probed
from mainstay.functions.postgres import wire
from mainstay.functions.secret_versions import read_secret
from mainstay.functions.trust import tls_context
from mainstay.probe.carrying import packed, unpacked, written
from mainstay.probe.dialect import DIALECTS, Dialect
from mainstay.probe.fence import set_fence
from mainstay.probe.postgres.errors import sqlstate
from mainstay.probe.questions import QUESTIONS, answered
from mainstay.probe.reading import read_one
from mainstay.probe.session import Connection, DriverError, said
from mainstay.probe.together import Company, Limit
from mainstay.probe.transcript import Listener, Query

MODULE: Final = "mainstay.functions.validation"
"""Whose package this is part of."""
# Kept back of the function's time, to answer in.
RESERVE_S: Final = 5.0
# A statement that is cut for the sake of that is cut a little before, as a server counts it.
NEAR_S: Final = 0.1
# Lambda developer guide, "Lambda quotas": 6 MB for a response, in which the answer is text within text (not re-read).
MOST_BYTES: Final = 5_500_000
# A part ends with the database that takes it beyond this.
PART_BYTES: Final = 3_000_000

_CONNECT: Final[Mapping[str, Callable[..., Any]]] = {
    "postgres": wire.connect,
    "mysql": probed.connect,
    "mariadb": probed.connect,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question, and until when an answer is waited for (monotonic seconds). Any: JSON."""

    question: str
    dialect: Dialect
    open: Callable[[str], Connection]
    arguments: Sequence[Any]
    options: Mapping[str, Any]
    ends_at_s: float

    @property
    def left_s(self) -> float:
        """Seconds that a statement may take by now; one at least."""
        return max(1.0, self.ends_at_s - time.monotonic())

    @property
    def is_spent(self) -> bool:
        """Whether the time is over, so that what was cut short was so for that, and not for a limit that was asked."""
        return time.monotonic() >= self.ends_at_s - NEAR_S

    def is_cut(self, found: Any) -> bool:
        """Whether an answer tells of an error, as only one to the user's own question does, for want of time."""
        return self.question == "ask" and bool(found["error"]) and self.is_spent


def answer(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The answer as JSON, or what stood in its way: `driver_error` is the server's, `error` one of ours, and `beyond`
    what a function's bounds do not allow; and every statement on the way, in `queries`. Any: JSON.
    """
    told: dict[str, Any] = {"code": _own_code()}
    queries: list[Query] = []
    asked: _Asked | None = None
    try:
        asked = _asked(event, context, queries)
        found = _answer(asked)
        # A question of the user's own that we have cut short has not failed: nobody knows its answer.
        told |= _out_of_time(asked) if asked.is_cut(found) else {"answer": packed(found)}
    except DriverError as error:
        if asked is not None and asked.is_spent:
            told |= _out_of_time(asked)
        else:
            code = sqlstate(error) or (error.args[0] if error.args else None)
            told["driver_error"] = {"words": said(error), "code": code}
    except MainstayError as error:
        told["error"] = {"summary": error.summary, "detail": error.detail, "hint": error.hint}
    told["queries"] = packed(written(queries))
    if (size := len(json.dumps(told))) > MOST_BYTES:
        detail = f"{size} bytes were to be answered to '{event.get('question')}', and {MOST_BYTES} can be."
        told = {"code": told["code"], "beyond": {"summary": "the answer is too large", "detail": detail}}
    return told


def _out_of_time(asked: _Asked) -> dict[str, Any]:
    detail = f"it was asked to {asked.question} and cut it short, {RESERVE_S:g} s before its own end"
    return {"beyond": {"summary": "the function ran out of time", "detail": detail}}


@cache
def _own_code() -> str:
    return code_digest(MODULE, settings.packed_root() / "mainstay")


def _asked(event: Mapping[str, Any], context: object, queries: list[Query]) -> _Asked:
    login, database = _login(event), str(event.get("database") or "")
    dialect, of = DIALECTS[login.engine], "copy" if event.get("secret") else "source"

    def opened(name: str) -> Connection:
        named = replace(login, database=name or login.database)
        connection: Connection = _CONNECT[login.engine](named, tls_context())
        dialect.listen(connection, Listener(queries, of, named.database))
        return connection

    left = getattr(context, "get_remaining_time_in_millis", None)
    left_s = left() / 1000 - RESERVE_S if left else 60.0
    return _Asked(
        question=str(event.get("question")),
        dialect=dialect,
        open=lambda name: opened(name or database),
        arguments=unpacked(str(event["arguments"])),
        options=event.get("options") or {},
        ends_at_s=time.monotonic() + left_s,
    )


def _login(event: Mapping[str, Any]) -> Login:
    """The stack's login, or that of a copy's secret. Error: InputRefused when it is for another address than asked."""
    secret = event.get("secret")
    if secret:
        document = read_secret(str(secret))
        if document is None:
            raise InputRefused("the copy's secret has no value", detail=f"{secret} holds none.", hint="drill again")
        login = login_of({"engine": event.get("engine"), **document}, str(secret))
    else:
        login = instance_login()
    address = f"{login.host}:{login.port}"
    if address != event.get("address"):
        raise InputRefused(
            "the function logs in elsewhere",
            detail=f"Its secret leads to {address}, and {event.get('address')} was asked about.",
            hint="deploy the stack again, or take another way with --through",
        )
    return login


def _answer(asked: _Asked) -> Any:  # Any: JSON
    own: Mapping[str, Callable[[_Asked], Any]] = {"greet": _greet, "read": _read, "fence": _fence}
    if asked.question in own:
        return own[asked.question](asked)
    if asked.question not in QUESTIONS:
        raise InputRefused(
            "no such question", detail=f"This function does not know '{asked.question}'.", hint="deploy the stack again"
        )
    with closing(asked.open("")) as connection:
        return answered(
            asked.dialect, connection, asked.question, asked.arguments, asked.options, within_s=asked.left_s
        )


def _greet(asked: _Asked) -> dict[str, Any]:
    """Who answers, over what, and how many bytes there are to read."""
    with closing(asked.open("")) as connection:
        dialect = asked.dialect
        return {
            "version": dialect.version(connection),
            "tls_version": dialect.tls_version(connection),
            "bytes": dialect.size(connection),
        }


def _fence(asked: _Asked) -> Any:  # Any: JSON
    with closing(asked.open("")) as connection:
        return written(set_fence(asked.dialect, connection, str(asked.arguments[0]), time.sleep))


def _read(asked: _Asked) -> dict[str, Any]:
    """Readings of databases by name, as many as time and the size of an answer allow; and those that are left.

    One at least: what it does not come to the end of, the server cuts off.
    """
    names, timeout_s = asked.options.get("names"), float(asked.options["timeout_s"])
    if names is None:
        with closing(asked.open("")) as connection:
            names = asked.dialect.databases(connection)
    company = Company(Limit(int(asked.options["most"])))
    found: dict[str, Any] = {}
    longest_s, size = 0.0, 0
    for name in names:
        if found and (size > PART_BYTES or asked.left_s < 2 * longest_s):
            break
        begun = time.monotonic()
        with closing(asked.open(name)) as connection:
            seen = read_one(asked.dialect, connection, timeout_s=min(timeout_s, asked.left_s), company=company)
        found[name] = written(seen)
        longest_s, size = max(longest_s, time.monotonic() - begun), size + len(packed(found[name]))
    return {"databases": found, "left": [name for name in names if name not in found]}
