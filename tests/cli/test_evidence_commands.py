"""`mainstay evidence verify` and `show`, as they are typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.ops.evidence.conftest import content, store_version_1

from mainstay.cli import run
from mainstay.core.clock import SystemClock
from mainstay.ops import evidence
from mainstay.ops.journal import Journal

Caught = pytest.CaptureFixture[str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs, as a journal of the sandbox remembers them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "250")
    found = tmp_path / ".mainstay"
    journal = Journal(found / "sandbox" / "journal", SystemClock())
    for _ in range(2):
        one = journal.begin("drill", "shop")
        one.finish("PROVEN", evidence=evidence.load(evidence.store(found, content(one.id)))["digest"])
    return found


def test_a_chain_is_verified(workspace: Path, capsys: Caught) -> None:
    assert run(["evidence", "verify"]) == 0
    told = capsys.readouterr().out
    assert "unaltered: 2 documents as they were left" in told
    assert "PROVEN P4 · drill of shop (sandbox)" in told
    assert "No --key was given" in told
    assert "cut off would not show" not in told
    assert run(["evidence", "verify", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (key,) = document["keys"]
    assert (document["is_unaltered"], document["anchored"]) == (True, 2)
    (pem,) = (workspace / "evidence" / "keys").iterdir()
    for trusted in (key, str(pem)):
        assert run(["evidence", "verify", str(workspace), "--key", trusted]) == 0
        assert "No --key was given" not in capsys.readouterr().out
    assert run(["evidence", "verify", "--key", "sha256:" + "0" * 64]) == 1
    assert "foreign key" in capsys.readouterr().out


def test_a_chain_whose_end_was_cut_off_is_not_as_it_was_left(workspace: Path, capsys: Caught) -> None:
    home = workspace / "evidence"
    first, last = (home / "chain.jsonl").read_text().splitlines(keepends=True)
    shutil.rmtree(home / json.loads(last)["run"])
    (home / "chain.jsonl").write_text(first)
    assert run(["evidence", "verify"]) == 1
    told = capsys.readouterr().out
    assert "cut off" in told
    assert "not as it was left: 1 problems" in told
    shutil.copytree(home, workspace / "copy")  # no journal lies beside it: only the digest that somebody kept tells
    shutil.rmtree(workspace / "sandbox")
    assert run(["evidence", "verify", str(workspace / "copy")]) == 0
    assert "an end that was cut off would not show" in capsys.readouterr().out
    assert run(["evidence", "verify", str(workspace / "copy"), "--expect", json.loads(last)["digest"]]) == 1
    assert json.loads(last)["digest"] in capsys.readouterr().out


def test_unsigned_documents_are_said_to_be(workspace: Path, capsys: Caught) -> None:
    store_version_1(workspace / "old", "old-1", None)
    assert run(["evidence", "verify", str(workspace / "old")]) == 0
    told = capsys.readouterr().out
    assert "· unsigned" in told
    assert "1 documents are of version 1 and unsigned" in told
    assert run(["evidence", "show", str(workspace / "old")]) == 0
    assert "nobody (version 1)" in capsys.readouterr().out


def test_one_document_is_verified_and_shown(workspace: Path, capsys: Caught) -> None:
    run_id = json.loads((workspace / "evidence" / "chain.jsonl").read_text().splitlines()[0])["run"]
    path = workspace / "evidence" / run_id / "evidence.json"
    assert run(["evidence", "verify", str(path)]) == 0
    assert "unaltered: 1 document as it was left" in capsys.readouterr().out
    assert run(["evidence", "show", "--run", run_id, "--page", "page.html"]) == 0
    told = capsys.readouterr().out
    assert "PROVEN, proof level P4 (sandbox)" in told
    assert "1 passed" in told
    assert "sandbox" in Path("page.html").read_text()
    assert run(["evidence", "show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == run_id
    path.write_text(path.read_text().replace("shop-dev", "shop-dem"))
    assert run(["evidence", "show", "--run", run_id]) == 1
    assert run(["evidence", "verify", str(path)]) == 1


def test_the_newest_is_shown_unless_another_is_named(workspace: Path, capsys: Caught) -> None:
    newest = json.loads((workspace / "evidence" / "chain.jsonl").read_text().splitlines()[-1])["run"]
    path = workspace / "evidence" / newest / "evidence.json"
    document = json.loads(path.read_text())
    assert run(["evidence", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == document["digest"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["verify", "nowhere"], "no evidence there"),
        (["verify", "--key", "nowhere.pem"], "key not readable"),
        (["verify", "--key", "database.yaml"], "not a public key"),
        (["verify", "database.yaml"], None),
        (["verify", "database.yaml", "--expect", "sha256:0"], "a chain is asked of one document"),
        (["show", "nowhere"], "no such evidence"),
        (["show", "--run", "other"], "holds no evidence of run other"),
    ],
)
def test_what_is_no_evidence_is_said(workspace: Path, capsys: Caught, arguments: list[str], told: str | None) -> None:
    (workspace.parent / "database.yaml").write_text("name: shop\n")
    assert run(["evidence", *arguments]) == (1 if told is None else 2)
    caught = capsys.readouterr()
    assert told is None or told in caught.err
