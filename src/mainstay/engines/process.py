"""The one door to subprocess: commands that end, servers that outlive us, and processes that end with us.

The environment of a child is built, never inherited: a stray PGHOST, LD_PRELOAD or TZ of the caller must not
change what a server does. Servers get a session of their own, so that Ctrl-C in a terminal does not reach them.
"""

from __future__ import annotations

import contextlib
import os
import signal as signals
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, TypedDict

import psutil

from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines.bound import Bound
from mainstay.engines.identity import Identity
from mainstay.engines.ownership import (
    STOP_MODES,
    ProcessProof,
    carries,
    collect_exits,
    is_alive_and_ours,
    is_suspended,
    open_pidfd,
    proof_of,
    register_child,
    signal,
    suspend,
    terminate,
    wait_gone,
)

__all__ = [
    "STOP_MODES",
    "Completed",
    "ProcessProof",
    "build_environment",
    "is_alive_and_ours",
    "is_suspended",
    "no_space",
    "open_pidfd",
    "proof_of",
    "run",
    "signal",
    "spawn_bound",
    "spawn_detached",
    "suspend",
    "terminate",
    "wait_gone",
]

SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHOWN_LINES: Final = 8
EXEC_S: Final = 1.0
NO_SPACE: Final = ("No space left on device", "Disk quota exceeded", "File too large")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended: its name, exit code (negative: the signal) and both outputs as text."""

    program: str
    returncode: int
    stdout: str
    stderr: str


class _Child(TypedDict):
    env: dict[str, str]
    cwd: str
    user: int | None
    group: int | None
    extra_groups: list[int] | None
    umask: int


def build_environment(extra: Mapping[str, str] | None = None, identity: Identity | None = None) -> dict[str, str]:
    """The whole environment of a child: a search path, a fixed locale, UTC, a home, and `extra`."""
    home = identity.home if identity is not None else "/"
    built = {"PATH": SEARCH_PATH, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": home}
    return built | dict(extra or {})


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    identity: Identity | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin_text: str | None = None,
    must_succeed: bool = True,
) -> Completed:
    """Run a command to its end, at most so many seconds; its whole process group goes when it is cut short.

    Errors: EnvironmentLacking when the program is missing or the disk is full, TargetRefused when it fails
    (unless `must_succeed` is off) or takes too long; both carry the last lines of its error output.
    """
    program = Path(argv[0]).name
    child = _open(argv, identity, env, cwd, stdin_text is not None)
    try:
        stdout, stderr = child.communicate(stdin_text.encode() if stdin_text is not None else None, timeout_s)
    except subprocess.TimeoutExpired as error:
        _end_group(child)
        raise TargetRefused(
            "a command took too long",
            detail=f"{program} was stopped after {timeout_s:g} s.",
            hint="the machine is overloaded or the server does not answer; try again with a longer time",
        ) from error
    except BaseException:
        _end_group(child)
        raise
    completed = Completed(program, child.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"))
    if must_succeed and completed.returncode != 0:
        raise _failed(completed)
    return completed


def spawn_detached(
    argv: Sequence[str],
    *,
    log_path: Path,
    identity: Identity | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    marker: str | None = None,
) -> ProcessProof:
    """Start a process that survives us, in a session of its own, its output appended to `log_path` (0600).

    `marker` is the argument that tells it from others, by default the last one.
    Errors: EnvironmentLacking when it cannot be started, TargetRefused when it ended at once.
    """
    marker = argv[-1] if marker is None else marker
    if not any(carries(argument, marker) for argument in argv):
        raise ValueError(f"marker {marker!r} is not an argument of {argv[0]}")
    collect_exits()
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_child(identity, env, cwd),
        )
    except OSError as error:
        raise _not_started(argv[0], error) from error
    finally:
        os.close(log)
    # Read before anybody collects the exit: until then the pid cannot be given to another process.
    created = _created(child.pid)
    register_child(child.pid, child.poll)
    return ProcessProof(child.pid, created, marker)


def spawn_bound(argv: Sequence[str], *, log: int, env: Mapping[str, str] | None = None) -> Bound:
    """Start a process that answers on a socket and ends with us; its output goes to the descriptor `log`.

    The program has to call `bound.attach` first. Error: EnvironmentLacking when it cannot be started.
    """
    ours, theirs = socket.socketpair()
    listening, lifeline = os.pipe()
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=listening,
            stdout=theirs.fileno(),
            stderr=log,
            start_new_session=True,
            **_child(None, env, None),
        )
    except BaseException as error:
        os.close(lifeline)
        ours.close()
        if isinstance(error, OSError):
            raise _not_started(argv[0], error) from error
        raise
    finally:
        os.close(listening)
        theirs.close()
    return Bound(child, ours, FileIO(lifeline, "w"))


def no_space(text: str) -> bool:
    """Whether an error text says that a disk, a quota or a file size limit is exhausted."""
    return any(sign in text for sign in NO_SPACE)


def _created(pid: int) -> float:
    """When a new child was created, asked once it shows its arguments: for a moment after exec it has none."""
    created = time.time()  # of one that ended at once: its proof is never alive
    deadline = time.monotonic() + EXEC_S
    with contextlib.suppress(psutil.Error):
        child = psutil.Process(pid)
        created = child.create_time()
        while not child.cmdline() and time.monotonic() < deadline:
            time.sleep(0.0005)
    return created


def _child(identity: Identity | None, env: Mapping[str, str] | None, cwd: Path | None) -> _Child:
    is_dropped = identity is not None and identity.is_dropped
    return {
        "env": build_environment(env, identity),
        "cwd": str(cwd or "/"),
        "user": identity.uid if identity is not None and is_dropped else None,
        "group": identity.gid if identity is not None and is_dropped else None,
        "extra_groups": [] if is_dropped else None,
        "umask": 0o077,
    }


def _open(
    argv: Sequence[str], identity: Identity | None, env: Mapping[str, str] | None, cwd: Path | None, has_input: bool
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **_child(identity, env, cwd),
        )
    except OSError as error:
        raise _not_started(argv[0], error) from error


def _end_group(child: subprocess.Popen[bytes]) -> None:
    # The child is not collected yet, so its group id cannot belong to anybody else.
    if child.poll() is None:
        os.killpg(child.pid, signals.SIGKILL)
    child.communicate()


def _not_started(program: str, error: OSError) -> EnvironmentLacking:
    return EnvironmentLacking(
        "program cannot be started",
        detail=f"{program}: {error.strerror}.",
        hint="check that it is installed and that the user who runs it can reach it",
    )


def _failed(completed: Completed) -> MainstayError:
    lines = completed.stderr.strip().splitlines() or completed.stdout.strip().splitlines()
    detail = "\n".join([f"{completed.program} ended with exit code {completed.returncode}:", *lines[-SHOWN_LINES:]])
    if no_space(completed.stderr):
        return EnvironmentLacking("no space left", detail=detail, hint="free some disk space and run it again")
    return TargetRefused("a command failed", detail=detail, hint="the lines above are the program's own words")
