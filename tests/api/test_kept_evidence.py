"""What a run says of the bucket that keeps its evidence: uploaded, refused, or none there."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.ops.evidence.conftest import content

from mainstay.api._custody import Custodian, Custody, custodian_elsewhere, draw_missing
from mainstay.api._drill import Drilled
from mainstay.api._site import Where
from mainstay.cli.views.drill import drill_view
from mainstay.ops import evidence
from mainstay.ops.aws.doors import Doors
from mainstay.ops.drill import DrillResult, Verdict
from mainstay.ops.site import Site
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.sandbox import session


@pytest.fixture
def site(tmp_path: Path) -> Site:
    doors = Doors(session(tmp_path / "sandbox", "us-east-1"))
    return Site(doors=doors, label="sandbox", region="us-east-1")


@pytest.fixture
def drilled(tmp_path: Path) -> Drilled:
    path = evidence.store(tmp_path, content("run-1"))
    result = DrillResult("run-1", Verdict("PROVEN", "P4", (), ()), evidence.load(path), path)
    return Drilled(result, path.with_name("report.html"))


def told(drilled: Drilled) -> str:
    console = Console(file=io.StringIO(), width=200)
    drill_view(console, drilled)
    written: Any = console.file
    return str(written.getvalue())


def holder(site: Site, bucket: str = "kept") -> Custodian:
    return Custodian(site=site, stacks=frozenset({"shop-dev"}), bucket=bucket)


def test_a_refused_upload_is_said_and_the_next_one_makes_up_for_it(
    site: Site, drilled: Drilled, tmp_path: Path
) -> None:
    where = Where(is_sandbox=True, workspace=tmp_path)
    refused = replace(drilled, custody=holder(site).keep(where))
    assert (refused.custody.kept, refused.exit_code) == ((), 0)
    assert "NoSuchBucket" in refused.custody.not_kept
    assert "not kept in bucket kept: " in told(refused)
    assert "the next run uploads what is missing" in told(refused)
    assert refused.as_json()["not_kept"] == refused.custody.not_kept
    session(tmp_path / "sandbox", "us-east-1").client("s3").create_bucket(Bucket="kept")
    evidence.store(tmp_path, content("run-2"))
    kept = replace(drilled, custody=holder(site).keep(where))
    assert (kept.custody.kept, kept.custody.not_kept) == (("run-1", "run-2"), "")
    assert "kept     in bucket kept: run-1, run-2" in told(kept)


def test_a_drill_that_was_taken_up_says_so(drilled: Drilled) -> None:
    document = dict(drilled.result.evidence)
    assert "taken up" not in told(drilled)
    document["resumed"] = [{"how": "killed", "number": 5, "step": "Wait", "absent_s": 7200.4}]
    document["rto"] = {**document["rto"], "with_absence_s": 7300.0, "without_absence_s": 100.0}
    shown = told(replace(drilled, result=replace(drilled.result, evidence=document)))
    assert "! the drill was killed in step 5 (Wait), taken up 7200 s later" in shown
    assert "recovery time was not measured: 7300.0 s with that absence, 100.0 s without" in shown


def test_without_a_bucket_nothing_is_said(site: Site, drilled: Drilled, tmp_path: Path) -> None:
    assert holder(site, "").keep(Where(is_sandbox=True, workspace=tmp_path)) == Custody()
    assert "in bucket" not in told(drilled)
    assert drilled.as_json()["bucket"] is None


def plan_of(*outputs: str) -> Plan:
    named = tuple(Output(name=name, value="") for name in outputs)
    return Plan(regions=(RegionPlan(region="us-east-1", stack="shop", outputs=named), RegionPlan(region="eu-west-1")))


def test_a_lost_region_neither_signs_nor_keeps_and_the_document_says_so(site: Site, tmp_path: Path) -> None:
    where = Where(is_sandbox=True, workspace=tmp_path)
    lost = custodian_elsewhere(site, site, plan_of("EvidenceKeyArn"), "shop-dr")  # it has no such stack
    path = evidence.store(tmp_path, content("run-1"), signer=lost.signer())
    about = evidence.load(path)["signed_by"]
    assert about["kind"] == "local"
    assert "us-east-1 does not answer" in about["instead_of"]
    assert lost.keep(where).not_kept.startswith("us-east-1 does not answer")
    assert custodian_elsewhere(None, site, plan_of("EvidenceBucket"), "shop-dr").why
    assert not custodian_elsewhere(None, site, plan_of(), "shop-dr").why


def test_pages_are_drawn_for_runs_that_have_none_and_never_of_altered_ones(tmp_path: Path) -> None:
    paths = [evidence.store(tmp_path, content(f"run-{number}")) for number in (1, 2)]
    paths[1].write_text(paths[1].read_text().replace("shop-drill", "shop-drall"))
    draw_missing(tmp_path)
    assert [path.with_name("report.html").exists() for path in paths] == [True, False]
