"""`python -m bench failover`: the product's own `mainstay failover` in a sandbox, under load, and its table.

Three to eight minutes by default, and it ends by itself; `python -m bench.failover --kills 2 --commits 0 --others 0`
is a short one.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.failover.beside import Beside, Way
from bench.failover.table import COMMITS, Measured, loads, page
from mainstay import api, sandbox
from mainstay.api._site import Where, deployed_stack, open_site, primary_identifier, secret_of_primary
from mainstay.api._source import load_spec
from mainstay.core.errors import EnvironmentLacking, Interrupted
from mainstay.engines.identity import DATA_ROOT_VARIABLE

KILLS: Final = 20
OTHERS: Final = 2
SPEC: Final = Path(__file__).with_name("shop.yaml")
# By name: what is laid over the spec. Those after the first get a share of the kills and commits.
ENGINES: Final[Mapping[str, dict[str, str]]] = {
    "PostgreSQL": {},
    "MariaDB": {"database.engine": "mariadb", "database.version": "'10.11'"},
}
KILLS_SHARE, COMMITS_SHARE = 4, 20
LEAST_S, MOST_S = 1.0, 6.0
WARM_S: Final = 3.0
# Before its first fault a pair commits up to a fifth more in a second than from there on (20 kills, 2026-11-21).
RESERVE: Final = 1.35


@dataclass(frozen=True)
class Place:
    """A deployed database with a standby and a proxy, in a sandbox of its own."""

    where: Where
    settings: dict[str, str]
    stack: str
    way: Way

    def measure(self, fault: str, runs: int, seconds: float) -> Sequence[Any]:
        """The rounds of a takeover's evidence; each is printed as it ends."""
        taken = api.takeover(
            SPEC, where=self.where, settings=self.settings, confirm=self.stack, by=fault, runs=runs, seconds=seconds,
            progress=Telling(),
        )  # fmt: skip
        rounds: Sequence[Any] = taken.result.evidence["outage"]["rounds"]
        if taken.result.verdict.word != "PROVEN":
            print(f"{taken.result.verdict.word}: {' '.join(taken.result.verdict.reasons)}", flush=True)
        return rounds


class Telling:
    """Prints what each round measured."""

    def step(self, number: int, total: int, name: str) -> None:
        """Not told."""

    def note(self, text: str) -> None:
        """A round's outcome on one way."""
        if text.startswith("round ") and "nothing was acknowledged" in text:
            print(f"  {text}", flush=True)

    def tick(self, text: str) -> None:
        """Not told."""


def run(
    kills: int = KILLS, commits: int = COMMITS, others: int = OTHERS, engines: Sequence[str] = tuple(ENGINES)
) -> None:
    """Kills under load, then hangs and partitions, of each engine; fewer kills of those after the first."""
    began, found = loads(), list[Measured]()
    print(began, flush=True)
    for number, name in enumerate(engines):
        try:
            with deployed(ENGINES[name]) as place:
                share = (max(1, kills // KILLS_SHARE), commits // COMMITS_SHARE) if number else (kills, commits)
                found += _measure(place, name, *share, others)
        except EnvironmentLacking as error:
            print(f"no {name}: {error.detail} {error.hint}", flush=True)
        except (Interrupted, KeyboardInterrupt):
            sys.exit("stopped; nothing is left of it")
    print(page(found, began), flush=True)


def _measure(place: Place, name: str, kills: int, commits: int, others: int) -> Iterator[Measured]:
    with Beside(place.way) as beside:
        seconds = _seconds(beside, kills, commits)
        print(f"{name}: {kills} kills, clients write for {seconds:.1f} s before and after each", flush=True)
        rounds = place.measure("kill", kills, seconds)
        written = beside.end()
    yield Measured(f"{name}: kill -9", rounds, written)
    for fault in ("hang", "partition"):
        if others:
            print(f"{name}: {others} times {fault}", flush=True)
            yield Measured(f"{name}: {fault}", place.measure(fault, others, LEAST_S))


def _seconds(beside: Beside, kills: int, commits: int) -> float:
    """How long to write before and after each fault, so that there are as many commits in the end; bounded."""
    deadline = time.monotonic() + 60
    while not beside.acknowledged and time.monotonic() < deadline:
        time.sleep(0.1)
    before, since = beside.acknowledged, time.monotonic()
    time.sleep(WARM_S)
    rate = max(1.0, (beside.acknowledged - before) / (time.monotonic() - since))
    print(f"{rate:,.0f} commits a second beside the measured clients", flush=True)
    return min(max(LEAST_S, RESERVE * commits / rate / kills / 2), MOST_S)


@contextmanager
def deployed(settings: dict[str, str]) -> Iterator[Place]:
    """The database in a sandbox that is gone afterwards with every server, also on Ctrl-C or SIGTERM."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(dir=os.environ.get(DATA_ROOT_VARIABLE)) as folder:
        where = Where(is_sandbox=True, workspace=Path(folder))
        try:
            api.deploy(SPEC, where=where, settings=settings, approve=lambda _: True)
            yield _place(where, settings)
        finally:
            if where.sandbox_directory.exists():
                sandbox.down(where.sandbox_directory)
            signal.signal(signal.SIGTERM, before)


def _place(where: Where, settings: dict[str, str]) -> Place:
    plan = load_spec(SPEC, settings=settings).plan
    site = open_site(where, plan.primary.region)
    stack = deployed_stack(site, plan, None)
    state = site.doors.rds.instance(primary_identifier(site, plan, stack))
    login = site.doors.secrets.read_login(secret_of_primary(site, plan, stack))
    way = Way(
        state.engine, str(state.address), int(state.port or 0), login.username, login.password, str(login.dbname),
        site.ca_bundle,
    )  # fmt: skip
    return Place(where, settings, stack, way)
