"""A finding's patch is in the words of what was checked: a template, a shown plan, a module, a spec."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mainstay import api
from mainstay.checks.examples import database, plan_of
from mainstay.core.patches import Language, Patch
from mainstay.formats import cloudformation, terraform
from mainstay.plan.plan import Plan

TODAY = date(2026, 11, 20)
FAULTY = plan_of(database(has_deletion_protection=False))


def shown(plan: Plan) -> str:
    main = json.loads(terraform.render(plan)["main.tf.json"])["resource"]["aws_db_instance"]["database"]
    values = {name: value for name, value in main.items() if name not in ("//", "lifecycle")}
    resource: dict[str, Any] = {"address": "aws_db_instance.shop", "mode": "managed", "type": "aws_db_instance"}
    module = {"resources": [{**resource, "name": "shop", "values": values}]}
    return json.dumps({"format_version": "1.2", "planned_values": {"root_module": module}})


def template(path: Path) -> Path:
    (text,) = cloudformation.render(FAULTY).values()
    (path / "template.json").write_text(text)
    return path / "template.json"


def module(path: Path) -> Path:
    for name, text in terraform.render(FAULTY).items():
        (path / name).write_text(text)
    return path


def plan(path: Path) -> Path:
    (path / "tfplan.json").write_text(shown(FAULTY))
    return path / "tfplan.json"


@pytest.mark.parametrize(
    ("write", "language", "pointer"),
    [
        (template, Language.JSON, "/Resources/Database/Properties/DeletionProtection"),
        (module, Language.TERRAFORM, "/resource/aws_db_instance/database/deletion_protection"),
        (plan, Language.TERRAFORM, "/aws_db_instance/deletion_protection"),
    ],
)
def test_the_words_of_the_file(write: Callable[[Path], Path], language: Language, pointer: str, tmp_path: Path) -> None:
    findings = api.check(write(tmp_path), today=TODAY).findings
    (patch,) = [one.patch for one in findings if one.id == "DB006"]
    assert isinstance(patch, Patch)
    assert (patch.language, [one.pointer for one in patch.changes]) == (language, [pointer])
    assert bool(patch.replacements()) is (write is template)


def test_a_template_of_the_cdk_is_not_edited_because_its_construct_has_to_be(tmp_path: Path) -> None:
    (text,) = cloudformation.render(FAULTY).values()
    made = json.loads(text)
    made["Resources"]["Database"]["Metadata"] = {"aws:cdk:path": "Shop/Database/Resource"}
    (tmp_path / "template.json").write_text(json.dumps(made))
    findings = api.check(tmp_path / "template.json", today=TODAY).findings
    (patch,) = [one.patch for one in findings if one.id == "DB006"]
    assert patch is not None
    assert [one.subject for one in patch.changes] == ["Shop/Database/Resource"]
    assert patch.replacements() == {}


def test_what_nobody_mends_has_no_patch(tmp_path: Path) -> None:
    (text,) = cloudformation.render(plan_of(database(is_multi_az=False))).values()
    (tmp_path / "template.json").write_text(text)
    (finding,) = [one for one in api.check(tmp_path / "template.json", today=TODAY).findings if one.id == "DB045"]
    assert finding.patch is None
    assert finding.as_json()["patch"] is None
