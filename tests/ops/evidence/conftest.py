"""A chain of three documents of the published shape, and how one of version 1 was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mainstay.ops import evidence
from mainstay.ops.evidence.chain import Link
from mainstay.ops.evidence.document import render

TIME = "2026-11-20T14:05:00.000000Z"


def content(run: str = "run-1", **changes: Any) -> dict[str, Any]:
    """A drill's document before it is sealed."""
    return {
        "kind": "drill",
        "run": run,
        "label": "sandbox",
        "started_at": TIME,
        "ended_at": TIME,
        "made_by": {"mainstay": "0.1.0", "operator": "ada@workbench", "caller": None, "observed_from": "workbench"},
        "hashes": {"spec": None, "plan": "sha256:" + "1a" * 32},
        "source": {
            "stack": "shop-dev", "identifier": "shop", "resource_id": "db-1", "region": "eu-central-1",
            "engine": "postgres", "engine_version": "17.6", "engine_build": "PostgreSQL 17.10", "databases": ["shop"],
        },
        "target": {
            "kind": "latest", "time": TIME, "window": {"earliest": None, "latest": TIME}, "identifier": "shop-drill",
            "resource_id": "db-2",
        },
        "steps": [{"number": 1, "name": "Look", "started_at": TIME, "seconds": 0.5, "outcome": "done"}],
        "phases": [{"name": "t_request", "title": "Request accepted", "seconds": 0.5, "ends_s": 0.5}],
        "rto": {"objective_s": 900, "measured_s": 3.27, "available_s": 2.15},
        "rpo": {"objective_s": None, "proven_s": 0.031, "exposure_s": 1},
        "points": [{"kind": "target", "title": "target", "time": TIME}],
        "checks": [
            {"kind": "table", "name": "über", "database": "d", "outcome": "passed", "expected": "1", "observed": "1"}
        ],
        "exclusions": [],
        "findings": [],
        "calls": [],
        "reads": {"rds:DescribeDBInstances": 3},
        "cost": {"usd": None, "basis": "not computed"},
        "verdict": {"word": "PROVEN", "level": "P4", "reasons": [], "levels": []},
        "cleanup": {"deleted": ["shop-drill"], "left": []},
        **changes,
    }  # fmt: skip


def store_version_1(workspace: Path, run: str, previous: str | None) -> str:
    """Write an unsigned document as the first version did; its digest."""
    left_out = {"kind", "calls", "reads", "cost"}
    old = {name: value for name, value in content(run).items() if name not in left_out}
    old["made_by"] = {name: value for name, value in old["made_by"].items() if name != "caller"}
    old |= {"format": "mainstay.evidence", "version": 1, "previous": previous}
    old["digest"] = evidence.digest(old)
    home = workspace / "evidence"
    (home / run).mkdir(parents=True)
    (home / run / "evidence.json").write_text(render(old))
    with (home / "chain.jsonl").open("a") as file:
        file.write(Link(run, old["digest"]).render())
    return str(old["digest"])


def resealed(document: Mapping[str, Any], signer: evidence.LocalSigner) -> dict[str, Any]:
    """A document sealed anew, as a forger would with a key of their own."""
    from mainstay.ops.evidence.chain import _sealed  # noqa: PLC0415  # the forger's tool is ours

    kept = {name: value for name, value in document.items() if name not in {"digest", "signature", "signed_by"}}
    return _sealed(kept, signer.describe(), signer)


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """The `evidence` directory of a workspace with three documents."""
    for number in range(1, 4):
        evidence.store(tmp_path, content(f"run-{number}"))
    return tmp_path / "evidence"


@pytest.fixture
def schema() -> dict[str, Any]:
    """The published schema."""
    found: dict[str, Any] = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
    return found
