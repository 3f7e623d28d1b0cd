"""Loopback addresses and ports, reserved by binding them.

On Linux the whole of 127.0.0.0/8 is loopback, so each database keeps the port that its plan names (5432) on an
address of its own. Elsewhere, or when the address is taken, it gets 127.0.0.1 and a free port.

A reservation is a bound socket that does not listen. On Linux a server that sets SO_REUSEADDR, as PostgreSQL
does, can bind and listen beside it (socket(7)), so the reservation may be held until the server is up.
"""

from __future__ import annotations

import hashlib
import random
import socket
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from mainstay.core.errors import EnvironmentLacking

# Below the range from which Linux takes outgoing ports (net.ipv4.ip_local_port_range, 32768 by default):
# a stopped server finds its port free again.
INTERNAL_PORTS: Final = range(20000, 32000)
LOOPBACK: Final = "127.0.0.1"
TRIES: Final = 64

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reservation:
    """An address and port that nobody else gets until it is released."""

    host: str
    port: int
    bound: socket.socket

    def release(self) -> None:
        """Give the port up; calling it again is harmless."""
        self.bound.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def reserve_address(key: str, port: int, taken: Collection[Address] = ()) -> Reservation:
    """An address for a database: 127.a.b.c, always the same for a `key` while it is free, with its planned port.

    Falls back to 127.0.0.1 and any free port where such an address cannot be bound.
    """
    for attempt in range(TRIES):
        host = _loopback_host(f"{key}#{attempt}")
        reserved = _bind(host, port) if (host, port) not in taken else None
        if reserved is not None:
            return reserved
    return reserve_internal(taken)


def reserve_internal(taken: Collection[Address] = ()) -> Reservation:
    """127.0.0.1 and a free port for a server that clients reach only through an endpoint."""
    for port in random.sample(INTERNAL_PORTS, TRIES):
        reserved = _bind(LOOPBACK, port) if (LOOPBACK, port) not in taken else None
        if reserved is not None:
            return reserved
    raise EnvironmentLacking(
        "no free port",
        detail=f"{TRIES} ports between {INTERNAL_PORTS.start} and {INTERNAL_PORTS.stop - 1} of {LOOPBACK} are in use.",
        hint="see what listens there with `ss -ltn`, and stop what is not needed",
    )


def _loopback_host(key: str) -> str:
    digest = hashlib.sha256(key.encode()).digest()
    # The second number starts at 64, away from 127.0.x.y and the 127.0.1.1 of Debian's own host name.
    return f"127.{64 + digest[0] % 190}.{digest[1]}.{1 + digest[2] % 254}"


def _bind(host: str, port: int) -> Reservation | None:
    """A reservation, or None when the port is in use or the system does not know the address."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        return None
    # Only after binding: a second reservation, which binds without it, is refused, and a server is admitted.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return Reservation(host, bound.getsockname()[1], bound)
