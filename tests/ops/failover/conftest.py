"""One sandbox with a shop in two regions, as its spec says: primary in the first, a place to stand in the second."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mainstay import sandbox
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.formats import cloudformation
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.deploy import deploy
from mainstay.ops.failover import FailedOver, FailoverRequest, failover
from mainstay.ops.journal import Journal
from mainstay.ops.login import Address, connect
from mainstay.ops.site import Site
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.probe.session import Connection
from mainstay.spec import load

HOME, THERE = "us-east-1", "us-west-2"
STACK = "shop-dev"
PATIENCE_S = 90.0
SPEC = f"""
name: shop
environment: dev
profile: dev
region: {HOME}
database: {{engine: postgres, version: "17", class: db.t4g.medium, name: tap, multi_az: false}}
storage: {{size: 20 GiB}}
credentials: {{username: shop_owner}}
network: {{nat: none}}
alerts: {{subscribers: [ops@example.com]}}
disaster_recovery: {{region: {THERE}, keep: 3d}}
"""


class Said(Silent):
    """Remembers the steps and notes."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []

    def step(self, number: int, total: int, name: str) -> None:
        self.steps.append(name)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass(frozen=True)
class Pair:
    """Two regions of one sandbox, with a shop that runs in the first."""

    directory: Path
    plan: Plan
    sites: Mapping[str, Site]
    heard: Said = field(default_factory=Said)

    @property
    def home(self) -> Site:
        return self.sites[HOME]

    @property
    def there(self) -> Site:
        return self.sites[THERE]

    @property
    def journal(self) -> Journal:
        return Journal(self.directory / "journal")

    def open(self, site: Site, secret: str, name: str = STACK) -> Connection:
        login = site.doors.secrets.read_login(secret)
        state = site.doors.rds.instance(name)
        assert state.address is not None
        assert state.port is not None
        return connect(login, Address(state.address, state.port), site.ca_bundle, database="tap")

    def tell(self, statement: str) -> None:
        """A statement to the primary, restorable in the other region when this returns."""
        secret = self.home.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
        with self.open(self.home, secret) as connection:
            connection.execute(statement)
        self.await_replicated(datetime.now(UTC))

    def await_replicated(self, after: datetime) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not any(
            backup.window.latest and backup.window.latest > after
            for backup in self.there.doors.rds.replicated_backups(HOME)
        ):
            assert time.monotonic() < deadline, (self.directory / "sandbox" / "supervisor.log").read_text()[-2000:]
            time.sleep(0.05)

    def request(self, **members: Any) -> FailoverRequest:
        given: dict[str, Any] = {
            "stack": STACK, "source": STACK, "source_region": HOME, "target": STACK, "database": "tap",
            "keeping": Keeping(retention=Duration.days(5), maintenance_window="sun:05:30-sun:06:00",
                               backup_window="03:00-03:30", log_exports=("postgresql",)),
            "tags": {"Team": "shop"}, "instance_class": "db.t4g.large", "rpo": Duration(300), "rto": Duration(3600),
        }  # fmt: skip
        return FailoverRequest(**{**given, **members})

    def fail_over(self, confirm: str | None = STACK, old: Site | None = None, **members: Any) -> FailedOver:
        return failover(
            self.there, self.request(**members), confirm=confirm, workspace=self.directory, journal=self.journal,
            progress=self.heard, old=old,
        )  # fmt: skip

    def killed_at_each(self, steps: Sequence[int], code: str) -> list[list[int]]:
        """Run code once a step, each time in a process that kills itself (-9) as that step begins.

        For each: how the process ended, and how many instances there are in the other region afterwards.
        """
        script = PREFIX.format(directory=str(self.directory), there=THERE, steps=list(steps), home=HOME, code=code)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        seen: list[list[int]] = json.loads(done.stdout.splitlines()[-1])
        return seen

    def forget(self, name: str = STACK) -> None:
        """Take what was failed over away again."""
        rds = self.there.doors.rds
        if rds.find_instance(name) is None:
            return
        rds.set_deletion_protection(name, is_on=False)
        while rds.instance(name).status != "available":
            time.sleep(0.05)
        rds.delete_without_snapshot(name)
        while rds.find_instance(name) is not None:
            time.sleep(0.05)


# Everything is imported once, and each attempt is a fork of it with a session of its own.
PREFIX = """
import json, os, signal, sqlite3
from pathlib import Path
from mainstay import sandbox
from mainstay.core.units import Duration
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.drill import DrillRequest, drill
from mainstay.ops.drill.state import Elsewhere
from mainstay.ops.failover import FailoverRequest, failover, standing
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site
from mainstay.sandbox import seam

class Killer:
    def __init__(self, at): self.at = at
    def step(self, number, total, name):
        if number == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
    def note(self, text): pass
    def tick(self, text): pass

directory = Path({directory!r})
box = directory / "sandbox"
journal = Journal(directory / "journal")

loader = seam._loader()  # what it has read of the services' models, each fork has too
for service in ("rds", "cloudformation", "secretsmanager", "backup"):
    loader.load_service_model(service, "service-2")

def site_in(region):
    doors = Doors(sandbox.session(box, region))
    return Site(doors=doors, label="sandbox", region=region, ca_bundle=box / "ca.pem")

def attempt(at):
    there, home = site_in({there!r}), site_in({home!r})
    {code}

def forked(at):
    pid = os.fork()
    if pid == 0:
        attempt(at)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def count():
    looking = sqlite3.connect(box / "state.db")
    try:
        asked = "SELECT count(*) FROM records WHERE region = ? AND kind = 'rds:db'"
        return looking.execute(asked, ({there!r},)).fetchone()[0]
    finally:
        looking.close()

print(json.dumps([[forked(step), count()] for step in {steps}]))
"""


def deploy_pair(directory: Path, text: str) -> Pair:
    """Both regions of a spec, the second one first."""
    (directory / "database.yaml").write_text(text)
    plan = build(load(directory / "database.yaml"))
    box = directory / "sandbox"
    sites = {
        part.region: Site(
            doors=Doors(sandbox.session(box, part.region)), label="sandbox", region=part.region,
            ca_bundle=box / "ca.pem",
        )
        for part in plan.regions
    }  # fmt: skip
    pair = Pair(directory, plan, sites)
    outputs: dict[str, Mapping[str, str]] = {}
    templates = dict(zip((part.region for part in plan.regions), cloudformation.render(plan).values(), strict=True))
    for part in plan.in_deploy_order:
        given = {one.name: outputs[one.source.region][one.source.output] for one in part.parameters if one.source}
        done = deploy(
            sites[part.region], plan, templates[part.region], stack=part.stack, approve=lambda _: True,
            journal=pair.journal, parameters=given,
        )  # fmt: skip
        outputs[part.region] = done.outputs
    return pair


@pytest.fixture(scope="module")
def pairs() -> Iterator[Callable[[str], Pair]]:
    """Deploys a spec in two regions of a sandbox of its own; all are taken down in the end."""
    made: list[Path] = []

    def make(text: str = SPEC) -> Pair:
        directory = Path(tempfile.mkdtemp(prefix="mainstay-pair-", dir=os.environ.get("MAINSTAY_DATA_ROOT")))
        directory.chmod(0o755)
        made.append(directory)
        return deploy_pair(directory, text)

    try:
        yield make
    finally:
        for directory in made:
            sandbox.down(directory / "sandbox")
            shutil.rmtree(directory)


@pytest.fixture(scope="module")
def pair(pairs: Callable[..., Pair]) -> Pair:
    return pairs(SPEC)
