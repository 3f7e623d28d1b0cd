"""The shared memory segment that a killed server leaves behind.

PostgreSQL holds 56 bytes of System V memory by which a second server on the same directory is noticed. The next
start takes it over; a server that is killed and then removed leaves it until the machine restarts, and a machine
has 4096 of them (shmget(2), SHMMNI).
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import psutil

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity
from mainstay.engines.process import run

SEGMENTS: Final = Path("/proc/sysvipc/shm")  # Linux; elsewhere the segment stays
PID_FILE_SEGMENT: Final = 6  # the line of postmaster.pid with key and id (miscadmin.h, LOCK_FILE_LINE_SHMEM_KEY)


def remove_segment(pid_file: list[str], identity: Identity) -> None:
    """Remove the segment that a dead server's pid file names, if that very one is there and nobody uses it."""
    if len(pid_file) <= PID_FILE_SEGMENT or not SEGMENTS.exists():
        return
    key, _, number = pid_file[PID_FILE_SEGMENT].strip().partition(" ")
    number = number.strip()
    for row in SEGMENTS.read_text().splitlines()[1:]:
        columns = row.split()  # key, id, permissions, size, creator, last, number attached, owner (proc(5))
        if columns[0:2] == [key, number] and columns[6] == "0" and columns[7] == str(identity.uid):
            with contextlib.suppress(EnvironmentLacking):  # ipcrm is not everywhere, and 56 bytes do not matter
                run(["ipcrm", "-m", number], identity=identity, timeout_s=10, must_succeed=False)


def forget_zombie(data: Path) -> None:
    """Remove the pid file of a server that has ended and that nobody has reaped, once nothing works on its data.

    PostgreSQL takes a zombie for a running server, because it asks with `kill(pid, 0)` (miscinit.c, PostgreSQL 17;
    seen on 2026-11-21 where process 1 reaps late), and would not start until it is reaped.
    """
    pid_file = data / "postmaster.pid"
    try:
        first = pid_file.read_text().partition("\n")[0]
        is_zombie = psutil.Process(int(first)).status() == psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return
    if is_zombie and not any(_stands_in(process, data) for process in psutil.process_iter()):
        pid_file.unlink(missing_ok=True)


def _stands_in(process: psutil.Process, data: Path) -> bool:
    """Whether a process works in a directory, as every process of a server does in its data."""
    try:
        return Path(process.cwd()) == data.resolve()
    except (psutil.Error, OSError):
        return False
