"""The stable address of a database: a TCP router that holds its clients while a standby takes over.

RDS re-points a DNS name; a client then waits for the name to expire. Here the address stays and the router
re-points, which a client sees as one broken connection and one slower login: 51 ms in the median and 146 ms at
most over a `kill -9` under load (2 cores, 2026-11-20). TLS passes through; the server terminates it.

Everything here runs in the thread of the event loop that `start` was awaited in.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.postgres.wire import POSTGRES_WIRE
from mainstay.engines.refusal import Wire

RETRY_S: Final = 0.01
CONNECT_S: Final = 5.0
EARLY_BYTES: Final = 64 * 1024  # what a client may send before it has a server; a login is far smaller
FAREWELL_S: Final = 5.0  # how long a refused client may take to say who it is

Address = tuple[str, int]
Admit = Callable[[str], str | None]


@dataclass(slots=True)
class EndpointCounters:
    """Since the start: clients accepted, held for a server, refused by `admit`, given up after `hold_s`."""

    accepted: int = 0
    held: int = 0
    refused: int = 0
    expired: int = 0


class Endpoint:
    """One address in front of the servers of a database.

    `admit` gets a client's IP address and returns a reason to refuse it, or None. `hold_s` is how long a client
    waits for a server before it is told that there is none. `port` 0 takes any; see `port` after the start.
    `refusal_tls` lets clients that insist on TLS read why they are refused; everybody else's passes through.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        admit: Admit | None = None,
        hold_s: float = 60.0,
        wire: Wire = POSTGRES_WIRE,
        refusal_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.hold_s = hold_s
        self.wire = wire
        self.refusal_tls = refusal_tls
        self.counters = EndpointCounters()
        self.backend: Address | None = None
        self.backend_changed = asyncio.Event()
        self._admit = admit
        self._server: asyncio.Server | None = None
        self._clients: set[_Client] = set()

    @property
    def open_connections(self) -> int:
        """Clients connected now, held ones included."""
        return len(self._clients)

    async def start(self) -> None:
        """Listen. Error: EnvironmentLacking when the address cannot be bound."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: _Client(self), self.host, self.port, reuse_address=True, backlog=1024
            )
        except OSError as error:
            raise EnvironmentLacking(
                "endpoint cannot listen",
                detail=f"{self.host}:{self.port}: {error.strerror or error}.",
                hint="another program may use the port: see `ss -ltnp`",
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for client in list(self._clients):
            client.abort()
        while self._clients:
            await asyncio.sleep(0)  # lets the transports report their end
        await asyncio.sleep(0)  # and the tasks that were cancelled with them

    def set_backend(self, backend: Address | None) -> None:
        """Send clients to this server from now on; held ones are released, those of another server are cut."""
        if backend == self.backend:
            return
        self.backend = backend
        for client in list(self._clients):
            client.cut_unless(backend)
        self.backend_changed.set()
        self.backend_changed = asyncio.Event()

    def hold(self) -> None:
        """Cut the connections and hold new ones until `set_backend` names a server."""
        self.set_backend(None)

    def refusal_for(self, peer: str) -> str | None:
        """Why this client may not come in, or None."""
        return self._admit(peer) if self._admit is not None else None

    def enter(self, client: _Client) -> None:
        """Count a client in."""
        self._clients.add(client)
        self.counters.accepted += 1

    def leave(self, client: _Client) -> None:
        """Count a client out."""
        self._clients.discard(client)


class _Side(asyncio.Protocol):
    """One side of a connection: passes bytes on to its peer and slows down when the peer is slow."""

    transport: asyncio.Transport | None = None
    peer: _Side | None = None
    has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # asyncio declares the wider type; a stream connection gets a Transport (uvloop's does not inherit it).
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        """Pass a half-close on and keep the other direction open until it ends too."""
        self.has_ended = True
        if self.peer is None or self.peer.transport is None:
            return False
        if not self.peer.transport.is_closing():
            self.peer.transport.write_eof()
        return not self.peer.has_ended

    def pause_writing(self) -> None:
        """Read no more from the peer until we have written what we hold."""
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read from the peer again."""
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """End the peer too, after what it still has to write."""
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.close()
        self.peer = None

    def abort(self) -> None:
        """End this side at once."""
        if self.transport is not None:
            self.transport.abort()


class _Client(_Side):
    """A client's side: asks for admission, waits for a server, or is told why there is none."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._early = bytearray()
        self._backend: Address | None = None
        self._reason: str | None = None
        self._is_temporary = False
        self._is_encrypting = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Look for a server, or say why there is none for this client."""
        super().connection_made(transport)
        self._endpoint.enter(self)
        reason = self._endpoint.refusal_for(transport.get_extra_info("peername")[0])
        if reason is not None:
            self._endpoint.counters.refused += 1
            self._refuse(reason, is_temporary=False)
        else:
            self._task = asyncio.get_running_loop().create_task(self._find_server())

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; keep them while there is no server."""
        if self.peer is not None:
            super().data_received(data)
            return
        self._early += data
        if self._reason is not None:
            self._answer()
        elif len(self._early) > EARLY_BYTES and self.transport is not None:
            self.transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Count the client out and stop looking for a server."""
        super().connection_lost(error)
        self._endpoint.leave(self)
        if self._task is not None:
            self._task.cancel()

    def cut_unless(self, backend: Address | None) -> None:
        """End the connection if it leads to another server than this."""
        if self.peer is not None and self._backend != backend:
            self.peer.abort()
            self.abort()

    async def _find_server(self) -> None:
        try:
            async with asyncio.timeout(self._endpoint.hold_s):
                server, backend = await self._connect()
        except TimeoutError:
            self._endpoint.counters.expired += 1
            self._refuse(f"no server took the connection for {self._endpoint.hold_s:g} s", is_temporary=True)
            return
        self._join(server, backend)

    async def _connect(self) -> tuple[_Side, Address]:
        """A connection to the server of the moment, however often that changes or refuses meanwhile."""
        loop = asyncio.get_running_loop()
        is_held = False
        while True:
            backend, changed = self._endpoint.backend, self._endpoint.backend_changed
            if backend is not None:
                with contextlib.suppress(OSError, TimeoutError):
                    async with asyncio.timeout(CONNECT_S):
                        transport, server = await loop.create_connection(_Side, *backend)
                    if self._endpoint.backend == backend:
                        return server, backend
                    transport.abort()
            if not is_held:
                is_held = True
                self._endpoint.counters.held += 1
            await _wait(changed, RETRY_S if backend is not None else None)

    def _join(self, server: _Side, backend: Address) -> None:
        if self.transport is None or self.transport.is_closing() or server.transport is None:
            server.abort()
            return
        self.peer, server.peer, self._backend = server, self, backend
        if self._early:
            server.transport.write(bytes(self._early))
            self._early.clear()
        self.transport.resume_reading()

    def _refuse(self, reason: str, *, is_temporary: bool) -> None:
        self._reason, self._is_temporary = reason, is_temporary
        asyncio.get_running_loop().call_later(FAREWELL_S, self.abort)
        if self._early or self._endpoint.wire.speaks_first:
            self._answer()

    def _answer(self) -> None:
        if self.transport is None or self._reason is None or self._is_encrypting:
            return
        step = self._endpoint.wire.refusal(
            bytes(self._early),
            self._reason,
            is_temporary=self._is_temporary,
            can_encrypt=self._endpoint.refusal_tls is not None,
        )
        if not step.used and not step.is_last:
            return
        self.transport.write(step.answer)
        del self._early[: step.used]
        if step.is_last:
            self.transport.close()
        elif step.starts_tls and self._endpoint.refusal_tls is not None:
            self._is_encrypting = True
            self._task = asyncio.get_running_loop().create_task(self._encrypt(self._endpoint.refusal_tls))
        else:
            self._answer()

    async def _encrypt(self, tls: ssl.SSLContext) -> None:
        """Only to say the reason; a client that is let in does its TLS with the server."""
        if self.transport is None:
            return
        with contextlib.suppress(OSError):  # a client that does not trust us leaves during the handshake
            encrypted = await asyncio.get_running_loop().start_tls(self.transport, self, tls, server_side=True)
            self.transport, self._is_encrypting = encrypted, False
            self._answer()


async def _wait(changed: asyncio.Event, timeout_s: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await changed.wait()
