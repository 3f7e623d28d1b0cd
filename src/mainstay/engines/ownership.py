"""Which process is ours: proof before every signal, and the table of stop modes.

A pid alone proves nothing: the kernel hands it to somebody else as soon as its process is gone. A proof is
the pid, the time at which that process was created and one argument of its command line (for a server its
data directory). Where any of the three does not fit, the process is not ours and is never signalled.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal as signals
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

import psutil

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused

# psutil adds the boot time to the start ticks, and Linux derives that boot time from the adjustable wall clock
# in whole seconds (proc(5), `btime`, read 2026-11-20): the same process may appear created a second apart.
CREATED_TOLERANCE_S: Final = 2.0
POLL_S: Final = 0.01

GONE: Final = "gone"


@dataclass(frozen=True, slots=True)
class ProcessProof:
    """A process that we started: `created` in seconds since 1970, `marker` one argument of its command line."""

    pid: int
    created: float
    marker: str

    def as_json(self) -> dict[str, object]:
        """The proof as JSON members, for a registry on disk."""
        return {"pid": self.pid, "created": self.created, "marker": self.marker}

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Self:
        """The proof that `as_json` wrote; anything else is InputRefused."""
        pid, created, marker = (document.get(name) for name in ("pid", "created", "marker"))
        if not isinstance(pid, int) or not isinstance(created, int | float) or not isinstance(marker, str):
            raise InputRefused(
                "process record not understood",
                detail=f"A record of a process needs pid, created and marker; found {sorted(document)}.",
                hint="the record was not written by this version; stop the servers and start them again",
            )
        return cls(pid, float(created), marker)


@dataclass(frozen=True, slots=True)
class StopStep:
    """One signal and how long to wait for its effect, in seconds."""

    signal: signals.Signals
    patience_s: float


# The meaning of each signal to a server: postgres(1), "Signals", PostgreSQL 17 (read 2026-11-20).
STOP_MODES: Final[Mapping[str, tuple[StopStep, ...]]] = {
    "clean": (StopStep(signals.SIGTERM, 60), StopStep(signals.SIGKILL, 5)),
    "polite": (StopStep(signals.SIGTERM, 10), StopStep(signals.SIGKILL, 5)),
    "smart": (StopStep(signals.SIGTERM, 60), StopStep(signals.SIGINT, 10), StopStep(signals.SIGKILL, 5)),
    "fast": (StopStep(signals.SIGINT, 30), StopStep(signals.SIGQUIT, 5), StopStep(signals.SIGKILL, 5)),
    "immediate": (StopStep(signals.SIGQUIT, 5), StopStep(signals.SIGKILL, 5)),
    "kill": (StopStep(signals.SIGKILL, 5),),
}

# Children of this very process stay zombies until somebody asks for their exit code.
_children: Final[dict[int, Callable[[], int | None]]] = {}


def register_child(pid: int, collect: Callable[[], int | None]) -> None:
    """Remember a process that we started; `collect` returns its exit code, and None while it runs."""
    _children[pid] = collect


def collect_exits() -> None:
    """Collect the exit codes of children that ended."""
    for pid, collect in list(_children.items()):
        if collect() is not None:
            _children.pop(pid, None)


def proof_of(pid: int, marker: str) -> ProcessProof | None:
    """The proof of a running process, or None when it is gone or does not carry the marker."""
    try:
        proof = ProcessProof(pid, psutil.Process(pid).create_time(), marker)
    except psutil.Error:
        return None
    return proof if is_alive_and_ours(proof) else None


def carries(argument: str, marker: str) -> bool:
    """Whether a command line argument is the marker itself or `--option=marker`."""
    return argument == marker or argument.endswith(f"={marker}")


def is_alive_and_ours(proof: ProcessProof) -> bool:
    """Whether the process of this proof still runs; zombies and strangers with the same pid are not it."""
    collect_exits()
    try:
        process = psutil.Process(proof.pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and abs(process.create_time() - proof.created) <= CREATED_TOLERANCE_S
            and any(carries(argument, proof.marker) for argument in process.cmdline())
        )
    except psutil.Error:
        return False


def open_pidfd(proof: ProcessProof) -> int | None:
    """A descriptor that becomes readable when the process ends; the caller closes it.

    None when the process is gone or where the system has no pidfd (other than Linux 5.3 and later).
    """
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        descriptor = os.pidfd_open(proof.pid)
    except OSError:
        return None
    # Proven after opening: from here on the descriptor can only mean this process.
    if is_alive_and_ours(proof):
        return descriptor
    os.close(descriptor)
    return None


def signal(proof: ProcessProof, number: signals.Signals) -> bool:
    """Send a signal to the process of this proof; False, and nothing sent, when it is gone or not ours."""
    descriptor = open_pidfd(proof)
    try:
        if descriptor is not None:
            signals.pidfd_send_signal(descriptor, number)
            return True
        if not is_alive_and_ours(proof):
            return False
        os.kill(proof.pid, number)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise EnvironmentLacking(
            "not allowed to signal a process",
            detail=f"Process {proof.pid} ({proof.marker}) belongs to another user.",
            hint="run the command as the user who started it, or as root",
        ) from error
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return True


def wait_gone(proof: ProcessProof, timeout_s: float) -> bool:
    """Wait until the process is gone, at most so many seconds; whether it is."""
    deadline = time.monotonic() + timeout_s
    descriptor = open_pidfd(proof)
    if descriptor is not None:
        with contextlib.closing(select.epoll()) as ended:
            ended.register(descriptor, select.EPOLLIN)
            ended.poll(max(timeout_s, 0))
        os.close(descriptor)
    # A pidfd tells of the end a moment before the process turns into a zombie for everybody.
    while is_alive_and_ours(proof):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True


def terminate(proof: ProcessProof, stop_mode: str, timeout_s: float | None = None) -> str:
    """Stop a process by a mode of STOP_MODES, each signal after the patience of the one before.

    `timeout_s` replaces the patience of the first signal. Returns the name of the signal that ended it, or
    `gone` when there was nothing to stop. SIGKILL goes to the children too, as they would outlive it.
    Error: TargetRefused when the process survives the last signal.
    """
    for index, step in enumerate(STOP_MODES[stop_mode]):
        family = _descendants(proof) if step.signal is signals.SIGKILL else []
        if not signal(proof, step.signal):
            return GONE if index == 0 else STOP_MODES[stop_mode][index - 1].signal.name
        _kill_all(family)
        patience_s = timeout_s if timeout_s is not None and index == 0 else step.patience_s
        if wait_gone(proof, patience_s):
            _await_all_gone(family, step.patience_s)
            return step.signal.name
    raise TargetRefused(
        "process does not stop",
        detail=f"Process {proof.pid} ({proof.marker}) survived {STOP_MODES[stop_mode][-1].signal.name}.",
        hint="it hangs in the kernel, probably on storage; look at its state with `ps -o stat,wchan`",
    )


def suspend(proof: ProcessProof) -> bool:
    """Stop a process and its children where they are (SIGSTOP), the parent first so that it makes no more of them.

    False when it is gone. It goes on by SIGCONT; SIGKILL reaches it as it is.
    """
    if not signal(proof, signals.SIGSTOP):
        return False
    for member in _descendants(proof):
        with contextlib.suppress(psutil.Error):
            member.suspend()
    return True


def is_suspended(proof: ProcessProof) -> bool:
    """Whether the process of this proof was stopped where it is."""
    try:
        return is_alive_and_ours(proof) and psutil.Process(proof.pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def _descendants(proof: ProcessProof) -> list[psutil.Process]:
    try:
        return psutil.Process(proof.pid).children(recursive=True) if is_alive_and_ours(proof) else []
    except psutil.Error:
        return []


def _kill_all(family: list[psutil.Process]) -> None:
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()  # psutil compares the creation time first


def _await_all_gone(family: list[psutil.Process], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while any(_runs(member) for member in family) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
