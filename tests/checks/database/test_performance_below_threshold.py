"""DB012: 400 GiB, from both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.performance_below_threshold import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Bytes
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("gib", "written", "said"),
    [
        (399, {"iops": 3_000}, ["3,000 IOPS; 3,000 are written"]),
        (399, {"throughput_mib_s": 126}, ["125 MiB/s; 126 are written"]),
        (399, {"iops": 4_000, "throughput_mib_s": 500}, ["4,000 are written", "500 are written"]),
        (400, {"iops": 4_000, "throughput_mib_s": 500}, []),
        (399, {}, []),
        (399, {"iops": Param("Iops")}, []),
        (399, {"iops": 4_000, "engine": "sqlserver-ee"}, []),
        (399, {"iops": 4_000, "storage_type": "io1"}, []),
        (399, {"iops": 4_000, "storage_type": None}, []),
        # Terraform shows what a volume has by itself.
        (399, {"iops": 3_000, "throughput_mib_s": 125, "address": "aws_db_instance.x"}, []),
        (399, {"iops": 4_000, "address": "aws_db_instance.x"}, ["4,000 are written"]),
    ],
)
def test_performance(gib: int, written: dict[str, object], said: list[str], say: Say) -> None:
    db = database(**{"storage_type": "gp3", "storage": Bytes.gib(gib), **written})
    details = [finding.detail for finding in say(faults, plan_of(db))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


def test_a_size_that_cannot_be_seen(say: Say) -> None:
    assert say(faults, plan_of(database(storage_type="gp3", storage=Param("Size"), iops=4_000))) == []
