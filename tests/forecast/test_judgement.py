"""Objectives against promises, on their boundaries."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding, Origin, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import Failure, Outcome, judge, promise
from mainstay.plan.intent import Intent
from mainstay.plan.resources import DbInstance

STANDBY = database(is_multi_az=True, storage=Bytes.gib(100))  # a restore takes 1,617 to 2,494 s


def judged(db: DbInstance, rpo: int | None = None, rto: int | None = None) -> list[Finding]:
    intent = Intent(rpo=None if rpo is None else Duration(rpo), rto=None if rto is None else Duration(rto))
    return judge(promise(plan_of(db)), intent)


@pytest.mark.parametrize(("rpo", "count"), [(None, 0), (300, 0), (299, 1)])
def test_data_lost(rpo: int | None, count: int) -> None:
    findings = judged(STANDBY, rpo=rpo)
    assert [finding.id for finding in findings] == ["FC001"] * count
    assert all("Database loses up to 5m" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("rto", "severity"),
    [(None, None), (3210, None), (3209, Severity.WARNING), (2095, Severity.WARNING), (2094, Severity.ERROR)],
)
def test_time_away(rto: int | None, severity: Severity | None) -> None:
    findings = judged(STANDBY, rto=rto)
    assert [(finding.id, finding.severity) for finding in findings] == ([("FC002", severity)] if severity else [])


def test_what_never_comes_back() -> None:
    findings = judged(database(backup_retention=Duration(0)), rpo=86_400, rto=86_400)
    assert [finding.id for finding in findings] == ["FC001", "FC002"] * 3
    assert "loses everything" in findings[0].detail
    assert "away for ever" in findings[1].detail
    assert {finding.severity for finding in findings} == {Severity.ERROR}


def test_a_lost_server_without_a_standby() -> None:
    findings = judged(database(), rto=600)
    assert [finding.detail.partition(":")[0] for finding in findings] == ["row deleted", "instance lost", "zone lost"]


def test_its_findings_are_in_the_document_of_rules() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    ids = {finding.id for finding in judged(database(backup_retention=Duration(0)), rpo=0, rto=0)}
    assert ids == {"FC001", "FC002"}
    assert all(f"| {name} |" in text for name in ids)


def region_lost(rpo: int | None, rto: int | None) -> tuple[Finding | None, Outcome]:
    """What is said of a lost region, and what is promised of it: backups of it lie in another one."""
    promised = promise(plan_of(database(backup_replica_region="us-west-2")))
    intent = Intent(rpo=None if rpo is None else Duration(rpo), rto=None if rto is None else Duration(rto))
    (outcome,) = promised.of(Failure.REGION_LOST)
    return next((one for one in judge(promised, intent) if one.id == "FC003"), None), outcome


def test_a_lost_region_is_told_of_in_full() -> None:
    finding, outcome = region_lost(1, None)
    assert finding is not None
    assert finding.severity is Severity.INFO
    assert finding.detail.endswith(f"; objectives: rpo 1s. {outcome.reasons[0]}")
    assert len(set(outcome.reasons)) > 1
    both, _ = region_lost(1, 2)
    assert both is not None
    assert "objectives: rpo 1s, rto 2s." in both.detail


def test_a_lost_region_within_both_objectives_is_no_finding() -> None:
    _, outcome = region_lost(None, None)
    assert outcome.rpo is not None
    assert outcome.rto_most is not None
    assert region_lost(outcome.rpo, outcome.rto_most)[0] is None
    assert region_lost(outcome.rpo - 1, outcome.rto_most)[0] is not None
    assert region_lost(outcome.rpo, outcome.rto_most - 1)[0] is not None


def test_what_is_lost_is_said_by_the_first_reason_and_how_long_by_the_last() -> None:
    (outcome,) = promise(plan_of(STANDBY)).of(Failure.ROW_DELETED)
    assert outcome.reasons[0] != outcome.reasons[-1]
    lost, slow = judged(STANDBY, rpo=1, rto=1)[:2]
    assert lost.detail.endswith(f"objective: 1s. {outcome.reasons[0]}")
    assert slow.detail.endswith(f"the objective is 1s. {outcome.reasons[-1]}")


def hints(db: DbInstance, **objectives: int) -> dict[str, str]:
    """What to do, by the failure."""
    return {one.detail.partition(":")[0]: one.hint for one in judged(db, **objectives)}


@pytest.mark.parametrize(
    ("db", "row_deleted", "zone_lost"),
    [
        (database(), "RDS restores no nearer than 5m to now", "add a standby (Multi-AZ), which loses nothing"),
        (STANDBY, "RDS restores no nearer than 5m to now", None),
        (database(backup_retention=Duration(0)), "turn on automated backups: any second", "add a standby (Multi-AZ)"),
    ],
)
def test_what_to_do_about_lost_data(db: DbInstance, row_deleted: str, zone_lost: str | None) -> None:
    said = hints(db, rpo=60)
    assert said["row deleted"].startswith(row_deleted)
    assert said.get("zone lost", "").startswith(zone_lost or "")
    assert ("zone lost" in said) is (zone_lost is not None)


@pytest.mark.parametrize(
    ("db", "row_deleted", "zone_lost"),
    [
        (database(), "measure it by a drill", "add a standby (Multi-AZ), which takes over within minutes"),
        (STANDBY, "measure it by a drill", "measure it by a drill"),
        (database(backup_retention=Duration(0)), "turn on automated backups, and measure", "add a standby (Multi-AZ)"),
    ],
)
def test_what_to_do_about_a_long_absence(db: DbInstance, row_deleted: str, zone_lost: str) -> None:
    said = hints(db, rto=1)
    assert said["row deleted"].startswith(row_deleted)
    assert said["zone lost"].startswith(zone_lost)


def test_it_points_at_where_the_database_is_written() -> None:
    place = Origin("shop.yaml", 5)
    assert {finding.origin for finding in judged(database(origin=place), rpo=1, rto=1)} == {place}
    assert {finding.origin for finding in judged(database(origin=place, backup_retention=Duration(0)), rpo=1)} == {
        place
    }
