"""BK033: names of restore testing plans and selections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
    restore_tests,
)
from mainstay.checks.backup.restore_test_misnamed import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
    join,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("shop", 0),
        ("Shop_2", 0),
        ("shop-prod", 1),
        ("shop prod", 1),
        ("shop.prod", 1),
        ("a" * 50, 0),
        ("a" * 51, 1),
        (join("shop_", Param("Environment")), 0),
        (join("shop-", Param("Environment")), 1),
        (Param("Name"), 0),
    ],
)
def test_names(name: object, count: int, say: Say) -> None:
    for parts in ({"RestoreTests": restore_tests(name=name)}, {"TestedDatabase": restore_test(name=name)}):
        assert len(say(faults, backed_up(intent=None, **parts))) == count
