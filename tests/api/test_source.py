"""Specs and templates are told apart by what they say; unreadable files are refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mainstay.api._files import MOST_MEMBERS
from mainstay.api._source import Kind, kind_of, load, load_all, load_spec, looks_like_template, read_text
from mainstay.core.errors import InputRefused


@pytest.mark.parametrize(
    "text",
    [
        '{"Resources": {}}',
        '{\n  "AWSTemplateFormatVersion": "2010-09-09"}',
        "AWSTemplateFormatVersion: '2010-09-09'\n",
        "Description: x\nResources:\n  A: {}\n",
        "'Resources' : {}\n",
        '{"Parameters": {"P": {"Type": "String"}}, "Resources": {}}',
    ],
)
def test_a_template_is_known_by_its_sections(text: str) -> None:
    assert looks_like_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"name": "shop", "region": "eu-west-1"}',
        "name: shop\n",
        "name: Resources\n",
        "# Resources: none\nname: shop\n",
    ],
)
def test_anything_else_is_taken_for_a_spec(text: str) -> None:
    assert not looks_like_template(text)


def test_a_template_is_read_without_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}', encoding="utf-8")
    loaded = load(path)
    assert loaded.spec is None
    assert [resource.key for resource in loaded.plan.primary.resources] == ["T"]


def test_a_template_cannot_be_deployed(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"Resources": {}}', encoding="utf-8")
    with pytest.raises(InputRefused, match="not a spec") as refused:
        load_spec(path)
    assert "mainstay check" in refused.value.hint


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="not a file"):
        read_text(tmp_path)


def test_bytes_that_are_no_text_are_refused_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InputRefused, match="not a text file") as refused:
        read_text(path)
    assert "byte 6" in refused.value.detail


@pytest.mark.parametrize(
    ("content", "hint"),
    [(b"PK\x03\x04\xff", "terraform show -json"), (b"\xff\xfea\0", "UTF-16"), (b"\xfe\xff\0a", "UTF-16")],
)
def test_what_bytes_may_be_is_told(content: bytes, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "tfplan"
    path.write_bytes(content)
    with pytest.raises(InputRefused, match="not a text file") as refused:
        read_text(path)
    assert hint in refused.value.hint


def test_a_mark_of_order_and_line_ends_of_other_systems_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: 2\rc: 3\n".encode())
    assert read_text(path) == "a: 1\nb: 2\nc: 3\n"


@pytest.mark.parametrize("make", ["pipe", "circle", "name", "nothing"])
def test_what_is_no_file_is_refused_and_not_waited_for(make: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if make == "pipe":
        os.mkfifo(path)
    elif make == "circle":
        path.symlink_to(path)
    elif make == "name":
        path = tmp_path / ("x" * 300)
    else:
        path = Path("a\0b")
    for read in (read_text, load, load_all):
        with pytest.raises(InputRefused) as refused:
            read(path)
        assert refused.value.summary in ("not a file", "file cannot be read")
        assert refused.value.hint


@pytest.mark.parametrize(
    ("beside", "hint"), [("cdk.json", "cdk synth"), ("main.tf", "terraform show -json"), ("a.txt", "database.yaml")]
)
def test_a_folder_is_told_by_what_is_in_it(beside: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / beside).write_text("", encoding="utf-8")
    with pytest.raises(InputRefused, match="not a file") as refused:
        read_text(tmp_path)
    assert hint in refused.value.hint


def test_the_number_of_members_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text("[" * MOST_MEMBERS, encoding="utf-8")
    assert len(read_text(path)) == MOST_MEMBERS
    path.write_text("[" * (MOST_MEMBERS + 1), encoding="utf-8")
    with pytest.raises(InputRefused, match="too large"):
        read_text(path)


def test_blank_lines_take_no_longer_than_others() -> None:
    assert not looks_like_template("\n" * 3_000_000)


def test_the_largest_file_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (32 * 2**20))
    assert len(read_text(path)) == 32 * 2**20
    path.write_bytes(b"#" * (32 * 2**20 + 1))
    with pytest.raises(InputRefused, match="too large"):
        read_text(path)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.yaml"
    path.write_text("name: shop", encoding="utf-8")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    # The superuser may read everything, so the refusal is made here.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputRefused, match="cannot be read") as refused:
        read_text(path)
    assert "Permission denied" in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_db_instance" "x" {\n  engine = "postgres"\n}\n',
        'terraform {\n  required_version = ">= 1.5"\n}\n',
        "locals {\n}\n",
    ],
)
def test_terraform_is_told_by_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="not a spec") as refused:
        load(path)
    assert "Terraform" in refused.value.detail
    assert "mainstay check" in refused.value.hint


def test_a_spec_takes_no_parameters(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: shop\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="no parameters") as refused:
        load(path, parameters={"Size": "1"})
    assert "Size" in refused.value.detail


def test_what_terraform_shows_is_read_as_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "tfplan.json"
    topic = {"address": "aws_sns_topic.t", "mode": "managed", "type": "aws_sns_topic", "name": "t", "values": {}}
    shown = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [topic]}}}
    path.write_text(json.dumps(shown), encoding="utf-8")
    loaded = load(path)
    assert loaded.spec is None
    assert [(one.key, one.address) for one in loaded.plan.primary.resources] == [("T", "aws_sns_topic.t")]
    with pytest.raises(InputRefused, match="has no parameters"):
        load(path, parameters={"Size": "1"})


def test_a_module_of_ours_is_read_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text('{"resource": {"aws_sns_topic": {"t": {}}}}', encoding="utf-8")
    (tmp_path / "variables.tf.json").write_text('{"variable": {"word": {}}}', encoding="utf-8")
    plan = load(tmp_path).plan
    assert [one.key for one in plan.primary.resources] == ["T"]
    assert [one.name for one in plan.primary.parameters] == ["Word"]
    assert load(tmp_path / "main.tf.json").plan == plan
    assert [one.plan for one in load_all(tmp_path)] == [plan]
    with pytest.raises(InputRefused, match="has no parameters"):
        load(tmp_path, parameters={"Size": "1"})
    assert kind_of(tmp_path) is kind_of(tmp_path / "main.tf.json") is load(tmp_path).kind is Kind.MODULE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("name: shop\n", Kind.SPEC),
        ("Resources: {}\n", Kind.TEMPLATE),
        ('{"format_version": "1.2", "planned_values": {}}', Kind.SHOWN),
        ('{"Resources": {}, "Description": "see \\"format_version\\""}', Kind.TEMPLATE),
        ("format_version: 1\n", Kind.SPEC),
    ],
)
def test_a_file_says_by_its_text_what_it_is(text: str, kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    assert kind_of(path) is kind
    assert kind.is_terraform is (kind is Kind.SHOWN)


def test_a_folder_that_is_no_module_holds_templates(tmp_path: Path) -> None:
    assert kind_of(tmp_path) is Kind.TEMPLATE


@pytest.mark.parametrize(
    ("name", "hint"), [("database.yaml", "`mainstay init`"), ("template.json", "look at the path")]
)
def test_a_missing_file_points_at_init_only_where_it_is_a_spec(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_text(tmp_path / name)
    assert refused.value.summary == "no such file"
    assert name in refused.value.detail
    assert refused.value.hint.startswith(hint)
