"""Manifests: what they may say, the boundary of every member, and where they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.functions import manifest
from mainstay.functions.manifest import Manifest, Rows


def test_a_whole_manifest_is_read() -> None:
    document = {
        "version": "8.4",
        "character_set": "utf8mb4",
        "collation": "utf8mb4_0900_ai_ci",
        "replication": "none",
        "max_lag_s": 0,
        "tables": {"a": None, "b": 0, "c": {"min": 1}, "d": {"max": 2}, "e": {"min": 3, "max": 3}},
        "is_complete": True,
    }
    assert set(document) == set(manifest.MEMBERS)
    read = manifest.read(json.dumps(document), "test")
    assert read == manifest.read(document, "test")
    assert read == Manifest(
        "8.4",
        "utf8mb4",
        "utf8mb4_0900_ai_ci",
        "none",
        0,
        {"a": Rows(), "b": Rows(0, 0), "c": Rows(1), "d": Rows(None, 2), "e": Rows(3, 3)},
        is_complete=True,
    )


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (7, "not a JSON object"),
        ({"tabels": {}}, "no member tabels"),
        ({"version": 8}, "version must be text"),
        ({"replication": "primary"}, "replication must be one of"),
        ({"max_lag_s": -1}, "max_lag_s"),
        ({"max_lag_s": True}, "max_lag_s"),
        ({"max_lag_s": "1"}, "max_lag_s"),
        ({"is_complete": 1}, "is_complete"),
        ({"tables": ["a"]}, "tables must be"),
        ({"tables": {"a": -1}}, "rows of a"),
        ({"tables": {"a": True}}, "rows of a"),
        ({"tables": {"a": "3"}}, "rows of a"),
        ({"tables": {"a": {"min": 2, "max": 1}}}, "rows of a"),
        ({"tables": {"a": {"least": 2}}}, "rows of a"),
    ],
)
def test_what_a_manifest_may_not_say_is_named(document: object, told: str) -> None:
    with pytest.raises(InputRefused, match="manifest cannot be used") as caught:
        manifest.read(document, "the test")
    assert told in caught.value.detail
    assert "the test" in caught.value.detail


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (Rows(3, 3), "3 rows"),
        (Rows(3), "at least 3 rows"),
        (Rows(None, 3), "at most 3 rows"),
        (Rows(1, 3), "at least 1 and at most 3 rows"),
    ],
)
def test_rows_are_said_in_words(rows: Rows, text: str) -> None:
    assert str(rows) == text


@pytest.mark.usefixtures("aws")
class TestPlaces:
    """Where a manifest comes from, the first one that there is."""

    def test_the_event_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_MANIFEST", '{"version": "1"}')
        assert manifest.find({"version": "2"}).version == "2"

    def test_then_the_environment_then_the_package(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
        assert manifest.find() == Manifest()
        (tmp_path / "manifest.json").write_text('{"version": "3"}')
        assert manifest.find().version == "3"
        monkeypatch.setenv("MAINSTAY_MANIFEST", '{"version": "1"}')
        assert manifest.find().version == "1"

    def test_a_parameter_may_be_named(self, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        session.client("ssm").put_parameter(Name="/shop/manifest", Type="String", Value='{"version": "4"}')
        monkeypatch.setenv("MAINSTAY_MANIFEST", "/shop/manifest")
        assert manifest.find().version == "4"
        monkeypatch.setenv("MAINSTAY_MANIFEST", "/shop/other")
        with pytest.raises(TargetRefused, match="ParameterNotFound"):
            manifest.find()
