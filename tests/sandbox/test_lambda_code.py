"""A function's code on disk: once, whole, and not left in halves."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from mainstay.functions.packaging import Package
from mainstay.sandbox.lambda_code import unpacked


def packed(text: str) -> Package:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("inner/job.py", text)
    content = target.getvalue()
    return Package("job", "arm64", content, hashlib.sha256(content).hexdigest(), "job.handler")


def test_the_same_code_is_unpacked_once_and_other_code_beside_it(tmp_path: Path) -> None:
    box = tmp_path / "box"
    first = unpacked(packed("a = 1"), box)
    (first / "kept").touch()
    assert unpacked(packed("a = 1"), box) == first
    assert (first / "kept").exists()
    second = unpacked(packed("a = 2"), box)
    assert [(place / "inner" / "job.py").read_text() for place in (first, second)] == ["a = 1", "a = 2"]
    assert {each.name for each in (box / "functions").iterdir()} == {first.name, second.name, "lock"}


def test_what_a_killed_caller_left_half_done_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "functions" / "partial").mkdir(parents=True)
    (tmp_path / "functions" / "partial" / "half.py").touch()
    place = unpacked(packed("a = 1"), tmp_path)
    assert [each.name for each in place.iterdir()] == ["inner"]
    assert not (tmp_path / "functions" / "partial").exists()
