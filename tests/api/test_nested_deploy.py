"""The nested form in the sandbox: children are placed, every command finds what they hold, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where, open_site
from mainstay.core.errors import InputRefused
from mainstay.diff import Effect
from mainstay.ops.deployment import Deployed

SPEC = """\
name: shop
environment: dev
profile: dev
region: eu-central-1
database: {{version: "17", class: db.t4g.medium, name: shop, multi_az: false{database}}}
storage: {{size: 20 GiB}}
network: {{nat: none}}
credentials: {{username: {user}}}
protection: {{deletion_protection: false, on_delete: destroy}}
alerts: {{subscribers: [ops@example.com], cpu: {cpu}}}
"""


class Nest:
    """A sandbox with one stack that has stacks of its own."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "database.yaml"
        self.where = Where(is_sandbox=True, workspace=directory / "work")
        self.cloudformation = open_site(self.where, "eu-central-1", begin=True).doors.cloudformation

    def deploy(self, *, cpu: str = "80%", user: str = "owner", database: str = "", **options: Any) -> Deployed:
        self.path.write_text(SPEC.format(cpu=cpu, user=user, database=database), encoding="utf-8")
        given = {"nested": True, **options}
        return api.deploy(self.path, where=self.where, approve=lambda _: True, **given).primary


@pytest.fixture(scope="module")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nest]:
    made = Nest(tmp_path_factory.mktemp("nested"))
    try:
        made.deploy()
        yield made
    finally:
        sandbox.down(made.where.sandbox_directory)


def test_each_part_is_a_stack_and_is_found(nest: Nest) -> None:
    nested = nest.cloudformation.nested_stacks("shop-dev")
    assert [one.logical_id for one in nested] == [
        "NetworkStack",
        "SecurityStack",
        "DatabaseStack",
        "ObservabilityStack",
    ]
    found = {one.logical_id: one.type for one in nest.cloudformation.resources("shop-dev")}
    assert found["DatabaseKey"] == "AWS::KMS::Key"
    assert api.verify(nest.path, where=nest.where).exit_code == 0
    assert api.drill(nest.path, where=nest.where).result.verdict.word == "PROVEN"


def test_the_same_again_is_no_change(nest: Nest) -> None:
    assert not nest.deploy().has_changed


def test_a_change_reaches_the_stack_that_it_is_about(nest: Nest) -> None:
    changed = nest.deploy(cpu="70%")
    assert [one.logical_id for one in changed.changes] == ["ObservabilityStack"]
    nest.deploy()


def test_a_plan_is_compared_with_what_the_nested_stacks_hold(nest: Nest) -> None:
    same = api.compare(nest.path, against="deployed", where=nest.where)
    assert (same.difference.changes, same.exit_code) == ((), 0)
    api.synth(nest.path, nested=True, out=nest.path.parent / "out")
    parent = nest.path.parent / "out" / "shop-dev.eu-central-1.template.json"
    as_one = api.compare(parent, against="shop-dev", where=nest.where)
    assert [(one.key, one.kind) for one in as_one.difference.changes] == []
    nest.path.write_text(SPEC.format(cpu="70%", user="somebody_else", database=""), encoding="utf-8")
    found = api.compare(nest.path, against="shop-dev", where=nest.where)
    effects = {one.key: one.effect for one in found.difference.changes}
    assert effects["Database"] is Effect.REPLACEMENT
    assert effects["DatabaseCpuAlarm"] is Effect.IN_PLACE
    assert found.exit_code == 2


def test_what_would_replace_the_database_is_refused_before_anything_begins(nest: Nest) -> None:
    """Among the parent's changes it is a nested stack that changes; the comparison sees into it."""
    with pytest.raises(InputRefused, match="this would lose data") as refused:
        nest.deploy(user="somebody_else")
    assert "Database (DbInstance): replacement" in refused.value.detail
    assert refused.value.hint.endswith("--confirm-loss Database")
    assert nest.cloudformation.stack("shop-dev").is_whole
    assert not nest.deploy().has_changed


def test_whoever_else_updates_a_child_is_refused_by_its_policy(nest: Nest) -> None:
    (child,) = (one for one in nest.cloudformation.nested_stacks("shop-dev") if one.logical_id == "DatabaseStack")
    client = sandbox.session(nest.where.sandbox_directory, "eu-central-1").client("cloudformation")
    body = client.get_stack_policy(StackName=child.physical_id)["StackPolicyBody"]
    assert "LogicalResourceId/Database" in body
    assert "Update:Replace" in body


def test_a_stack_keeps_the_form_it_has(nest: Nest) -> None:
    with pytest.raises(InputRefused, match="this would lose data") as refused:
        nest.deploy(nested=False)
    assert "DatabaseStack (AWS::CloudFormation::Stack" in refused.value.detail


def test_it_goes_as_a_whole(nest: Nest) -> None:
    children = [one.physical_id for one in nest.cloudformation.nested_stacks("shop-dev")]
    api.destroy(nest.path, where=nest.where, confirm="shop-dev")
    assert nest.cloudformation.find_stack("shop-dev") is None
    assert all(child for child in children)
