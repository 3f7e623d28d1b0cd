from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.ops.evidence.conftest import content, resealed, store_version_1

from mainstay.core.errors import InputRefused
from mainstay.ops import evidence
from mainstay.ops.evidence.document import render


def kinds(replayed: evidence.Replay) -> list[tuple[str, str]]:
    return [(problem.kind, problem.run) for problem in replayed.problems]


def lines_of(chain: Path) -> list[str]:
    return (chain / "chain.jsonl").read_text().splitlines(keepends=True)


def digests(chain: Path) -> dict[str, str]:
    return {one.run: one.digest for one in evidence.replay(chain).documents}


def test_an_unaltered_chain_replays(chain: Path) -> None:
    replayed = evidence.replay(chain)
    assert (replayed.problems, replayed.exit_code, replayed.unsigned) == ([], 0, 0)
    assert [(one.number, one.run, one.verdict, one.level) for one in replayed.documents] == [
        (number, f"run-{number}", "PROVEN", "P4") for number in (1, 2, 3)
    ]
    assert len(replayed.keys) == 1
    assert json.loads(json.dumps(replayed.as_json()))["is_unaltered"] is True
    assert evidence.replay(chain.parent).documents == replayed.documents


def test_every_single_byte_is_noticed(chain: Path) -> None:
    """Of the line file and of one exported key each byte, of the documents a sample; each changed in one bit."""
    chosen = random.Random(7)  # a sample, and the same each time
    for path in (*chain.glob("*/evidence.json"), *chain.glob("keys/*.pem"), chain / "chain.jsonl"):
        whole = path.read_bytes()
        places = range(len(whole)) if len(whole) < 400 else chosen.sample(range(len(whole)), 60)
        for place in places:
            changed = bytearray(whole)
            is_end = whole[place] == ord("\n")  # of a line, which readers of text take in several forms
            changed[place] = ord("\r") if is_end else whole[place] ^ 1 << chosen.randrange(8)
            path.write_bytes(bytes(changed))
            assert evidence.replay(chain).problems, f"{path.name} byte {place}: {whole[place]} → {changed[place]}"
        path.write_bytes(whole)
    assert evidence.replay(chain).problems == []


def test_swapped_lines_are_noticed(chain: Path) -> None:
    first, second, third = lines_of(chain)
    (chain / "chain.jsonl").write_text(second + first + third)
    assert ("order", "run-2") in kinds(evidence.replay(chain))


def test_a_line_that_comes_twice_is_noticed(chain: Path) -> None:
    (chain / "chain.jsonl").write_text("".join([*lines_of(chain), lines_of(chain)[-1]]))
    assert ("order", "run-3") in kinds(evidence.replay(chain))


def test_swapped_documents_are_noticed(chain: Path) -> None:
    one, two = (chain / run / "evidence.json" for run in ("run-1", "run-2"))
    first, second = one.read_text(), two.read_text()
    one.write_text(second)
    two.write_text(first)
    assert {"run-1", "run-2"} <= {run for kind, run in kinds(evidence.replay(chain)) if kind == "altered"}


def test_a_document_taken_out_of_the_middle_is_noticed(chain: Path) -> None:
    shutil.rmtree(chain / "run-2")
    assert kinds(evidence.replay(chain)) == [("missing", "run-2")]
    first, _, third = lines_of(chain)
    (chain / "chain.jsonl").write_text(first + third)
    assert kinds(evidence.replay(chain)) == [("order", "run-3")]


def test_a_beginning_that_was_cut_off_is_noticed(chain: Path) -> None:
    shutil.rmtree(chain / "run-1")
    (chain / "chain.jsonl").write_text("".join(lines_of(chain)[1:]))
    assert ("order", "run-2") in kinds(evidence.replay(chain))


def cut_tail(chain: Path) -> None:
    shutil.rmtree(chain / "run-3")
    (chain / "chain.jsonl").write_text("".join(lines_of(chain)[:2]))


def test_a_tail_that_was_cut_off_is_noticed_by_what_was_told_elsewhere(chain: Path) -> None:
    told = digests(chain)
    cut_tail(chain)
    assert evidence.replay(chain).problems == []  # a chain alone cannot know: docs/evidence.md says so
    assert kinds(evidence.replay(chain, anchors=told)) == [("cut off", "run-3")]
    replayed = evidence.replay(chain, expected=[told["run-3"]])
    assert (kinds(replayed), replayed.anchored) == ([("cut off", "")], 1)


def test_a_tail_whose_line_alone_was_cut_off_is_noticed(chain: Path) -> None:
    (chain / "chain.jsonl").write_text("".join(lines_of(chain)[:2]))
    assert kinds(evidence.replay(chain)) == [("not chained", "run-3")]


def forge(chain: Path, signer: evidence.LocalSigner, runs: tuple[str, ...]) -> None:
    """Rewrite these documents and everything that hangs on them, as one would who owns the directory and a key."""
    previous, lines = None, []
    for number in (1, 2, 3):
        run = f"run-{number}"
        document = json.loads((chain / run / "evidence.json").read_text())
        if run in runs:
            document = resealed({**document, "previous": previous, "label": "aws"}, signer)
            (chain / run / "evidence.json").write_text(render(document))
        previous = document["digest"]
        lines.append(json.dumps({"run": run, "digest": previous}) + "\n")
    (chain / "chain.jsonl").write_text("".join(lines))


def test_a_tail_that_another_key_signed_again_is_noticed(chain: Path, tmp_path: Path) -> None:
    forge(chain, evidence.LocalSigner(tmp_path / "eve.pem", "eve"), ("run-3",))
    assert kinds(evidence.replay(chain)) == [("foreign key", "run-3")]


def test_a_whole_chain_that_another_key_signed_again_is_noticed_by_the_key_that_is_trusted(
    chain: Path, tmp_path: Path
) -> None:
    (mine,) = evidence.replay(chain).keys
    told = digests(chain)
    forge(chain, evidence.LocalSigner(tmp_path / "eve.pem", "eve"), ("run-1", "run-2", "run-3"))
    assert evidence.replay(chain).problems == []  # nothing in the directory itself tells: docs/evidence.md
    assert kinds(evidence.replay(chain, trusted=[mine])) == [("foreign key", f"run-{n}") for n in (1, 2, 3)]
    assert kinds(evidence.replay(chain, anchors=told)) == [("altered", f"run-{n}") for n in (1, 2, 3)]


def test_two_keys_are_in_order_where_both_are_trusted(chain: Path, tmp_path: Path) -> None:
    other = evidence.LocalSigner(tmp_path / "other.pem", "ben")
    evidence.store(chain.parent, content("run-4"), signer=other)
    replayed = evidence.replay(chain)
    assert kinds(replayed) == [("foreign key", "run-4")]
    assert evidence.replay(chain, trusted=tuple(replayed.keys)).problems == []


def test_documents_of_version_1_still_verify_and_are_said_to_be_unsigned(tmp_path: Path) -> None:
    first = store_version_1(tmp_path, "old-1", None)
    store_version_1(tmp_path, "old-2", first)
    evidence.store(tmp_path, content("run-3"))
    replayed = evidence.replay(tmp_path)
    assert (replayed.problems, replayed.unsigned, len(replayed.documents)) == ([], 2, 3)
    assert kinds(evidence.replay(tmp_path, trusted=tuple(replayed.keys))) == [
        ("unsigned", "old-1"), ("unsigned", "old-2"),
    ]  # fmt: skip


def test_an_unsigned_document_after_a_signed_one_is_noticed(chain: Path) -> None:
    store_version_1(chain.parent, "sly", evidence.load(chain / "run-3" / "evidence.json")["digest"])
    assert kinds(evidence.replay(chain)) == [("unsigned", "sly")]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda document: document.pop("checks"), "'checks' is missing"),
        (lambda document: document.update(extra=1), "'extra' is not known"),
        (lambda document: document["verdict"].update(word="FINE"), "verdict.word: is 'FINE'"),
    ],
)
def test_a_signed_document_of_another_shape_is_said(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], place: str
) -> None:
    document = content()
    change(document)
    path = evidence.store(tmp_path, document)
    replayed = evidence.replay_file(path)
    assert kinds(replayed) == [("shape", "run-1")]
    assert place in replayed.problems[0].detail


def test_one_document_is_looked_at_alone(chain: Path, tmp_path: Path) -> None:
    path = chain / "run-2" / "evidence.json"
    replayed = evidence.replay_file(path)
    assert (replayed.problems, [one.number for one in replayed.documents]) == ([], [2])
    assert kinds(evidence.replay_file(path, trusted=["sha256:" + "0" * 64])) == [("foreign key", "run-2")]
    path.write_text(path.read_text().replace("shop-dev", "shop-des"))
    altered = evidence.replay_file(path)
    assert (kinds(altered), altered.documents, altered.exit_code) == ([("altered", "run-2")], [], 1)


def test_a_document_under_another_run_is_noticed(chain: Path) -> None:
    (chain / "run-3").rename(chain / "run-7")
    first, second, third = lines_of(chain)
    (chain / "chain.jsonl").write_text(first + second + third.replace("run-3", "run-7"))
    assert kinds(evidence.replay(chain)) == [("altered", "run-7")]


def test_a_place_that_is_not_where_it_was_is_noticed(tmp_path: Path) -> None:
    evidence.store(tmp_path, content("run-1"))
    signer = evidence.LocalSigner(tmp_path / "key.pem", "ada")
    home = tmp_path / "evidence"
    path = home / "run-1" / "evidence.json"
    document = resealed({**evidence.load(path), "number": 5}, signer)
    path.write_text(render(document))
    (home / "chain.jsonl").write_text(json.dumps({"run": "run-1", "digest": document["digest"]}) + "\n")
    assert kinds(evidence.replay(home)) == [("missing", "run-1")]


def test_no_evidence_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no evidence there"):
        evidence.replay(tmp_path)
