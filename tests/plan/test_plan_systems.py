"""docs/systems.md: no line of it names a key, a resource or a test that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mainstay.plan.resources import KINDS
from mainstay.spec import Spec
from mainstay.spec.explaining import keys_at

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.splitlines()
    if line.startswith("|") and not line.startswith(("| line", "|---"))
]
LANDED = {path.stem for path in (ROOT / "blueprints").glob("*.yaml")}


def exists(key: str) -> bool:
    *above, last = key.split(".")
    return last in keys_at(tuple(above), Spec)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_line_names_what_exists(row: tuple[str, ...]) -> None:
    _, keys, resources, test = row
    named = re.findall(r"`([^`]+)`", keys)
    assert named
    assert [key for key in named if not exists(key)] == []
    kinds = {kind.__name__ for kind in KINDS}
    assert [name for name in resources.split(", ") if name not in kinds] == []
    file, _, function = test.strip("`").partition("::")
    (path,) = (ROOT / "tests").rglob(f"{file}.py")
    assert f"\ndef {function}(" in path.read_text(encoding="utf-8")


def test_a_key_that_no_spec_knows_is_found_out() -> None:
    assert exists("protection.backup_plan.daily.cold_after")
    assert not exists("protection.backup_plan.hourly")
    assert not exists("colour")


def test_there_is_a_line_for_each_thing_and_a_section_for_each_system() -> None:
    systems = re.findall(r"^## \d\. `([a-z-]+)`$", PAGE, re.MULTILINE)
    assert systems == ["mysql-proxy", "postgres-ha", "mysql-backup-dr", "mysql-migration", "postgres-ecommerce"]
    assert len(ROWS) > 60
    for system in systems:
        section = PAGE.split(f"`{system}`\n")[1].split("\n## ")[0]
        # What has no blueprint says so, and what has one does not.
        assert ("- the blueprint itself" in section) == (system not in LANDED)
    assert set(systems) >= LANDED
