from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from tests.ops.evidence.conftest import content

from mainstay.core.errors import InputRefused, MainstayError, TargetRefused
from mainstay.ops import evidence
from mainstay.ops.evidence.chain import read_links


def test_a_stored_document_reads_back_and_is_private(tmp_path: Path) -> None:
    path = evidence.store(tmp_path, content())
    assert path == tmp_path / "evidence" / "run-1" / "evidence.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    stored = evidence.load(path)
    assert stored["digest"] == evidence.digest(stored)
    assert (stored["format"], stored["version"], stored["number"], stored["previous"]) == (
        "mainstay.evidence", 2, 1, None,
    )  # fmt: skip


def test_each_document_names_the_one_before_it(tmp_path: Path) -> None:
    first = evidence.load(evidence.store(tmp_path, content("run-1")))
    second = evidence.load(evidence.store(tmp_path, content("run-2")))
    assert (second["number"], second["previous"]) == (2, first["digest"])


def test_the_public_key_lies_beside_the_evidence(tmp_path: Path) -> None:
    stored = evidence.load(evidence.store(tmp_path, content()))
    key = tmp_path / "evidence" / "keys" / f"{stored['signed_by']['fingerprint'][7:23]}.pem"
    assert key.read_text().startswith("-----BEGIN PUBLIC KEY-----")
    held = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "PRIVATE KEY" not in held


def test_evidence_is_never_replaced(tmp_path: Path) -> None:
    path = evidence.store(tmp_path, content())
    before = path.read_bytes()
    with pytest.raises(InputRefused, match="evidence exists"):
        evidence.store(tmp_path, content(label="aws"))
    assert path.read_bytes() == before


def test_a_secret_is_never_written(tmp_path: Path) -> None:
    checks = [{"observed": "login with s3cr3t-word"}]
    with pytest.raises(MainstayError, match="secret"):
        evidence.store(tmp_path, content(checks=checks), secrets=("", "s3cr3t-word"))
    assert not list(tmp_path.rglob("evidence.json"))
    assert evidence.store(tmp_path, content(), secrets=("", "s3cr3t-word")).exists()


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    writers = [threading.Thread(target=evidence.store, args=(tmp_path, content(f"run-{n}"))) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    replayed = evidence.replay(tmp_path)
    assert (len(replayed.documents), replayed.problems) == (8, [])


def test_what_a_killed_run_left_is_taken_up(chain: Path) -> None:
    lines = (chain / "chain.jsonl").read_text().splitlines(keepends=True)
    (chain / "chain.jsonl").write_text("".join(lines[:2]) + lines[2][:20])
    kinds = {(problem.kind, problem.run) for problem in evidence.replay(chain).problems}
    assert kinds == {("altered", ""), ("not chained", "run-3")}
    evidence.store(chain.parent, content("run-4"))
    assert [link.run for link in read_links(chain)[0]] == ["run-1", "run-2", "run-3", "run-4"]
    assert evidence.replay(chain).problems == []


def test_a_damaged_chain_does_not_keep_a_run_from_leaving_evidence(chain: Path) -> None:
    lines = (chain / "chain.jsonl").read_text().splitlines(keepends=True)
    (chain / "chain.jsonl").write_text(lines[0] + "damaged\n" + lines[2])
    (chain / "run-9").mkdir()
    (chain / "run-9" / "evidence.json").write_text("{}")
    stored = evidence.load(evidence.store(chain.parent, content("run-4")))
    assert stored["previous"] == evidence.load(chain / "run-3" / "evidence.json")["digest"]
    assert {problem.kind for problem in evidence.replay(chain).problems} >= {"altered", "not chained"}


class Silent:
    """A key that cannot be reached."""

    def describe(self) -> dict[str, str]:
        raise TargetRefused("access denied", detail="kms:Sign is not allowed.")

    def sign(self, message: bytes) -> bytes:
        raise AssertionError(message)


def test_the_operators_own_key_steps_in_for_one_that_does_not_answer(tmp_path: Path) -> None:
    stored = evidence.load(evidence.store(tmp_path, content(), signer=Silent()))
    assert stored["signed_by"]["kind"] == "local"
    assert stored["signed_by"]["instead_of"] == "the key that was asked for: access denied: kms:Sign is not allowed."
    assert evidence.replay(tmp_path).problems == []


def test_another_signer_signs(tmp_path: Path) -> None:
    signer = evidence.LocalSigner(tmp_path / "other.pem", "somebody")
    stored = evidence.load(evidence.store(tmp_path, content(), signer=signer))
    assert stored["signed_by"]["name"] == "somebody"
    assert "instead_of" not in stored["signed_by"]
