"""The matrix of a forecast on a page."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.forecast import promise
from mainstay.report.forecast import matrices
from mainstay.report.page import drill_page
from mainstay.report.wording import span


def test_each_database_has_a_matrix_with_a_line_a_failure(evidence: dict[str, Any]) -> None:
    (matrix,) = matrices(evidence["forecast"])
    assert matrix.database == "Database"
    assert matrix.back == "any second for 7d; one in 1d for ever"
    row, stack, region = matrix.lines
    assert (row.loss, row.away, row.how) == ("5 min", "22 to 28 min", "automated backups")
    assert (stack.survives, stack.loss, stack.away) == (True, "nothing", "none")
    assert (region.survives, region.loss, region.away, region.how) == (False, "everything", "for ever", "no way back")
    assert region.why == "No backup leaves the region."


def test_the_page_has_it_and_says_that_it_is_reckoned(evidence: dict[str, Any]) -> None:
    page = drill_page(evidence)
    assert "What Database survives, at worst" in page
    assert "not measured by this run" in page
    assert "22 to 28 min" in page
    assert page.count("✗ no") == 1


def test_evidence_without_a_forecast_has_a_page_without_it(evidence: dict[str, Any]) -> None:
    del evidence["forecast"]
    assert "survives, at worst" not in drill_page(evidence)


def test_what_a_plan_promises_fits_the_page() -> None:
    plan = plan_of(database(), database(key="Second"))
    rows = promise(plan).rows()
    assert [matrix.database for matrix in matrices(rows)] == ["Database", "Second"]
    assert all("ways" not in row for row in rows)


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [(60, 120, "1 to 2 min"), (61, 7200, "1 to 120 min"), (1200, 7201, "0.3 to 2.1 h"), (59, 61, "0 to 2 min")],
)
def test_a_range_is_rounded_outwards(least: int, most: int, text: str) -> None:
    assert span(least, most) == text
