"""docs/cdk.md: every block of Python on the page runs, one after the other, and what it builds synthesises."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.cdk.conftest import ROOT

pytest.importorskip("aws_cdk")
PAGE = (ROOT / "docs" / "cdk.md").read_text(encoding="utf-8")


def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    shutil.copy(ROOT / "examples" / "cdk" / "database.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)  # the page's own code
    assembly = names["app"].synth()  # type: ignore[attr-defined]  # the CDK's App
    written = {path.name.split(".")[0] for path in Path(assembly.directory).glob("*.template.json")}
    assert {"OrdersData", "OrdersService", "Network", "Bills", "Ledger", "LedgerRecovery"} <= written
    data = json.loads((Path(assembly.directory) / "OrdersData.template.json").read_text(encoding="utf-8"))
    assert {"Database", "StockDatabase"} <= data["Resources"].keys()


def test_the_page_s_context_is_json() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert set(json.loads(block)["context"]) == {"mainstay", "mainstay:Orders"}


@pytest.mark.parametrize("name", re.findall(r"^\| `([a-z_]+)`", PAGE, re.MULTILINE))
def test_a_handle_of_the_page_exists(name: str) -> None:
    from mainstay.cdk import Database  # noqa: PLC0415 - loads the CDK

    assert hasattr(Database, name)
