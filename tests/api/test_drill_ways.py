"""How a drill of a deployed stack finds its bastion: by the stack's own output, in the account that the site names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ops.contract import Contract
from tests.ops.test_tunnel import BASTION, install_plugin

from mainstay.api._drill import drill_at
from mainstay.api._drill_target import DrillTarget
from mainstay.api._routes import _BASTION
from mainstay.api._site import Where
from mainstay.api._source import Loaded, load_spec
from mainstay.core.errors import EnvironmentLacking, Inconclusive, InputRefused
from mainstay.core.progress import Silent
from mainstay.ops.aws.doors import Doors
from mainstay.ops.drill import DrillRequest
from mainstay.ops.login import Address
from mainstay.ops.site import Site

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "postgres-ecommerce.yaml"
STACK = "shop-dev"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_spec(BLUEPRINT)


def site_with(loaded: Loaded, outputs: Mapping[str, str]) -> Site:
    """An account in which the spec is deployed under the logical ids of its plan, with these outputs."""
    told = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    stack = {"StackName": STACK, "CreationTime": datetime.now(UTC), "StackStatus": "CREATE_COMPLETE", "Outputs": told}
    rows: list[dict[str, Any]] = [
        {
            "LogicalResourceId": resource.key,
            "PhysicalResourceId": f"physical-{resource.key}",
            "ResourceType": "AWS::RDS::DBInstance",
            "LastUpdatedTimestamp": datetime.now(UTC),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for resource in loaded.plan.primary.resources
    ]
    answers: dict[str, Any] = {
        "cloudformation:DescribeStacks": lambda _: {"Stacks": [stack]},
        "cloudformation:ListStackResources": lambda _: {"StackResourceSummaries": rows},
    }
    return Site(doors=Doors(Contract(answers).session("us-east-1")), label="aws", region="us-east-1")


def drill(loaded: Loaded, site: Site, workspace: Path, **ways: Any) -> None:
    where = Where(workspace=workspace)
    drill_at(site, where, loaded, STACK, DrillTarget(), **ways, progress=Silent())


def test_the_stacks_bastion_is_what_a_drill_goes_through(
    loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _BASTION in {output.name for output in loaded.plan.primary.outputs}
    given: dict[str, Any] = {}

    def run(*_: object, **members: Any) -> None:
        given.update(members)
        raise Inconclusive("far enough")

    monkeypatch.setattr("mainstay.api._drill.run_drill", run)
    with pytest.raises(Inconclusive, match="far enough"):
        drill(loaded, site_with(loaded, {_BASTION: BASTION}), tmp_path)
    monkeypatch.setattr(given["routes"], "_look", lambda _: "timed out")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentLacking, match="no session-manager-plugin"):
        given["routes"].dial(Address("10.0.0.7", 5432))
    install_plugin(tmp_path, monkeypatch)
    with pytest.raises(Inconclusive, match="far enough"):
        drill(loaded, site_with(loaded, {_BASTION: BASTION}), tmp_path, through="bastion")


@pytest.mark.parametrize(("told", "parallel"), [({}, None), ({"drill.parallel": "4"}, 4)])
def test_a_source_is_read_by_as_many_processes_as_the_spec_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], parallel: int | None
) -> None:
    requests: list[DrillRequest] = []

    def run(_: Site, request: DrillRequest, **__: object) -> None:
        requests.append(request)
        raise Inconclusive("far enough")

    monkeypatch.setattr("mainstay.api._drill.run_drill", run)
    loaded = load_spec(BLUEPRINT, settings=told)
    with pytest.raises(Inconclusive, match="far enough"):
        drill(loaded, site_with(loaded, {_BASTION: BASTION}), tmp_path)
    assert [request.parallel for request in requests] == [parallel]


def test_a_stack_without_a_bastion_is_told_before_anything_is_done(loaded: Loaded, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no bastion") as stop:
        drill(loaded, site_with(loaded, {}), tmp_path, through="bastion")
    assert "access.bastion" in stop.value.hint
    assert not (tmp_path / "journal").exists()
