"""One sandbox with one small shop for all drill tests: drills leave no trace in it, which each test proves again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from mainstay import facts
from mainstay.core.clock import SystemClock
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.functions.packaging import package
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import SnapshotRestore
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import DrillRequest, DrillResult, drill
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Journal, Run
from mainstay.ops.login import Address, connect
from mainstay.ops.parameter_groups import of_drills
from mainstay.ops.restore import placement_of
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.validation_function import ValidationFunction
from mainstay.ops.workload import Application
from mainstay.plan.intent import SqlCheck
from mainstay.probe.markers import Marker, MarkerCheck
from mainstay.probe.session import Connection
from mainstay.sandbox import session
from mainstay.sandbox.lifecycle import down

LATEST = DrillRequest(stack="shop", source="shop-db", secret="shop-login")
PASSWORD = "only-for-this-test-7"
GROUP = "shop-own"


@dataclass(frozen=True)
class Shop:
    """A sandboxed site with a running source, a workspace, and the ways in."""

    site: Site
    sandbox: Path
    workspace: Path
    engine: str = "postgres"

    @cached_property
    def application(self) -> Application:
        return Application(self.open, run_id="shop", engine=self.engine)

    @property
    def journal(self) -> Journal:
        return Journal(self.workspace / "journal")

    def open(self, database: str = "") -> Connection:
        source = self.site.doors.rds.instance("shop-db")
        assert source.address is not None
        assert source.port is not None
        login = self.site.doors.secrets.read_login("shop-login")
        address = Address(source.address, source.port)
        return connect(login, address, self.site.ca_bundle, database=database or "shop", engine=self.engine)

    def drill(
        self,
        request: DrillRequest,
        progress: Silent | None = None,
        routes: Routes | None = None,
        *,
        anew: bool = False,
    ) -> DrillResult:
        return drill(
            self.site, request, workspace=self.workspace, journal=self.journal, progress=progress or Silent(),
            routes=routes, anew=anew,
        )  # fmt: skip

    def instances(self) -> list[str]:
        return [state.identifier for state in self.site.doors.rds.instances()]

    def groups(self) -> list[str]:
        """The parameter groups of drills."""
        return [group.name for group in of_drills(self.site)]


def looking_function(shop: Shop) -> Routes:
    """Ways that lead through a validation function, made in the shop's sandbox when it is first asked for."""
    name = new_function(shop, "shop-validation", timeout_s=60)
    return Routes(shop.site, function=lambda: ValidationFunction(shop.site, name), through="function")


def new_function(shop: Shop, name: str, *, timeout_s: int) -> str:
    """A validation function of this name, which it returns, in the shop's sandbox."""
    made, packed = session(shop.sandbox, "eu-central-1"), package("validation", "x86_64")
    source = shop.site.doors.rds.instance("shop-db")
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Statement": [allow]})
    role = made.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    told = {"SECRET": "shop-login", "ENGINE": shop.engine, "HOST": source.address or "", "PORT": str(source.port)}
    made.client("lambda").create_function(
        FunctionName=name, Runtime=packed.runtime, Handler=packed.handler, Role=role, Timeout=timeout_s, MemorySize=256,
        Code={"ZipFile": packed.content},
        Environment={"Variables": {f"MAINSTAY_{member}": value for member, value in told.items()}},
    )  # fmt: skip
    return name


def wait_until(question: Callable[[], bool], timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while not question():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with opened_shop("postgres", {"rds.logical_replication": "1"}) as shop:
        yield shop


@contextmanager
def opened_shop(engine: str, parameters: Mapping[str, str] | None = None, **members: object) -> Iterator[Shop]:
    """A shop of that engine, whose parameter group sets these, with these members of the call that creates it;
    everything is gone afterwards.
    """
    sandbox = Path(tempfile.mkdtemp(prefix="mainstay-drill-", dir=os.environ.get("MAINSTAY_DATA_ROOT", "/var/tmp")))
    sandbox.chmod(0o755)
    workspace = Path(tempfile.mkdtemp(prefix="mainstay-work-"))
    made = session(sandbox, "eu-central-1")
    try:
        doors = Doors(made)
        secret = {"username": "app", "password": PASSWORD, "dbname": "shop"}
        made.client("secretsmanager").create_secret(Name="shop-login", SecretString=json.dumps(secret))
        own_group(made.client("rds"), facts.family(engine, str(members.get("EngineVersion", "17"))), parameters or {})
        made.client("rds").create_db_instance(
            DBParameterGroupName=GROUP,
            DBInstanceIdentifier="shop-db",
            DBInstanceClass="db.t4g.micro",
            Engine=engine,
            AllocatedStorage=20,
            MasterUsername="app",
            MasterUserPassword=PASSWORD,
            DBName="shop",
            BackupRetentionPeriod=7,
            **members,
        )
        # Its first backup is there some time before its endpoint.
        wait_until(lambda: doors.rds.instance("shop-db").is_available)
        wait_until(lambda: doors.rds.restorable_window("shop-db").latest is not None)
        site = Site(doors=doors, label="sandbox", region="eu-central-1", ca_bundle=sandbox / "ca.pem")
        shop = Shop(site, sandbox, workspace, engine)
        shop.application.seed(orders=300)
        yield shop
    finally:
        down(sandbox)
        shutil.rmtree(workspace)


def own_group(client: Any, family: str, parameters: Mapping[str, str]) -> None:
    client.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily=family, Description="the shop")
    wanted = [
        {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
        for name, value in parameters.items()
    ]
    if wanted:
        client.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=wanted)


def check(result: DrillResult, name: str) -> tuple[str, str]:
    """Outcome and observation of a check of the instance."""
    return next((one["outcome"], one["observed"]) for one in result.evidence["checks"] if one["name"] == name)


def take_snapshot(shop: Shop, name: str) -> str:
    rds = shop.site.doors.rds
    rds.take_snapshot("shop-db", name, {})
    wait_until(lambda: rds.snapshot(name).status == "available" and rds.instance("shop-db").is_available)
    return name


@contextmanager
def ordinary_copy(shop: Shop, snapshot: str) -> Iterator[Callable[[], Connection]]:
    """What a drill restored before it had a group of its own: a copy with the source's."""
    rds, name = shop.site.doors.rds, "shop-db-ordinary"
    place = placement_of(rds.instance("shop-db"))
    assert place.parameter_group == GROUP
    rds.restore_from_snapshot(SnapshotRestore(snapshot=snapshot, target=name, placement=place))
    wait_until(lambda: rds.instance(name).is_available)
    state, login = rds.instance(name), shop.site.doors.secrets.read_login("shop-login")
    assert state.address is not None
    assert state.port is not None
    address = Address(state.address, state.port)
    try:
        yield lambda: connect(login, address, shop.site.ca_bundle, database="shop", engine=shop.engine)
    finally:
        rds.delete_without_snapshot(name)
        wait_until(lambda: shop.instances() == ["shop-db"])


@pytest.fixture
def nothing_left(shop: Shop) -> Iterator[None]:
    """After each test the sandbox holds the source and nothing else."""
    yield
    assert shop.instances() == ["shop-db"]
    assert shop.groups() == []


class Killed(BaseException):
    """What stops a process without a word: nothing of ours catches it."""


class Dying(Silent):
    """Dies as it begins a step, and presses Ctrl-C as it begins another; what it was told before is kept."""

    def __init__(self, at: str = "", stop_at: str = "") -> None:
        self.at, self.stop_at, self.notes = at, stop_at, list[str]()

    def step(self, number: int, total: int, name: str) -> None:
        if name == self.stop_at:
            self.stop_at = ""
            os.kill(os.getpid(), signal.SIGINT)
        if name == self.at:
            raise Killed

    def note(self, text: str) -> None:
        self.notes.append(text)


def die(
    shop: Shop, at: str, request: DrillRequest = LATEST, *, stop_at: str = "", anew: bool = False
) -> tuple[Run, Dying]:
    """A drill that dies as it begins a step: its run, and what it said."""
    progress = Dying(at, stop_at)
    with pytest.raises(Killed):
        shop.drill(request, progress, anew=anew)
    return shop.journal.unfinished("drill", "shop-db")[0], progress


NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
MARKER = Marker(1, NOW - timedelta(seconds=2), NOW - timedelta(seconds=1))
POINT = MarkerCheck(NOW, 3, 2, (), (), MARKER, None)


@pytest.fixture
def proven(tmp_path: Path) -> Drill:
    """A drill that found everything right, up to P5."""
    source = DbState(
        identifier="db", resource_id="db-1", arn="", status="available", engine="postgres", engine_version="17.6",
        retention=Duration.days(7), username="app",
    )  # fmt: skip
    question = SqlCheck(name="q", statement="SELECT 1")
    drill = Drill(
        site=Site(doors=Doors(session(tmp_path / "sandbox", "eu-central-1")), label="sandbox", region="eu-central-1"),
        request=DrillRequest(stack="s", source="db", secret="x", checks=(question,)),
        run=Journal(tmp_path).begin("drill", "db"),
        workspace=tmp_path,
        progress=Silent(),
        clock=SystemClock(),
        started_at=NOW,
        source=source,
        exposure_s=12.0,
        marker_check=POINT,
        reached_s={"t_login": 1.0, "t_data_verified": 2.5},
        has_been_written=True,
    )
    drill.note_check("table", "t", "passed", "x", "x", database="d")
    drill.note_check("sql", "q", "passed", "x", "x", database="d")
    return drill
