"""No template holds a secret: passwords are read by AWS when it deploys, and outputs tell none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = sorted((Path(__file__).parents[1] / "golden").glob("*/*/*.template.json"))
SECRETIVE = re.compile(r"(password|(?<!generate)secretstring|token|credential)$", re.IGNORECASE)


def members(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # Any: pieces of a template
    if isinstance(node, dict):
        for key, value in node.items():
            yield f"{path}.{key}", value
            yield from members(value, f"{path}.{key}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from members(value, f"{path}.{index}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_password_is_a_reference_that_aws_reads(path: Path) -> None:
    template = json.loads(path.read_text(encoding="utf-8"))
    secretive = {where: value for where, value in members(template["Resources"]) if SECRETIVE.search(where)}
    plain = {
        where: value
        for where, value in secretive.items()
        if "{{resolve:secretsmanager:" not in json.dumps(value) and not isinstance(value, bool)
    }
    assert plain == {}
    assert "resolve:" not in json.dumps(template.get("Outputs", {}))


def test_there_are_passwords_to_look_at() -> None:
    found = [
        where
        for path in TEMPLATES
        for where, _ in members(json.loads(path.read_text(encoding="utf-8")))
        if where.endswith(".MasterUserPassword")
    ]
    assert len(found) >= 4
