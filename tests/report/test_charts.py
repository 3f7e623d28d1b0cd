from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.report.charts import phase_chart, point_chart


def test_bars_follow_each_other_and_stay_on_the_chart(evidence: dict[str, Any]) -> None:
    chart = phase_chart(evidence["phases"], 900)
    assert chart is not None
    assert [bar.value for bar in chart.bars] == ["40 ms", "210 ms", "1.9 s", "420 ms", "90 ms", "610 ms"]
    for bar, after in zip(chart.bars, chart.bars[1:], strict=False):
        assert bar.x + bar.width <= after.x + 2.0
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.width - 80
    assert chart.objective_x is None, "an objective far beyond the scale is told in words"
    assert chart.description.endswith("together 3.3 s.")


@pytest.mark.parametrize(("objective", "is_drawn"), [(None, False), (3.0, True), (5.2, True), (5.3, False)])
def test_an_objective_near_the_measure_is_drawn(
    evidence: dict[str, Any], objective: float | None, is_drawn: bool
) -> None:
    chart = phase_chart(evidence["phases"], objective)
    assert chart is not None
    assert (chart.objective_x is not None) is is_drawn


@given(st.lists(st.floats(min_value=0, max_value=200_000), min_size=1, max_size=6), st.none() | st.floats(0, 400_000))
def test_any_times_can_be_drawn(lengths: list[float], objective: float | None) -> None:
    phases = [
        {"title": "p", "seconds": length, "ends_s": sum(lengths[: index + 1])} for index, length in enumerate(lengths)
    ]
    chart = phase_chart(phases, objective)
    assert chart is not None
    assert all(190 <= bar.x <= chart.width and bar.x + bar.width <= chart.width for bar in chart.bars)
    assert 1 <= len(chart.ticks) <= 7
    assert chart.ticks[0].label == "0"


def test_without_phases_there_is_no_chart() -> None:
    assert phase_chart([], 1) is None


def test_points_stand_in_order_of_time(evidence: dict[str, Any]) -> None:
    chart = point_chart(list(reversed(evidence["points"])))
    assert chart is not None
    assert [point.kind for point in chart.points] == ["survived", "target", "absent", "disaster"]
    assert [point.offset for point in chart.points] == ["−31 ms", "", "+43 ms", "+58 ms"]
    assert chart.target_x == chart.points[1].x


def test_a_target_alone_is_a_point(evidence: dict[str, Any]) -> None:
    chart = point_chart(evidence["points"][1:2])
    assert chart is not None
    assert len(chart.points) == 1


def test_without_a_target_there_is_no_chart(evidence: dict[str, Any]) -> None:
    assert point_chart(evidence["points"][:1]) is None
