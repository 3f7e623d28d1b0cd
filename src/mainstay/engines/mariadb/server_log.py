"""What a server says in its log when it does not start."""

from __future__ import annotations

import re
from typing import Final

from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines.process import no_space

SHOWN_LINES: Final = 8
PORT_IN_USE: Final = "Address already in use"
_TROUBLE: Final = re.compile(r"\[ERROR\]|\[FATAL\]|[Ee]rror:")


def trouble(summary: str, where: str, log: str) -> MainstayError:
    """The error that this log tells of: a full disk and a port in use by their own names, else `summary`."""
    lines = log.splitlines()
    told = [line for line in lines if _TROUBLE.search(line)] or lines
    detail = "\n".join([f"{where}:", *told[-SHOWN_LINES:]])
    if any(no_space(line) for line in told):
        return EnvironmentLacking("no space left", detail=detail, hint="free some disk space and start it again")
    if any(PORT_IN_USE in line for line in told):
        return EnvironmentLacking("port in use", detail=detail, hint="see what listens there with `ss -ltnp`")
    return TargetRefused(summary, detail=detail, hint="the whole story is in server.log beside the data directory")
