"""A clock that only moves when somebody waits, a listener that remembers, and a sandbox with real servers a module."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mainstay import sandbox
from mainstay.formats import cloudformation
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.deploy import deploy
from mainstay.ops.deployment import Deployed
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.sandbox.rds.classes import instance_class
from mainstay.sandbox.rds.substitutions import effective_settings
from mainstay.spec import load

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "postgres-ecommerce.yaml"
KILLED = -9


@dataclass
class SteppedClock:
    """Time that passes by sleeping, and in no other way."""

    start: datetime = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    elapsed_s: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return self.elapsed_s

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.elapsed_s += seconds


@dataclass
class Recorder:
    """A progress listener that keeps everything it hears."""

    steps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)

    def step(self, number: int, total: int, name: str) -> None:
        self.steps.append(f"{number}/{total} {name}")

    def note(self, text: str) -> None:
        self.notes.append(text)

    def tick(self, text: str) -> None:
        self.ticks.append(text)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def heard() -> Recorder:
    return Recorder()


def in_force(planned: Mapping[str, str], instance: DbState) -> dict[str, str | None]:
    """What the sandbox makes of planned parameters, as its own table says."""
    size = instance_class(instance.instance_class)
    effective = effective_settings(planned, major=int(instance.engine_version.split(".")[0]), size=size)
    return {name: effective.settings.get(name) for name in planned}


@dataclass(frozen=True)
class Place:
    """A sandbox, and the doors to it."""

    directory: Path
    site: Site

    @property
    def journal(self) -> Journal:
        return Journal(self.directory.parent / "journal")

    def deploy(self, plan: Plan, stack: str, *, confirmed: tuple[str, ...] = ()) -> Deployed:
        text = cloudformation.render(plan)[next(iter(cloudformation.render(plan)))]
        return deploy(
            self.site, plan, text, stack=stack, approve=lambda _: True, journal=self.journal, confirmed=confirmed
        )

    def killed_at(self, step: int, code: str) -> int:
        """Run code in a process of its own that kills itself (-9) as that step begins; its return code."""
        script = PREFIX.format(directory=str(self.directory), region=self.site.region, step=step) + code
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in (0, KILLED), done.stderr
        return done.returncode


PREFIX = """
import os, signal
from pathlib import Path
from mainstay import sandbox
from mainstay.ops.aws.doors import Doors
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site

class Killer:
    def step(self, number, total, name):
        if number == {step}:
            os.kill(os.getpid(), signal.SIGKILL)
    def note(self, text): pass
    def tick(self, text): pass

directory = Path({directory!r})
site = Site(doors=Doors(sandbox.session(directory, {region!r})), label="sandbox", region={region!r})
journal = Journal(directory.parent / "journal")
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("ops") / "sandbox"
    sandbox.up(directory)
    try:
        doors = Doors(sandbox.session(directory, "eu-central-1"))
        ca_bundle = directory / "ca.pem"
        yield Place(
            directory,
            Site(doors=doors, label="sandbox", region="eu-central-1", ca_bundle=ca_bundle, in_force=in_force),
        )
    finally:
        sandbox.down(directory)


@pytest.fixture(scope="session")
def shop_plan() -> Plan:
    return build(load(BLUEPRINT))


@pytest.fixture(scope="session")
def small() -> Callable[..., tuple[Plan, str]]:
    """A plan without databases, from a template's resources and what else it has."""

    def make(resources: Mapping[str, object], **rest: object) -> tuple[Plan, str]:
        text = json.dumps({"Resources": dict(resources), **rest})
        return cloudformation.read(text, file="small.json"), text

    return make
