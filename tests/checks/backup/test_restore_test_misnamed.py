"""BK033: names of restore testing plans and selections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
    restore_tests,
)
from mainstay.checks.backup.restore_test_misnamed import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import (
    Param,
    join,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


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


@pytest.mark.parametrize(
    ("name", "right"), [("shop-prod", "shop_prod"), ("s" * 51, "s" * 50), ("a b." * 20, "a_b_" * 12 + "a_")]
)
def test_plans_and_selections_get_the_nearest_name(name: str, right: str, mends: Mends) -> None:
    plan, test = restore_tests(name=name), restore_test(name=name)
    found = mends(faults, backed_up(RestoreTests=plan, TestedDatabase=test))
    assert found == [(replace(plan, name=right),), (replace(test, name=right),)]
