"""DB015: throughput by type, and magnetic storage."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.storage_type_refused import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("kind", "throughput", "said"),
    [
        ("gp2", 500, "whose storage is gp2"),
        ("io1", 500, "whose storage is io1"),
        ("io2", 500, "whose storage is io2"),
        ("gp3", 500, None),
        ("gp2", None, None),
        ("gp2", 0, None),  # Terraform shows none as 0
        ("gp2", Param("Throughput"), None),
        (None, 500, None),
        (Param("Kind"), 500, None),
        ("standard", None, "magnetic storage"),
    ],
)
def test_types(kind: object, throughput: object, said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(storage_type=kind, throughput_mib_s=throughput)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_another_engine(say: Say) -> None:
    assert say(faults, plan_of(database(engine="oracle-ee", storage_type="standard"))) == []
