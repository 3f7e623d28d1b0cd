"""The tuples and the files agree, both ways; ids are unique and belong to their family."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import mainstay.checks
from mainstay.checks import FAMILIES, all_rules, registry
from mainstay.checks.examples import group, plan_of
from mainstay.checks.registry import Family, rules_for
from mainstay.checks.rule import Rule
from mainstay.plan.resources import KINDS

ROOT = Path(mainstay.checks.__file__).parent
# Files of a family's folder that are no rules: what several of its rules share.
SHARED = {
    "backup/copies.py",
    "backup/examples.py",
    "backup/key_policies.py",
    "backup/reach.py",
    "backup/starts.py",
    "dns/examples.py",
    "network/clients.py",
    "network/lacking.py",
    "network/services.py",
    "network/traffic.py",
    "proxy/examples.py",
    "proxy/targets.py",
}

by_id = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)


def test_every_folder_is_a_family_and_every_family_a_folder() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == {family.name for family in FAMILIES}
    assert len(FAMILIES) == len(folders)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_file_is_registered_and_every_rule_has_its_file(family: Family) -> None:
    files = {path.stem for path in (ROOT / family.name).glob("*.py") if f"{family.name}/{path.name}" not in SHARED}
    modules = [rule.module.rpartition(".")[2] for rule in family.rules]
    assert family.rules
    assert len(modules) == len(set(modules))
    assert set(modules) == files - {"__init__"}


def test_what_is_shared_exists() -> None:
    assert all((ROOT / name).is_file() for name in SHARED)


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in all_rules()]
    assert len(ids) == len(set(ids)) >= 15


@by_id
def test_an_id_belongs_to_its_family(rule: Rule) -> None:
    family = next(each for each in FAMILIES if rule in each.rules)
    assert re.fullmatch(rf"({'|'.join(family.prefixes)})\d{{3}}", rule.id)


@by_id
def test_a_family_is_loaded_for_what_its_rules_apply_to(rule: Rule) -> None:
    family = next(each for each in FAMILIES if rule in each.rules)
    assert rule.applies_to
    assert set(rule.applies_to) <= set(family.kinds)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_kind_of_a_family_is_looked_at(family: Family) -> None:
    if family.name != "stack":  # a rule about the whole stack may look at anything
        assert set(family.kinds) == {kind for rule in family.rules for kind in rule.applies_to}


@by_id
def test_a_rule_is_documented(rule: Rule) -> None:
    assert len(rule.reason) > 60
    assert re.search(r"\(20\d\d-\d\d-\d\d\)$", rule.source), "the source ends with the day it was checked"
    assert rule.summary[0].islower() or rule.summary.startswith(("RDS", "TLS", "Extended Support"))
    assert not rule.summary.endswith(".")
    assert rule.bad.__doc__
    assert rule.good.__doc__


@by_id
def test_a_rule_is_one_short_file_with_a_test_of_its_own(rule: Rule) -> None:
    path = ROOT.parents[1] / f"{rule.module.replace('.', '/')}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 130, "with its mend"
    family, name = rule.module.split(".")[-2:]
    assert (Path(__file__).parent / family / f"test_{name}.py").is_file()


def test_checking_a_plan_loads_neither_the_spec_nor_boto3_nor_other_families() -> None:
    code = """
import sys
from datetime import date
from mainstay.checks import run
from mainstay.checks.examples import group, plan_of
assert [each.id for each in run(plan_of(group()), today=date(2026, 11, 20))] == ["NW004"]
loaded = [name for name in ("pydantic", "boto3", "botocore", "yaml", "jinja2", "mainstay.spec",
                            "mainstay.checks.database", "mainstay.checks.alarms") if name in sys.modules]
assert "mainstay.checks.network" in sys.modules
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@by_id
def test_the_field_that_a_rule_is_about_is_one_of_a_resource(rule: Rule) -> None:
    known = {field.name for kind in KINDS for field in fields(kind)}
    assert not rule.field or rule.field in known


def test_only_families_with_something_to_look_at_speak() -> None:
    assert {rule.id[:2] for rule in rules_for(plan_of(group()))} == {"NW", "ST"}
    assert list(rules_for(plan_of())) == []


def test_a_rule_is_found_by_its_id_and_no_other_family_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # Asked for its rules, this one would fail: there is no such folder.
    monkeypatch.setattr(registry, "FAMILIES", (Family("nothing", ("ZZ",), ()), *FAMILIES))
    for rule in (registry.find(name) for name in ("DB006", "BK006", "SN002")):
        assert rule is not None
        assert registry.find(rule.id) is rule
    assert [rule and rule.id for rule in map(registry.find, ("DB006", "EV001", "DB999", "XX001", ""))] == [
        "DB006",
        "EV001",
        None,
        None,
        None,
    ]
