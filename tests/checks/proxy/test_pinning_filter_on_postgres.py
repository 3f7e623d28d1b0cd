"""PX006: filters by family."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.proxy.examples import pool, proxy
from mainstay.checks.proxy.pinning_filter_on_postgres import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("family", "filters", "count"),
    [
        ("POSTGRESQL", ("EXCLUDE_VARIABLE_SETS",), 1),
        ("POSTGRESQL", (), 0),
        ("POSTGRESQL", (Param("Filters"),), 0),
        ("MYSQL", ("EXCLUDE_VARIABLE_SETS",), 0),
        (Param("Family"), ("EXCLUDE_VARIABLE_SETS",), 0),
    ],
)
def test_filters(family: object, filters: tuple[object, ...], count: int, say: Say) -> None:
    plan = plan_of(proxy(engine_family=family), pool(pinning_filters=filters))
    assert len(say(faults, plan)) == count


def test_a_proxy_elsewhere(say: Say) -> None:
    assert say(faults, plan_of(pool(pinning_filters=("EXCLUDE_VARIABLE_SETS",)))) == []
