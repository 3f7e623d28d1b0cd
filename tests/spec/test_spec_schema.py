"""The JSON schema: what the editor knows is what `load` knows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.measuring import unmeasured

from mainstay.core.naming import nearest
from mainstay.spec import Spec, json_schema, load

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "docs" / "database.schema.json"
BLUEPRINTS = sorted((ROOT / "blueprints").glob("*.yaml"))


def test_the_written_schema_is_the_current_one() -> None:
    """Written by: mainstay schema > docs/database.schema.json"""
    assert json.loads(WRITTEN.read_text(encoding="utf-8")) == json_schema()


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    unmeasured(jsonschema.Draft202012Validator.check_schema, schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_is_one() -> None:
    assert validator().schema["title"]


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_fits_the_schema_it_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert first == "# yaml-language-server: $schema=../docs/database.schema.json"
    assert (path.parent / first.partition("$schema=")[2]).resolve() == WRITTEN
    unmeasured(validator().validate, yaml.safe_load(text))
    assert load(path).name


def test_there_is_a_blueprint() -> None:
    assert "postgres-ecommerce" in [path.stem for path in BLUEPRINTS]


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "blue"},
        {"storage": {"size": "100"}},
        {"environments": {"prod": {"storage": {"siz": "1 GiB"}}}},
        {"environments": {"prod": {"colour": "blue"}}},
        {"database": {"name": "tap"}},
    ],
)
def test_the_schema_refuses_what_load_refuses(change: dict[str, Any]) -> None:
    document = yaml.safe_load((ROOT / "blueprints" / "postgres-ecommerce.yaml").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        unmeasured(validator().validate, {**document, **change})


def test_every_key_is_described() -> None:
    schema = json_schema()
    sections = {"": schema, **schema["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, section in sections.items()
        for key, value in section.get("properties", {}).items()
        if len(value.get("description", "")) < 10
    ]
    assert silent == []


def test_defaults_are_shown_as_they_are_written() -> None:
    defaults = {key: value.get("default") for key, value in json_schema()["$defs"]["Backups"]["properties"].items()}
    assert defaults == {"keep": "7d", "window": "00:00-02:00", "keep_after_deletion": True}


def test_the_reference_and_the_messages_know_the_same_keys() -> None:
    assert nearest("databse", Spec.model_fields) == "database"
    assert set(json_schema()["properties"]) == {*Spec.model_fields, "environments"}
