from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.ops.evidence.conftest import content, store_version_1

from mainstay.ops import evidence
from mainstay.ops.evidence.shape import schema as schema_of
from mainstay.ops.evidence.shape import violations


@pytest.mark.parametrize("version", [1, 2])
def test_the_published_schema_is_a_schema(version: int) -> None:
    jsonschema.Draft202012Validator.check_schema(dict(schema_of(version)))
    assert schema_of(version)["properties"]["version"] == {"const": version}


def test_documents_of_both_versions_are_of_their_shape(tmp_path: Path, schema: dict[str, Any]) -> None:
    stored = evidence.load(evidence.store(tmp_path, content()))
    jsonschema.validate(stored, schema)
    assert violations(stored) == []
    store_version_1(tmp_path / "old", "old-1", None)
    assert violations(evidence.load(tmp_path / "old/evidence/old-1/evidence.json")) == []


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


def test_it_agrees_with_a_validator_that_others_use(tmp_path: Path, schema: dict[str, Any]) -> None:
    """At every place of a document another value, of every kind: both find it wrong, or neither does."""
    stored = evidence.load(evidence.store(tmp_path, content()))
    validator = jsonschema.Draft202012Validator(schema)
    tried = 0
    others: list[Any] = [None, True, -1, 1.5, "x", "sha256:" + "0" * 64, [], {}, {"x": 1}]
    for path in places(stored)[1:]:
        for value in others:
            changed = copy.deepcopy(stored)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
            if changed["version"] == 2:
                tried += 1
                assert bool(violations(changed)) is not validator.is_valid(changed), (path, value)
    assert tried > 500
