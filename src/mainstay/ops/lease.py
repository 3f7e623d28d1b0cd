"""One operator a stack: a file that says who is at work, locked by the kernel for as long as they are.

The kernel's lock proves that a holder on this machine is gone: it ends with the process, also after `kill -9`.
A holder on another machine (a shared directory) proves nothing, so their lease is only broken by somebody who
names its token. The file stays when a lease ends, because removing a locked file lets two others in at once.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from mainstay.core.clock import Clock, SystemClock, parse_time, render_time
from mainstay.core.errors import Busy, EnvironmentLacking, InputRefused

_LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who holds a name, since when, and until when they said they would; times are RFC 3339."""

    name: str
    operation: str
    pid: int
    host: str
    taken_at: str
    expires_at: str
    token: str

    @property
    def is_here(self) -> bool:
        """Whether the holder is on this machine."""
        return self.host == platform.node()


@contextmanager
def hold(directory: Path, name: str, *, operation: str, clock: Clock | None = None) -> Iterator[Lease]:
    """Hold the name while the block lasts; Busy names who holds it instead."""
    now = (clock or SystemClock()).now()
    path = _path(directory, name)
    file = _open(path)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(name, _read(file), "is at work on it now", "wait until that has ended") from error
        before = _read(file)
        if before and not before.is_here:
            ends = "ran out at" if parse_time(before.expires_at) < now else "lasts until"
            raise _busy(
                name,
                before,
                f"has not given it back; the lease {ends} {before.expires_at}",
                f"make sure that this process is gone, then break the lease with token {before.token}",
            )
        lease = Lease(
            name=name,
            operation=operation,
            pid=os.getpid(),
            host=platform.node(),
            taken_at=render_time(now),
            expires_at=render_time(now + _LASTS),
            token=secrets.token_hex(4),
        )
        try:
            _write(file, json.dumps(asdict(lease)))
        except OSError as error:
            raise _not_held(path, error) from error
        try:
            yield lease
        finally:
            _write(file, "")
    finally:
        os.close(file)  # ends the kernel's lock


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _not_held(path, error) from error


def _not_held(path: Path, error: OSError) -> EnvironmentLacking:
    return EnvironmentLacking(
        "journal cannot be written",
        detail=f"{path}: {error.strerror}. Nothing was begun.",
        hint="make room there or correct its permissions, and run it again",
    )


def break_lease(directory: Path, name: str, token: str) -> None:
    """End a lease whose holder is gone, as its token says who that was. Busy while the holder is at work here."""
    file = os.open(_path(directory, name), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        holder = _read(file)
        if holder is None or holder.token != token:
            raise InputRefused(
                "no such lease",
                detail=f"'{name}' is not held under token '{token}'.",
                hint="take the token from the message that says who holds it",
            )
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(name, holder, "is at work on it now", f"stop process {holder.pid} first") from error
        _write(file, "")
    finally:
        os.close(file)


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.lease"


def _busy(name: str, holder: Lease | None, state: str, hint: str) -> Busy:
    who = (
        f"{holder.operation} (process {holder.pid} on {holder.host}, since {holder.taken_at})" if holder else "another"
    )
    return Busy("somebody else is at work", detail=f"'{name}': {who} {state}.", hint=hint)


def _read(file: int) -> Lease | None:
    text = os.pread(file, 65_536, 0)
    try:
        return Lease(**json.loads(text))
    except (ValueError, TypeError):
        return None  # free, or cut off while being written: then the kernel's lock alone decides


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, text.encode(), 0)
    os.fsync(file)
