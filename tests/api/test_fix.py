"""A spec is healed in place: the right key, the right section, every other byte as it was; or nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mainstay import api
from mainstay.checks.database import dies_without_snapshot, no_deletion_protection
from mainstay.checks.rule import Fault, Rule
from mainstay.checks.scene import Scene
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.core.findings import Severity
from mainstay.formats.editing import CannotEdit
from mainstay.plan.resources import DbInstance

Judge = Callable[[Any, Scene], Iterable[Fault]]

TODAY = date(2026, 11, 20)
SPEC = """\
# the shop's database
name: shop   # a name
region: us-east-1
database: {engine: postgres, version: "17", class: db.m7g.large, name: shop}
storage:
  size: 100 GiB
  max_size: 120 GiB # room
protection:
  backups: {keep: 1d}   # short
  deletion_protection: false

alerts:
  subscribers: [oncall@example.org]   # people
environments:
  prod:
    protection:
      deletion_protection: false # oops
  dev: {profile: dev}
  bare:
    access: {proxy: null}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "database.yaml"
    path.write_text(SPEC)
    return path


def test_the_value_changes_where_it_comes_from(spec: Path) -> None:
    result = api.fix(spec, environment="prod", today=TODAY)
    healed = SPEC.replace("120 GiB", "126 GiB").replace("keep: 1d", "keep: 7d").replace("false # oops", "true # oops")
    assert spec.read_text() == healed
    assert [one.id for one in result.fixed] == ["DB006", "DB003", "DB014"]
    assert (result.is_written, result.left, result.exit_code) == (True, [], 0)
    assert [one.id for one in result.check.findings if one.severity is not Severity.INFO] == []
    assert "+      deletion_protection: true # oops\n" in result.diff
    again = api.fix(spec, environment="prod", today=TODAY)
    assert (again.fixed, again.diff, again.is_written) == ([], "", False)


def test_without_writing_it_only_says_so(spec: Path) -> None:
    result = api.fix(spec, environment="prod", today=TODAY, write=False)
    assert spec.read_text() == SPEC
    assert (result.is_written, len(result.fixed)) == (False, 3)
    assert {"DB003", "DB006"} <= {one.id for one in result.check.findings}, "what stands in the file is judged"
    document = result.as_json()
    assert document["diff"] == result.diff
    assert document["check"] == result.check.as_json()


def test_what_an_argument_says_is_not_written_into_the_file(spec: Path) -> None:
    spec.write_text(SPEC.replace("false # oops", "true # oops"))
    result = api.fix(
        spec, environment="prod", settings={"protection.deletion_protection": "false"}, today=TODAY, write=False
    )
    assert "DB006" not in {one.id for one in result.fixed}
    assert "DB006" in {one.id for one in result.check.findings}


def test_an_environment_without_a_section_of_its_own_has_it_written_there(spec: Path) -> None:
    spec.write_text(
        SPEC.replace("  bare:\n    access: {proxy: null}\n", "  bare: {protection: {backups: {keep: 2d}}}\n")
    )
    api.fix(spec, environment="bare", today=TODAY)
    text = spec.read_text()
    assert "  bare: {protection: {backups: {keep: 7d}}}\n" in text
    assert "  backups: {keep: 1d}   # short\n  deletion_protection: true\n" in text


def test_suppressed_findings_are_left_alone(spec: Path) -> None:
    reasons = "".join(
        f"- {{rule: {name}, reason: it is a test of something else}}\n" for name in ("DB003", "DB006", "DB014")
    )
    spec.write_text(SPEC + f"suppress:\n{reasons}")
    assert api.fix(spec, environment="prod", today=TODAY).fixed == []


def test_what_another_environment_would_be_refused_for_is_left(spec: Path) -> None:
    """90 % of the connections for the proxy is less than another environment keeps idle."""
    proxy = "access: {proxy: {max_connections: 100%}, bastion: {}}\nalerts:"
    spec.write_text(SPEC.replace("alerts:", proxy) + "  idle:\n    access: {proxy: {max_idle: 95%}}\n")
    (left,) = api.fix(spec, environment="prod", today=TODAY).left
    assert left.finding.id == "PX010"
    assert "the spec would be refused: " in left.reason
    assert "max_idle" in left.reason
    assert "max_connections: 100%" in spec.read_text()


@pytest.fixture
def judging() -> Iterator[Callable[[Rule, Judge], None]]:
    """`judging(rule, judge)`: until the test is over, the rule says what `judge` says."""
    former: list[tuple[Rule, Judge]] = []

    def put(rule: Rule, judge: Judge) -> None:
        former.append((rule, rule.judge))
        object.__setattr__(rule, "judge", judge)

    yield put
    for rule, judge in former:
        object.__setattr__(rule, "judge", judge)


def test_a_patch_that_does_not_help_is_left(spec: Path, judging: Callable[[Rule, Judge], None]) -> None:
    rule = no_deletion_protection.faults
    judge = rule.judge
    judging(rule, lambda db, scene: [replace(one, mend=(replace(db, is_multi_az=False),)) for one in judge(db, scene)])
    result = api.fix(spec, environment="prod", today=TODAY)
    (left,) = result.left
    assert (left.finding.id, left.reason) == ("DB006", "the finding would stay")
    assert result.as_json()["left"] == [left.as_json()]
    assert "false # oops" in spec.read_text()


def test_what_no_key_leads_to_has_no_patch(spec: Path, judging: Callable[[Rule, Judge], None]) -> None:
    rule = no_deletion_protection.faults
    judge = rule.judge
    judging(
        rule,
        lambda db, scene: [replace(one, mend=(replace(db, is_public=False, port=1),)) for one in judge(db, scene)],
    )
    result = api.fix(spec, environment="prod", today=TODAY)
    assert "DB006" not in {one.id for one in (*result.fixed, *(each.finding for each in result.left))}
    assert [one.patch for one in result.check.findings if one.id == "DB006"] == [None]


def test_a_patch_that_brings_an_error_is_left(spec: Path, judging: Callable[[Rule, Judge], None]) -> None:
    """In whatever environment: here in one that takes the setting from the spec itself."""

    def worse(db: DbInstance, scene: Scene) -> list[Fault]:
        is_meant = db.has_deletion_protection and db.identifier == "shop-bare"
        return [Fault(db, "It is kept.", "let it go")] if is_meant else []

    judging(dies_without_snapshot.faults, worse)
    spec.write_text(SPEC.replace("  prod:\n    protection:\n      deletion_protection: false # oops\n", "  prod: {}\n"))
    (left,) = api.fix(spec, environment="prod", today=TODAY).left
    assert (left.finding.id, left.reason) == ("DB006", "it would bring DB004 on Database in bare")


def test_a_place_that_cannot_be_told_is_left(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(text: str, changes: object) -> str:
        raise CannotEdit("something else stands on the way")

    monkeypatch.setattr("mainstay.api._fix.edited", lost)
    result = api.fix(spec, environment="prod", today=TODAY)
    assert {one.reason for one in result.left} == {
        "its place in the file cannot be told: something else stands on the way"
    }
    assert (result.diff, result.is_written) == ("", False)


def test_an_environment_that_is_refused_anyway_keeps_nothing_from_being_fixed(spec: Path) -> None:
    spec.write_text(SPEC + "  old:\n    database: {version: '9.6'}\n")
    assert len(api.fix(spec, environment="prod", today=TODAY).fixed) == 3


def test_line_ends_marks_links_and_permissions_stay(spec: Path) -> None:
    target = spec.with_name("real.yaml")
    target.write_bytes(("\ufeff" + SPEC.replace("\n", "\r\n")).encode())
    target.chmod(0o600)
    spec.unlink()
    spec.symlink_to(target)
    api.fix(spec, environment="prod", today=TODAY)
    raw = target.read_bytes().decode()
    assert spec.is_symlink()
    assert raw.startswith("\ufeff# the shop")
    assert raw.count("\r\n") == raw.count("\n") == SPEC.count("\n")
    assert "deletion_protection: true # oops\r\n" in raw
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_file_without_a_last_line_end(spec: Path) -> None:
    spec.write_text(SPEC.removesuffix("\n"))
    result = api.fix(spec, environment="prod", today=TODAY)
    assert spec.read_text().endswith("access: {proxy: null}")
    assert result.diff.endswith("\n")


def test_only_a_spec_is_fixed(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources:\n  Db: {Type: AWS::RDS::DBInstance}\n")
    with pytest.raises(InputRefused, match="only a spec is fixed") as caught:
        api.fix(template)
    assert "is a template, which" in caught.value.detail
    assert "sarif" in caught.value.hint


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="only a spec is fixed") as caught:
        api.fix(tmp_path)
    assert "is a folder, which" in caught.value.detail


def test_a_spec_that_is_refused_is_not_touched(spec: Path) -> None:
    text = SPEC.replace("size: 100 GiB", "size: much")
    spec.write_text(text)
    with pytest.raises(InputRefused, match="spec refused"):
        api.fix(spec, environment="prod")
    assert spec.read_text() == text


def test_a_folder_that_cannot_be_written_to_is_said(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    with pytest.raises(EnvironmentLacking, match="file cannot be written"):
        api.fix(spec, environment="prod", today=TODAY)
    assert spec.read_text() == SPEC
