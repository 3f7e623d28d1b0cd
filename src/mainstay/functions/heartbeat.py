"""The heartbeat: one marker in the canary, each minute, so that a restore to any time can be told from both sides.

1  the login     out of the secret
2  the marker    written and acknowledged, alone: a second beat at the same time writes none
3  the old ones  deleted, once no restore can reach them
4  the metric    one beat, so that silence can be an alarm
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from mainstay.functions import settings
from mainstay.functions.dialects import DIALECTS
from mainstay.functions.instance_login import instance_login
from mainstay.functions.login import Login
from mainstay.functions.result import DIMENSION, NAMESPACE
from mainstay.functions.trust import tls_context

METRIC: Final = "Heartbeat"


def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Lambda's entry. Errors: Unreachable, LoginRefused, StatementRefused. Any: the event is JSON."""
    del event, context
    login = instance_login()
    written_at = beat(login)
    if written_at is not None:
        _tell(settings.optional(settings.INSTANCE) or login.host)
    return {"written_at": written_at}


def beat(login: Login) -> str | None:
    """Write one marker; the time of the server's clock at which it was, or None while another beat is under way."""
    dialect = DIALECTS[login.engine]
    with closing(dialect.connect(login, tls_context())) as database:
        return dialect.beat(database)


def _tell(subject: str) -> None:
    """One beat as a line of the log, out of which CloudWatch makes the metric (embedded metric format)."""
    metrics = [{"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": [{"Name": METRIC, "Unit": "Count"}]}]
    about = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": metrics}
    print(json.dumps({"_aws": about, DIMENSION: subject, METRIC: 1}))  # noqa: T201  Lambda's log is stdout
