"""What a server says in its log: why it did not start, and how far a recovery came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines.postgres.lsn import Lsn
from mainstay.engines.process import no_space

SHOWN_LINES: Final = 8
PORT_IN_USE: Final = "Address already in use"
BAD_CONFIGURATION: Final = "contains errors"
NOT_REACHED: Final = "recovery ended before configured recovery target was reached"

_TROUBLE: Final = re.compile(r"\b(FATAL|PANIC|ERROR|HINT|DETAIL):|could not bind")
# Wording of PostgreSQL 15 to 17 (xlogrecovery.c, read 2026-11-20).
_REDO_DONE: Final = re.compile(r"redo done at (\S+) .*elapsed: ([0-9.]+) s")
_LAST_COMMIT: Final = re.compile(r"last completed transaction was at log time (\S+ \S+)")


def trouble(summary: str, where: str, log: str) -> MainstayError:
    """The error that this log tells of: a full disk and a port in use by their own names, else `summary`."""
    lines = log.splitlines()
    told = [line for line in lines if _TROUBLE.search(line)]
    if not told or any(BAD_CONFIGURATION in line for line in told):
        told = lines  # which setting it is, the server says at level LOG
    detail = "\n".join([f"{where}:", *told[-SHOWN_LINES:]])
    if any(no_space(line) for line in told):
        return EnvironmentLacking("no space left", detail=detail, hint="free some disk space and start it again")
    if any(PORT_IN_USE in line for line in told):
        return EnvironmentLacking("port in use", detail=detail, hint="see what listens there with `ss -ltnp`")
    return TargetRefused(summary, detail=detail, hint="the whole story is in server.log beside the data directory")


@dataclass(frozen=True, slots=True)
class RecoveryTold:
    """How far a recovery says it came: start of the last record, time of the last commit, seconds of replay."""

    last_record: Lsn | None
    last_commit: datetime | None
    replay_s: float

    @classmethod
    def read(cls, log: str) -> Self:
        """From a log with times in UTC; None for what it does not tell."""
        done, commit = _REDO_DONE.search(log), _LAST_COMMIT.search(log)
        return cls(
            Lsn.parse(done[1]) if done is not None else None,
            datetime.fromisoformat(commit[1]).astimezone(UTC) if commit is not None else None,
            float(done[2]) if done is not None else 0.0,
        )
