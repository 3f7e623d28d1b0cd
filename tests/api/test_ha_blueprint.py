"""The blueprint postgres-ha on this machine: its small environment with real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where
from mainstay.ops.deployment import Deployed

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "postgres-ha.yaml"


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Where]:
    place = Where(is_sandbox=True, workspace=tmp_path_factory.mktemp("ha"))
    try:
        yield place
    finally:
        sandbox.down(place.sandbox_directory)


@pytest.fixture(scope="module")
def ledger(where: Where) -> Deployed:
    return api.deploy(BLUEPRINT, where=where, environment="dev", approve=lambda _: True).primary


def test_it_is_deployed_and_is_as_planned(where: Where, ledger: Deployed) -> None:
    assert ledger.status == "CREATE_COMPLETE"
    assert len(ledger.outputs["PrivateSubnetIds"].split(",")) == 3
    assert api.verify(BLUEPRINT, where=where, environment="dev").exit_code == 0


def test_the_same_again_is_no_change(where: Where, ledger: Deployed) -> None:
    assert not api.deploy(BLUEPRINT, where=where, environment="dev", approve=lambda _: True).primary.has_changed


def test_it_is_proven_to_restore(where: Where, ledger: Deployed) -> None:
    assert api.drill(BLUEPRINT, where=where, environment="dev").result.verdict.word == "PROVEN"
