"""An end to waiting for a server that does not answer: a stopped process keeps its connections, and says nothing.

A server's own statement timeout needs a server that runs, and the kernel goes on acknowledging for one that does not.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Final

GRACE_S: Final = 10.0
"""How much longer than a statement may take its answer is waited for."""
CANCEL_S: Final = 5.0
"""How long a statement may take to end once it was asked to."""
LONGEST_S: Final = 3600.0
"""How long a statement may take that has no limit of its own: longer than anything that a drill asks."""


@contextmanager
def cut_off(fileno: int, seconds: float) -> Iterator[None]:
    """Shut the connection behind this descriptor down when the block takes longer; its driver then sees its end."""
    with closing(socket.socket(fileno=os.dup(fileno))) as line:
        timer = threading.Timer(seconds, line.shutdown, (socket.SHUT_RDWR,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def cut_now(fileno: int) -> None:
    """Shut the connection behind this descriptor down at once; whoever waits for an answer of it sees its end."""
    with suppress(OSError), closing(socket.socket(fileno=os.dup(fileno))) as line:
        line.shutdown(socket.SHUT_RDWR)
