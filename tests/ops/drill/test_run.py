"""Whole drills, against real servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from tests.ops.drill.conftest import PASSWORD, Shop, looking_function, new_function, wait_until
from tests.ops.test_tunnel import BASTION, behind_bastion, silent

from mainstay.core.clock import SystemClock, render_time
from mainstay.core.errors import AnswerIsNo, Busy, Inconclusive, InputRefused, Interrupted, NotFound
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.ops import evidence, lease
from mainstay.ops.aws.rds import RdsDoor, RestoreRequest
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import STEPS, Baseline, DrillRequest, drill, read
from mainstay.ops.drill.state import Drill
from mainstay.ops.login import Address, connect
from mainstay.ops.proof import Subject, proof_of
from mainstay.ops.restore import placement_of
from mainstay.ops.routes import Routes
from mainstay.ops.validation_function import ValidationFunction
from mainstay.ops.workload import Disaster
from mainstay.plan.intent import SqlCheck
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.fence import set_fence
from mainstay.report.page import drill_page
from mainstay.sandbox import faults
from mainstay.sandbox import session as boto_session
from mainstay.sandbox.state import State

pytestmark = pytest.mark.usefixtures("nothing_left")
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
LATEST = DrillRequest(stack="shop", source="shop-db", secret="shop-login")


@pytest.fixture(scope="module")
def disaster(shop: Shop) -> Disaster:
    """An application wrote, then somebody dropped a table."""
    shop.application.run_for(20, limit=100)
    return shop.application.drop_table()


def after(disaster: Disaster, **changes: object) -> DrillRequest:
    request = replace(
        LATEST,
        time=disaster.target,
        disaster_at=disaster.at,
        baseline=disaster.baseline,
        markers=disaster.markers,
        canary_database=disaster.database,
        rpo=Duration(300),
        rto=Duration(900),
    )
    return replace(request, **changes)  # type: ignore[arg-type]  # test set-up: the names are checked by dataclasses


def test_a_table_that_was_dropped_is_proven_to_come_back(shop: Shop, disaster: Disaster) -> None:
    question = SqlCheck(name="items", statement="SELECT 1 FROM order_item LIMIT 1", expected_rows=1)
    with shop.open() as connection:
        assert connection.execute("SELECT to_regclass('order_item')").fetchone() == (None,)
    result = shop.drill(after(disaster, checks=(question,), is_heard=True))
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P5", ())
    result.require_proven()
    jsonschema.validate(result.evidence, SCHEMA)
    assert [step["outcome"] for step in result.evidence["steps"]] == ["done"] * (len(STEPS) - 1)
    assert [phase["name"] for phase in result.evidence["phases"]] == [
        "t_request", "t_create", "t_available", "t_login", "t_point_verified", "t_data_verified",
    ]  # fmt: skip
    assert [point["kind"] for point in result.evidence["points"]] == ["survived", "target", "absent", "disaster"]
    assert result.evidence["target"]["kind"] == "before-disaster"
    name = result.evidence["target"]["identifier"]
    assert result.evidence["cleanup"] == {"deleted": [name, f"parameter group {name}"], "left": []}
    tables = {check["name"] for check in result.evidence["checks"] if check["kind"] == "table"}
    assert '"public"."order_item"' in tables
    assert PASSWORD not in result.evidence_path.read_text()
    assert "PROVEN" in drill_page(result.evidence)
    replayed = evidence.replay(shop.workspace)
    assert replayed.documents
    assert replayed.problems == []
    asked = Subject(label="sandbox", resource_id=result.evidence["source"]["resource_id"])
    proof = proof_of(shop.workspace, asked, Duration.days(1), now=datetime.now(UTC), begun_at=None)
    assert (proof.is_proven, proof.run, proof.level) == (True, result.run_id, "P5")


def test_the_evidence_says_who_asked_what_of_aws(shop: Shop) -> None:
    document = evidence.load(sorted((shop.workspace / "evidence").glob("*/evidence.json"))[0])
    assert document["asked"]["required_level"] == "P3"
    assert [question["statement"] for question in document["asked"]["questions"]] == [
        "SELECT 1 FROM order_item LIMIT 1"
    ]
    assert document["made_by"]["caller"].startswith("arn:aws:iam::")
    called = [(call["service"], call["operation"], call["outcome"]) for call in document["calls"]]
    assert [call for _, call, _ in called] == [
        "CreateDBParameterGroup", "ModifyDBParameterGroup", "RestoreDBInstanceToPointInTime", "ModifyDBInstance",
        "DeleteDBInstance", "DeleteDBParameterGroup",
    ]  # fmt: skip
    assert {(service, outcome) for service, _, outcome in called} == {("rds", "done")}
    assert all(call["region"] == "eu-central-1" for call in document["calls"])
    assert len({call["request_id"] for call in document["calls"] if call["request_id"]}) == len(called)
    assert document["reads"]["rds:DescribeDBInstances"] > 3
    assert any(check["name"] == "position in the log" and "LSN " in check["observed"] for check in document["checks"])


def test_the_evidence_holds_each_query_with_its_answers_so_that_it_can_be_asked_again(shop: Shop) -> None:
    document = evidence.load(sorted((shop.workspace / "evidence").glob("*/evidence.json"))[0])
    asked = document["queries"]["asked"]
    tables = [
        query for query in asked if query["subject"] == '"public"."order_item"' and "count(*)" in query["statement"]
    ]
    (answers,) = [{answer["of"]: answer["result"] for answer in query["answers"]} for query in tables]
    rows, total = answers["copy"].split("\t")
    check = next(check for check in document["checks"] if check["name"] == '"public"."order_item"')
    assert check["observed"] == f"{rows} rows, sum {total}"
    assert check["started_at"] == min(query["answers"][0]["at"] for query in asked if query["subject"] == check["name"])
    assert {"table", "sequence", "catalog", "marker", "soundness", "sql"} <= {query["kind"] for query in asked}
    (question,) = [query for query in asked if query["kind"] == "sql"]
    assert (question["statement"], question["answers"][0]["rows"]) == ("SELECT 1 FROM order_item LIMIT 1", 1)
    assert {"statement": "SELECT set_config(%s, %s, true)", "parameters": '["TimeZone", "UTC"]'} in document["queries"][
        "session"
    ]
    with shop.open() as connection:
        again = connection.execute("SELECT version()").fetchone()
    assert again == (document["source"]["engine_build"],)
    assert all(check["started_at"] >= document["started_at"] and check["seconds"] >= 0 for check in document["checks"])
    (place,) = document["positions"]
    assert (place["of"], place["when"], place["position"][:4]) == ("copy", "when recovery had ended", "LSN ")


def test_the_latest_time_is_proven_without_being_told_anything(shop: Shop) -> None:
    made = boto_session(shop.sandbox, "eu-central-1").client("kms")
    key = made.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    result = shop.drill(replace(LATEST, signing_key=key))
    assert (result.evidence["signed_by"]["kind"], result.evidence["signed_by"]["name"]) == ("kms", key)
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P4")
    assert result.evidence["target"]["kind"] == "latest"
    assert result.evidence["rpo"]["proven_s"] <= 1.2
    places = {row["when"]: row["position"] for row in result.evidence["positions"]}
    assert list(places) == ["just before the target", "just after the target", "when recovery had ended"]
    assert all(place.startswith("LSN ") for place in places.values())


def test_a_function_sees_the_row_that_differs(shop: Shop, disaster: Disaster) -> None:
    before = read(POSTGRES, shop.open, timeout_s=30)
    with shop.open() as connection:
        connection.execute("UPDATE customer SET name = 'nobody else' WHERE id = 8")
        fence = set_fence(POSTGRES, connection, "seen-by-function", time.sleep)
    request = replace(LATEST, time=fence.target, baseline=Baseline(before), markers=(fence.first, fence.last))
    result = shop.drill(request, routes=looking_function(shop))
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P3")
    assert ['"public"."customer"' in reason for reason in result.verdict.reasons] == [True]
    assert "through function shop-validation" in result.evidence["made_by"]["observed_from"]
    assert result.evidence["cleanup"]["deleted"][-1].startswith("secret mainstay/shop-validation/shop-db-drill-")
    assert result.evidence["cleanup"]["left"] == []


def test_a_drill_whose_function_runs_out_of_time_goes_on_through_the_bastion(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function has some seconds for an answer, which the third question takes longer than."""
    site, name = behind_bastion(shop.site, tmp_path, monkeypatch), new_function(shop, "shop-hurried", timeout_s=8)
    long = SqlCheck(name="slow", statement="SELECT pg_sleep(3.5)", expected_rows=1)
    request, find = replace(LATEST, checks=(long,)), lambda: ValidationFunction(site, name)
    result = shop.drill(request, routes=Routes(site, bastion=BASTION, function=find, look=silent))
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P5"), result.verdict.reasons
    seen_from = result.evidence["made_by"]["observed_from"]
    assert f"through function {name} in" in seen_from
    assert f"through bastion {BASTION} in" in seen_from
    assert "its function was left (the function ran out of time: " in seen_from
    assert result.evidence["cleanup"]["left"] == []
    names = [(check["kind"], check["name"], check["database"]) for check in result.evidence["checks"]]
    assert len(names) == len(set(names)), "what a step had found before it was done again stands once"
    (told,) = [check for check in result.evidence["checks"] if check["kind"] == "sql"]
    assert told["outcome"] == "passed"


def test_a_row_that_differs_disproves(shop: Shop, disaster: Disaster) -> None:
    before = read(POSTGRES, shop.open, timeout_s=30)
    with shop.open() as connection:
        connection.execute("UPDATE customer SET name = 'somebody else' WHERE id = 7")
        fence = set_fence(POSTGRES, connection, "wrong-row", time.sleep)
    request = replace(LATEST, time=fence.target, baseline=Baseline(before), markers=(fence.first, fence.last))
    result = shop.drill(request)
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P3")
    assert ['"public"."customer"' in reason for reason in result.verdict.reasons] == [True]
    with pytest.raises(AnswerIsNo, match="disproven"):
        result.require_proven()


def test_a_marker_that_did_not_survive_disproves(shop: Shop) -> None:
    with shop.open() as connection:
        POSTGRES.create_canary(connection)
        lost = POSTGRES.write_marker(connection, "lost")
        connection.execute("DELETE FROM mainstay_canary.marker WHERE id = %s", (lost.id,))
        fence = set_fence(POSTGRES, connection, "lost", time.sleep)
    result = shop.drill(replace(LATEST, time=fence.target, markers=(lost, fence.first, fence.last)))
    assert result.verdict.word == "DISPROVEN"
    assert result.verdict.level == "P2"
    assert any(f"missing: {lost.id} of" in reason for reason in result.verdict.reasons)


def test_a_time_without_a_baseline_is_proven_to_the_point_only(shop: Shop) -> None:
    with shop.open() as connection:
        fence = set_fence(POSTGRES, connection, "history", time.sleep)
    result = shop.drill(replace(LATEST, time=fence.target))
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P3")
    assert any(check["outcome"] == "open" and check["kind"] == "table" for check in result.evidence["checks"])


def test_a_restore_that_only_starts_is_no_proof(shop: Shop) -> None:
    result = shop.drill(replace(LATEST, secret="nobody-knows-it"))
    assert (result.verdict.word, result.verdict.level) == ("INCONCLUSIVE", "P2")
    assert "P3 is required" in result.verdict.reasons[-1]
    with pytest.raises(Inconclusive, match="inconclusive"):
        result.require_proven()


def test_a_question_that_only_the_source_answers_disproves(shop: Shop) -> None:
    with shop.open() as connection:
        row = connection.execute("SELECT inet_server_port()").fetchone()
    assert row is not None
    statement = f"SELECT 1 WHERE inet_server_port() = {row[0]}"
    checks = (SqlCheck(name="same server", statement=statement, expected_rows=1, database="shop"),)
    result = shop.drill(replace(LATEST, checks=checks))
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P4")
    assert "expected 1 rows, found 0 rows" in result.verdict.reasons[0]


def test_a_question_that_the_source_fails_just_so_accuses_no_backup(shop: Shop) -> None:
    checks = (
        SqlCheck(name="none", statement="SELECT 1 WHERE false", expected_rows=1, database="shop"),
        SqlCheck(name="no such table", statement="SELECT 1 FROM nowhere", expected_rows=1, database="shop"),
    )
    result = shop.drill(replace(LATEST, checks=checks))
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P4")
    asked = [check for check in result.evidence["checks"] if check["kind"] == "sql"]
    assert [check["outcome"] for check in asked] == ["open", "open"]
    assert all("the source answers the same" in check["observed"] for check in asked)


def test_a_question_at_a_time_of_the_past_is_not_excused_by_the_source(shop: Shop, disaster: Disaster) -> None:
    checks = (SqlCheck(name="none", statement="SELECT 1 WHERE false", expected_rows=1, database="shop"),)
    result = shop.drill(after(disaster, checks=checks))
    assert result.verdict.word == "DISPROVEN"


@pytest.mark.parametrize("days", [-30, 1])
def test_a_time_outside_the_window_is_refused_with_the_window(shop: Shop, days: int) -> None:
    window = shop.site.doors.rds.restorable_window("shop-db")
    assert window.earliest is not None
    assert window.latest is not None
    with pytest.raises(InputRefused) as refused:
        shop.drill(replace(LATEST, time=window.latest + timedelta(days=days)))
    assert render_time(window.earliest) in refused.value.detail
    assert all(run.is_finished for run in shop.journal.runs())


class Shifted(SystemClock):
    """A clock that is wrong by so many seconds."""

    def __init__(self, by_s: float) -> None:
        self._by = timedelta(seconds=by_s)

    def now(self) -> datetime:
        return super().now() + self._by


@pytest.mark.parametrize("by_s", [-90.0, 90.0])
def test_a_clock_that_is_wrong_by_more_than_a_minute_is_refused(shop: Shop, by_s: float) -> None:
    with pytest.raises(InputRefused, match="clocks disagree") as refused:
        drill(shop.site, LATEST, workspace=shop.workspace, journal=shop.journal, progress=Silent(), clock=Shifted(by_s))
    assert "90 s" in refused.value.detail
    assert all(run.is_finished for run in shop.journal.runs())


def test_a_clock_that_is_wrong_by_seconds_is_noted(shop: Shop) -> None:
    clock = Shifted(20.0)
    result = drill(shop.site, LATEST, workspace=shop.workspace, journal=shop.journal, progress=Silent(), clock=clock)
    assert result.verdict.word == "PROVEN"
    (noted,) = [check for check in result.evidence["checks"] if check["name"] == "clocks agree"]
    assert (noted["outcome"], "ahead of" in noted["observed"]) == ("noted", True)


def test_a_source_that_is_not_there_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.drill(replace(LATEST, source="no-such-db"))


def test_two_operators_do_not_drill_one_stack(shop: Shop) -> None:
    with (
        lease.hold(shop.journal.directory, "shop", operation="deploy"),
        pytest.raises(Busy, match="somebody else"),
    ):
        shop.drill(LATEST)


class Stopping(Silent):
    """Presses Ctrl-C when a step begins, or while it waits."""

    def __init__(self, at: str, *, times: int = 1, waiting: bool = False) -> None:
        self.at, self.left, self.waiting, self.here = at, times, waiting, ""

    def step(self, number: int, total: int, name: str) -> None:
        self.here = name
        if not self.waiting:
            self._press()

    def tick(self, text: str) -> None:
        if self.waiting:
            self._press()

    def _press(self) -> None:
        if self.here == self.at and self.left:
            self.left -= 1
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(
    ("at", "waiting"), [("Wait until it is available", True), ("Verify the data", False), ("Log in over TLS", False)]
)
def test_ctrl_c_cleans_up_and_is_told_in_the_evidence(shop: Shop, at: str, waiting: bool) -> None:
    result = shop.drill(LATEST, Stopping(at, waiting=waiting))
    assert result.verdict.word == "INCONCLUSIVE"
    assert result.verdict.reasons[0] == "The operator stopped the drill."
    name = result.evidence["target"]["identifier"]
    assert result.evidence["cleanup"]["deleted"] == [name, f"parameter group {name}"]
    outcomes = {step["name"]: step["outcome"] for step in result.evidence["steps"]}
    assert outcomes["Use it"] == "skipped"
    assert shop.instances() == ["shop-db"]


def test_ctrl_c_before_anything_was_created_stops_at_once(shop: Shop) -> None:
    for progress in (Stopping("See what the source holds"), Stopping("Choose the target")):
        with pytest.raises(Interrupted):
            shop.drill(LATEST, progress)
    assert shop.instances() == ["shop-db"]
    shop.drill(LATEST).require_proven()
    assert all(run.is_finished for run in shop.journal.runs())


def test_a_restore_that_cannot_be_deleted_fails_the_drill_and_is_reaped_by_the_next(shop: Shop) -> None:
    with State(shop.sandbox).transaction("eu-central-1") as tx:
        faults.order(tx, "rds", "DeleteDBInstance", ["AccessDenied"])
    leaked = shop.drill(LATEST)
    assert leaked.verdict.word == "INCONCLUSIVE"
    assert leaked.verdict.level == "P4"
    name = leaked.evidence["target"]["identifier"]
    assert leaked.evidence["cleanup"]["left"] == [name, f"parameter group {name}"]
    assert name in shop.instances()
    shop.drill(LATEST).require_proven()
    assert shop.instances() == ["shop-db"]


def test_a_refused_restore_is_inconclusive_and_leaves_nothing(shop: Shop) -> None:
    with State(shop.sandbox).transaction("eu-central-1") as tx:
        faults.order(tx, "rds", "RestoreDBInstanceToPointInTime", ["InsufficientDBInstanceCapacity"])
    result = shop.drill(LATEST)
    assert (result.verdict.word, result.verdict.level) == ("INCONCLUSIVE", "P1")
    assert "InsufficientDBInstanceCapacity" in result.verdict.reasons[0]
    assert result.evidence["phases"] == []
    jsonschema.validate(result.evidence, SCHEMA)


CHILD = """
import sys
from pathlib import Path
from mainstay.core.progress import Silent
from mainstay.ops.aws.doors import Doors
from mainstay.ops.drill import DrillRequest, drill
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site
from mainstay.sandbox import session
sandbox, workspace = map(Path, sys.argv[1:])
site = Site(doors=Doors(session(sandbox, "eu-central-1")), label="sandbox", region="eu-central-1",
            ca_bundle=sandbox / "ca.pem")
request = DrillRequest(stack="shop", source="shop-db", secret="shop-login")
drill(site, request, workspace=workspace, journal=Journal(workspace / "journal"), progress=Silent())
"""


def test_a_killed_drill_is_taken_up_by_the_next(shop: Shop) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(shop.sandbox), str(shop.workspace)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        wait_until(lambda: len(shop.instances()) == 2)
    finally:
        child.kill()
        child.wait()
    (killed,) = shop.journal.unfinished("drill", "shop-db")
    result = shop.drill(LATEST)
    result.require_proven()
    assert shop.instances() == ["shop-db"]
    assert (result.run_id, len(killed.calls("rds:RestoreDB"))) == (killed.id, 1)
    assert [gap["how"] for gap in result.evidence["resumed"]] == ["killed"]


def test_an_instance_of_somebody_else_is_never_touched(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    request = RestoreRequest(
        source="shop-db",
        target="shop-db-drill-foreign",
        placement=placement_of(shop.site.doors.rds.instance("shop-db")),
        tags={"owner": "somebody"},
    )
    shop.site.doors.rds.restore_to_time(request)
    wait_until(lambda: shop.site.doors.rds.instance("shop-db-drill-foreign").is_available)
    monkeypatch.setattr(Drill, "target_id", property(lambda _: "shop-db-drill-foreign"))
    result = shop.drill(LATEST)
    assert result.verdict.word == "INCONCLUSIVE"
    assert "does not carry the tags" in " ".join(result.verdict.reasons)
    assert shop.site.doors.rds.instance("shop-db-drill-foreign").is_available
    shop.site.doors.rds.delete_without_snapshot("shop-db-drill-foreign")
    wait_until(lambda: shop.instances() == ["shop-db"])


def test_a_call_that_was_heard_and_not_answered_is_adopted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = RdsDoor.restore_to_time

    def twice(door: RdsDoor, request: RestoreRequest) -> DbState:
        ask(door, request)  # its answer was lost on the way
        return ask(door, request)

    monkeypatch.setattr(RdsDoor, "restore_to_time", twice)
    result = shop.drill(LATEST)
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P4")
    assert shop.instances() == ["shop-db"]


@pytest.fixture
def second(shop: Shop) -> Iterator[Callable[..., None]]:
    """Makes another instance in the sandbox, by the call's members; it is gone after the test."""
    client = boto_session(shop.sandbox, "eu-central-1").client("rds")
    made: list[str] = []

    def make(operation: str, **members: object) -> None:
        made.append(str(members["DBInstanceIdentifier"]))
        getattr(client, operation)(**members)
        wait_until(lambda: shop.site.doors.rds.instance(made[-1]).is_available)

    yield make
    for identifier in made:
        shop.site.doors.rds.delete_without_snapshot(identifier)
    wait_until(lambda: not {*made} & {*shop.instances()})


OWN = {
    "DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "app",
    "MasterUserPassword": PASSWORD, "DBName": "shop",
}  # fmt: skip


def test_a_source_without_backups_and_a_replica_are_refused(shop: Shop, second: Callable[..., None]) -> None:
    second("create_db_instance", DBInstanceIdentifier="bare-db", BackupRetentionPeriod=0, **OWN)
    with pytest.raises(InputRefused, match="no automated backups"):
        shop.drill(replace(LATEST, source="bare-db"))
    second("create_db_instance_read_replica", DBInstanceIdentifier="copy-db", SourceDBInstanceIdentifier="shop-db")
    with pytest.raises(InputRefused, match="not a primary") as refused:
        shop.drill(replace(LATEST, source="copy-db"))
    assert "shop-db" in refused.value.hint


def test_an_archive_with_a_gap_disproves(shop: Shop, second: Callable[..., None]) -> None:
    second("create_db_instance", DBInstanceIdentifier="gap-db", BackupRetentionPeriod=7, **OWN)
    wait_until(lambda: shop.site.doors.rds.restorable_window("gap-db").latest is not None)
    state = shop.site.doors.rds.instance("gap-db")
    assert state.address is not None
    assert state.port is not None
    login = shop.site.doors.secrets.read_login("shop-login")
    with connect(login, Address(state.address, state.port), shop.site.ca_bundle, database="shop") as connection:
        fence = set_fence(POSTGRES, connection, "gap", time.sleep)
    wait_until(lambda: shop.site.doors.rds.restorable_window("gap-db").holds(fence.target))
    segments = list((shop.sandbox / "data" / state.resource_id).glob("archive-*/*"))
    assert segments
    for segment in segments:
        segment.write_bytes(bytes(segment.stat().st_size))
    request = replace(LATEST, source="gap-db", time=fence.target, markers=(fence.first, fence.last))
    result = shop.drill(request)
    assert (result.verdict.word, result.verdict.level) == ("DISPROVEN", "P1")
    assert "restore ends in available: expected available, found incompatible-restore" in result.verdict.reasons[0]
