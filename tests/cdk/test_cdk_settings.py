"""Arguments before context before spec, and what the messages say of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mainstay import spec as specs
from mainstay.cdk.design import read
from mainstay.cdk.settings import Chosen, choose
from mainstay.core.errors import InputRefused
from mainstay.core.units import Bytes
from mainstay.spec import Spec

TEXT = """\
name: shop
region: eu-central-1
database: {engine: postgres, version: "17", class: db.m7g.large, name: shop}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
environments:
  prod:
    storage: {size: 200 GiB}
  dev: {}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "database.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def as_read(source: Any, context: dict[str, Any], **arguments: Any) -> Spec:
    return read(source, choose("Orders", context, **arguments), construct_id="Orders")


def test_arguments_come_before_context_before_the_spec(file: Path) -> None:
    assert as_read(file, {}).database.instance_class == "db.m7g.large"
    general = {"mainstay": {"database.class": "db.m7g.xlarge", "environment": "prod"}}
    assert as_read(file, general).database.instance_class == "db.m7g.xlarge"
    assert as_read(file, general).identifier == "shop-prod"
    assert as_read(file, general).storage.size == Bytes.parse("200 GiB")
    own = {**general, "mainstay:Orders": {"database": {"class": "db.r7g.large"}, "environment": "dev"}}
    assert as_read(file, own).database.instance_class == "db.r7g.large"
    assert as_read(file, own).identifier == "shop-dev"
    single = {**own, "mainstay:Orders.database.class": "db.r7g.xlarge", "mainstay:Orders.environment": "prod"}
    assert as_read(file, single).database.instance_class == "db.r7g.xlarge"
    assert as_read(file, single).identifier == "shop-prod"
    argued = as_read(file, single, settings={"database.class": "db.r7g.2xlarge"}, environment="dev")
    assert argued.database.instance_class == "db.r7g.2xlarge"
    assert argued.identifier == "shop-dev"


def test_context_is_for_the_construct_that_it_names(file: Path) -> None:
    others = {"mainstay:Order": {"database.class": "db.r7g.large"}, "mainstay:Orders2.database.class": "db.r7g.large"}
    assert as_read(file, others).database.instance_class == "db.m7g.large"


def test_a_wider_setting_that_comes_later_counts_and_an_argument_after_it() -> None:
    context = {"mainstay": {"storage.size": "1 GiB", "storage": {"size": "2 GiB"}}}
    assert list(choose("Orders", context).overrides) == ["storage.size", "storage"]
    argued = choose("Orders", context, settings={"storage.size": "3 GiB"})
    assert list(argued.overrides.items())[-1] == ("storage.size", '"3 GiB"')
    assert argued.given["storage.size"] == "argument storage.size"


def test_values_keep_their_kind_and_text_of_the_command_line_is_yaml(file: Path) -> None:
    typed = as_read(file, {"mainstay": {"database.multi_az": True, "database.version": "16"}})
    assert (typed.database.multi_az, typed.database.version) == (True, "16")
    read_as_yaml = as_read(file, {"mainstay.database.multi_az": "true", "mainstay.database.version": '"16"'})
    assert (read_as_yaml.database.multi_az, read_as_yaml.database.version) == (True, "16")
    given_as_json = as_read(file, {"mainstay": '{"environment": "prod"}'})
    assert given_as_json.identifier == "shop-prod"


@pytest.mark.parametrize("value", ["prod", 7, ["a"], "{", "[1]"])
def test_context_that_is_no_mapping_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(InputRefused, match=r"The context 'mainstay:Orders' is no mapping.*\n.*cdk.json"):
        choose("Orders", {"mainstay:Orders": value})


@pytest.mark.parametrize("value", ["", 7, None, ["prod"]])
def test_an_environment_that_is_no_name_is_refused(value: object) -> None:
    with pytest.raises(InputRefused, match=r"no name for an environment"):
        choose("Orders", {"mainstay": {"environment": value}})


def test_a_value_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(InputRefused, match=r"settings, storage.size: Object of type object"):
        choose("Orders", {}, settings={"storage.size": object()})


def test_a_fault_says_which_layer_it_stands_in(file: Path) -> None:
    with pytest.raises(InputRefused, match=r"context mainstay:Orders, database.clas: database.clas: there is no such"):
        as_read(file, {"mainstay:Orders": {"database.clas": "x"}})
    with pytest.raises(
        InputRefused, match=r"context mainstay, environment: The spec describes prod, dev, but not 'test'"
    ):
        as_read(file, {"mainstay": {"environment": "test"}})
    with pytest.raises(InputRefused, match=r"argument environment: The spec describes prod, dev, but not 'test'"):
        as_read(file, {"mainstay": {"environment": "dev"}}, environment="test")
    with pytest.raises(InputRefused, match=r"argument database.clas: .*did you mean class"):
        as_read(file, {}, settings={"database.clas": "x"})
    file.write_text(TEXT.replace("storage:", "storag:", 1), encoding="utf-8")
    with pytest.raises(InputRefused, match=r"database.yaml:4: storag: there is no such key here. \(did you mean"):
        as_read(file, {})


def test_a_mapping_is_a_spec_and_its_faults_name_the_construct() -> None:
    spec: dict[str, Any] = {
        "name": "shop",
        "database": {"engine": "postgres", "version": "17", "class": "db.m7g.large", "name": "shop"},
        "storage": {"size": "100 GiB"},
        "alerts": {"subscribers": ["ops@example.com"]},
        "environments": {"prod": {"storage": {"size": "200 GiB"}}, "dev": {}},
    }
    assert as_read(spec, {}, environment="prod").storage.size == Bytes.parse("200 GiB")
    with pytest.raises(InputRefused, match=r"the spec of Orders: colour: there is no such key"):
        as_read({**spec, "colour": "red"}, {})
    with pytest.raises(InputRefused, match=r"the spec of Orders.*a object is no setting"):
        as_read({**spec, "colour": object()}, {})


def test_a_loaded_spec_is_taken_as_it_is_and_takes_no_settings(file: Path) -> None:
    spec = specs.load(file, environment="prod")
    assert as_read(spec, {}) is spec
    with pytest.raises(InputRefused, match=r"complete, and settings for environment, storage\.size"):
        as_read(spec, {"mainstay": {"storage.size": "1 GiB"}}, environment="dev")


def test_a_region_that_nothing_says_is_the_stack_s(file: Path) -> None:
    chosen = Chosen(None, {}, {})
    assert read(file, chosen, construct_id="Orders", region="eu-west-1").region == "eu-central-1"
    file.write_text(TEXT.replace("region: eu-central-1\n", ""), encoding="utf-8")
    assert read(file, chosen, construct_id="Orders", region="eu-west-1").region == "eu-west-1"
    assert read(file, chosen, construct_id="Orders").region is None
    loaded = specs.load(file)
    assert read(loaded, chosen, construct_id="Orders", region="eu-west-1").region == "eu-west-1"


def test_a_path_that_leads_to_no_spec_says_so(file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"databse.yaml does not exist"):
        as_read(str(tmp_path / "databse.yaml"), {})
    file.write_text('{"Resources": {}}', encoding="utf-8")
    with pytest.raises(InputRefused, match=r"not a spec"):
        as_read(file, {})
