"""docs/rules.md is what the rules say."""

from __future__ import annotations

from pathlib import Path

from mainstay.checks import all_rules
from mainstay.checks.documentation import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), "run `make docs`"


def test_every_rule_is_in_it_once() -> None:
    text = render()
    for rule in all_rules():
        assert text.count(f"\n## {rule.id}\n") == 1
        assert text.count(f"(#{rule.id.lower()})") == 1
        assert rule.reason in text
    assert text.endswith("|\n")
    assert "MS003" in text
