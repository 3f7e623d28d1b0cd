"""The router against plain sockets; with real servers it is tested in postgres/test_postgres_failover.py."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines import endpoint as endpoints
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.endpoint import Address, Endpoint

LIMIT_S = 10
STARTUP = struct.pack("!ii", 8, 196608)
SSL_REQUEST = struct.pack("!ii", 8, 80877103)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write(b" bye")
    writer.close()


@contextlib.asynccontextmanager
async def server(handler: Handler = echo) -> AsyncIterator[Address]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await handler(reader, writer)

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()
    finally:
        listening.close()


@contextlib.asynccontextmanager
async def running(**options: object) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint("127.0.0.1", 0, **options)  # type: ignore[arg-type]  # passed on as they are
    await endpoint.start()
    try:
        yield endpoint
    finally:
        await endpoint.close()
        assert endpoint.open_connections == 0


async def ask(endpoint: Endpoint, question: bytes) -> bytes:
    """What the echo says, and what it adds when we have ended our half."""
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    writer.write(question)
    answer = await reader.readexactly(len(question))
    writer.write_eof()
    answer += await reader.read(-1)
    writer.close()
    return answer


async def settled(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def within_limit(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(LIMIT_S):
            await scenario()

    asyncio.run(bounded())


def test_bytes_and_half_closes_pass_through() -> None:
    async def scenario() -> None:
        async with server() as backend, running() as endpoint:
            endpoint.set_backend(backend)
            assert await ask(endpoint, b"hello") == b"hello bye"
            await settled(lambda: endpoint.open_connections == 0)
            assert (endpoint.counters.accepted, endpoint.counters.held) == (1, 0)

    within_limit(scenario)


def test_a_slow_reader_does_not_fill_our_memory() -> None:
    megabytes = 64

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(megabytes):
            writer.write(bytes(1024 * 1024))
            await writer.drain()
        writer.close()

    async def scenario() -> None:
        async with server(flood) as backend, running() as endpoint:
            endpoint.set_backend(backend)
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port, limit=1024)
            await asyncio.sleep(0.1)
            (client,) = endpoint._clients
            assert client.transport is not None
            assert client.transport.get_write_buffer_size() < 2 * 1024 * 1024
            received = 0
            while data := await reader.read(1024 * 1024):
                received += len(data)
            assert received == megabytes * 1024 * 1024
            writer.close()

    within_limit(scenario)


def test_a_client_is_held_until_there_is_a_server() -> None:
    async def scenario() -> None:
        async with server() as backend, running() as endpoint:
            asking = asyncio.ensure_future(ask_open(endpoint))
            await settled(lambda: endpoint.counters.held == 1)
            endpoint.set_backend(backend)
            assert await asking == b"early"

    async def ask_open(endpoint: Endpoint) -> bytes:
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(b"early")
        answer = await reader.readexactly(5)
        writer.close()
        return answer

    within_limit(scenario)


def test_a_client_that_sends_much_before_it_has_a_server_is_slowed_down() -> None:
    async def scenario() -> None:
        async with server() as backend, running() as endpoint:
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            writer.write(bytes(20_000_000))
            await settled(lambda: endpoint.counters.held == 1)
            await asyncio.sleep(0.05)
            (client,) = endpoint._clients
            assert endpoints.EARLY_BYTES < len(client._early) < 5_000_000
            endpoint.set_backend(backend)
            assert await reader.readexactly(20_000_000) == bytes(20_000_000)
            writer.close()

    within_limit(scenario)


def test_a_server_that_refuses_is_tried_until_it_listens() -> None:
    async def scenario() -> None:
        with socket.socket() as unheard:
            unheard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            unheard.bind(("127.0.0.1", 0))
            async with running() as endpoint:
                endpoint.set_backend(unheard.getsockname())
                asking = asyncio.ensure_future(ask_twice(endpoint))
                await settled(lambda: endpoint.counters.held == 1)
                listening = await asyncio.start_server(echo, sock=unheard)
                assert await asking == b"again"
                listening.close()

    async def ask_twice(endpoint: Endpoint) -> bytes:
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(b"again")
        answer = await reader.readexactly(5)
        writer.close()
        return answer

    within_limit(scenario)


def test_a_switch_cuts_connections_to_the_old_server_only() -> None:
    async def scenario() -> None:
        async with server() as old, server() as new, running() as endpoint:
            endpoint.set_backend(old)
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            endpoint.set_backend(old)
            writer.write(b"y")
            assert await reader.readexactly(1) == b"y"
            endpoint.hold()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            endpoint.set_backend(new)
            assert await ask(endpoint, b"z") == b"z bye"

    within_limit(scenario)


def test_the_end_of_a_server_ends_its_clients() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"last words")
        writer.close()

    async def scenario() -> None:
        async with server(leave) as backend, running() as endpoint:
            endpoint.set_backend(backend)
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            assert await reader.read(-1) == b"last words"
            writer.close()
            await settled(lambda: endpoint.open_connections == 0)

    within_limit(scenario)


@pytest.mark.parametrize("first", [b"", SSL_REQUEST])
def test_a_refused_client_is_told_why(first: bytes) -> None:
    async def scenario() -> None:
        async with server() as backend, running(admit=lambda peer: f"{peer} is not admitted") as endpoint:
            endpoint.set_backend(backend)
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            if first:
                writer.write(first)
                assert await reader.readexactly(1) == b"N"
            writer.write(STARTUP)
            answer = await reader.read(-1)
            assert answer.startswith(b"E")
            assert b"C28000\0" in answer
            assert b"M127.0.0.1 is not admitted\0" in answer
            assert (endpoint.counters.refused, endpoint.counters.held) == (1, 0)
            writer.close()

    within_limit(scenario)


@pytest.mark.parametrize("mode", ["disable", "prefer", "verify-full"])
def test_a_real_client_shows_the_reason_whatever_it_demands(tmp_path: Path, mode: str) -> None:
    authority = create_authority(tmp_path, name="Test authority")
    issued = issue_server_certificate(authority, tmp_path, name="shop", addresses=["127.0.0.1"])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(issued.certificate, issued.key)

    async def scenario() -> None:
        async with running(admit=lambda peer: "no rule admits you", refusal_tls=tls) as endpoint:
            with pytest.raises(psycopg.OperationalError, match="FATAL:  no rule admits you"):
                await psycopg.AsyncConnection.connect(
                    host="127.0.0.1", port=endpoint.port, user="u", sslmode=mode, sslrootcert=str(issued.authority)
                )
            with contextlib.suppress(psycopg.OperationalError):  # does not trust us, and leaves
                await psycopg.AsyncConnection.connect(
                    host="127.0.0.1", port=endpoint.port, user="u", sslmode="verify-ca", sslrootcert="system"
                )

    within_limit(scenario)


def test_admission_is_asked_for_each_connection() -> None:
    answers = iter(["not now", None])

    async def scenario() -> None:
        async with server() as backend, running(admit=lambda peer: next(answers)) as endpoint:
            endpoint.set_backend(backend)
            assert b"not now" in await ask(endpoint, STARTUP)
            assert await ask(endpoint, b"in") == b"in bye"

    within_limit(scenario)


def test_a_refused_client_that_says_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "FAREWELL_S", 0.05)

    async def scenario() -> None:
        async with running(admit=lambda peer: "no") as endpoint:
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            with contextlib.suppress(ConnectionError):
                assert await reader.read(-1) == b""
            writer.close()

    within_limit(scenario)


def test_a_client_is_told_when_it_was_held_too_long() -> None:
    async def scenario() -> None:
        async with running(hold_s=0.05) as endpoint:
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            writer.write(STARTUP)
            answer = await reader.read(-1)
            assert b"C57P03\0" in answer
            assert b"Mno server took the connection for 0.05 s\0" in answer
            assert endpoint.counters.expired == 1
            writer.close()

    within_limit(scenario)


def test_a_client_that_leaves_while_held_is_forgotten() -> None:
    async def scenario() -> None:
        async with running() as endpoint:
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            await settled(lambda: endpoint.counters.held == 1)
            writer.close()
            await settled(lambda: endpoint.open_connections == 0)

    within_limit(scenario)


def test_an_address_in_use_is_said() -> None:
    async def scenario() -> None:
        async with running() as endpoint:
            with pytest.raises(EnvironmentLacking, match=str(endpoint.port)):
                await Endpoint(endpoint.host, endpoint.port).start()
            await Endpoint("127.0.0.1", 0).close()  # one that never started

    within_limit(scenario)
