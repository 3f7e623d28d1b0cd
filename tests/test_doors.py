"""Each outside has one door: who imports boto3, who starts processes, and what a template check loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from mainstay.checks import FAMILIES

SOURCE = Path(__file__).parents[1] / "src" / "mainstay"

DOORS = {
    "boto3": ("ops/aws/", "sandbox/seam.py", "functions/aws.py"),
    "botocore": ("ops/aws/", "sandbox/seam.py", "functions/aws.py"),
    "aws_cdk": ("cdk/",),
    "constructs": ("cdk/",),
    "jsii": ("cdk/",),
    "subprocess": ("engines/process.py",),
    "multiprocessing": (),
}


@cache  # for all doors: reading every file takes a second
def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


FILES = sorted(SOURCE.rglob("*.py"))


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("module", DOORS)
def test_a_module_is_imported_at_its_doors_only(module: str) -> None:
    users = {path.relative_to(SOURCE).as_posix() for path in FILES if module in imported(path)}
    strangers = {user for user in users if not user.startswith(DOORS[module] or ("nowhere",))}
    assert strangers == set()
    assert bool(users) == bool(DOORS[module]), f"the door to {module} is used by nobody: {DOORS[module]}"


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running this code."""
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_checking_a_template_loads_no_spec_models_no_clients_no_driver_and_no_page(tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}', encoding="utf-8")
    modules = loaded_by(f"from mainstay.cli import run\nrun(['check', {str(template)!r}, '--json'])")
    assert "mainstay.checks" in modules
    assert modules.isdisjoint({"pydantic", "boto3", "botocore", "psycopg", "jinja2", "cryptography", "mainstay.cdk"})
    assert modules.isdisjoint({"mainstay.forecast.cheaper", "mainstay.forecast.changes", "mainstay.formats.terraform"})


def test_a_check_loads_its_own_command_and_the_rules_of_what_is_there(tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}', encoding="utf-8")
    modules = loaded_by(f"from mainstay.cli import run\nrun(['check', {str(template)!r}])")
    below = "mainstay.cli.commands."
    assert {name for name in modules if name.startswith(below)} == {f"{below}check"}
    families = {f"mainstay.checks.{family.name}" for family in FAMILIES}
    assert modules & families == {"mainstay.checks.alarms", "mainstay.checks.stack"}


def test_asking_for_help_loads_no_room_below_the_command_line() -> None:
    modules = loaded_by("from mainstay.cli import build\nbuild()")
    assert modules.isdisjoint({"pydantic", "boto3", "psycopg", "jinja2", "yaml", "mainstay.plan", "mainstay.spec"})
