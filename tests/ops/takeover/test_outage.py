"""An outage is the longest time without an acknowledged write that ends after the fault."""

from __future__ import annotations

import pytest

from mainstay.ops.takeover.outage import outage


def test_the_gap_begins_with_the_last_write_before_the_fault() -> None:
    seen = outage([1.0, 2.0, 2.4, 5.0, 5.1], [2.6, 3.0], fault_at=2.5, ended_at=5.2)
    assert seen.as_json() == {"outage_s": 2.6, "first_error_s": 0.1, "first_success_s": 2.5}


def test_a_longer_gap_that_ended_before_the_fault_is_none_of_it() -> None:
    assert outage([1.0, 9.0, 9.1, 9.4], [0.5], fault_at=9.2, ended_at=9.5).as_json() == {
        "outage_s": pytest.approx(0.3), "first_error_s": None, "first_success_s": pytest.approx(0.2)
    }  # fmt: skip


def test_a_later_gap_counts_when_it_is_the_longest() -> None:
    seen = outage([1.0, 1.1, 1.2, 3.2, 3.3], [], fault_at=1.05, ended_at=3.4)
    assert seen.longest_s == pytest.approx(2.0)
    assert seen.first_success_s == pytest.approx(2.15)


@pytest.mark.parametrize("acknowledged", [[], [1.0], [1.0, 2.1]])
def test_an_outage_that_did_not_end_has_no_first_success(acknowledged: list[float]) -> None:
    seen = outage(acknowledged, [2.5], fault_at=2.0, ended_at=9.0)
    assert seen.first_success_s is None
    assert seen.longest_s == pytest.approx(9.0 - ([2.0, *acknowledged][-1] if acknowledged else 2.0))
    assert seen.first_error_s == pytest.approx(0.5)


def test_writes_in_any_order_are_one_line_of_time() -> None:
    assert outage([5.0, 1.0, 3.0], [], 2.0, 5.0) == outage([1.0, 3.0, 5.0], [], 2.0, 5.0)
