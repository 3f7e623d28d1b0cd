"""How long a restore takes, by size, class, volume and logs."""

from __future__ import annotations

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.core.units import Bytes, Duration
from mainstay.forecast.restoring import restore_time
from mainstay.forecast.volumes import class_iops, class_mib_s, gp3_own
from mainstay.plan.values import Param

FLOOR = (1276, 1470)
BIG = "db.m7g.4xlarge"


def warmed(size: int, **changes: object) -> tuple[int, int]:
    """Least and most seconds above the floor, without logs."""
    settings = {"instance_class": BIG, "storage": Bytes.gib(size), **changes}
    span = restore_time(database(**settings), replays=False)
    return span.least - FLOOR[0], span.most - FLOOR[1]


@pytest.mark.parametrize(
    ("size", "changes", "rates"),
    [
        (399, {}, (125, 100)),
        (400, {}, (300, 100)),  # 500 MiB/s of its own, and no restore warms faster than 300
        (400, {"throughput_mib_s": 250}, (250, 100)),
        (100, {"storage_type": "io1"}, (300, 100)),
        (100, {"storage_type": "gp2"}, (300, 100)),
        (100, {"storage_type": None}, (125, 100)),
    ],
)
def test_a_volume_reads_no_faster_than_its_kind(size: int, changes: dict[str, object], rates: tuple[int, int]) -> None:
    mib = size * 1024
    assert warmed(size, **changes) == (mib // rates[0], -(-mib // rates[1]))


def test_a_small_class_falls_back_to_its_baseline_after_half_an_hour() -> None:
    # 1,800 s at 100 MiB/s are 180,000 MiB; what is beyond goes at 87 Mbit/s, 10.371 MiB/s.
    within, beyond = warmed(175, instance_class="db.t4g.micro"), warmed(176, instance_class="db.t4g.micro")
    assert within[1] == -(-175 * 1024 // 100)
    assert beyond[1] == pytest.approx(1800 + (176 * 1024 - 180_000) / 10.371, abs=1)
    assert warmed(1000, instance_class="db.t4g.micro")[1] > 20 * 3600
    # The least spends credits only above the baseline, so that they last longer than half an hour.
    assert warmed(230, instance_class="db.t4g.micro")[0] == 230 * 1024 // 125
    assert warmed(1000, instance_class="db.t4g.micro")[0] > 1000 * 1024 // 300


@pytest.mark.parametrize(
    ("name", "is_slowed"),
    [("db.m7g.large", True), ("db.m7g.xlarge", False), ("db.t3.2xlarge", True), ("db.x9.huge", False)],
)
def test_only_small_classes_are_slower_than_their_volume(name: str, is_slowed: bool) -> None:
    mib = 1000 * 1024
    assert (warmed(1000, instance_class=name)[1] > -(-mib // 100)) is is_slowed


def test_a_class_whose_baseline_is_fast_enough_is_never_slowed() -> None:
    assert warmed(1000, instance_class="db.t4g.large", throughput_mib_s=500)[1] > 1000 * 1024 // 100
    # 82.8 MiB/s for ever, and the volume asks for no more.
    slow = {"instance_class": "db.t4g.large", "throughput_mib_s": 80}
    assert warmed(1000, **slow) == (1000 * 1024 // 80, 1000 * 1024 // 80)


def test_logs_are_replayed_to_a_second_and_not_to_a_snapshot() -> None:
    db = database(instance_class=BIG, storage=Bytes.gib(100))
    to_second, to_snapshot = restore_time(db, replays=True), restore_time(db, replays=False)
    assert to_second.least == to_snapshot.least
    # A tenth of 100 GiB at 15 MB/s.
    assert to_second.most - to_snapshot.most == -(-(100 * 2**30 // 10) // (15 * 10**6))
    assert "Replaying" in " ".join(one.text for one in to_second.reason.walk())
    assert "Replaying" not in " ".join(one.text for one in to_snapshot.reason.walk())


@pytest.mark.parametrize(("most", "says"), [(101, True), (100, False), (None, False)])
def test_a_disk_that_may_grow_says_so(most: int | None, says: bool) -> None:
    db = database(storage=Bytes.gib(100), max_storage=Bytes.gib(most) if most else None)
    texts = [one.text for one in restore_time(db, replays=False).reason.walk()]
    assert any(f"grown to {most} GiB" in text for text in texts) is says


def test_what_has_no_known_size_has_the_floor() -> None:
    span = restore_time(database(storage=Param("Size")), replays=True)
    assert (span.least, span.most) == tuple(map(Duration, FLOOR))
    assert [one.source != "" for one in span.reason.walk()] == [False, True]


def test_bounds_that_do_not_bind_are_not_named() -> None:
    fast = restore_time(database(instance_class=BIG, storage=Bytes.gib(500)), replays=False)
    assert not any("at most, for half an hour" in one.text or "gp3 of" in one.text for one in fast.reason.walk())
    slow = restore_time(database(instance_class="db.t4g.micro", storage=Bytes.gib(20)), replays=False)
    texts = [one.text for one in slow.reason.walk()]
    assert "gp3 of 20 GiB reads 125 MiB/s at most." in texts
    assert any("db.t4g.micro reads 249 MiB/s at most, for half an hour" in text for text in texts)


def test_what_logs_and_small_classes_take_is_told_in_numbers() -> None:
    db = database(instance_class="db.t4g.micro", storage=Bytes.gib(200))
    texts = [one.text for one in restore_time(db, replays=True).reason.walk()]
    assert (
        "Replaying logs since the daily snapshot: none to 23m52s, for up to 20 GiB of a day at 15 MB/s"
        " (assumed: a day writes 10% of the storage at most)."
    ) in texts
    assert "db.t4g.micro reads 249 MiB/s at most, for half an hour a day at least, and 10 MiB/s after it." in texts


@pytest.mark.parametrize(("mib_s", "is_said"), [(299, True), (300, False)])
def test_a_volume_as_fast_as_any_restore_is_no_bound(mib_s: int, is_said: bool) -> None:
    db = database(instance_class=BIG, storage=Bytes.gib(500), throughput_mib_s=mib_s)
    texts = [one.text for one in restore_time(db, replays=False).reason.walk()]
    assert any(text.startswith("gp3 of 500 GiB reads") for text in texts) is is_said


@pytest.mark.parametrize(("size", "own"), [(399, (3_000, 125)), (400, (12_000, 500)), (None, (12_000, 500))])
def test_what_gp3_has_by_itself(size: int | None, own: tuple[int, int]) -> None:
    assert gp3_own(None if size is None else Bytes.gib(size)) == own


def test_what_small_classes_can_use_of_a_volume() -> None:
    assert class_mib_s("db.t4g.micro") == pytest.approx((10.37, 248.6), abs=0.1)
    assert class_mib_s("db.m7g.large") == pytest.approx((75.1, 566.2), abs=0.1)
    assert class_mib_s("db.m7g.xlarge") is None
    assert [class_iops(name) for name in ("db.t3.small", "db.t3.large", "db.m7g.large")] == [11_800, None, None]
