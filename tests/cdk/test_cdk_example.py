"""examples/cdk/app.py: it synthesises, and cdk-nag finds nothing in the database that is not answered."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bench.oracles.answers import answers, unanswered
from bench.oracles.finding import Finding
from tests.cdk.conftest import ROOT

aws_cdk = pytest.importorskip("aws_cdk")
EXAMPLE = ROOT / "examples" / "cdk"
CONTEXT: dict[str, Any] = json.loads((EXAMPLE / "cdk.json").read_text(encoding="utf-8"))["context"]
# What cdk-nag says of the CDK's own role for the example's function, which is no part of a design.
SERVICE = {"AwsSolutions-IAM4"}


@pytest.fixture(scope="module")
def example() -> ModuleType:
    loaded = importlib.util.spec_from_file_location("example", EXAMPLE / "app.py")
    assert loaded is not None
    assert loaded.loader is not None
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return module


def template(folder: Path, stack: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / f"{stack}.template.json").read_text(encoding="utf-8"))
    return read


def test_context_chooses_the_environment(example: ModuleType, tmp_path: Path) -> None:
    example.build(outdir=str(tmp_path / "prod"), context=CONTEXT).synth()
    assert template(tmp_path / "prod", "OrdersData")["Metadata"]["Mainstay"]["Stack"] == "orders-prod"
    small = {"mainstay:Database.environment": "dev", "mainstay:Database.database.class": "db.t4g.small"}
    example.build(outdir=str(tmp_path / "dev"), context={**CONTEXT, **small}).synth()
    written = template(tmp_path / "dev", "OrdersData")
    assert written["Metadata"]["Mainstay"]["Stack"] == "orders-dev"
    assert written["Resources"]["Database"]["Properties"]["DBInstanceClass"] == "db.t4g.small"


def test_it_runs_as_the_cdk_runs_it(tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(CONTEXT)}
    done = subprocess.run(
        [sys.executable, EXAMPLE / "app.py"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "SlowWrites" in json.dumps(template(tmp_path, "OrdersData"))
    assert "rds-db:connect" in json.dumps(template(tmp_path, "OrdersService"))


def test_cdk_nag_finds_nothing_in_the_database_that_is_not_answered(example: ModuleType, tmp_path: Path) -> None:
    cdk_nag = pytest.importorskip("cdk_nag")
    app = example.build(outdir=str(tmp_path), context=CONTEXT)
    aws_cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):  # an answered finding is a finding all the same
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    (nag,) = (one for one in report["pluginReports"] if one["pluginName"] == "AwsSolutions")
    ours, others = set(), set()
    for violation in nag["violations"]:
        for construct in violation["violatingConstructs"]:
            path = construct["constructPath"]
            if path.startswith("OrdersData/Database/"):
                where = f"orders/prod/{path.rpartition('/')[2]}"
                ours.add(Finding("cdk-nag", violation["ruleName"], where, violation["description"]))
            else:
                others.add(violation["ruleName"].partition("[")[0])
    assert len(ours) > 3
    # The example's service logs in with tokens, and nobody with the password that is not rotated.
    assert {one.id for one in unanswered(ours, answers())} == {"AwsSolutions-SMG4"}
    assert others == SERVICE
