"""PX004: targets by number and by kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import replica
from mainstay.checks.proxy.examples import fronted, pool
from mainstay.checks.proxy.target_unfit import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("links", "count"),
    [
        ((Ref("Database"),), 0),
        ((Ref("Replica"),), 1),
        ((Ref("Database"), Ref("Replica")), 2),
        (("one", "two"), 1),
        (("one",), 0),
        ((Param("Targets"),), 0),
        ((Param("One"), Param("Two")), 0),
        ((), 0),
    ],
)
def test_targets(links: tuple[object, ...], count: int, say: Say) -> None:
    assert len(say(faults, fronted(Replica=replica(), Pool=pool(instances=links)))) == count
