"""Both ends of a process that answers one request at a time, and that ends with us whatever becomes of us.

Two descriptors join it to us: a socket, on which a line goes there and a line comes back, and a pipe on which nothing
is ever said, its lifeline. The kernel kills the process as soon as nobody holds the writing end of that pipe, whatever
the process is doing: it is told of that by a signal of its choice (fcntl(2), F_SETSIG and O_ASYNC, read 2026-11-21).
PR_SET_PDEATHSIG (prctl(2)) would look at the thread that started it instead, and our threads end earlier than we do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import time
from io import RawIOBase
from typing import Final, Protocol

CHUNK: Final = 1 << 16
POLL_S: Final = 0.001


class Child(Protocol):
    """What is asked of `subprocess.Popen`."""

    pid: int

    def wait(self) -> int:
        """The exit code, once it has ended."""


class Bound:
    """Our end. One thread at a time talks to it; it has a process group of its own."""

    def __init__(self, child: Child, channel: socket.socket, lifeline: RawIOBase) -> None:
        self._child = child
        self._channel = channel
        self._lifeline = lifeline
        self.pid = child.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; `end` collects what is left of one that does not."""
        # Not collected by the look: until then its number and its group's belong to nobody else.
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None
        except ChildProcessError:  # the program that we are part of collects every child itself
            return False

    def ask(self, line: str, timeout_s: float) -> str | None:
        """What it answers to one line; None when it ended instead. Error: TimeoutError."""
        deadline = time.monotonic() + timeout_s
        answer = bytearray()
        try:
            self._channel.settimeout(max(timeout_s, 0.001))
            self._channel.sendall(line.encode() + b"\n")
            while not answer.endswith(b"\n"):
                self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
                chunk = self._channel.recv(CHUNK)
                if not chunk:
                    return None
                answer += chunk
        except (BrokenPipeError, ConnectionResetError):
            return None
        return answer.decode()

    def end(self, *, number: signal.Signals | None = None, patience_s: float = 0.0) -> int:
        """Have it end, with all that it started; its exit code (negative: the signal).

        It is sent `number`, if any, and has so many seconds; what is left of its group is killed then.
        """
        deadline = time.monotonic() + patience_s
        if number is not None and self.is_alive:
            os.killpg(self.pid, number)
        while time.monotonic() < deadline and self.is_alive:
            time.sleep(POLL_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.let_go()
        return self._child.wait()

    def let_go(self) -> None:
        """Close our end; the process is killed unless somebody else holds it."""
        self._lifeline.close()
        self._channel.close()


def attach() -> socket.socket:
    """The process's end, first thing in it: from here on it dies with whoever holds the other one.

    Standard input is the lifeline and standard output the socket, and both become what a program expects: an empty
    input, and an output to where standard error goes.
    """
    lifeline, channel = os.dup(0), socket.socket(fileno=os.dup(1))
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    # Who was gone before that gave no signal.
    listener = select.poll()
    listener.register(lifeline, select.POLLHUP)
    if listener.poll(0):
        os._exit(1)
    return channel
