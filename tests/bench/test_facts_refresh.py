"""`make facts`: the tables are what the pinned packages carry, and what a person wrote outlives a refresh."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from bench.facts import __main__ as command
from bench.facts import databases, refreshing
from bench.facts.layout import written
from bench.facts.parts import PARTS, Part
from bench.facts.refreshing import DATA, refreshed, tables
from bench.facts.resources import Question, keyword, said

TODAY = "2030-01-02"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def table(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def spoil(folder: Path, name: str, **changed: Any) -> None:
    (folder / f"{name}.json").write_text(written({**table(folder, name), **changed}), encoding="utf-8")


def test_the_tables_are_what_the_pinned_packages_carry(capsys: pytest.CaptureFixture[str]) -> None:
    assert (command.main(["--check"]), len(tables()) > 8) == (0, True), capsys.readouterr().out


def test_what_is_missing_comes_back_and_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = table(folder, "versions")["data"]
    data["creatable"]["postgres"].remove("17.11")
    data["creatable"]["postgres"].append("17.99")
    spoil(folder, "versions", data=data)
    spoil(folder, "lambda_runtimes", data={**table(folder, "lambda_runtimes")["data"], "basic": {}})
    assert command.main(["--check"], folder) == 1
    assert "17.11" not in json.dumps(table(folder, "versions"))  # only looked at
    assert command.main([], folder) == 0
    told = capsys.readouterr().out
    assert 'versions: data.creatable.postgres: + "17.11", - "17.99"' in told
    assert "lambda_runtimes: data.basic: gone, was {}" in told
    assert "2 of them changed" in told
    assert [table(folder, name) for name in tables()] == [table(DATA, name) for name in tables()]
    assert command.main(["--check"], folder) == 0


def test_what_a_person_wrote_stays(folder: Path) -> None:
    data = table(folder, "replacement")["data"]
    data["AWS::S3::Bucket"] = {"also_replacing": ["Tags"]}
    spoil(folder, "replacement", data=data)
    again = json.loads(refreshed("replacement", TODAY, folder).after)
    assert again["data"]["AWS::S3::Bucket"]["also_replacing"] == ["Tags"]
    assert "BucketName" in again["data"]["AWS::S3::Bucket"]["create_only"]
    assert again["date"] == table(DATA, "replacement")["date"]  # nobody has read the other rows again


def test_a_wholly_carried_table_is_as_old_as_what_it_was_taken_from(folder: Path) -> None:
    spoil(folder, "class_regions", date="2020-01-01")
    assert json.loads(refreshed("class_regions", TODAY, folder).after)["date"] == table(DATA, "class_regions")["date"]
    spoil(folder, "regions", source="botocore 1.0.0, endpoints (partitions and their regions)")
    assert json.loads(refreshed("regions", TODAY, folder).after)["date"] == TODAY  # another version was taken over
    assert json.loads(refreshed("regions", TODAY).after)["date"] == table(DATA, "regions")["date"] != TODAY


def test_a_source_names_the_package_and_its_version(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder, "log_exports", source="somebody")
    before = table(folder, "log_exports")
    assert command.main([], folder) == 2
    assert "has to name botocore once" in capsys.readouterr().err
    assert table(folder, "log_exports") == before


def test_a_text_that_says_it_no_more_has_to_be_read(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(
        refreshing, "PARTS", (Part("limits", "port.least", "botocore", said("Port", "from (.*) apples")),)
    )
    with pytest.raises(LookupError, match=r"CreateDBInstanceMessage\.Port nothing like"):
        refreshed("limits", TODAY, folder)


@pytest.mark.parametrize(
    "asked",
    [
        keyword("AWS::Nothing::Here", "RoleName", "maxLength"),
        keyword("AWS::IAM::Role", "Nickname", "maxLength"),
        keyword("AWS::IAM::Role", "RoleName", "maximum"),
    ],
)
def test_what_a_schema_has_no_more_is_named(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str], asked: Question
) -> None:
    gone = Part("limits", "identifiers.role.most", "cfn-lint", asked)
    monkeypatch.setattr(refreshing, "PARTS", (gone,))
    assert command.main([], folder) == 2
    assert "nothing written: limits.identifiers.role.most, of cfn-lint" in capsys.readouterr().err.replace(
        "'", ""
    ).replace('"', "")
    assert table(folder, "limits") == table(DATA, "limits")


def test_a_class_whose_shape_nobody_has_read_is_named(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert databases.without_shape() == []
    monkeypatch.setattr(databases, "class_shape", lambda name: None if name == "db.x2idn.32xlarge" else (1, 1))
    assert command.main(["--check"], folder) == 0
    assert "classes: db.x2idn.32xlarge has no shape" in capsys.readouterr().out


def test_no_part_is_told_twice_and_each_stands_in_its_table() -> None:
    assert len({(part.table, part.path) for part in PARTS}) == len(PARTS)
    for part in PARTS:
        place = table(DATA, part.table)["data"]
        for step in part.steps:
            place = place[step]


def test_order_and_changed_values_are_told(folder: Path) -> None:
    data = table(folder, "log_exports")["data"]
    spoil(folder, "log_exports", data={**data, "mysql": data["mysql"][::-1]})
    assert refreshed("log_exports", TODAY, folder).changes == [
        f'date: "{table(DATA, "log_exports")["date"]}" -> "{TODAY}"',
        "data.mysql: in another order",
    ]
    data = table(folder, "regions")["data"]
    del data["us-east-1"]
    spoil(folder, "regions", data=data)
    assert any(line.startswith("data.us-east-1: new, {") for line in refreshed("regions", TODAY, folder).changes)


def test_what_fits_into_a_line_stands_in_one() -> None:
    fits = {"a": {"n": "x" * 100}}
    assert written({"data": {"row": {"n": "x" * 100}}}).count("\n") == 5
    assert written({"data": {"row": {"n": "x" * 99, "m": [1, 2]}}}).count("\n") == 8
    assert written({"data": {"row": list(range(200))}}).count("\n") == 5
    assert "[\n" in written({"data": {"rows": [fits, fits]}})
    assert '"none": {}' in written({"data": {"none": {}}})
