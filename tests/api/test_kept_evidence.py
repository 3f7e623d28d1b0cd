"""What a drill says of the bucket that keeps its evidence: uploaded, refused, or none there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.ops.evidence.conftest import content

from mainstay.api._drill import Drilled, _kept
from mainstay.api._site import Where
from mainstay.cli.views.drill import drill_view
from mainstay.ops import evidence
from mainstay.ops.aws.doors import Doors
from mainstay.ops.drill import DrillResult, Verdict
from mainstay.ops.site import Site
from mainstay.sandbox import session


@pytest.fixture
def site(tmp_path: Path) -> Site:
    doors = Doors(session(tmp_path / "sandbox", "us-east-1"))
    return Site(doors=doors, label="sandbox", region="us-east-1")


@pytest.fixture
def drilled(tmp_path: Path) -> Drilled:
    path = evidence.store(tmp_path, content("run-1"))
    result = DrillResult("run-1", Verdict("PROVEN", "P4", (), ()), evidence.load(path), path)
    return Drilled(result, path.with_name("report.html"), bucket="kept")


def told(drilled: Drilled) -> str:
    console = Console(file=io.StringIO(), width=200)
    drill_view(console, drilled)
    written: Any = console.file
    return str(written.getvalue())


def test_a_refused_upload_is_said_and_the_next_one_makes_up_for_it(
    site: Site, drilled: Drilled, tmp_path: Path
) -> None:
    where = Where(is_sandbox=True, workspace=tmp_path)
    refused = _kept(site, where, drilled, "shop-dev")
    assert (refused.kept, refused.exit_code) == ((), 0)
    assert "NoSuchBucket" in refused.not_kept
    assert "not kept in bucket kept: " in told(refused)
    assert "the next drill uploads what is missing" in told(refused)
    assert refused.as_json()["not_kept"] == refused.not_kept
    session(tmp_path / "sandbox", "us-east-1").client("s3").create_bucket(Bucket="kept")
    evidence.store(tmp_path, content("run-2"))
    kept = _kept(site, where, drilled, "shop-dev")
    assert (kept.kept, kept.not_kept) == (("run-1", "run-2"), "")
    assert "kept     in bucket kept: run-1, run-2" in told(kept)


def test_without_a_bucket_nothing_is_said(site: Site, drilled: Drilled, tmp_path: Path) -> None:
    alone = Drilled(drilled.result, drilled.report)
    assert _kept(site, Where(is_sandbox=True, workspace=tmp_path), alone, "shop-dev") is alone
    assert "in bucket" not in told(alone)
    assert alone.as_json()["bucket"] is None
