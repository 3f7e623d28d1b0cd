"""The dead man's clock: what winds it up, what lets it run down, and what stops it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ops.evidence.conftest import content

from mainstay.core.clock import render_time
from mainstay.core.units import Duration
from mainstay.ops import evidence
from mainstay.ops.aws.doors import Doors
from mainstay.ops.evidence.keeping import Kept, keep
from mainstay.ops.proof import Proof, Subject, proof_of
from mainstay.sandbox import session

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Duration.days(7)


def leave(workspace: Path, run: str, word: str, at: datetime, **changes: Any) -> Path:
    verdict = {"word": word, "level": "P4", "reasons": [], "levels": []}
    return evidence.store(workspace, content(run, verdict=verdict, ended_at=render_time(at), **changes))


def proof(workspace: Path, now: datetime, lasts: Duration | None = WEEK, kept: Kept | None = None) -> Proof:
    subject = Subject(label="sandbox", resource_id="db-1")
    return proof_of(workspace, subject, lasts, now=now, begun_at=BEGUN, kept=kept)


def test_silence_from_the_beginning_is_not_proven(tmp_path: Path) -> None:
    found = proof(tmp_path, NOON)
    assert (found.is_proven, found.is_well, found.since, found.until, found.run) == (False, False, BEGUN, None, "")
    assert proof(tmp_path, NOON, lasts=None).is_well  # nobody asked for a proof


def test_a_proof_lasts_as_long_as_was_said_and_not_a_second_longer(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON)
    end = NOON + timedelta(days=7)
    found = proof(tmp_path, end - timedelta(seconds=1))
    assert (found.is_proven, found.since, found.until, found.run, found.level) == (True, None, end, "run-1", "P4")
    late = proof(tmp_path, end)
    assert (late.is_proven, late.is_well, late.since, late.run) == (False, False, end, "run-1")
    assert proof(tmp_path, end + timedelta(days=900), lasts=None).is_proven


def test_what_could_not_decide_does_not_wind_it_up(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON)
    leave(tmp_path, "run-2", "INCONCLUSIVE", NOON + timedelta(days=6))
    assert proof(tmp_path, NOON + timedelta(days=6)).run == "run-1"
    assert proof(tmp_path, NOON + timedelta(days=8)).since == NOON + timedelta(days=7)


def test_a_contradiction_stops_it_at_once_and_a_new_proof_starts_it_again(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON)
    leave(tmp_path, "run-2", "DISPROVEN", NOON + timedelta(hours=1))
    leave(tmp_path, "run-3", "INCONCLUSIVE", NOON + timedelta(hours=2))
    found = proof(tmp_path, NOON + timedelta(hours=3))
    assert (found.is_proven, found.since, found.disproven_by) == (False, NOON + timedelta(hours=1), "run-2")
    assert not proof(tmp_path, NOON + timedelta(hours=3), lasts=None).is_well
    leave(tmp_path, "run-4", "PROVEN", NOON + timedelta(hours=4))
    assert proof(tmp_path, NOON + timedelta(hours=5)).run == "run-4"


def test_a_contradiction_without_any_proof_before_it(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "DISPROVEN", NOON)
    found = proof(tmp_path, NOON + timedelta(hours=1))
    assert (found.is_proven, found.since, found.disproven_by, found.run) == (False, NOON, "run-1", "")


@pytest.mark.parametrize(
    "changes", [{"label": "aws"}, {"kind": "failover"}, {"source": content()["source"] | {"resource_id": "db-9"}}]
)
def test_what_is_about_something_else_proves_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON, **changes)
    assert not proof(tmp_path, NOON).is_proven


def test_altered_evidence_proves_nothing(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON)
    path = leave(tmp_path, "run-2", "DISPROVEN", NOON + timedelta(hours=1))
    path.write_text(path.read_text().replace("DISPROVEN", "PROVEN"))
    found = proof(tmp_path, NOON + timedelta(hours=2))
    assert (found.run, found.altered) == ("run-1", 1)


def test_what_another_machine_proved_is_in_the_bucket(tmp_path: Path) -> None:
    made = session(tmp_path / "sandbox", "us-east-1")
    kept = Kept(Doors(made).s3, "kept")
    leave(tmp_path / "other", "run-2", "PROVEN", NOON)
    assert not proof(tmp_path, NOON, kept=kept).is_proven  # no such bucket yet: nothing is proven, and nothing fails
    made.client("s3").create_bucket(Bucket="kept")
    keep(kept.door, "kept", tmp_path / "other", label="sandbox", stacks={"shop-dev"})
    assert proof(tmp_path, NOON, kept=kept).run == "run-2"
    mine = leave(tmp_path, "run-3", "PROVEN", NOON + timedelta(hours=1))
    assert proof(tmp_path, NOON + timedelta(hours=2), kept=kept).run == "run-3"
    mine.write_text("{}")
    assert (proof(tmp_path, NOON, kept=kept).run, proof(tmp_path, NOON, kept=kept).altered) == ("run-2", 1)
    made.client("s3").put_object(Bucket="kept", Key="evidence/run-9/evidence.json", Body=b"{}")
    assert (proof(tmp_path, NOON, kept=kept).run, proof(tmp_path, NOON, kept=kept).altered) == ("run-2", 2)


def test_it_reads_as_json(tmp_path: Path) -> None:
    leave(tmp_path, "run-1", "PROVEN", NOON)
    assert proof(tmp_path, NOON).as_json() == {
        "is_proven": True, "lasts_s": 604_800, "proven_at": "2026-11-20T12:00:00.000000Z",
        "until": "2026-11-27T12:00:00.000000Z", "since": None, "level": "P4", "run": "run-1", "disproven_by": "",
        "altered": 0,
    }  # fmt: skip
