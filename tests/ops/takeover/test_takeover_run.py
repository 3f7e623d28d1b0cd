"""Databases that are broken for real while clients write, on PostgreSQL and MariaDB."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.ops.drill.conftest import Shop, opened_shop
from tests.ops.test_tunnel import BASTION, behind_bastion, plugins, silent

from mainstay.api._site import _lab
from mainstay.core.errors import Busy, EnvironmentLacking, Inconclusive, InputRefused, Interrupted, TargetRefused
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.ops.lease import hold
from mainstay.ops.routes import Routes
from mainstay.ops.site import Lab, Site
from mainstay.ops.takeover import STEPS, TakenOver, TakeoverRequest, takeover
from mainstay.ops.takeover.clients import Clients, Route, Tally
from mainstay.ops.takeover.model import Takeover
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.ledger import query
from mainstay.report.page import drill_page
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.state import State

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
# Clients that are tried by themselves write as this run, and leave their rows.
COUNT = "SELECT count(*) FROM mainstay_canary.ledger WHERE run <> 'cut'"


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAINSTAY_SANDBOX_PATIENCE_S", "2")
        yield


@pytest.fixture(scope="module")
def pair() -> Iterator[Shop]:
    with opened_shop("postgres", MultiAZ=True) as shop:
        yield shop


@pytest.fixture(scope="module")
def maria() -> Iterator[Shop]:
    try:
        find_mariadb(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(error.detail)
    with opened_shop("mariadb", MultiAZ=True, EngineVersion="10.11.19") as shop:
        yield shop


def site_of(shop: Shop) -> Site:
    return replace(shop.site, lab=_lab(shop.sandbox, shop.site.region))


def take(
    shop: Shop, fault: str = "kill", *, confirm: str | None = "shop", progress: Any = None, **more: Any
) -> TakenOver:
    request = TakeoverRequest(
        **{"stack": "shop", "identifier": "shop-db", "secret": "shop-login", "fault": fault, "seconds": 1.0, **more}
    )
    return takeover(
        site_of(shop), request, confirm=confirm, workspace=shop.workspace, journal=shop.journal,
        progress=progress or Silent(),
    )  # fmt: skip


def rows(shop: Shop) -> int:
    with shop.open() as connection:
        found = connection.execute(COUNT).fetchone()
    assert found is not None
    return int(found[0])


class At(Silent):
    """Does something as a step begins."""

    def __init__(self, number: int, action: Any) -> None:
        self._number, self._action = number, action

    def step(self, number: int, total: int, name: str) -> None:
        if number == self._number:
            self._action()


def way(result: TakenOver, round_: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = result.evidence["outage"]["rounds"][round_]["routes"][0]
    return found


def test_a_killed_primary_loses_nothing_that_was_acknowledged(pair: Shop) -> None:
    result = take(pair, runs=2)
    assert (result.verdict.word, result.verdict.reasons) == ("PROVEN", ())
    jsonschema.validate(result.evidence, SCHEMA)
    assert [one["has_taken_over"] for one in result.evidence["outage"]["rounds"]] == [True, True]
    for number in (0, 1):
        seen = way(result, number)
        assert (seen["lost"], seen["name"]) == (0, "direct")
        assert seen["acknowledged"] > 20
        assert 0 < seen["outage_s"] < 30
        assert seen["first_success_s"] > 0
    assert [step["outcome"] for step in result.evidence["steps"]] == ["done"] * (len(STEPS) - 1)
    assert rows(pair) == 0  # what was written is gone
    assert "lost" not in json.dumps(result.verdict.as_json())
    page = drill_page(result.evidence)
    assert "every write that a client was told of is there" in page
    assert "the primary was killed (kill -9)" in page
    assert (result.evidence["rpo"]["proven_s"], result.evidence["kind"]) == (0.0, "takeover")


def test_a_reboot_with_failover_is_a_call_of_rds(pair: Shop) -> None:
    result = take(pair, "reboot", proxies=("nothing",))
    left_out = {"database": "", "subject": "proxy nothing", "reason": "it does not exist"}
    assert result.evidence["exclusions"] == [left_out]
    assert result.verdict.word == "PROVEN"
    assert ("rds", "RebootDBInstance") in {(one["service"], one["operation"]) for one in result.evidence["calls"]}
    told = [event["message"] for event in result.evidence["outage"]["rounds"][0]["events"]]
    assert "Multi-AZ instance failover completed" in told
    (run,) = [run for run in pair.journal.runs() if run.id == result.run_id]
    assert [entry["event"] for entry in run.entries if entry.get("call")] == ["about to", "done"]


def test_a_hang_is_an_outage_until_the_silent_server_is_killed(pair: Shop) -> None:
    result = take(pair, "hang")
    assert result.verdict.word == "PROVEN"
    assert way(result)["outage_s"] > 2


def test_one_acknowledged_write_that_vanished_is_found(pair: Shop) -> None:
    def lose() -> None:
        with pair.open() as connection:
            connection.execute(
                "DELETE FROM mainstay_canary.ledger WHERE ctid = (SELECT min(ctid) FROM mainstay_canary.ledger)"
            )

    result = take(pair, progress=At(5, lose))
    assert (result.verdict.word, way(result)["lost"]) == ("DISPROVEN", 1)
    assert result.evidence["rpo"]["proven_s"] is None
    assert "is gone" in drill_page(result.evidence)


@pytest.mark.parametrize("confirm", [None, "", "sho", "shop "])
def test_nothing_is_done_without_the_name(pair: Shop, confirm: str | None) -> None:
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        take(pair, confirm=confirm)
    assert "the primary's processes are killed (kill -9), of shop-db" in stop.value.detail
    assert stop.value.hint.endswith("--confirm shop")
    assert pair.journal.unfinished("takeover", "shop-db") == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"fault": "flood"}, "no such fault"),
        ({"runs": 0}, "--runs 0 is not 1 to 20"),
        ({"runs": 21}, "--runs 21"),
        ({"writers": 0}, "--writers 0"),
        ({"writers": 33}, "--writers 33"),
        ({"seconds": 0.9}, "--seconds 0.9"),
        ({"seconds": 600.5}, "--seconds 600.5"),
    ],
)
def test_what_cannot_be_is_refused(pair: Shop, members: dict[str, Any], words: str) -> None:
    with pytest.raises(InputRefused) as stop:
        take(pair, confirm=None, **members)
    assert words in str(stop.value)


@pytest.mark.parametrize(
    "members", [{"runs": 1, "writers": 1, "seconds": 1.0}, {"runs": 20, "writers": 32, "seconds": 600.0}]
)
def test_the_bounds_themselves_are_taken(pair: Shop, members: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="not confirmed"):
        take(pair, confirm=None, **members)


@pytest.mark.parametrize("fault", ["kill", "hang", "partition"])
def test_aws_lets_nobody_near_its_servers(pair: Shop, fault: str) -> None:
    request = TakeoverRequest(stack="shop", identifier="shop-db", secret="shop-login", fault=fault)
    with pytest.raises(InputRefused, match="cannot be done here") as stop:
        takeover(
            pair.site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent()
        )  # fmt: skip
    assert "--by reboot" in stop.value.hint


def test_a_database_without_a_standby_is_left_alone(pair: Shop) -> None:
    rds = pair.site.doors.rds._client
    rds.create_db_instance(
        DBInstanceIdentifier="alone", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="app", MasterUserPassword="only-for-this-test-7", BackupRetentionPeriod=0,
    )  # fmt: skip
    with pytest.raises(InputRefused, match="no standby") as stop:
        take(pair, identifier="alone")
    assert "database.multi_az: true" in stop.value.hint
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="alone", WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200}
    )
    pair.site.doors.rds.delete_without_snapshot("alone")


def test_a_private_pair_is_written_to_through_the_bastion(
    pair: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = behind_bastion(pair.site, tmp_path, monkeypatch)
    found: list[Any] = []

    def begin(ways: Routes) -> TakenOver:
        request = TakeoverRequest(stack="shop", identifier="shop-db", secret="shop-login")
        with ways:
            return takeover(
                site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent(),
                ways=ways,
            )  # fmt: skip

    with pytest.raises(TargetRefused, match="no way to the database") as stop:
        begin(Routes(site, look=silent))
    assert "access.bastion" in stop.value.hint

    def play(work: Takeover, _: int) -> None:
        with work.routes[0].open() as connection:
            found.extend(connection.execute("SELECT 7").fetchall())

    monkeypatch.setattr("mainstay.ops.takeover.run.play", play)
    result = begin(Routes(site, bastion=BASTION, look=silent))
    assert found == [(7,)]
    seen_from = result.evidence["made_by"]["observed_from"]
    assert seen_from.endswith(f"through bastion {BASTION} in eu-central-1")
    assert plugins() == []


def test_nothing_is_broken_when_clients_cannot_write(pair: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.ops.takeover.rounds._BEGINS_WITHIN_S", 0.5)

    def shut() -> None:
        with pair.open() as connection:
            connection.execute("DROP TABLE mainstay_canary.ledger")

    with pytest.raises(Inconclusive, match="clients cannot write") as stop:
        take(pair, progress=At(4, shut))
    assert "Nothing was broken" in stop.value.detail
    assert "does not exist" in stop.value.detail
    assert pair.journal.unfinished("takeover", "shop-db") == []


def test_what_a_killed_run_wrote_is_deleted_by_the_next(pair: Shop) -> None:
    run = pair.journal.begin("takeover", "shop-db")
    run.write("about to", call="sandbox:kill")
    with pair.open() as connection:
        ledger = DIALECTS["postgres"].ledger
        ledger.create(connection)
        ledger.enter(connection, run.id, (0, 1))

    def stop() -> None:
        raise TargetRefused("stopped by the test")

    with pytest.raises(TargetRefused):
        take(pair, progress=At(4, stop))
    assert rows(pair) == 0
    assert pair.journal.run(run.id).is_finished


def test_without_servers_to_look_at_it_goes_by_what_rds_tells(pair: Shop) -> None:
    request = TakeoverRequest(stack="shop", identifier="shop-db", secret="shop-login", seconds=1.0, writers=1)
    result = takeover(
        pair.site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent()
    )  # fmt: skip
    assert (result.verdict.word, result.evidence["outage"]["rounds"][0]["has_taken_over"]) == ("PROVEN", True)
    first, second = (result.evidence["outage"]["rounds"][0][name] for name in ("zone_before", "zone_after"))
    assert first != second


def test_an_abandoned_failover_is_told_as_such(pair: Shop) -> None:
    def abandon(identifier: str) -> None:
        with State(pair.sandbox).transaction(pair.site.region) as tx:
            emit(tx, "RDS-EVENT-0034", identifier)

    site = replace(pair.site, lab=Lab(faults={"kill": abandon}, has_redundancy=lambda _: True))
    request = TakeoverRequest(stack="shop", identifier="shop-db", secret="shop-login", fault="kill", seconds=1.0)
    result = takeover(
        site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent()
    )  # fmt: skip
    assert result.verdict.word == "INCONCLUSIVE"
    assert "abandoned: Amazon RDS isn't attempting a requested failover" in " ".join(result.verdict.reasons)
    assert "Nothing is accused" in drill_page(result.evidence)


def test_a_fault_that_does_nothing_is_waited_for_until_the_deadline(pair: Shop) -> None:
    site = replace(pair.site, lab=Lab(faults={"kill": lambda _: None}, has_redundancy=lambda _: True))
    request = TakeoverRequest(
        stack="shop", identifier="shop-db", secret="shop-login", fault="kill", seconds=1.0, deadline=Duration(1)
    )
    result = takeover(
        site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent()
    )  # fmt: skip
    assert result.verdict.word == "INCONCLUSIVE"
    assert "expected failover completed" in " ".join(result.verdict.reasons)
    assert result.evidence["outage"]["rounds"][0]["is_over"] is False


def test_a_fault_that_fails_after_another_is_part_of_the_answer(pair: Shop) -> None:
    lab = _lab(pair.sandbox, pair.site.region)
    done: list[str] = []

    def once(identifier: str) -> None:
        if done:
            raise TargetRefused("nothing to harm", detail="it is gone")
        done.append(identifier)
        lab.faults["kill"](identifier)

    site = replace(pair.site, lab=replace(lab, faults={"kill": once}))
    request = TakeoverRequest(
        stack="shop", identifier="shop-db", secret="shop-login", fault="kill", seconds=1.0, runs=3
    )
    result = takeover(
        site, request, confirm="shop", workspace=pair.workspace, journal=pair.journal, progress=Silent()
    )  # fmt: skip
    assert result.verdict.word == "INCONCLUSIVE"
    assert "round 2: nothing to harm: it is gone" in result.verdict.reasons
    assert [one["number"] for one in result.evidence["outage"]["rounds"]] == [1]
    assert rows(pair) == 0


@pytest.mark.parametrize(("has_redundancy", "is_degraded"), [(True, False), (False, True)])
def test_a_site_tells_of_a_standby_that_could_not_take_over(
    pair: Shop, has_redundancy: bool, is_degraded: bool
) -> None:
    site = replace(pair.site, lab=Lab(faults={}, has_redundancy=lambda _: has_redundancy))
    state = site.doors.rds.instance("shop-db")
    assert site.lacks_standby(state) is is_degraded
    assert not site.lacks_standby(replace(state, is_multi_az=False))
    assert not replace(site, lab=None).lacks_standby(state)


def test_nobody_else_is_at_work_on_the_stack_meanwhile(pair: Shop) -> None:
    with hold(pair.journal.directory, "shop", operation="deploy"), pytest.raises(Busy, match="somebody else"):
        take(pair)


def in_doubt_behind(shop: Shop, lock: str) -> Tally:
    """What becomes of a write that waits behind a lock until its connection is cut."""
    with shop.open() as holder:
        ledger = DIALECTS[shop.engine].ledger
        ledger.create(holder)
        ledger.forget(holder, "cut")
        holder.execute("BEGIN")
        holder.execute(lock)
        routes = [Route("direct", "here", shop.open)]
        deadline = time.monotonic() + 60
        with Clients(routes, shop.engine, run="cut", writers=1) as clients:
            while not clients.tallies[0].in_doubt:
                assert time.monotonic() < deadline, "the write was never cut"
                clients.cut_stuck(0.2)
                time.sleep(0.02)
    return clients.tallies[0]


def test_a_client_does_not_wait_for_ever(pair: Shop) -> None:
    tally = in_doubt_behind(pair, "LOCK TABLE mainstay_canary.ledger")
    assert (tally.acknowledged, tally.failed) == (set(), set())


def test_a_client_of_mariadb_does_not_wait_for_ever_either(maria: Shop) -> None:
    tally = in_doubt_behind(maria, "LOCK TABLES mainstay_canary.ledger WRITE")
    assert (tally.acknowledged, tally.failed) == (set(), set())


def test_a_run_is_named_by_us() -> None:
    with pytest.raises(ValueError, match="no name of a run"):
        query("x'; DROP TABLE orders; --")
    assert query("20261121t12-0a").endswith("run = '20261121t12-0a'")


class Breaking(Silent):
    """Ctrl-C as a line is told that begins so."""

    def __init__(self, words: str) -> None:
        self._words = words

    def note(self, text: str) -> None:
        if text.startswith(self._words):
            raise KeyboardInterrupt


def test_ctrl_c_stops_the_clients_and_takes_their_rows_away(pair: Shop) -> None:
    before = set(threading.enumerate())
    with pytest.raises(Interrupted):
        take(pair, progress=Breaking("round 1: kill"))
    assert set(threading.enumerate()) <= before
    assert rows(pair) == 0
    assert take(pair).verdict.word == "PROVEN"


def test_mariadb_that_hangs_loses_nothing_either(maria: Shop) -> None:
    result = take(maria, "hang")
    assert (result.verdict.word, result.verdict.reasons) == ("PROVEN", ())
    assert way(result)["outage_s"] > 2
    assert way(result)["acknowledged"] > 20
    assert rows(maria) == 0
