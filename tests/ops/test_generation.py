"""A database is restored for real: verified, put in the old one's place, killed on the way, and taken back."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._custody import Custody
from mainstay.api._generation import _name
from mainstay.api._site import Where
from mainstay.core.clock import SystemClock
from mainstay.core.errors import AnswerIsNo, Busy, Inconclusive, InputRefused, Interrupted, NotFound, TargetRefused
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.ops import evidence, stack_policy, tags
from mainstay.ops.aws.cloudformation import Imported
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.rds_states import Monitoring
from mainstay.ops.generation import (
    DISCARD_STEPS,
    RECONCILE_STEPS,
    STEPS,
    UNDO_STEPS,
    DatabaseName,
    Discarded,
    Generation,
    GenerationRequest,
    Reconciled,
    Undone,
    discard_old,
    discarded,
    reconcile_stack,
    replace_database,
    undo,
)
from mainstay.ops.generation.carrying import Carrier
from mainstay.ops.generation.discarded import facts
from mainstay.ops.generation.moved import Filing
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Journal
from mainstay.ops.lease import hold
from mainstay.ops.login import Address, connect
from mainstay.ops.routes import Routes
from mainstay.ops.verify.model import Mark, Outcome, Scene
from mainstay.ops.verify.names import names_lead_to_their_database
from mainstay.plan.intent import SqlCheck
from mainstay.plan.passes import build
from mainstay.probe.dialect import POSTGRES
from mainstay.report.page import drill_page
from mainstay.spec import load

Fixture = Any  # fixtures of conftest
STACK = "shop-dev"
KILLED = -9
POLICY = json.dumps(stack_policy.policy(["Database", "DatabaseKey"]))
KEEPING = Keeping(retention=Duration.days(2), is_protected=False, maintenance_window="sun:05:30-sun:06:00")
SPEC = """
name: shop
environment: dev
profile: dev
region: eu-central-1
database: {engine: postgres, version: "17", class: db.t4g.medium, name: tap, multi_az: false}
storage: {size: 20 GiB}
credentials: {username: shop_owner}
network: {nat: none}
access:
  proxy: {iam_authentication: false}
  dns: {name: db.shop.internal, zone: create, ttl: 30s, target: database}
alerts: {subscribers: [ops@example.com]}
"""


class Heard(Silent):
    """What was said on the way."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


class Meddler(Silent):
    """Somebody else who leads the name elsewhere while a change of ours is on its way."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter

    def tick(self, text: str) -> None:
        if "on its way" in text:
            self.counter.lead("db.example.org")


class Counter:
    """A shop's database with one table, which clients reach as the stack's secret and the proxy say."""

    def __init__(self, place: Fixture) -> None:
        self.place, self.site, self.journal = place, place.site, place.journal
        self.secret = self.site.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
        self.first = self.site.doors.rds.instance(STACK)
        zone = self.site.doors.cloudformation.stack(STACK).outputs["DatabaseZoneId"]
        self.name = DatabaseName(
            zone=zone, name="db.shop.internal", key="DatabaseRecord", address="aws_route53_record.database_record"
        )
        self.address = Address(str(self.first.address), int(self.first.port))

    def ask(self, statement: str, address: Address | None = None) -> list[tuple[Any, ...]]:
        login = self.site.doors.secrets.read_login(self.secret)
        with connect(login, address or self.address, self.site.ca_bundle, database="tap") as connection:
            answer = connection.execute(statement)
            return list(answer.fetchall()) if answer.description else []

    def request(self, **members: Any) -> GenerationRequest:
        given: dict[str, Any] = {
            "stack": STACK, "source": STACK, "secret": self.secret, "key": "Database", "database": "tap",
            "address": "aws_db_instance.database", "keeping": KEEPING, "tags": {"Team": "shop"}, "time": self.point,
            "name": self.name,
        }  # fmt: skip
        return GenerationRequest(**{**given, **members})

    def replace(self, confirm: str | None = STACK, **members: Any) -> Generation:
        return replace_database(
            self.site, self.request(**members), confirm=confirm, workspace=self.place.directory.parent,
            journal=self.journal, progress=self.heard,
        )  # fmt: skip

    def reconcile(self, confirm: str | None = STACK) -> Reconciled:
        return reconcile_stack(
            self.site, STACK, key="Database", secret=self.secret, planned=STACK, run_id=None, confirm=confirm,
            journal=self.journal, filing=self.filing, progress=self.heard,
        )  # fmt: skip

    def discard(self, confirm: str | None, *, unprotects: bool = True) -> Discarded:
        return discard_old(
            self.site, STACK, secret=self.secret, run_id=None, confirm=confirm, unprotect=lambda _: unprotects,
            journal=self.journal, filing=self.filing, progress=self.heard,
        )  # fmt: skip

    def asked(self) -> tuple[Path, Where]:
        """What a command is given: the spec, and where."""
        spec = self.place.directory.parent / "database.yaml"
        spec.write_text(SPEC)
        return spec, Where(is_sandbox=True, workspace=self.place.directory.parent)

    def template(self) -> Any:
        return json.loads(self.site.doors.cloudformation.template(STACK))

    def held(self) -> dict[str, str]:
        return {one.logical_id: one.physical_id for one in self.site.doors.cloudformation.resources(STACK)}

    def undo(self, run: str | None = None, confirm: str | None = STACK, loss: str | None = None) -> Undone:
        return undo(
            self.site, STACK, secret=self.secret, run_id=run, confirm=confirm, confirm_loss=loss, filing=self.filing,
            journal=self.journal, progress=self.heard,
        )  # fmt: skip

    @property
    def filing(self) -> Filing:
        return Filing(workspace=self.place.directory.parent)

    def lead(self, host: str) -> None:
        """Lead the name elsewhere, as anybody may."""
        self.site.doors.names.lead(self.name.zone, self.name.name, host, ttl_s=30, why="a test")

    def killed_at_each(self, steps: list[int], call: str) -> None:
        """Make the call once a step, each time in a process that kills itself (-9) as that step begins."""
        script = KILLING.format(
            directory=str(self.place.directory), region=self.site.region, steps=steps, call=call, killed=KILLED
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=150, check=False)
        assert done.returncode == 0, done.stderr

    point: datetime
    heard: Any


class Pressing(Silent):
    """Presses Ctrl-C as a step begins."""

    def __init__(self, at: str) -> None:
        self.at = at

    def step(self, number: int, total: int, name: str) -> None:
        if name == self.at:
            os.kill(os.getpid(), signal.SIGINT)


# Everything is imported once, and each attempt is a fork of it with a session of its own.
KILLING = """
import os, signal
from datetime import datetime
from pathlib import Path
from mainstay import sandbox
from mainstay.core.units import Duration
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.rds_states import Monitoring
from mainstay.ops.generation import (
    DatabaseName, GenerationRequest, discard_old, reconcile_stack, replace_database, undo
)
from mainstay.ops.generation.moved import Filing
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site

class Killer:
    def __init__(self, at): self.at = at
    def step(self, number, total, name):
        if number == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
    def note(self, text): pass
    def tick(self, text): pass

directory = Path({directory!r})
journal = Journal(directory.parent / "journal")

def attempt(step):
    doors = Doors(sandbox.session(directory, {region!r}))
    site = Site(doors=doors, label="sandbox", region={region!r}, ca_bundle=directory / "ca.pem")
    {call}

for step in {steps}:
    pid = os.fork()
    if pid == 0:
        attempt(step)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert ended == {killed}, (step, ended)
"""


@pytest.fixture(scope="module")
def counter(place: Fixture) -> Counter:
    """Two rows at a point in time, with markers on both sides of it; afterwards one of them is lost."""
    place.deploy(build(load(SPEC)), STACK)
    shop = Counter(place)
    shop.heard = Silent()
    login = place.site.doors.secrets.read_login(shop.secret)
    with connect(login, shop.address, place.site.ca_bundle, database="tap") as connection:
        POSTGRES.create_canary(connection)
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY)")
        connection.execute("INSERT INTO orders VALUES (1), (2)")
        for _ in range(2):  # the second one tells that the first was committed by then
            POSTGRES.write_marker(connection, "shop")
        shop.point = POSTGRES.database_clock(connection)
        POSTGRES.write_marker(connection, "shop")
        connection.execute("DELETE FROM orders WHERE id = 2")
        POSTGRES.write_marker(connection, "shop")
    deadline = time.monotonic() + 90
    while (latest := place.site.doors.rds.instance(STACK).latest_restorable_time) is None or latest <= shop.point:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return shop


def test_without_the_stacks_name_nothing_is_restored(counter: Counter) -> None:
    before = len(counter.site.doors.rds.instances())
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        counter.replace(swap="rename", confirm="shop")
    assert "shop-dev becomes shop-dev-old-" in stop.value.detail
    assert "'shop' is not its name" in stop.value.detail
    assert len(counter.site.doors.rds.instances()) == before


def test_what_contradicts_itself_is_kept_aside_and_swapped_only_when_that_is_said(counter: Counter) -> None:
    checks = (SqlCheck(name="three", statement="SELECT id FROM orders", expected_rows=3),)
    with pytest.raises(AnswerIsNo, match="not swapped") as stop:
        counter.replace(swap="secret", target="Shop-Next", checks=checks)
    assert "three" in stop.value.detail
    assert counter.ask("SELECT id FROM orders") == [(1,)]
    with pytest.raises(NotFound, match="nothing to undo"):
        counter.undo()
    made = counter.replace(swap="secret", target="shop-next", checks=checks, accepts="DISPROVEN")
    login = counter.site.doors.secrets.read_login(counter.secret)
    assert made.word == "DISPROVEN"
    assert made.restored.identifier == "shop-next"
    assert (login.host, login.port) == (made.restored.address, made.restored.port)
    assert counter.ask("SELECT id FROM orders", Address(made.restored.address, made.restored.port)) == [(1,), (2,)]
    left = "\n".join(made.remaining)
    assert "Restart what has read secret" in left
    assert "still sends its clients to shop-dev" in left
    assert "physical id" not in "\n".join(made.reconcile)
    undone = counter.undo(loss=made.restored.resource_id)
    assert (undone.resource_id, undone.kept) == (counter.first.resource_id, "shop-next")
    assert counter.site.doors.secrets.read_login(counter.secret).host == counter.first.address


@pytest.mark.timeout(300)
def test_a_generation_takes_the_name_and_gives_it_back_killed_at_every_step(counter: Counter) -> None:
    made = replaced_while_killed(counter, [4, 8, *range(11, 16), *range(18, len(STEPS) + 1)])
    assert counter.ask("SELECT id FROM orders") == [(1,), (2,)]  # at the same address, by the same login
    new, old = (counter.site.doors.rds.instance(name) for name in (STACK, made.old_identifier))
    assert (made.word, made.restored.resource_id) == ("PROVEN", new.resource_id)
    assert old.resource_id == counter.first.resource_id != new.resource_id
    assert made.old_identifier.startswith("shop-dev-old-2")
    assert (new.retention, new.has_deletion_protection, new.tags["Team"]) == (KEEPING.retention, False, "shop")
    assert counter.ask("SELECT id FROM orders", Address(str(old.address), int(str(old.port)))) == [(1,)]
    (proxy,) = counter.site.doors.proxies.in_front_of(STACK)
    front = counter.site.doors.proxies.find(proxy)
    assert counter.ask("SELECT id FROM orders", Address(front.address, counter.address.port)) == [(1,), (2,)]
    physical = {one.logical_id: one.physical_id for one in counter.site.doors.cloudformation.resources(STACK)}
    assert physical["Database"] == STACK
    assert any("terraform import aws_db_instance.database shop-dev" in row for row in made.reconcile)
    assert f"--undo {made.restored.run_id}" in "\n".join(made.remaining)
    stored = evidence.load(made.evidence_path)
    assert (stored["kind"], stored["run"]) == ("restore", made.restored.run_id)
    outcomes = {check["name"]: check["outcome"] for check in stored["checks"]}
    assert (outcomes["markers before the target"], outcomes["markers after the target"]) == ("passed", "passed")
    assert outcomes['"public"."orders"'] == "noted"  # the source has gone on, so it is no witness of this table
    assert json.loads(json.dumps(made.as_json()))["swap"] == "rename"
    taken_back(counter, made)


def replaced_while_killed(counter: Counter, steps: list[int]) -> Generation:
    call = (
        f"request = GenerationRequest(stack={STACK!r}, source={STACK!r}, secret={counter.secret!r}, key='Database',\n"
        "        address='aws_db_instance.database', database='tap', tags={'Team': 'shop'}, swap='rename',\n"
        "        keeping=Keeping(retention=Duration.days(2), is_protected=False, "
        "maintenance_window='sun:05:30-sun:06:00'),\n"
        f"        time=datetime.fromisoformat({counter.point.isoformat()!r}))\n"
        f"    replace_database(site, request, confirm={STACK!r}, workspace=directory.parent, journal=journal,\n"
        "        progress=Killer(step))"
    )
    counter.killed_at_each(steps, call)
    return counter.replace(swap="rename")


def taken_back(counter: Counter, made: Generation) -> None:
    counter.ask("INSERT INTO orders VALUES (3)")
    with pytest.raises(InputRefused, match="not confirmed"):
        counter.undo(confirm=None)
    with pytest.raises(InputRefused, match="writes would stay behind") as stop:
        counter.undo(loss=made.old_resource_id)
    assert "its log went from" in stop.value.detail
    call = (
        f"undo(site, {STACK!r}, secret={counter.secret!r}, run_id={made.restored.run_id!r}, confirm={STACK!r},\n"
        f"        confirm_loss={made.restored.resource_id!r}, journal=journal, progress=Killer(step),\n"
        "        filing=Filing(workspace=directory.parent))"
    )
    counter.killed_at_each(list(range(4, len(UNDO_STEPS) + 1)), call)
    undone = counter.undo(loss=made.restored.resource_id)
    assert (undone.identifier, undone.resource_id) == (STACK, counter.first.resource_id)
    assert Address(undone.address, undone.port) == counter.address
    assert undone.kept.startswith("shop-dev-restore-2")
    assert counter.ask("SELECT id FROM orders") == [(1,)]
    swap, back = (
        evidence.load(evidence.path_of(counter.filing.workspace, run))
        for run in (f"{made.restored.run_id}-swap", Path(undone.evidence_file).parent.name)
    )
    assert [(one["kind"], one["verdict"]["word"]) for one in (swap, back)] == [("swap", "PROVEN"), ("undo", "PROVEN")]
    assert (swap["target"]["resource_id"], back["target"]["resource_id"]) == (
        made.restored.resource_id, counter.first.resource_id,
    )  # fmt: skip
    assert {"failed", "done"} == {step["outcome"] for step in back["steps"]}, "killed at each step, and gone on with"
    assert {call["outcome"] for call in back["calls"]} >= {"done"}
    assert any("its log went from" in check["observed"] for check in back["checks"])
    replayed = evidence.replay(counter.filing.workspace)
    assert replayed.problems == []
    assert {"restore", "swap", "undo"} <= {one.kind for one in replayed.documents}
    assert "Undoing of a swap" in drill_page(back)
    kept = counter.site.doors.rds.instance(undone.kept)
    assert counter.ask("SELECT id FROM orders", Address(str(kept.address), int(str(kept.port)))) == [(1,), (2,), (3,)]
    with pytest.raises(NotFound, match="nothing to undo"):
        counter.undo(made.restored.run_id)


@pytest.mark.timeout(300)
def test_a_proxy_sends_its_clients_to_the_generation_that_was_kept_aside(counter: Counter) -> None:
    before = counter.template()
    counter.heard = Pressing("Move the proxies to it")
    with pytest.raises(Interrupted) as stop:
        counter.replace(swap="proxy", target="shop-next")
    assert "NEITHER" not in stop.value.detail  # the proxy leads to the old one, and the secret to the new one
    assert "--undo" in stop.value.hint
    with held_by_another(counter), pytest.raises(Busy, match="somebody else is at work"):
        counter.replace(swap="proxy", target="shop-next")
    counter.heard = Heard()
    made = counter.replace(swap="proxy", target="shop-next")
    assert made.word == "PROVEN"  # what earlier runs committed there themselves is no newer data
    (proxy,) = counter.site.doors.proxies.in_front_of("shop-next")
    front = counter.site.doors.proxies.find(proxy)
    assert counter.ask("SELECT id FROM orders", Address(front.address, counter.address.port)) == [(1,), (2,)]
    assert made.old_identifier == STACK
    assert "go past the proxy" in "\n".join(made.remaining)
    cloudformation = counter.site.doors.cloudformation
    theirs = json.dumps({**stack_policy.policy(["Database"]), "Version": "2012-10-17"})
    cloudformation.put_policy(STACK, theirs)
    with pytest.raises(InputRefused, match="policy is somebody else's"):
        counter.reconcile()
    cloudformation.put_policy(STACK, json.dumps(stack_policy.policy([])))
    with pytest.raises(InputRefused, match="not confirmed") as refused:
        counter.reconcile(confirm="shop")
    assert "imported again: Database, DatabaseProxyTarget; Database is then shop-next" in refused.value.detail
    assert counter.template() == before
    with pytest.raises(TargetRefused, match="stack shop-dev holds it as Database"):
        counter.discard(made.old_resource_id)
    told_what_the_stack_holds(counter, imported_while_killed(counter), made)
    assert counter.held()["Database"] == "shop-next"
    again = counter.reconcile()
    assert (again.was_imported, again.pending, again.evidence_file) == (False, (), "")
    assert {path for path, _, _ in again.differences} == {  # as this test asks for it, and not the spec
        "BackupRetentionPeriod", "DeletionProtection", "PreferredMaintenanceWindow",
    }  # fmt: skip
    assert again.exit_code == 1
    outputs = counter.site.doors.cloudformation.stack(STACK).outputs
    assert (outputs["DatabaseId"], outputs["DatabaseEndpoint"]) == ("shop-next", made.restored.address)
    assert counter.site.doors.cloudwatch.alarms_on("DBInstanceIdentifier", "shop-next")
    assert counter.site.doors.proxies.in_front_of("shop-next") == (proxy,)
    undone = counter.undo(loss=made.restored.resource_id)
    assert counter.site.doors.proxies.in_front_of(STACK) == (proxy,)
    assert "Stack shop-dev holds" in undone.remaining[0]
    back = counter.reconcile()
    assert (back.identifier, back.resource_id, back.drift) == (STACK, counter.first.resource_id, "IN_SYNC")
    assert evidence.load(Path(back.evidence_file))["verdict"]["word"] == "PROVEN"
    assert back.remaining == ()
    assert counter.template() == before
    assert counter.held()["Database"] == STACK
    assert counter.site.doors.cloudformation.policy(STACK) == POLICY
    assert counter.site.doors.secrets.read_login(counter.secret).host == counter.first.address


def told_what_the_stack_holds(counter: Counter, done: Reconciled, made: Generation) -> None:
    """Its evidence: the stack holds the other one, which is not as the spec says, and nothing was deleted."""
    assert done.identifier == "shop-next"
    stored = evidence.load(Path(done.evidence_file))
    assert (stored["kind"], stored["run"], stored["verdict"]["word"]) == ("reconcile", done.run_id, "DISPROVEN")
    assert (stored["source"]["resource_id"], stored["target"]["resource_id"]) == (
        made.old_resource_id, made.restored.resource_id,
    )  # fmt: skip
    seen = {check["name"]: (check["outcome"], check["observed"]) for check in stored["checks"]}
    holds = "Database of stack shop-dev is the generation that clients reach"
    assert seen[holds] == ("passed", f"shop-next ({made.restored.resource_id})")
    outcome, told = seen["it is as the template says"]
    assert (outcome, "BackupRetentionPeriod" in told) == ("failed", True)
    assert seen["the other generation is kept"] == ("passed", f"{STACK}: available")
    assert seen["somebody agreed by the stack's name"] == ("passed", STACK)
    policy = evidence.digest_of(json.loads(POLICY))
    assert seen["the stack's policy is as it was"] == ("passed", policy)
    assert seen["an update to the same template would change nothing"] == ("passed", "nothing")
    changed = [f"{call['service']}:{call['operation']}" for call in stored["calls"]]
    assert "cloudformation:ExecuteChangeSet" in changed
    assert not [name for name in changed if "DeleteDB" in name]


def imported_while_killed(counter: Counter) -> Reconciled:
    """A policy of ours guards the database; every step is killed as it begins, and the last run arrives."""
    counter.site.doors.cloudformation.put_policy(STACK, POLICY)
    call = reconciling(counter)
    counter.killed_at_each([5, 6], call)
    left_alone_when_changed(counter)
    counter.killed_at_each([7, len(RECONCILE_STEPS) - 1], call)
    return counter.reconcile()


def reconciling(counter: Counter) -> str:
    return (
        f"reconcile_stack(site, {STACK!r}, key='Database', secret={counter.secret!r}, planned={STACK!r}, run_id=None,\n"
        f"        confirm={STACK!r}, journal=journal, filing=Filing(workspace=directory.parent), progress=Killer(step))"
    )


def left_alone_when_changed(counter: Counter) -> None:
    """Somebody else changes the stack between two forms: nothing is overwritten, and nothing is guessed."""
    form = counter.template()
    assert "Database" not in form["Resources"]
    run = counter.journal.begin("by hand", STACK)
    carrier = Carrier(counter.site, STACK, run, Silent(), SystemClock())
    carrier.carry({**form, "Metadata": {"Theirs": "x" * 60_000}})  # more than a request takes
    with pytest.raises(TargetRefused, match="the stack was changed meanwhile") as stop:
        counter.reconcile()
    assert "stack-before.json" in stop.value.detail
    carrier.carry(form)
    carrier.carry(form)  # nothing differs: nothing is carried out
    missing: Any = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": "/none"}}
    wanted = Imported(logical_id="New", type="AWS::Logs::LogGroup", property="LogGroupName", identifier="/none")
    with pytest.raises(TargetRefused, match="CloudFormation refused") as refused:
        carrier.carry({**form, "Resources": {**form["Resources"], "New": missing}}, imports=(wanted,))
    assert "'/none' was not found" in refused.value.detail
    keyless = {key: body for key, body in form["Resources"].items() if key != "DatabaseKey"}
    with pytest.raises((InputRefused, TargetRefused)):
        carrier.carry({**form, "Resources": keyless})
    assert counter.template() == form
    run.finish("done")


@pytest.mark.parametrize("led", ["nowhere", "proxy", "db.example.org"])
def test_a_name_by_which_nobody_comes_here_is_not_moved(counter: Counter, led: str) -> None:
    (proxy,) = counter.site.doors.proxies.in_front_of(STACK)
    front = counter.site.doors.proxies.find(proxy)
    words = {
        "nowhere": ("gives its database no name", "write access.dns"),
        "proxy": (f"leads to {front.address}", "use --swap proxy"),
        "db.example.org": ("leads to db.example.org, and shop-dev is at", f"lead it to {counter.first.address} first"),
    }
    if led != "nowhere":
        counter.lead(front.address if led == "proxy" else led)
    with pytest.raises(InputRefused) as stop:
        counter.replace(swap="dns", **({"name": None} if led == "nowhere" else {}))
    assert all(word in f"{stop.value.detail} {stop.value.hint}" for word in words[led])
    assert named_check(counter).mark is (Mark.PASS if led == "nowhere" else Mark.FAIL)
    if led == "proxy":  # which is what another design would want, in a zone that was there before
        other = SPEC.replace("zone: create", f"zone: {counter.name.zone}").replace("target: database", "target: proxy")
        assert named_check(counter, other).mark is Mark.PASS
    counter.lead(str(counter.first.address))


def test_a_name_that_is_gone_is_made_by_a_deployment_and_not_by_a_swap(counter: Counter) -> None:
    client = counter.site.doors._client("route53")
    record = {"Name": counter.name.name, "Type": "CNAME", "TTL": 30,
              "ResourceRecords": [{"Value": counter.first.address}]}  # fmt: skip
    batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=counter.name.zone, ChangeBatch=batch)
    assert "does not exist" in named_check(counter).sentence
    with pytest.raises(InputRefused, match="no name in DNS") as stop:
        counter.replace(swap="dns")
    assert "has no CNAME db.shop.internal" in stop.value.detail
    counter.lead(str(counter.first.address))


def test_a_name_leads_to_the_generation_that_was_kept_aside_and_back_killed_on_the_way(counter: Counter) -> None:
    counter.heard = Meddler(counter)
    with pytest.raises(Inconclusive, match="the name does not stay") as stop:
        counter.replace(swap="dns", target="shop-next")
    assert "and leads to db.example.org again" in stop.value.detail
    leading = [step.name for step in STEPS].index("Lead the name in DNS to it") + 1
    made = named_while_killed(counter, [leading, leading + 1])
    assert (made.word, made.swap, made.old_identifier) == ("PROVEN", "dns", STACK)
    found = counter.site.doors.names.find(counter.name.zone, counter.name.name)
    assert (found.leads_to, found.ttl_s) == (made.restored.address, 30)
    assert counter.site.doors.secrets.read_login(counter.secret).host == made.restored.address
    (shown,) = sandbox.status(counter.place.directory).names
    assert (shown.name, shown.address, shown.target) == ("db.shop.internal", made.restored.address, "shop-next")
    assert any("answers from before hold for up to 30 s" in text for text in counter.heard.notes)
    noted = {check["name"]: check["observed"] for check in made.evidence["checks"]}
    assert noted["name in DNS"] == "db.shop.internal is kept for 30 s"
    left, other = "\n".join(made.remaining), "\n".join(made.reconcile)
    assert "new ones may come there for 30 s" in left
    assert "still sends its clients to shop-dev" in left
    assert "a deployment which changes that record leads db.shop.internal back to shop-dev" in other
    assert "the next apply leads db.shop.internal (aws_route53_record.database_record) back" in other
    seen = named_check(counter)
    assert (seen.mark, "leads to" in seen.sentence) == (Mark.FAIL, True)
    before = counter.template()
    counter.killed_at_each([7], reconciling(counter))  # the new one is imported, and nothing refers to it yet
    assert counter.held()["Database"] == "shop-next"
    counter.undo(loss=made.restored.resource_id)
    assert counter.site.doors.names.find(counter.name.zone, counter.name.name).leads_to == counter.first.address
    with pytest.raises(InputRefused, match="between two forms"):
        counter.reconcile(confirm=None)
    assert counter.reconcile().resource_id == counter.first.resource_id  # out again, and the old one in
    assert (counter.template(), counter.held()["Database"]) == (before, STACK)
    assert named_check(counter).mark is Mark.PASS
    assert _name(counter.site, build(load(SPEC)), STACK) == counter.name  # as the command finds it


def named_while_killed(counter: Counter, steps: list[int]) -> Generation:
    call = (
        f"request = GenerationRequest(stack={STACK!r}, source={STACK!r}, secret={counter.secret!r}, key='Database',\n"
        "        address='aws_db_instance.database', database='tap', tags={'Team': 'shop'}, swap='dns',\n"
        "        target='shop-next', keeping=Keeping(retention=Duration.days(2), is_protected=False, "
        "maintenance_window='sun:05:30-sun:06:00'),\n"
        f"        name=DatabaseName(**{dataclasses.asdict(counter.name)!r}),\n"
        f"        time=datetime.fromisoformat({counter.point.isoformat()!r}))\n"
        f"    replace_database(site, request, confirm={STACK!r}, workspace=directory.parent, journal=journal,\n"
        "        progress=Killer(step))"
    )
    counter.killed_at_each(steps, call)
    counter.heard = Heard()
    return counter.replace(swap="dns", target="shop-next")


def named_check(counter: Counter, spec: str = SPEC) -> Outcome:
    site, plan = counter.site, build(load(spec))
    cloudformation = site.doors.cloudformation
    scene = Scene(
        site=site, region=plan.primary, intent=plan.intent, stack=cloudformation.stack(STACK), progress=Silent(),
        resources={one.logical_id: one for one in cloudformation.resources(STACK)}, clock=SystemClock(),
        routes=Routes(site),
    )  # fmt: skip
    return names_lead_to_their_database(scene)


def test_the_latest_is_verified_first_and_swapped_later_by_its_name(counter: Counter) -> None:
    spec, where = counter.asked()
    made = api.restore_verified(spec, where=where, swap=None, confirm=None, target="shop-latest")
    assert (made.exit_code, made.result.swap, made.result.old_identifier) == (0, None, STACK)
    assert "restored" in made.report.read_text(encoding="utf-8").lower()
    outcomes = {check["name"]: check["outcome"] for check in made.result.evidence["checks"]}
    assert outcomes['"public"."orders"'] == "passed"  # the source still holds the same
    assert "--to latest --target shop-latest --swap rename" in made.result.remaining[0]
    assert counter.site.doors.rds.instance(STACK).resource_id == counter.first.resource_id
    moved = api.restore_verified(spec, where=where, swap="rename", confirm=STACK, target="shop-latest")
    assert moved.result.restored.resource_id == made.result.restored.resource_id
    assert counter.ask("SELECT id FROM orders") == [(1,)]
    assert "USD a month" in "\n".join(moved.result.remaining)
    same = api.generation_reconcile(spec, where=where, confirm=None)  # by name there is nothing to import
    assert (same.exit_code, same.custody) == (0, Custody())
    seen = same.result
    assert (seen.was_imported, seen.drift, seen.remaining, seen.evidence_file) == (False, "IN_SYNC", (), "")
    assert seen.resource_id == moved.result.restored.resource_id != moved.result.old_resource_id
    wrote = api.generation_files(spec, where=where, tool="terraform", out=spec.parent / "tf")
    assert (wrote.identifier, wrote.resource_id) == (STACK, seen.resource_id)
    assert 'to = aws_db_instance.database\n  id = "shop-dev"' in (spec.parent / "tf" / "import.tf").read_text()
    assert "terraform state rm aws_db_instance.database" in (spec.parent / "tf" / "README.md").read_text()
    api.generation_files(spec, where=where, tool="cdk", out=spec.parent / "cdk")
    mapping = json.loads((spec.parent / "cdk" / "cdk-import.json").read_text())
    assert mapping == {"Database": {"DBInstanceIdentifier": STACK}}
    back = api.undo_restore(
        spec, where=where, run="latest", confirm=STACK, confirm_loss=made.result.restored.resource_id
    )
    assert (back.result.resource_id, back.result.kept) == (counter.first.resource_id, "shop-latest")
    assert Path(back.result.evidence_file).with_name("report.html").exists()
    assert api.evidence_verify(where.workspace).problems == []


def test_a_snapshot_is_verified_and_watched_as_the_source_is(counter: Counter) -> None:
    rds = counter.site.doors.rds
    rds.take_snapshot(STACK, "shop-by-hand", {})
    deadline = time.monotonic() + 90
    while rds.snapshot("shop-by-hand").status != "available" or rds.instance(STACK).status != "available":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    made = counter.replace(time=None, snapshot="shop-by-hand", target="shop-snap")
    assert (made.word, made.restored.point) == ("PROVEN", "snapshot shop-by-hand")
    assert rds.instance("shop-snap").monitoring == rds.instance(STACK).monitoring != Monitoring()
    assert "restore --snapshot shop-by-hand --target shop-snap" in made.remaining[0]


@pytest.mark.parametrize(
    ("snapshot", "confirmed", "stays", "word", "told"),
    [
        (None, "db-gone", False, "PROVEN", ("noted", "none: it was to go without one")),
        ("shop-none", "db-gone", False, "DISPROVEN", ("failed", "shop-none: not there")),
        (None, "db-other", False, "DISPROVEN", ("noted", "none: it was to go without one")),
        (None, None, True, "DISPROVEN", ("noted", "none: it was to go without one")),
    ],
)
def test_what_is_not_as_it_should_be_is_accused_by_the_evidence_of_a_discard(
    counter: Counter, tmp_path: Path, snapshot: str | None, confirmed: str | None, stays: bool, word: str, told: Any
) -> None:
    gone = dataclasses.replace(counter.first, resource_id=counter.first.resource_id if stays else "db-gone")
    run = Journal(tmp_path / "journal").begin("discard", "run-1")
    run.write("step", number=1, name="Delete it, after a last snapshot")
    seen = facts(gone, [], confirmed or gone.resource_id, SystemClock())
    run.write("deleting", deleting=True, identifier=gone.identifier, snapshot=snapshot, **seen)
    where = Stand(site=counter.site, run=run, progress=Silent(), clock=SystemClock())
    stored = discarded.store(where, STACK, counter.first, (), Filing(workspace=tmp_path))
    checks = {check["name"]: (check["outcome"], check["observed"]) for check in stored["checks"]}
    assert (stored["verdict"]["word"], checks["a last snapshot was taken of it"]) == (word, told)
    assert (checks["it is gone"][0] == "failed") is stays
    assert discarded.store(where, STACK, counter.first, (), Filing(workspace=tmp_path)) == stored, "once for a run"


def test_two_operators_and_ctrl_c_are_told_and_the_old_one_is_given_up_at_last(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one works with a copy of the journal: no lease keeps the two apart, but what each of them sees."""
    other, elsewhere = Counter(counter.place), counter.place.directory.parent / "elsewhere"
    shutil.copytree(counter.journal.directory, elsewhere)
    other.journal, other.point = Journal(elsewhere), counter.point
    other.heard = Pressing("Give it the login that clients have")
    with pytest.raises(Interrupted) as stop:
        other.replace(swap="rename", target="shop-next")
    assert "NEITHER" not in stop.value.detail
    snapshot = {"swap": "rename", "time": None, "snapshot": "shop-by-hand", "target": "shop-snap"}
    pressed_twice_as_it_is_named(counter, monkeypatch)
    with pytest.raises(Interrupted) as stop:
        counter.replace(**snapshot)
    assert "CLIENTS REACH NEITHER GENERATION NOW: none is called shop-dev; the generations are called" in (
        stop.value.detail
    )
    monkeypatch.undo()
    aside = counter.site.doors.rds.instance("shop-snap").resource_id
    for call in (counter.undo, counter.reconcile, lambda: counter.discard(None)):
        with held_by_another(counter), pytest.raises(Busy):
            call()
    pressed_twice_as_it_is_named(counter, monkeypatch)
    with pytest.raises(Interrupted, match="stopped") as stop:  # the way back is stopped in the same place
        counter.undo(loss=aside)
    assert "CLIENTS REACH NEITHER GENERATION NOW" in stop.value.detail
    monkeypatch.undo()
    assert counter.undo(loss=aside).resource_id == counter.first.resource_id
    assert counter.ask("SELECT id FROM orders") == [(1,)]
    made = counter.replace(**snapshot)
    assert made.restored.identifier == STACK
    other.heard = Heard()
    with pytest.raises(TargetRefused, match="somebody else moved the clients") as refused:
        other.replace(swap="rename", target="shop-next")
    assert f"shop-dev is {made.restored.resource_id} now" in refused.value.detail
    assert "NEITHER" not in refused.value.detail
    assert counter.site.doors.rds.instance(STACK).resource_id == made.restored.resource_id
    given_up(counter, made)


def pressed_twice_as_it_is_named(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C twice while the call is under way that gives the stack's name: it is not made."""
    rds = counter.site.doors.rds
    rename = rds.rename

    def pressed(identifier: str, name: str) -> Any:
        if name == STACK:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        return rename(identifier, name)

    monkeypatch.setattr(rds, "rename", pressed)


@contextmanager
def held_by_another(counter: Counter) -> Iterator[None]:
    """Another operator of this workspace is at work."""
    with hold(counter.journal.directory, STACK, operation="deploy"):
        yield


def given_up(counter: Counter, made: Generation) -> None:
    """The old generation goes only when nothing needs it, and only by its id."""
    rds, client = counter.site.doors.rds, counter.site.doors._client("rds")
    rds.set_deletion_protection(made.old_identifier, is_on=True)
    arn = rds.instance(STACK).arn
    client.remove_tags_from_resource(ResourceName=arn, TagKeys=[tags.SOURCE])
    with pytest.raises(TargetRefused, match="not deleted") as stranger:
        counter.discard(made.old_resource_id)
    assert "shop-dev does not name it in its tag mainstay:source" in stranger.value.detail
    client.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": tags.SOURCE, "Value": made.old_resource_id}])
    secrets, login = counter.site.doors.secrets, counter.site.doors.secrets.read_login(counter.secret)
    for host, why in (
        (rds.instance(made.old_identifier).address, "leads to it"),
        ("db.example.org", "not to shop-dev"),
    ):
        secrets.point_login(counter.secret, host=str(host), port=login.port, identifier="elsewhere")
        with pytest.raises(TargetRefused, match="not deleted") as led:
            counter.discard(made.old_resource_id)
        assert why in led.value.detail
    secrets.point_login(counter.secret, host=login.host, port=login.port, identifier=STACK)
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        counter.discard(made.restored.resource_id)
    assert f"--confirm {made.old_resource_id}" in stop.value.hint
    with pytest.raises(AnswerIsNo, match="still protected"):
        counter.discard(made.old_resource_id, unprotects=False)
    assert rds.instance(made.old_identifier).is_available
    call = (
        f"discard_old(site, {STACK!r}, secret={counter.secret!r}, run_id=None, confirm={made.old_resource_id!r},\n"
        "        unprotect=lambda _: True, journal=journal, filing=Filing(workspace=directory.parent),\n"
        "        progress=Killer(step))"
    )
    counter.killed_at_each([5, len(DISCARD_STEPS)], call)
    spec, where = counter.asked()
    shutil.copytree(counter.journal.directory, where.journal.directory, dirs_exist_ok=True)
    counter.journal = where.journal  # the command's
    given = api.generation_discard(spec, where=where, confirm=made.old_resource_id, unprotect=lambda _: True)
    done = given.result
    assert (given.custody, given.as_json()["run_id"]) == (Custody(), done.run_id)
    assert "Why it could go" in Path(done.evidence_file).with_name("report.html").read_text()
    left = done.inventory
    assert left.deleted == (f"{made.old_identifier} ({made.old_resource_id})",)
    (last,) = [one.name for one in left.left if one.kind == "snapshot" and "-last-" in one.name]
    assert rds.snapshot(last).source_resource_id == made.old_resource_id
    told_why_it_could_go(counter, done, made, last)
    assert rds.find_by_resource(made.old_resource_id) is None
    assert rds.instance(STACK).resource_id == made.restored.resource_id
    with pytest.raises(NotFound, match="nothing to discard"):
        counter.discard(made.old_resource_id)
    with pytest.raises(NotFound, match="the old generation is gone") as gone:
        counter.undo()
    assert last in gone.value.hint


def told_why_it_could_go(counter: Counter, done: Discarded, made: Generation, last: str) -> None:
    """Its evidence says what was seen before it was deleted, though the process that saw it was killed."""
    stored = evidence.load(Path(done.evidence_file))
    assert (stored["kind"], stored["run"], stored["verdict"]["word"]) == ("discard", done.run_id, "PROVEN")
    assert stored["source"]["resource_id"] == made.old_resource_id
    assert stored["source"]["identifier"] == made.old_identifier
    assert stored["source"]["engine"] == "postgres"
    assert stored["target"]["resource_id"] == made.restored.resource_id
    assert stored["cleanup"]["deleted"] == list(done.inventory.deleted)
    assert any(f"snapshot {last}" in one for one in stored["cleanup"]["left"])
    seen = {check["name"]: (check["outcome"], check["observed"]) for check in stored["checks"]}
    assert seen["the other generation names it as its source"] == ("passed", made.old_resource_id)
    assert seen["somebody agreed by its resource id"] == ("passed", made.old_resource_id)
    assert seen["its deletion protection"] == ("noted", "was on, and switched off with consent")
    assert seen["a last snapshot was taken of it"] == ("passed", f"{last}: available")
    assert seen["it is gone"][0] == seen[f"stack {STACK} does not hold it"][0] == "passed"
    ended = next(step for step in stored["steps"] if step["name"] == "Delete it, after a last snapshot")
    before = next(check["started_at"] for check in stored["checks"] if check["name"] == "no replica follows it")
    assert before < stored["ended_at"]
    assert stored["steps"][0]["outcome"] == "done"  # as it was, though what came after it was killed
    assert ended["outcome"] == "failed"  # that one was killed, and the call stands in the journal
    assert ("rds:DeleteDBInstance", "done") in [
        (f"{call['service']}:{call['operation']}", call["outcome"]) for call in stored["calls"]
    ]
    (run,) = [run for run in counter.journal.runs() if run.id == done.run_id]
    assert run.fact("evidence") == stored["digest"]
    assert evidence.replay(counter.place.directory.parent / evidence.HOME).problems == []
    (unseen,) = [check for check in stored["checks"] if check["kind"] == "cleanup" and check["name"] == "it is gone"]
    assert unseen["expected"] == f"no instance {made.old_resource_id}"
