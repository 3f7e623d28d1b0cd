"""Endpoints and death watches, in the thread of the event loop; calls from other threads are handed over.

A watch is a pidfd: the loop learns of a server's death in milliseconds, holds the endpoint's clients at once, and
has the instance's lane repair it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.endpoint import Endpoint
from mainstay.engines.process import ProcessProof, open_pidfd
from mainstay.engines.table import ENGINES
from mainstay.sandbox.supervisor.house import log

HAND_OVER_S: Final = 10.0
# Whose death leaves clients without a server.
HOLDING: Final = ("primary", "pool")


class Place(Protocol):
    """Something with an address of its own: an instance or a proxy."""

    @property
    def resource(self) -> str:
        """Its resource id."""
        ...

    @property
    def host(self) -> str:
        """Its address."""
        ...

    @property
    def port(self) -> int:
        """Its port."""
        ...

    @property
    def kind(self) -> str:
        """The engine whose protocol is spoken there."""
        ...


class Board:
    """Every endpoint and every watch of a sandbox. `on_death(resource)` is called in the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_death: Callable[[str], None]) -> None:
        self._loop = loop
        self._on_death = on_death
        self._endpoints: dict[str, Endpoint] = {}
        self._watches: dict[tuple[str, str], tuple[ProcessProof, int]] = {}
        self.refusals: dict[str, str] = {}

    def open(self, runtime: Place) -> tuple[str, int]:
        """Listen on the address of an instance or a proxy unless it does; returns it. Error: EnvironmentLacking."""
        opened: tuple[str, int] = self._call(self._open(runtime))
        return opened

    async def _open(self, runtime: Place) -> tuple[str, int]:
        resource = runtime.resource
        endpoint = self._endpoints.get(resource)
        if endpoint is not None and (endpoint.host, endpoint.port) != (runtime.host, runtime.port):
            await self._close(resource)
            endpoint = None
        if endpoint is None:
            endpoint = Endpoint(
                runtime.host,
                runtime.port,
                admit=lambda peer: self.refusals.get(resource),
                wire=ENGINES[runtime.kind].wire,
            )
            await endpoint.start()
            self._endpoints[resource] = endpoint
        return endpoint.host, endpoint.port

    def point(self, resource: str, host: str, port: int) -> None:
        """Send the clients of an instance to this server."""
        self._call(self._point(resource, (host, port)))

    def hold(self, resource: str) -> None:
        """Let the clients of an instance wait."""
        self._call(self._point(resource, None))

    async def _point(self, resource: str, backend: tuple[str, int] | None) -> None:
        endpoint = self._endpoints.get(resource)
        if endpoint is not None:
            endpoint.set_backend(backend)

    def close(self, resource: str) -> None:
        """Stop listening and watching for an instance."""
        self._call(self._close(resource))

    async def _close(self, resource: str) -> None:
        for key in [key for key in self._watches if key[0] == resource]:
            self._forget(key)
        endpoint = self._endpoints.pop(resource, None)
        if endpoint is not None:
            await endpoint.close()

    def watch(self, resource: str, role: str, proof: ProcessProof) -> None:
        """Have a process watched; `role` is primary, standby, archiver or pool. A dead one is reported at once."""
        self._call(self._watch(resource, role, proof))

    async def _watch(self, resource: str, role: str, proof: ProcessProof) -> None:
        key = (resource, role)
        known = self._watches.get(key)
        if known is not None and known[0] == proof:
            return
        self._forget(key)
        descriptor = open_pidfd(proof)
        if descriptor is None:
            self._died(key)
            return
        self._watches[key] = (proof, descriptor)
        self._loop.add_reader(descriptor, self._died, key)

    def unwatch(self, resource: str, *roles: str) -> None:
        """Stop watching processes that are about to be stopped on purpose."""
        self._call(self._unwatch(resource, roles))

    async def _unwatch(self, resource: str, roles: tuple[str, ...]) -> None:
        for role in roles:
            self._forget((resource, role))

    def _died(self, key: tuple[str, str]) -> None:
        self._forget(key)
        resource, role = key
        log.info("%s of %s ended", role, resource)
        endpoint = self._endpoints.get(resource)
        if role in HOLDING and endpoint is not None:
            endpoint.hold()
        self._on_death(resource)

    def _forget(self, key: tuple[str, str]) -> None:
        watch = self._watches.pop(key, None)
        if watch is not None:
            self._loop.remove_reader(watch[1])
            os.close(watch[1])

    async def close_all(self) -> None:
        """Stop listening everywhere; servers run on."""
        for resource in [*self._endpoints, *{key[0] for key in self._watches}]:
            await self._close(resource)

    # Any: the result of whatever coroutine is handed over.
    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(HAND_OVER_S)
        except TimeoutError as error:
            work.close()
            raise EnvironmentLacking(
                "event loop does not answer",
                detail=f"A change of an endpoint was not done within {HAND_OVER_S:g} s.",
                hint="the machine is overloaded; the operation is tried again",
            ) from error
