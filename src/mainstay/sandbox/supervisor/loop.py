"""The supervisor's event loop: it sees changes of the state, opens lanes, beats, and watches.

Every 20 ms it asks the state for its version; when that changed it reads what should be, and hands work to the
lanes. What is slow happens in threads; endpoints stay responsive.
"""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass, field
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.sandbox.rds import neighbours
from mainstay.sandbox.rds.records import INSTANCE, OPERATION, PROXY, RUNTIME
from mainstay.sandbox.supervisor import failover, servers
from mainstay.sandbox.supervisor.board import Board
from mainstay.sandbox.supervisor.errands import Errands
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.lanes import Lane
from mainstay.sandbox.supervisor.proxies import Proxies
from mainstay.sandbox.supervisor.proxy_runtime import proxies_of
from mainstay.sandbox.supervisor.pulse import Pulse
from mainstay.sandbox.supervisor.rounds import Rounds
from mainstay.sandbox.supervisor.runtime import Runtime
from mainstay.sandbox.supervisor.stacks import Stacks
from mainstay.sandbox.supervisor.vigil import Vigil

POLL_S: Final = 0.02
LOOK_AGAIN_S: Final = 1.0
TRY_AGAIN_S: Final = 10.0
JOIN_S: Final = 10.0


@dataclass(slots=True)
class Seen:
    """What the state said when it was read last."""

    runtimes: dict[str, Runtime] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)  # DbiResourceId -> region, of pending operations
    refusals: dict[str, str] = field(default_factory=dict)
    beating: set[str] = field(default_factory=set)


def look(house: House) -> Seen:
    """Read what should be, in one consistent look a region."""
    seen = Seen()
    with house.state.reading("") as tx:
        for record in tx.all(OPERATION, every_region=True):
            seen.waiting[record["resource"]] = record["region"]
        for record in tx.all(RUNTIME, every_region=True):
            seen.runtimes[record["resource"]] = Runtime.from_json(record)
        fronts = proxies_of(tx)
    for region in {each.region for each in seen.runtimes.values()} | {each.region for each in fronts}:
        with house.state.reading(region) as tx:
            for proxy in tx.all(PROXY):
                _look_at(seen, proxy["_id"], neighbours.admits_to_proxy(tx, proxy))
            for db in tx.all(INSTANCE):
                _look_at(seen, db["DbiResourceId"], neighbours.admits(tx, db))
                if db["BackupRetentionPeriod"] and db["DBInstanceStatus"] not in ("stopped", "deleting"):
                    seen.beating.add(db["DbiResourceId"])
    return seen


def _look_at(seen: Seen, resource: str, refusal: str | None) -> None:
    if refusal is not None:
        seen.refusals[resource] = refusal


class Loop:
    """The supervisor of one sandbox."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lanes: dict[str, Lane] = {}
        self._pulses: dict[str, Pulse] = {}
        self._stacks = Stacks(house)
        self._proxies = Proxies(house)
        self._rounds = Rounds(house)
        self._errands = Errands(house)
        self._vigil = Vigil(house)
        self._seen = Seen()
        self._tried_at: dict[str, float] = {}
        self._ended = asyncio.Event()

    async def run(self, ready: asyncio.Event) -> None:
        """Run until a signal ends it or the sandbox's directory is gone; `ready` is set once servers are adopted."""
        loop = asyncio.get_running_loop()
        board = Board(loop, self._on_death)
        self._house.attach(board)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        await self._take_in()
        await asyncio.to_thread(self._adopt)
        ready.set()
        self._house.trash.start()
        self._stacks.start()
        self._proxies.start()
        self._rounds.start()
        self._errands.start()
        try:
            await self._watch_state()
        finally:
            self._house.stopping.set()
            self._vigil.close()
            await asyncio.to_thread(self._join)
            await board.close_all()

    async def _watch_state(self) -> None:
        version, looked_at, proof = -1, 0.0, self._house.layout.proof
        while not self._ended.is_set():
            if not proof.exists():
                log.info("the sandbox's directory is gone")
                return
            try:
                current = self._house.state.version()
                if current != version or time.monotonic() - looked_at > LOOK_AGAIN_S:
                    version, looked_at = current, time.monotonic()
                    await self._take_in()
                self._beat()
            except MainstayError as error:
                log.warning("state: %s", error)
                await asyncio.sleep(LOOK_AGAIN_S)
            # Not a wait for the end with a deadline: that costs as much as the rest of a look.
            await asyncio.sleep(POLL_S)

    async def _take_in(self) -> None:
        self._seen = await asyncio.to_thread(look, self._house)
        self._house.board.refusals = self._seen.refusals
        for resource, region in self._seen.waiting.items():
            self._lane(resource, region).wake()
        self._stacks.wake()
        self._errands.wake()
        self._proxies.wake()

    def _beat(self) -> None:
        for resource, runtime in self._seen.runtimes.items():
            if runtime.is_up:
                self._vigil.tick(runtime)
                self._try_standby_again(runtime)
            if runtime.is_up and runtime.source is None and resource in self._seen.beating:
                if resource not in self._pulses:
                    self._pulses[resource] = Pulse(self._house, resource, runtime.region)
                self._pulses[resource].tick(runtime)

    def _try_standby_again(self, runtime: Runtime) -> None:
        """An instance that goes on without its standby gets it back as soon as that is possible."""
        now, lane = time.monotonic(), self._lane(runtime.resource, runtime.region)
        if not runtime.lacks_standby or not lane.is_idle:
            self._tried_at[runtime.resource] = now
        elif now - self._tried_at.setdefault(runtime.resource, now) >= TRY_AGAIN_S:
            self._tried_at[runtime.resource] = now
            if failover.is_degraded(self._house, runtime):
                lane.wake(repair=True)

    def _adopt(self) -> None:
        """Take over servers that a supervisor before us had started, and bring back those that died meanwhile."""
        for runtime in self._house.runtimes():
            if not runtime.is_up:
                continue
            try:
                if self._house.cluster(runtime).find_proof() is not None:
                    servers.open_endpoint(self._house, runtime)
                else:
                    self._house.board.open(runtime)
                servers.watch(self._house, runtime)
            except MainstayError as error:
                log.warning("adoption of %s: %s", runtime.identifier, error)
            self._lane(runtime.resource, runtime.region).wake(repair=True)
        self._proxies.converge(tries_logins=False)

    def _on_death(self, resource: str) -> None:
        runtime = self._seen.runtimes.get(resource)
        if runtime is None:
            self._proxies.wake()
        else:
            self._lane(resource, runtime.region).wake(repair=True)

    def _lane(self, resource: str, region: str) -> Lane:
        if resource not in self._lanes:
            self._lanes[resource] = Lane(self._house, resource, region)
        return self._lanes[resource]

    def _join(self) -> None:
        deadline = time.monotonic() + JOIN_S
        for lane in self._lanes.values():
            lane.join(max(0.0, deadline - time.monotonic()))
        self._stacks.join(max(0.0, deadline - time.monotonic()))
        self._proxies.join(max(0.0, deadline - time.monotonic()))
        self._rounds.join(max(0.0, deadline - time.monotonic()))
        self._errands.join(max(0.0, deadline - time.monotonic()))
