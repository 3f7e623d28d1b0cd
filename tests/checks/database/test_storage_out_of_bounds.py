"""DB013: each bound and each proportion of each type, one below and one above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mainstay.checks.database.storage_out_of_bounds import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.core.units import Bytes
from mainstay.plan.resources import DbInstance, Resource
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("kind", "gib", "most", "written", "said"),
    [
        # sizes
        ("gp3", 19, None, {}, ["20 to 65,536 GiB"]),
        ("gp3", 20, None, {}, []),
        ("gp3", 65_536, None, {}, []),
        ("gp3", 100, 65_537, {}, ["65537 GiB are written for Database; gp3 has 20 to 65,536 GiB"]),
        ("gp2", 5, None, {}, []),
        ("gp2", 65_537, None, {}, ["gp2 has 20 to 65,536 GiB"]),
        ("io1", 99, None, {"iops": 1_000}, ["io1 has 100 to 65,536 GiB"]),
        ("io2", 100, None, {"iops": 1_000}, []),
        # io1: 0.5 to 50 IOPS for each GiB, and never under 1,000
        ("io1", 100, None, {"iops": 999}, ["999 IOPS are written for 100 GiB of io1, which take 1,000 to 5,000"]),
        ("io1", 100, None, {"iops": 1_000}, []),
        ("io1", 399, None, {"iops": 19_950}, []),
        ("io1", 399, None, {"iops": 19_951}, ["1,000 to 19,950"]),
        ("io1", 65_536, None, {"iops": 256_000}, []),
        ("io1", 65_536, None, {"iops": 256_001}, ["32,768 to 256,000"]),
        # at the maximum too: 0.5 × 4,001 GiB
        ("io1", 100, 4_000, {"iops": 2_000}, []),
        ("io1", 100, 4_001, {"iops": 2_000}, ["for 4001 GiB of io1, which take 2,001 to 200,050"]),
        # io2: up to 1,000 for each GiB
        ("io2", 100, None, {"iops": 100_000}, []),
        ("io2", 100, None, {"iops": 100_001}, ["1,000 to 100,000"]),
        # what provisioned storage is for
        ("io1", 100, None, {"iops": None}, ["has io1 storage and no IOPS"]),
        ("io2", 100, None, {"iops": None}, ["has io2 storage and no IOPS"]),
        ("io1", 100, None, {"iops": None, "snapshot": "rds:old"}, []),
        ("io1", 100, None, {"iops": None, "extras": {"Iops": {"odd": 1}}}, []),
        ("io1", 100, None, {"iops": Param("Iops")}, []),
        # gp3 from 400 GiB on
        ("gp3", 400, None, {"iops": 11_999}, ["12,000 to 64,000"]),
        ("gp3", 400, None, {"iops": 12_000}, []),
        ("gp3", 400, None, {"iops": 64_000}, []),
        ("gp3", 400, None, {"iops": 64_001}, ["12,000 to 64,000"]),
        ("gp3", 65_536, None, {"iops": 12_000}, []),  # at any size
        ("gp3", 399, None, {"iops": 4_000, "throughput_mib_s": 400}, []),  # DB012 speaks of it
        ("gp3", 399, 1_000, {"iops": 4_000}, []),
        ("gp3", 400, None, {"throughput_mib_s": 499}, ["499 MiB/s are written for gp3, which takes 500 to 4,000"]),
        ("gp3", 400, None, {"throughput_mib_s": 500}, []),
        ("gp3", 400, None, {"throughput_mib_s": 4_001}, ["500 to 4,000 MiB/s"]),
        ("gp3", 400, None, {"iops": 12_000, "throughput_mib_s": 3_000}, []),
        (
            "gp3",
            400,
            None,
            {"iops": 12_000, "throughput_mib_s": 3_001},
            ["beside 12,000 IOPS, which takes 500 to 3,000"],
        ),
        ("gp3", 400, None, {"iops": 16_000, "throughput_mib_s": 4_000}, []),
        ("gp2", 400, None, {"throughput_mib_s": 500}, []),  # DB015 speaks of it
        # not seen
        ("standard", 1, None, {}, []),
        (None, 1, None, {}, []),
        ("gp3", None, None, {}, []),
        ("gp3", 1, None, {"engine": "sqlserver-ee"}, []),
    ],
)
def test_storage(
    kind: str | None, gib: int | None, most: int | None, written: dict[str, object], said: list[str], say: Say
) -> None:
    db = database(
        **{
            "storage_type": kind,
            "storage": Param("Size") if gib is None else Bytes.gib(gib),
            "max_storage": None if most is None else Bytes.gib(most),
            **written,
        }
    )
    details = [finding.detail for finding in say(faults, plan_of(db))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


def test_a_replica_has_the_iops_of_its_source(say: Say) -> None:
    plan = plan_of(database(storage_type="io1", iops=1_000), replica(storage_type="io1", storage=Bytes.gib(100)))
    assert say(faults, plan) == []


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"storage_type": "gp3", "storage": Bytes.gib(19)}, {"storage": Bytes.gib(20)}),
        ({"storage_type": "gp3", "storage": Bytes.gib(65_537)}, {"storage": Bytes.gib(65_536)}),
        (
            {"storage_type": "gp3", "storage": Bytes.gib(20), "max_storage": Bytes.gib(65_537)},
            {"max_storage": Bytes.gib(65_536)},
        ),
        (
            {"storage_type": "gp3", "storage": Bytes.gib(400), "throughput_mib_s": 499},
            {"throughput_mib_s": 500},
        ),
        (
            {"storage_type": "gp3", "storage": Bytes.gib(400), "throughput_mib_s": 4_001},
            {"throughput_mib_s": 4_000},
        ),
        (
            {"storage_type": "gp3", "storage": Bytes.gib(400), "iops": 12_000, "throughput_mib_s": 3_001},
            {"throughput_mib_s": 3_000},
        ),
    ],
)
def test_the_nearest_that_fits(changes: dict[str, Any], right: dict[str, Any], mends: Mends) -> None:
    # Any: fields of many types
    wrong = database(**{"max_storage": None, **changes})
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, **right),)]


@pytest.mark.parametrize(("iops", "right"), [(999, 1_000), (5_001, 5_000)])
def test_the_nearest_iops(iops: int, right: int, mends: Mends) -> None:
    wrong = database(storage_type="io1", storage=Bytes.gib(100), max_storage=None, iops=iops)
    assert [one.iops for mend in mends(faults, plan_of(wrong)) for one in mend if isinstance(one, DbInstance)] == [
        right
    ]
