"""What the README shows works when it is pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mainstay import api, cli
from mainstay.cli.commands import COMMANDS, GROUPS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for name, text in fenced if name == language]


def test_the_spec_is_sound_and_as_short_as_it_says(tmp_path: Path) -> None:
    (spec,) = blocks("yaml")
    assert len(spec.splitlines()) <= 21
    path = tmp_path / "database.yaml"
    path.write_text(spec, encoding="utf-8")
    result = api.check(path)
    assert [finding.as_json() for finding in result.findings if finding.suppressed is None] == []
    count = sum(len(region.resources) for region in api.plan(path).plan.regions)
    assert 90 <= count < 100


def test_every_command_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"^mainstay ([a-z]+(?: [a-z]+(?![a-z]*[./]))?)", "\n".join(blocks("")), re.MULTILINE))
    assert {"init", "drill", "sandbox down"} <= named
    known = {*COMMANDS, *(f"{group} {command}" for group, (_, commands) in GROUPS.items() for command in commands)}
    assert named <= known
    for name in named:
        assert cli.run([*name.split(), "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_the_table_of_commands_is_complete() -> None:
    rows = set(re.findall(r"^\| `([a-z]+)", README, re.MULTILINE))
    assert rows == {*COMMANDS, *GROUPS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not target.startswith("http") and not (ROOT / target).exists()]
    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`?make ([a-z]+)", path.read_text(encoding="utf-8"))}
    assert named
    assert named <= targets
