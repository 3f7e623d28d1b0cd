"""What a difference between two readings makes of a drill, beyond what whole drills show."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from tests.ops.drill.conftest import MARKER, POINT

from mainstay.core.errors import Inconclusive
from mainstay.ops.drill import verifying
from mainstay.ops.drill.baseline import Baseline
from mainstay.ops.drill.state import Drill
from mainstay.ops.drill.verdict import judge
from mainstay.probe.catalog import Catalog
from mainstay.probe.fingerprint import Fingerprints, TableFingerprint
from mainstay.probe.postgres.catalog import SECTIONS
from mainstay.probe.reading import DatabaseReading
from mainstay.probe.sequences import Sequence


def reading(
    *tables: TableFingerprint, sequence: int = 10, indexes: dict[str, str] | None = None, settings: str = "1"
) -> DatabaseReading:
    sections: dict[str, dict[str, str]] = {name: {} for name in SECTIONS} | {
        "indexes": indexes or {},
        "settings": {"work_mem": settings},
    }
    return DatabaseReading(
        Fingerprints("d", tables, ()), (Sequence("s", 1, 1, sequence),), Catalog("d", sections)
    )  # fmt: skip


TABLE = TableFingerprint("t", 5, "55")
GROWN = TableFingerprint("t", 6, "66")


def found(drill: Drill, *kinds: str) -> set[tuple[str, str]]:
    return {(check.name, check.outcome) for check in drill.checks if check.kind in kinds and check.database == "d"}


@pytest.fixture
def drill(proven: Drill) -> Drill:
    proven.checks.clear()
    return proven


def against(drill: Drill, baseline: Baseline, restored: dict[str, DatabaseReading]) -> None:
    verifying._verify_against(drill, baseline, restored)


def test_a_table_that_moved_is_left_open_and_caps_the_proof(drill: Drill) -> None:
    against(drill, Baseline({"d": reading(TABLE)}, {"d": reading(GROWN)}), {"d": reading(TABLE)})
    assert found(drill, "table") == {("t", "open")}
    assert judge(drill).level == "P3"
    assert judge(drill).word == "PROVEN"


def test_an_unread_table_is_left_open_and_a_damaged_one_accuses(drill: Drill) -> None:
    damaged = replace(TABLE, error="invalid page")
    against(drill, Baseline({"d": reading(damaged)}), {"d": reading(TABLE)})
    assert found(drill, "table") == {("t", "open")}
    against(drill, Baseline({"d": reading(TABLE)}), {"d": reading(damaged)})
    assert ("t", "failed") in found(drill, "table")


def test_a_database_that_is_missing_accuses_and_an_unknown_one_is_open(drill: Drill) -> None:
    against(drill, Baseline({"d": reading(TABLE)}), {})
    assert found(drill, "catalog") == {("database", "failed")}
    drill.checks.clear()
    against(drill, Baseline({}), {"d": reading(TABLE)})
    assert found(drill, "catalog") == {("database", "open")}
    drill.checks.clear()
    against(drill, Baseline({"d": reading(TABLE)}, {}), {"d": reading(TABLE)})
    assert found(drill, "catalog") == {("database", "open")}


def test_a_sequence_behind_accuses(drill: Drill) -> None:
    against(drill, Baseline({"d": reading(sequence=10)}), {"d": reading(sequence=9)})
    assert found(drill, "sequence") == {("s", "failed")}


def test_a_setting_is_noted_and_an_invalid_index_accuses(drill: Drill) -> None:
    restored = reading(settings="2", indexes={"i": "CREATE INDEX i INVALID"})
    against(drill, Baseline({"d": reading(indexes={"i": "CREATE INDEX i"})}), {"d": restored})
    outcomes = found(drill, "catalog")
    assert ("settings: work_mem is changed", "noted") in outcomes
    assert ("indexes: i is changed", "failed") in outcomes
    assert ("index i", "failed") in outcomes
    assert ("tables", "passed") in outcomes


def test_an_index_that_was_invalid_before_accuses_nobody(drill: Drill) -> None:
    old = reading(indexes={"i": "CREATE INDEX i INVALID"})
    against(drill, Baseline({"d": old}), {"d": old})
    assert "failed" not in {outcome for _, outcome in found(drill, "catalog")}


def test_alone_only_what_contradicts_itself_is_seen(drill: Drill) -> None:
    behind = replace(reading(replace(TABLE, error="invalid page")).sequences[0], furthest=99)
    damaged = replace(reading(replace(TABLE, error="invalid page"), GROWN), sequences=(behind,))
    verifying._verify_alone(drill, {"d": damaged})
    assert found(drill, "table", "sequence") == {("t", "failed"), ("s", "failed")}


def test_markers_that_are_wrong_are_named_but_not_by_the_hundred(drill: Drill) -> None:
    many = tuple(replace(MARKER, id=number) for number in range(5))
    verifying._note_markers(drill, replace(POINT, demanded=5, missing=many, error="later rows"))
    (before, after, canary) = drill.checks
    assert (before.outcome, after.outcome, canary.outcome) == ("failed", "passed", "failed")
    assert before.observed.startswith("0 present; missing: 0 of 2026-11-20T14:04:58")
    assert before.observed.endswith("and 2 more")
    assert canary.observed == "later rows"


def test_a_lost_connection_is_no_answer(drill: Drill) -> None:
    with pytest.raises(Inconclusive, match="cut short") as stopped, verifying._asking(drill):
        raise psycopg.OperationalError("server closed the connection\nunexpectedly")
    assert stopped.value.detail.endswith("server closed the connection")
