"""Templates of nested stacks on this machine: by the path that `aws cloudformation package` takes, or by digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mainstay import api
from mainstay.api._source import load
from mainstay.plan.resources import NestedStack

STACK = "Resources: {{S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}}}}}}}\n"
CHILD = "Resources: {T: {Type: AWS::SNS::Topic}}\n"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("url", ["./child.yaml", "child.yaml", "../here/child.yaml", "deep/../child.yaml"])
def test_a_relative_path_is_followed(url: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "main.yaml").write_text(STACK.format(url), encoding="utf-8")
    (here / "child.yaml").write_text(CHILD, encoding="utf-8")
    loaded = load(here / "main.yaml")
    assert [one.key for one in loaded.plan.primary.resources] == ["S", "T"]
    origin = loaded.plan.primary["T"].origin
    assert origin is not None
    assert origin.file == str(here / "child.yaml")
    assert loaded.remarks == ()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("missing.yaml", "missing.yaml does not exist"),
        (".", "does not exist"),
        ("https://s3.amazonaws.com/b/child.yaml", "it lies at https://s3.amazonaws.com/b/child.yaml"),
        ("!Sub 'https://${AWS::Region}.x/child.yaml'", "known to CloudFormation only"),
        ("!Sub 'https://${AWS::Region}.x/a.network.0123456789ab.template.json'", "known to CloudFormation only"),
        ("!Sub 'https://${AWS::Region}.x/b.network.0123456789ab.template.json'", "known to CloudFormation only"),
        ("!Ref AWS::Region", "known to CloudFormation only"),
        ("!Ref Nothing", "nothing here is called Nothing"),
        ("5", "known to CloudFormation only"),
    ],
)
def test_what_lies_elsewhere_is_remarked(url: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(STACK.format(url), encoding="utf-8")
    (tmp_path / "child.yaml").write_text(CHILD, encoding="utf-8")
    # Its name says another digest than its text has.
    (tmp_path / "a.network.0123456789ab.template.json").write_text("{}", encoding="utf-8")
    (remark,) = api.check(tmp_path / "main.yaml").findings
    assert remark.id == "MS004"
    assert says in remark.detail


def test_our_own_nested_form_is_read_as_the_design_that_it_is(tmp_path: Path) -> None:
    blueprint = ROOT / "blueprints" / "postgres-ha.yaml"
    parent, *children = api.synth(blueprint, environment="prod", nested=True, out=tmp_path / "nested").files
    (single,) = api.synth(blueprint, environment="prod", out=tmp_path / "single").files
    loaded = load(tmp_path / "nested" / parent, parameters={})
    whole = load(tmp_path / "single" / single, parameters={})
    assert len(children) > 3
    assert loaded.remarks == ()
    assert {one.key: one for one in loaded.plan.primary.resources if not isinstance(one, NestedStack)} == {
        one.key: _without_waiting(one, loaded.plan.primary[one.key]) for one in whole.plan.primary.resources
    }
    nested, plain = (api.check(path) for path in (tmp_path / "nested" / parent, tmp_path / "single" / single))
    assert [(one.id, one.subject, one.detail) for one in nested.findings] == [
        (one.id, one.subject, one.detail) for one in plain.findings
    ]


def _without_waiting(one: object, other: object) -> object:
    """What waits for another part waits for its stack."""
    return replace(one, depends_on=other.depends_on)  # type: ignore[type-var,attr-defined]  # both are resources
