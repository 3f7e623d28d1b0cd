"""Drills that die on their way, and what the next one makes of them. Real servers; one sandbox for all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from tests.ops.drill.conftest import Dying, Killed, Shop, die, wait_until
from tests.ops.drill.test_run import LATEST, SCHEMA

from mainstay.core.units import Duration
from mainstay.ops import evidence
from mainstay.ops.aws.rds import RdsDoor, RestoreRequest
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import STEPS, Baseline, DrillRequest, read
from mainstay.ops.drill.adopting import facts_of
from mainstay.ops.drill.state import target_identifier
from mainstay.ops.journal import Run
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.fence import set_fence

pytestmark = pytest.mark.usefixtures("nothing_left")
NAMES = [step.name for step in STEPS]


def restores(run: Run) -> int:
    return len(run.calls("rds:RestoreDB"))


def of(document: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [check for check in document["checks"] if check["kind"] == kind]


def beat(shop: Shop) -> None:
    """As a heartbeat does: markers of one run, of which each bounds the one before it."""
    with shop.open() as connection:
        POSTGRES.create_canary(connection)
        for _ in range(2):
            POSTGRES.write_marker(connection, "beat")


def test_a_drill_that_dies_in_every_step_goes_on_each_time_and_is_proven(shop: Shop) -> None:
    ids = {die(shop, name)[0].id for name in NAMES}
    result = shop.drill(LATEST, told := Dying())
    assert {result.run_id} == ids
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P4", ())
    assert "has been verified and deleted: taken up" in told.notes[0]
    known, document = shop.journal.run(result.run_id), result.evidence
    assert (restores(known), len(known.calls("rds:DeleteDB"))) == (1, 2)
    jsonschema.validate(document, SCHEMA)
    assert [gap["number"] for gap in document["resumed"]] == [0, *range(1, len(NAMES))]
    assert {(gap["how"], gap["operator"]) for gap in document["resumed"]} == {("killed", evidence.operator())}
    done = {row["name"] for row in document["steps"] if row["outcome"] == "done"}
    assert done == {*NAMES[:-1]}
    for name in ("See what the source holds", "Restore into a new instance", "Verify the data"):
        assert [row["name"] for row in document["steps"]].count(name) == 1
    name = document["target"]["identifier"]
    assert document["cleanup"] == {"deleted": [name, f"parameter group {name}"], "left": []}
    assert len({(one["name"], one["database"]) for one in document["checks"]}) == len(document["checks"])
    rto = document["rto"]
    assert (rto["measured_s"], rto["available_s"]) == (None, None)
    assert 0 < rto["without_absence_s"] < rto["with_absence_s"]
    calls = [call["operation"] for call in document["calls"]]
    assert (calls.count("CreateDBParameterGroup"), calls.count("DeleteDBParameterGroup")) == (1, 1)
    assert (calls.count("RestoreDBInstanceToPointInTime"), calls.count("DeleteDBInstance")) == (1, 1)
    assert evidence.replay(shop.workspace).problems == []
    assert not list(shop.journal.directory.glob("*.kept*"))


def test_a_run_is_taken_up_by_the_same_wish_or_by_none_and_by_no_other(shop: Shop) -> None:
    restoring = "Restore into a new instance"
    window = shop.site.doors.rds.restorable_window("shop-db")
    assert window.earliest is not None
    timed = replace(LATEST, time=window.earliest)
    first, _ = die(shop, restoring, timed)
    again, said = die(shop, restoring, timed)
    assert again.id == first.id
    assert "nothing was restored yet: taken up" in said.notes[0]
    left_open, _ = die(shop, restoring)
    assert (left_open.id, left_open.fact("asked")) == (first.id, facts_of(timed)["asked"])
    first, said = die(shop, restoring, replace(LATEST, is_random=True))
    assert "it was to restore time 20" in said.notes[0]
    again, _ = die(shop, restoring)
    targets = [entry["time"] for entry in again.entries if entry["event"] == "target chosen"]
    assert (again.id, len(targets), len(set(targets))) == (first.id, 2, 1)
    wishes: dict[str, DrillRequest] = {
        "it was to restore random, and not time 20": timed,
        "the spec, or what it plans, has changed": replace(LATEST, spec_hash="sha256:1"),
        "other questions": replace(LATEST, spec_hash="sha256:1", required="P4"),
    }
    for why, wish in wishes.items():
        other, said = die(shop, restoring, wish)
        assert why in said.notes[0]
        assert other.id != first.id
        assert shop.journal.run(first.id).fact("outcome") == "reaped"
        first = other
    anew, _ = die(shop, restoring, wish, anew=True)
    assert anew.id != first.id
    anew.write("begun by another version", checkpoint="1 of 0.0.1")
    last, said = die(shop, restoring, wish)
    assert "another version of Mainstay began it" in said.notes[0]
    assert last.id != anew.id


def test_what_is_not_known_whole_or_is_of_elsewhere_is_told_and_left_out(shop: Shop) -> None:
    lost, altered = (shop.journal.begin("drill", "shop-db", **facts_of(LATEST)) for _ in range(2))
    lost.write("about to", call="rds:RestoreDBInstanceToPointInTime", target=target_identifier("shop-db", lost.id))
    path = evidence.path_of(shop.workspace, altered.id)
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    there = shop.journal.begin("drill", "shop-db in us-west-2", stack="shop")
    last, said = die(shop, NAMES[0])
    told = "\n".join(said.notes)
    shutil.rmtree(path.parent)
    there.finish("refused")
    for words in (
        f"run {lost.id} was killed before its first step, last heard of at 20",
        "because what it had found out is not known whole any more",
        "because its evidence is not as it was written (not evidence)",
        "it is of shop-db in us-west-2: --from-region us-west-2 goes on with it",
    ):
        assert words in told
    assert last.id not in {lost.id, altered.id, there.id}
    assert {shop.journal.run(one.id).fact("outcome") for one in (lost, altered)} == {"reaped"}


def test_a_copy_that_is_gone_or_expired_is_not_gone_on_with(shop: Shop) -> None:
    gone, _ = die(shop, "Give it a password of its own")
    rds, (name,) = shop.site.doors.rds, {*shop.instances()} - {"shop-db"}
    rds.delete_without_snapshot(name)
    wait_until(lambda: rds.find_instance(name) is None)
    expired, said = die(shop, "Wait until it is available", replace(LATEST, lifetime=Duration(0)))
    assert f"its copy {name} is gone" in said.notes[0]
    assert shop.journal.run(gone.id).fact("outcome") == "reaped"
    last, said = die(shop, "Restore into a new instance")
    assert "expired at 2" in said.notes[0]
    assert shop.journal.run(expired.id).fact("outcome") == "reaped"
    assert len({gone.id, expired.id, last.id}) == 3


def test_a_restore_that_was_heard_is_not_asked_for_again_nor_evidence_written_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = RdsDoor.restore_to_time

    def unheard(door: RdsDoor, request: RestoreRequest) -> DbState:
        ask(door, request)
        raise Killed

    beat(shop)
    with monkeypatch.context() as patched:
        patched.setattr(RdsDoor, "restore_to_time", unheard)
        die(shop, "")
    (left,) = shop.journal.unfinished("drill", "shop-db")
    wait_until(lambda: shop.site.doors.rds.instance({*shop.instances()}.difference({"shop-db"}).pop()).is_available)
    (shop.journal.directory / f"{left.id}.source.kept").write_text("half of it")
    beat(shop)
    written, told = _die_when_it_was_written(shop, left, monkeypatch)
    result = shop.drill(LATEST)
    assert result.evidence_path.read_bytes() == written
    assert evidence.replay(shop.workspace).problems == []
    assert shop.journal.run(left.id).fact("outcome") == "PROVEN"
    assert (result.run_id, restores(shop.journal.run(left.id))) == (left.id, 1)
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P3")
    assert any("not known whole any more" in note for note in told.notes)
    (table,) = of(result.evidence, "table")
    assert (table["outcome"], table["observed"]) == ("open", "nobody took one")
    (restored,) = [one for one in result.evidence["calls"] if one["operation"].startswith("Restore")]
    assert (restored["request_id"], restored["outcome"]) == ("", "not heard")
    jsonschema.validate(result.evidence, SCHEMA)


def _die_when_it_was_written(shop: Shop, left: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, Dying]:
    """The drill goes on to its evidence, and dies before that has its line in the chain: the document's bytes."""

    def die_now(_: Run, outcome: str, **facts: Any) -> None:
        raise Killed(outcome, facts)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "finish", die_now)
        _, told = die(shop, "")
    chain = shop.workspace / "evidence" / "chain.jsonl"
    chain.write_text("".join(chain.read_text().splitlines(keepends=True)[:-1]))
    return evidence.path_of(shop.workspace, left.id).read_bytes(), told


def test_a_contradiction_is_told_though_the_drill_died_when_its_copy_was_gone(shop: Shop) -> None:
    seen = read(POSTGRES, shop.open, timeout_s=30)
    with shop.open() as connection:
        fence = set_fence(POSTGRES, connection, "contradicted", time.sleep)
    first = seen["shop"].fingerprints.tables[0]
    others = replace(seen["shop"].fingerprints, tables=(replace(first, digest="0"),))
    wrong = Baseline({**seen, "shop": replace(seen["shop"], fingerprints=others)})
    request = replace(LATEST, time=fence.target, baseline=wrong, markers=(fence.first, fence.last))
    left, _ = die(shop, "Prove that nothing is left", request, stop_at="Ask the user's own questions")
    assert shop.instances() == ["shop-db"]
    result = shop.drill(request, Dying())
    assert (result.run_id, result.verdict.word, restores(left)) == (left.id, "DISPROVEN", 1)
    assert first.table in " ".join(result.verdict.reasons)
    outcomes = {row["name"]: row["outcome"] for row in result.evidence["steps"]}
    assert (outcomes["Verify the data"], outcomes["Use it"]) == ("done", "skipped")
    name = result.evidence["target"]["identifier"]
    assert result.evidence["cleanup"] == {"deleted": [name, f"parameter group {name}"], "left": []}
