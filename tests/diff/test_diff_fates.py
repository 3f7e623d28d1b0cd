"""What becomes of a thing that leaves its stack."""

from __future__ import annotations

import itertools

import pytest

from mainstay.diff.fates import fate_of, is_weaker
from mainstay.plan.resources import DbInstance, Fate, Topic
from mainstay.plan.values import Ref


@pytest.mark.parametrize(
    ("on_delete", "fate"),
    [
        (None, Fate.DELETE),
        (Fate.SNAPSHOT, Fate.DELETE),
        (Fate.RETAIN_EXCEPT_ON_CREATE, Fate.DELETE),
        (Fate.RETAIN, Fate.RETAIN),
    ],
)
def test_a_creation_that_is_taken_back_leaves_nothing_but_what_is_retained(on_delete: Fate | None, fate: Fate) -> None:
    assert fate_of(DbInstance(key="X", on_delete=on_delete), on_create=True) is fate


def test_what_no_template_knows_stays() -> None:
    assert fate_of(None) is Fate.RETAIN
    assert fate_of(None, is_replaced=True) is Fate.RETAIN


def test_cloudformation_s_own_policies() -> None:
    assert fate_of(DbInstance(key="X")) is Fate.SNAPSHOT
    assert fate_of(DbInstance(key="X", source=Ref("P"))) is Fate.DELETE
    assert fate_of(Topic(key="X")) is Fate.DELETE
    assert fate_of(DbInstance(key="X", on_delete=Fate.RETAIN), is_replaced=True) is Fate.DELETE


def test_strengths_are_in_order() -> None:
    order = [Fate.DELETE, Fate.SNAPSHOT, Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN]
    assert [is_weaker(one, other) for one, other in itertools.pairwise(order)] == [True, True, True]
    assert not is_weaker(Fate.RETAIN, Fate.RETAIN)
