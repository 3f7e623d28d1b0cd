"""docs/rules.md is what the rules say."""

from __future__ import annotations

from pathlib import Path

from mainstay.checks import all_rules
from mainstay.checks.documentation import render

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), "run `make docs`"


def test_a_number_that_stands_for_no_rule_stays_free() -> None:
    section = render().split("## What no rule says")[1].split("\n## ")[0]
    free = {line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| DB")}
    assert free == {"DB007", "DB008", "DB028", "DB029", "DB039", "DB042", "DB046"}
    assert not free & {rule.id for rule in all_rules()}
    assert {"BK032", "DB003"} <= {rule.id for rule in all_rules()}


def test_every_rule_is_in_it_once() -> None:
    text = render()
    for rule in all_rules():
        assert text.count(f"\n## {rule.id}\n") == 1
        assert text.count(f"(#{rule.id.lower()})") == 1
        assert rule.reason in text
    assert text.endswith("|\n")
    assert "MS003" in text
