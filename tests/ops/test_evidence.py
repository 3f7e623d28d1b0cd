from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError
from mainstay.ops import evidence

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "evidence.schema.json").read_text())


def document(run: str = "run-1", **changes: Any) -> dict[str, Any]:
    return {"run": run, "label": "sandbox", "checks": [], **changes}


def test_a_stored_document_reads_back_and_is_private(tmp_path: Path) -> None:
    path = evidence.store(tmp_path, document())
    assert path == tmp_path / "evidence" / "run-1" / "evidence.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    stored = evidence.load(path)
    assert stored["digest"] == evidence.digest(stored)
    assert (stored["format"], stored["version"], stored["previous"]) == ("mainstay.evidence", 1, None)


def test_each_document_names_the_one_before_it(tmp_path: Path) -> None:
    first = evidence.load(evidence.store(tmp_path, document("run-1")))
    second = evidence.load(evidence.store(tmp_path, document("run-2")))
    assert second["previous"] == first["digest"]
    assert evidence.verify_chain(tmp_path) == 2
    assert evidence.verify_chain(tmp_path / "elsewhere") == 0


def test_evidence_is_never_replaced(tmp_path: Path) -> None:
    path = evidence.store(tmp_path, document())
    before = path.read_bytes()
    with pytest.raises(InputRefused, match="evidence exists"):
        evidence.store(tmp_path, document(label="aws"))
    assert path.read_bytes() == before


def test_an_altered_document_is_seen(tmp_path: Path) -> None:
    path = evidence.store(tmp_path, document())
    path.write_text(path.read_text().replace("sandbox", "aws"))
    with pytest.raises(AnswerIsNo, match="altered"):
        evidence.load(path)
    with pytest.raises(AnswerIsNo, match="altered"):
        evidence.verify_chain(tmp_path)


def test_a_document_that_was_resealed_or_taken_out_is_seen(tmp_path: Path) -> None:
    paths = [evidence.store(tmp_path, document(f"run-{number}")) for number in range(3)]
    resealed = evidence.load(paths[1]) | {"label": "aws"}
    resealed["digest"] = evidence.digest(resealed)
    paths[1].write_text(json.dumps(resealed))
    with pytest.raises(AnswerIsNo, match="chain") as broken:
        evidence.verify_chain(tmp_path)
    assert "run-1" in broken.value.detail
    paths[1].unlink()
    with pytest.raises(AnswerIsNo) as missing:
        evidence.verify_chain(tmp_path)
    assert "missing" in missing.value.detail


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "mainstay.evidence", "version": 2}'])
def test_what_is_no_evidence_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(text)
    with pytest.raises(InputRefused):
        evidence.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="not readable"):
        evidence.load(tmp_path / "evidence.json")


def test_a_secret_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(MainstayError, match="secret"):
        evidence.store(tmp_path, document(checks=[{"observed": "login with s3cr3t-word"}]), secrets=("", "s3cr3t-word"))
    assert not list(tmp_path.rglob("evidence.json"))
    assert evidence.store(tmp_path, document(), secrets=("", "s3cr3t-word")).exists()


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    writers = [threading.Thread(target=evidence.store, args=(tmp_path, document(f"run-{n}"))) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert evidence.verify_chain(tmp_path) == 8


def test_the_digest_does_not_depend_on_order_and_refuses_what_is_no_number() -> None:
    assert evidence.digest({"a": 1, "b": "ü"}) == evidence.digest({"b": "ü", "a": 1, "digest": "x"})
    assert evidence.digest({"a": 1}) != evidence.digest({"a": 2})
    with pytest.raises(ValueError, match="JSON"):
        evidence.digest({"a": float("nan")})


def test_the_operator_is_somebody_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "@" in evidence.operator()

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert evidence.operator().split("@")[0].isdigit()


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
