"""Objectives against promises, on their boundaries."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import judge, promise
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
