"""The verdict as a table of what a drill found; no server is needed to judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.ops.drill.conftest import MARKER, NOW, POINT, Dying

from mainstay.core.clock import render_time
from mainstay.core.errors import Inconclusive, TargetRefused
from mainstay.core.units import Duration
from mainstay.ops.drill.called import unheard
from mainstay.ops.drill.checkpoint import load, save
from mainstay.ops.drill.document import compose
from mainstay.ops.drill.model import CheckKind, Outcome
from mainstay.ops.drill.state import Drill, refuse_foreign, target_identifier
from mainstay.ops.drill.verdict import judge, note_objectives
from mainstay.ops.journal import Entry
from mainstay.ops.tags import PURPOSE, RUN_ID
from mainstay.ops.validation_function import FunctionSpent


def test_everything_right_is_proven_up_to_the_second_way(proven: Drill) -> None:
    found = judge(proven)
    assert (found.word, found.level, found.reasons) == ("PROVEN", "P5", ())
    assert [level.is_shown for level in found.levels] == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("kind", "outcome", "word", "level"),
    [
        ("table", "failed", "DISPROVEN", "P3"),
        ("sequence", "failed", "DISPROVEN", "P3"),
        ("catalog", "failed", "DISPROVEN", "P3"),
        ("sql", "failed", "DISPROVEN", "P4"),
        ("instance", "failed", "DISPROVEN", "P1"),
        ("objective", "failed", "DISPROVEN", "P5"),
        ("cleanup", "failed", "INCONCLUSIVE", "P5"),
        ("table", "open", "PROVEN", "P3"),
        ("catalog", "noted", "PROVEN", "P5"),
        ("instance", "open", "PROVEN", "P5"),
        ("objective", "open", "PROVEN", "P5"),
    ],
)
def test_one_check_decides(proven: Drill, kind: CheckKind, outcome: Outcome, word: str, level: str) -> None:
    proven.note_check(kind, "it", outcome, "this", "that")
    found = judge(proven)
    assert (found.word, found.level) == (word, level)
    assert bool(found.reasons) is (word != "PROVEN")


def test_what_is_beyond_a_function_is_inconclusive_and_names_the_other_way(proven: Drill) -> None:
    proven.stop(FunctionSpent("the function ran out of time", detail="it was asked", hint="go --through bastion"))
    proven.stop(TargetRefused("the server is gone", detail="nobody answers", hint="look at it"))
    found = judge(proven)
    assert (found.word, found.reasons) == (
        "INCONCLUSIVE",
        ("the function ran out of time; it was asked; go --through bastion", "the server is gone; nobody answers"),
    )


def test_many_contradictions_are_counted(proven: Drill) -> None:
    for number in range(9):
        proven.note_check("table", f"t{number}", "failed", "this", "that")
    assert judge(proven).reasons[-1] == "3 more checks failed."
    assert len(judge(proven).reasons) == 7


@pytest.mark.parametrize(
    ("change", "level", "word"),
    [
        ({"source": None}, "none", "INCONCLUSIVE"),
        ({"exposure_s": None}, "P0", "INCONCLUSIVE"),
        ({"exposure_s": 600.0}, "P5", "PROVEN"),
        ({"exposure_s": 600.1}, "P0", "INCONCLUSIVE"),
        ({"reached_s": {}}, "P1", "INCONCLUSIVE"),
        ({"marker_check": None}, "P2", "INCONCLUSIVE"),
        ({"marker_check": replace(POINT, forbidden=0)}, "P2", "INCONCLUSIVE"),
        ({"marker_check": replace(POINT, demanded=0)}, "P2", "INCONCLUSIVE"),
        ({"marker_check": replace(POINT, missing=(MARKER,))}, "P2", "INCONCLUSIVE"),
        ({"reached_s": {"t_login": 1.0}}, "P3", "PROVEN"),
        ({"has_been_written": False}, "P4", "PROVEN"),
        ({"stopped_by": ["the disk is full"]}, "P5", "INCONCLUSIVE"),
    ],
)
def test_a_level_is_only_claimed_when_it_was_shown(
    proven: Drill, change: dict[str, object], level: str, word: str
) -> None:
    for name, value in change.items():
        setattr(proven, name, value)
    found = judge(proven)
    assert (found.level, found.word) == (level, word)
    shown = [row.is_shown for row in found.levels]
    assert shown == sorted(shown, reverse=True), "each level rests on those before it"


@pytest.mark.parametrize(("required", "word"), [("P5", "PROVEN"), ("P6", "INCONCLUSIVE")])
def test_what_is_required_is_for_the_asker_to_say(proven: Drill, required: str, word: str) -> None:
    proven.request = replace(proven.request, required=required)
    assert judge(proven).word == word


def test_unanswered_questions_are_no_use(proven: Drill) -> None:
    proven.request = replace(proven.request, checks=proven.request.checks * 2)
    assert judge(proven).level == "P4"
    proven.request = replace(proven.request, checks=())
    assert judge(proven).level == "P4"


@pytest.mark.parametrize(
    ("rto", "rpo", "exposure", "outcomes"),
    [
        (None, None, 12.0, []),
        (Duration(3), Duration(2), 1.0, ["passed", "passed"]),
        (Duration(2), Duration(1), 5.0, ["failed", "open", "noted"]),
    ],
)
def test_promises_stand_beside_measures(
    proven: Drill, rto: Duration | None, rpo: Duration | None, exposure: float, outcomes: list[str]
) -> None:
    proven.request = replace(proven.request, rto=rto, rpo=rpo)
    proven.exposure_s = exposure
    note_objectives(proven)
    assert [check.outcome for check in proven.checks if check.kind == "objective"] == outcomes


def test_what_was_not_measured_meets_no_promise(proven: Drill) -> None:
    proven.request = replace(proven.request, rto=Duration(1), rpo=Duration(1))
    proven.reached_s, proven.marker_check, proven.exposure_s = {}, None, None
    note_objectives(proven)
    assert not [check for check in proven.checks if check.kind == "objective"]


def test_the_restored_instance_has_a_name_that_rds_takes() -> None:
    assert target_identifier("shop", "20261120t140500z-a1b2c3") == "shop-drill-a1b2c3"
    long = target_identifier("a" * 45 + "-" + "b" * 20, "20261120t140500z-a1b2c3")
    assert len(long) <= 63
    assert "--" not in target_identifier("a" * 49 + "-bbbbbbbbbb", "x-a1b2c3")


def test_only_an_instance_of_the_run_itself_is_touched(proven: Drill) -> None:
    assert proven.source is not None
    tags = {RUN_ID: proven.run.id, PURPOSE: "drill"}
    ours = replace(proven.source, identifier=proven.target_id, resource_id="db-2", tags=tags)
    refuse_foreign(ours, proven)
    for foreign in (
        replace(ours, identifier="db"),
        replace(ours, resource_id="db-1"),
        replace(ours, resource_id=""),
        replace(ours, tags={}),
        replace(ours, tags=tags | {RUN_ID: "another"}),
        replace(ours, tags=tags | {PURPOSE: "restore"}),
    ):
        with pytest.raises(TargetRefused):
            refuse_foreign(foreign, proven)


def test_a_step_out_of_order_is_no_proof(proven: Drill) -> None:
    for missing in (proven.require_restored, proven.require_target, lambda: proven.source_database("")):
        with pytest.raises(Inconclusive):
            missing()
    assert proven.home == "postgres"
    proven.restored = replace(
        proven.require_source(),
        identifier=proven.target_id,
        resource_id="db-2",
        tags={RUN_ID: proven.run.id, PURPOSE: "drill"},
    )
    with pytest.raises(Inconclusive, match="inconclusive"):
        proven.restored_database("")
    proven.source = None
    with pytest.raises(Inconclusive):
        proven.require_source()


@pytest.mark.parametrize(("promised_s", "outcome"), [(3, "passed"), (2, "open")])
def test_a_recovery_time_with_an_absence_in_it_can_hold_a_promise_and_break_none(
    proven: Drill, promised_s: int, outcome: str
) -> None:
    """Asked for at 0 s, killed at 0.5 s, taken up at 1.5 s, verified after 2.5 s."""
    proven.request = replace(proven.request, rto=Duration(promised_s))
    proven.reached_s = {"t_available": 0.25, "t_login": 2.0, "t_data_verified": 2.5}
    for after_s, event in ((0.0, "about to"), (0.5, "step"), (1.5, "resumed")):
        at = render_time(NOW + timedelta(seconds=after_s))
        proven.run.entries.append(
            {"at": at, "event": event, "call": "rds:RestoreDBInstanceToPointInTime", "number": 5, "name": "Wait"}
        )
    note_objectives(proven)
    (told,) = [check for check in proven.checks if check.kind == "objective"]
    assert told.outcome == outcome
    assert "2.5 s, in which nobody was at work for up to 1.0 s" in told.observed
    document = compose(proven, judge(proven))
    assert document["rto"] == {
        "objective_s": promised_s, "measured_s": None, "available_s": 0.25, "with_absence_s": 2.5,
        "without_absence_s": 1.5,
    }  # fmt: skip
    assert [phase.get("absent_s") for phase in document["phases"]] == [None, 1.0, None]
    assert [(gap["step"], gap["how"], gap["absent_s"]) for gap in document["resumed"]] == [("Wait", "killed", 1.0)]


def test_calls_that_only_a_journal_knows_are_told_with_how_they_ended(proven: Drill) -> None:
    at, name = render_time(NOW), "rds:ModifyDBInstance"
    events = ("about to", "done", "about to", "failed", "about to")
    entries: list[Entry] = [{"at": at, "event": event, "call": name} for event in events]
    told = list(unheard(entries, [], "eu-central-1"))
    assert [(one.operation, one.outcome, one.request_id) for one in told] == [
        ("ModifyDBInstance", "done", ""), ("ModifyDBInstance", "failed", ""), ("ModifyDBInstance", "not heard", ""),
    ]  # fmt: skip
    assert [one.outcome for one in unheard(entries, told[:2], "eu-central-1")] == ["not heard"]


def test_a_disk_that_is_full_stops_no_drill(proven: Drill, tmp_path: Path) -> None:
    (tmp_path / f"{proven.run.id}.found.kept.partial").mkdir()
    heard = Dying()
    proven.progress = heard
    save(proven)
    assert "A drill that is killed now begins anew." in heard.notes[0]
    assert load(proven.run) is None
    (tmp_path / f"{proven.run.id}.found.kept.partial").rmdir()
    proven.run.keep("found", '{"done": "of another shape"}')
    assert load(proven.run) is None
