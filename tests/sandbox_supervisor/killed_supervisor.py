"""A supervisor that kills itself (SIGKILL) while it makes a standby: `python killed_supervisor.py STEP DIRECTORY`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from mainstay.engines.mariadb import replication as mariadb
from mainstay.engines.postgres import replication as postgres
from mainstay.engines.process import spawn_detached
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.launch import supervise


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _leave_running(argv: Sequence[str], **options: Any) -> None:
    """Begin the copy, and die while it goes on."""
    spawn_detached(argv, log_path=Path(os.devnull), identity=options["identity"], env=options.get("env"))
    _die()


def _at(name: str) -> Callable[[], None]:
    return lambda: setattr(servers, name, _die)


def _while_copying() -> None:
    for engine in (postgres, mariadb):
        setattr(engine, "run", _leave_running)  # noqa: B010 - they do not export what is replaced here


# What it does not live to do, in the order in which a standby is made; each leaves more of one behind.
STEPS: Final[dict[str, Callable[[], None]]] = {
    "sweep": _at("sweep"),
    "copy": _while_copying,
    "configure": _at("configure"),
    "synchronise": _at("synchronise"),
}

if __name__ == "__main__":
    STEPS[sys.argv[1]]()
    sys.exit(supervise(Path(sys.argv[2])))
