from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.ops import evidence


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def test_an_altered_document_is_seen(chain: Path) -> None:
    path = chain / "run-1" / "evidence.json"
    path.write_text(path.read_text().replace("PROVEN", "DISPROVEN"))
    with pytest.raises(AnswerIsNo, match="altered") as altered:
        evidence.load(path)
    assert "its content gives sha256:" in altered.value.detail


@pytest.mark.parametrize(
    ("old", "new"),
    [('"version": 2,', '"version":  2,'), ("\u00fcber", "\\u00fcber"), ('"objective_s": 900,', '"objective_s": 900 ,')],
)
def test_other_bytes_of_the_same_content_are_seen(chain: Path, old: str, new: str) -> None:
    path = chain / "run-1" / "evidence.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(AnswerIsNo, match="altered") as altered:
        evidence.load(path)
    assert "its bytes are not those that were written" in altered.value.detail


def test_a_document_sealed_again_without_its_key_is_seen(chain: Path, tmp_path: Path) -> None:
    document = evidence.load(chain / "run-1" / "evidence.json")
    document["verdict"]["word"] = "DISPROVEN"
    document["digest"] = evidence.digest(document)
    with pytest.raises(AnswerIsNo) as altered:
        evidence.load(write(tmp_path / "forged.json", document))
    assert "its signature is not one of the key that it names" in altered.value.detail


def test_a_document_of_version_1_has_no_place_for_a_signature(tmp_path: Path) -> None:
    document: dict[str, object] = {"format": "mainstay.evidence", "version": 1, "run": "r"}
    document["digest"] = evidence.digest(document)
    assert evidence.load(write(tmp_path / "old.json", document)) == document
    with pytest.raises(AnswerIsNo, match="altered"):
        evidence.load(write(tmp_path / "old.json", document | {"signature": "AAAA"}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "mainstay.evidence", "version": 3}',
        '{"format": "mainstay.evidence", "version": true}',
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(text)
    with pytest.raises(InputRefused):
        evidence.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="not readable"):
        evidence.load(tmp_path / "evidence.json")


def test_a_number_that_json_has_no_form_for_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text('{"format": "mainstay.evidence", "version": 2, "cost": NaN}')
    with pytest.raises(AnswerIsNo, match="altered"):
        evidence.load(path)


def test_the_digest_does_not_depend_on_order_and_refuses_what_is_no_number() -> None:
    assert evidence.digest({"a": 1, "b": "ü"}) == evidence.digest({"b": "ü", "a": 1, "digest": "x"})
    assert evidence.digest({"a": 1}) != evidence.digest({"a": 2})
    assert evidence.digest({"version": 2}) == evidence.digest({"version": 2, "signature": "x"})
    with pytest.raises(ValueError, match="JSON"):
        evidence.digest({"a": float("nan")})


def test_the_operator_is_somebody_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "@" in evidence.operator()

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert evidence.operator().split("@")[0].isdigit()
