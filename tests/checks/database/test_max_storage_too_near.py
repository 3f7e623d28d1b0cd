"""DB014: both ratios, on their boundaries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.max_storage_too_near import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Bytes
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("gib", "most", "severity"),
    [
        (100, 90, Severity.ERROR),
        (100, 109, Severity.ERROR),
        (100, 110, Severity.WARNING),
        (100, 125, Severity.WARNING),
        (100, 126, None),
        (20, 22, Severity.WARNING),
        (20, 26, None),
    ],
)
def test_ratios(gib: int, most: int, severity: Severity | None, say: Say) -> None:
    findings = say(faults, plan_of(database(storage=Bytes.gib(gib), max_storage=Bytes.gib(most))))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


def test_the_hint_is_enough(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(storage=Bytes.gib(20), max_storage=Bytes.gib(21))))
    assert finding.hint == "set the maximum to 26 GiB or more"
    assert "5 % more; RDS wants at least 10 %" in finding.detail


@pytest.mark.parametrize(
    ("storage", "most"), [(None, Bytes.gib(100)), (Bytes.gib(100), None), (Bytes.gib(100), Param("Most"))]
)
def test_nothing_to_compare(storage: object, most: object, say: Say) -> None:
    assert say(faults, plan_of(database(storage=storage, max_storage=most))) == []
