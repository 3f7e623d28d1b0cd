"""The generated references are current, and every command stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.cli.commands import COMMANDS, GROUPS, load
from mainstay.cli.documentation import DOCUMENTS, command_reference, main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_generated_document_is_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == DOCUMENTS[name](), f"{name} is stale: run make docs"


def test_every_page_that_says_it_is_generated_is() -> None:
    # By what lies under bench/, which has tests of its own.
    elsewhere = {"docs/answered-findings.md", "docs/checks-compared.md", "docs/self-test.md"}
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md") if "do not edit" in path.read_text()}
    assert pages - elsewhere == {name for name in DOCUMENTS if name.endswith(".md")}


def test_every_command_has_its_file_its_section_and_its_help() -> None:
    text = command_reference()
    files = {path.stem for path in (ROOT / "src/mainstay/cli/commands").glob("*.py")} - {"__init__"}
    assert files == {*COMMANDS, *GROUPS}
    for command in COMMANDS:
        assert f"## `mainstay {command}`" in text
        assert load(command).__doc__
    for group, (about, commands) in GROUPS.items():
        assert about
        for command in commands:
            assert f"## `mainstay {group} {command}`" in text
            assert load(command, group=group).__doc__


def test_the_documents_are_written_where_they_belong(tmp_path: Path) -> None:
    main(tmp_path)
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == set(DOCUMENTS)
