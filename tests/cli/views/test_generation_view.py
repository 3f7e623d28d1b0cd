"""What a person reads of a new generation, and of the way back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from mainstay.api._custody import Custody
from mainstay.api._discard import GivenUp
from mainstay.api._generation import NewGeneration, UndoneRestore
from mainstay.api._reconcile import Handed, ReconciledStack
from mainstay.cli.views.generation import discarded_view, handed_view, reconciled_view, unprotecting
from mainstay.cli.views.restore import generation_view, undone_view
from mainstay.core.errors import InputRefused
from mainstay.ops.generation import Discarded, Generation, Reconciled, Swap, Undone
from mainstay.ops.inventory import Inventory, Left
from mainstay.ops.restoration import Restored

RESTORED = Restored(
    site="sandbox", identifier="shop-dev", resource_id="db-2", source_id="shop-dev", source_resource_id="db-1",
    point="2026-11-21T12:00:00Z", requested_time=None, address="127.0.0.1", port=5432, username="owner",
    login_secret_arn="arn:secret", run_id="r1", phases_s={},
)  # fmt: skip


def made(swap: Swap | None, word: str = "PROVEN", **verdict: Any) -> NewGeneration:
    checks = [
        {"name": "orders", "outcome": "failed", "expected": "2 rows", "observed": "1 row"},
        {"name": "events", "outcome": "passed", "expected": "1 row", "observed": "1 row"},
    ]
    document = {"verdict": {"word": word, "level": "P3", "reasons": [], **verdict}, "checks": checks}
    result = Generation(
        restored=RESTORED, swap=swap, old_identifier="shop-dev-old-1", old_resource_id="db-1", word=word, level="P3",
        remaining=("Take a drill.",) if swap else (), reconcile=("terraform import a b",) if swap else (),
        evidence=document, evidence_path=Path("evidence.json"),
    )  # fmt: skip
    return NewGeneration(result, Path("report.html"))


def shown(view: Any, result: Any) -> str:
    out = io.StringIO()
    view(Console(file=out, width=200), result)
    return out.getvalue()


def test_a_person_reads_the_verdict_where_the_old_one_is_and_what_is_left() -> None:
    told = shown(generation_view, made("rename", reasons=["orders: expected 2 rows."]))
    assert "PROVEN  proof level P3" in told
    assert "old one   shop-dev-old-1 (db-1)" in told
    assert "✘ orders — expected 2 rows, saw 1 row" in told
    assert "events" not in told
    assert "left to do:\n  1. Take a drill.\nother tools:\n  1. terraform import a b" in told
    assert "left to do" not in shown(generation_view, made(None))


@pytest.mark.parametrize(("word", "code"), [("PROVEN", 0), ("DISPROVEN", 1), ("INCONCLUSIVE", 3)])
def test_the_verdict_is_the_exit_code_until_somebody_accepted_it(word: str, code: int) -> None:
    assert made(None, word).exit_code == code
    assert made("secret", word).exit_code == 0
    assert made(None, word).as_json()["report_file"] == "report.html"


@pytest.mark.parametrize("lost", ["", "its log went on"])
def test_a_person_reads_what_is_kept_when_a_swap_is_undone(lost: str) -> None:
    undone = Undone(
        site="aws", run_id="r1", identifier="shop-dev", resource_id="db-1", address="127.0.0.1", port=5432,
        kept="shop-next", kept_resource_id="db-2", lost=lost, evidence_file="e.json",
    )  # fmt: skip
    done = UndoneRestore(undone, Custody("locked", ("r1",)))
    told = shown(undone_view, done)
    assert "evidence e.json\nkept     in bucket locked: r1" in told
    assert done.as_json()["bucket"] == "locked"
    assert "shop-dev (aws) is db-1 again" in told
    assert "kept      shop-next (db-2)" in told
    assert ("only there" in told) is bool(lost)
    assert undone.as_json()["kept"] == "shop-next"


def reconciled(**members: Any) -> Reconciled:
    given: dict[str, Any] = {
        "site": "sandbox", "run_id": "r2", "stack": "shop-dev", "key": "Database", "identifier": "shop-next",
        "resource_id": "db-2", "was_imported": True, "drift": "IN_SYNC", "differences": (), "pending": (),
        "remaining": ("Write it down.",),
    }  # fmt: skip
    return Reconciled(**{**given, **members})


def test_a_person_reads_what_the_stack_holds_and_what_differs() -> None:
    told = shown(reconciled_view, ReconciledStack(reconciled(evidence_file="e.json"), Custody("locked", ("r2",))))
    assert "evidence e.json\nkept     in bucket locked: r2" in told
    assert "Database of stack shop-dev (sandbox) is shop-next (db-2): imported" in told
    assert "an update would change  nothing" in told
    assert "1. Write it down." in told
    assert reconciled().exit_code == 0
    apart = reconciled(was_imported=False, drift="MODIFIED", differences=(("MultiAZ", "true", "false"),))
    told = shown(reconciled_view, ReconciledStack(apart))
    assert "evidence" not in told
    assert (ReconciledStack(apart).exit_code, ReconciledStack(apart).as_json()["bucket"]) == (1, None)
    assert "nothing to import" in told
    assert "MultiAZ: true is written, false is there" in told
    assert "an update would change" not in told
    assert apart.exit_code == reconciled(pending=("Topic",)).exit_code == 1
    assert apart.as_json()["differences"] == [{"path": "MultiAZ", "expected": "true", "actual": "false"}]


def test_a_person_reads_which_files_were_written_and_what_is_gone() -> None:
    told = shown(handed_view, Handed("terraform", "shop-next", "db-2", ("out/import.tf",)))
    assert told == "for terraform, to hold shop-next (db-2); nothing was carried out\n  wrote out/import.tf\n"
    left = (Left(kind="snapshot", name="shop-old-last", why="manual"),)
    gone = Inventory(site="aws", region="r", stack="s", deleted=("shop-old (db-1)",), left=left)
    given_up = GivenUp(Discarded(inventory=gone, run_id="r3", evidence_file="e.json"), Custody("locked", ("r3",)))
    assert shown(discarded_view, given_up) == (
        "shop-old (db-1) in r (aws) is gone\n  left: snapshot shop-old-last, manual\n"
        "evidence e.json\nkept     in bucket locked: r3\n"
    )
    assert (given_up.as_json()["run_id"], given_up.as_json()["kept"]) == ("r3", ["r3"])


def test_protection_is_switched_off_without_a_question_only_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unprotecting(says_yes=True)("shop-old")
    for answer, agrees in (("y\n", True), ("\n", False)):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert unprotecting(says_yes=False)("shop-old") is agrees
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(InputRefused, match="nobody answered"):
        unprotecting(says_yes=False)("shop-old")
