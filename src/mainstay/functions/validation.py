"""Validation of a database from inside its network: is it reachable, is it what it should be, is everything there.

    1  the manifest  what is expected
    2  the login     out of the secret
    3  the database  opened over TLS, read, compared
    4  the result    as JSON, as metrics, and as the invocation's own outcome

An event may be empty (a schedule), an RDS event from EventBridge, or an object with `manifest`. One with `probe` is a
drill's question (`functions.probing`), and is no validation.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from typing import Any

from mainstay.core.errors import MainstayError
from mainstay.functions import manifest as manifests
from mainstay.functions import probing, settings
from mainstay.functions.comparison import Check, compare
from mainstay.functions.database import Inspection
from mainstay.functions.dialects import DIALECTS
from mainstay.functions.instance_login import instance_login
from mainstay.functions.login import Login
from mainstay.functions.manifest import Manifest
from mainstay.functions.result import Result, demand, tell
from mainstay.functions.trust import tls_context
from mainstay.probe.questions import PROBE


def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Lambda's entry. Error: AnswerIsNo when the database is not as expected. Any: the event is JSON."""
    if PROBE in event:
        return probing.answer(event[PROBE], context)
    instance = settings.optional(settings.INSTANCE)
    source = _source(event)
    if instance and source and source != instance:
        return {"skipped": f"the event is about {source}, not about {instance}"}
    expected = manifests.find(event.get("manifest"))
    login = instance_login()
    result = validate(login, expected, subject=instance or login.host, trigger=_trigger(event))
    tell(result)
    return demand(result)


def validate(login: Login, expected: Manifest, *, subject: str, trigger: str) -> Result:
    """Open a database, read it and compare it; whatever goes wrong is part of the result, never an exception."""
    begun = time.monotonic()
    checks: tuple[Check, ...] = ()
    found: Inspection | None = None
    stopped: MainstayError | None = None
    try:
        dialect = DIALECTS[login.engine]
        with closing(dialect.connect(login, tls_context())) as database:
            found = dialect.inspect(database)
            checks = compare(expected, found, partial(dialect.count, database))
    except MainstayError as error:
        stopped = error
    return Result(subject, trigger, checks, found, stopped, time.monotonic() - begun)


def _source(event: Mapping[str, Any]) -> str:
    """The instance that an RDS event is about; nothing for any other event."""
    detail = event.get("detail")
    if event.get("source") != "aws.rds" or not isinstance(detail, Mapping):
        return ""
    return str(detail.get("SourceIdentifier") or "")


def _trigger(event: Mapping[str, Any]) -> str:
    """What the validation was called by, for a reader of its result."""
    detail = event.get("detail")
    about = str(detail.get("Message") or "") if isinstance(detail, Mapping) else ""
    named = [str(event.get("detail-type") or ""), about]
    return ": ".join(part for part in named if part) or "invocation"
