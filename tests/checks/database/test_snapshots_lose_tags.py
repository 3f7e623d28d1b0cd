"""DB040: tags to lose, and what copies them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.snapshots_lose_tags import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tags": {"a": "1"}}, "has 1 tag, and"),
        ({"tags": {"a": "1", "b": "2"}, "copies_tags_to_snapshots": False}, "has 2 tags, and"),
        ({"tags": {"a": "1"}, "copies_tags_to_snapshots": True}, None),
        ({"tags": {"a": "1"}, "copies_tags_to_snapshots": Param("Copies")}, None),
        ({"tags": {"a": "1"}, "extras": {"CopyTagsToSnapshot": []}}, None),
        ({"tags": {}}, None),
    ],
)
def test_tags(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_a_replica_has_no_snapshots_to_lose(say: Say) -> None:
    assert say(faults, plan_of(database(), replica(tags={"a": "1"}))) == []
