"""How long a restore takes until every block is warm: creation, replay of logs, hydration."""

from __future__ import annotations

from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.units import Bytes, Duration
from mainstay.facts import load
from mainstay.forecast.prices import usage
from mainstay.forecast.reasons import Reason
from mainstay.forecast.volumes import class_mib_s, gp3_own
from mainstay.plan.resources import DbInstance

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """At least and at most how long something takes, and why."""

    least: Duration
    most: Duration
    reason: Reason


def restore_time(database: DbInstance, *, replays: bool) -> Span:
    """From the request until the restored instance is warm; `replays` says that logs are replayed to a second."""
    created, size = _creation(), database.storage
    if not isinstance(size, Bytes):
        text = f"A restore of a near-empty database takes {created.least} to {created.most}; the size is not known."
        return Span(created.least, created.most, Reason(text, (created.reason,)))
    steps = (created, *((_replay(size),) if replays else ()), _hydration(database, size))
    least, most = Duration(sum(one.least for one in steps)), Duration(sum(one.most for one in steps))
    text = f"A restore takes {least} to {most} from the request until all of {size} is warm."
    return Span(least, most, Reason(text, (*(one.reason for one in steps), *_assumed(database, size))))


def _source() -> str:
    return load("recovery").citation


def _creation() -> Span:
    least, most = map(Duration, load("recovery").data["restore_floor_s"])
    return Span(least, most, Reason(f"Until a near-empty copy is available: {least} to {most}.", source=_source()))


def _replay(size: Bytes) -> Span:
    """Logs since the daily snapshot, none of them at best; what a day writes is assumed, and one process replays it."""
    slow, _ = load("recovery").data["replay_mb_s"]
    written = size * usage("used_share")[2] * usage("daily_change")[2]
    most = Duration(-int(-written // (slow * 10**6)))
    text = (
        f"Replaying logs since the daily snapshot: none to {most}, for up to {written / 2**30:.0f} GiB of a day at"
        f" {slow} MB/s (assumed: a day writes {usage('daily_change')[2]:.0%} of the storage at most)."
    )
    return Span(Duration(0), most, Reason(text, source=_source()))


def _hydration(database: DbInstance, size: Bytes) -> Span:
    slow, fast = load("recovery").data["hydration_mib_s"]
    volume, way = _volume_mib_s(database, size), class_mib_s(str(database.instance_class))
    least = _seconds(size, min(fast, volume or fast), way, is_worst=False)
    most = _seconds(size, min(slow, volume or slow), way, is_worst=True)
    bounds = [Reason(f"Blocks come from the backup at {slow} to {fast} MiB/s (assumed: full disk).", source=_source())]
    if volume is not None and volume < fast:
        bounds.append(Reason(f"gp3 of {size} reads {volume:.0f} MiB/s at most.", source=_source()))
    if way is not None and way[0] < min(fast, volume or fast):
        text = (
            f"{database.instance_class} reads {way[1]:.0f} MiB/s at most, for half an hour a day at least, and"
            f" {way[0]:.0f} MiB/s after it."
        )
        bounds.append(Reason(text, source=_source()))
    return Span(least, most, Reason(f"Reading all of {size} once: {least} to {most}.", tuple(bounds)))


def _volume_mib_s(database: DbInstance, size: Bytes) -> float | None:
    """What the volume itself reads at most; None for kinds that are faster than a restore warms them."""
    if database.storage_type not in (None, "gp3"):
        return None
    written, own = database.throughput_mib_s, gp3_own(size)
    is_settable = own == gp3_own(None)
    return float(written if is_settable and isinstance(written, int) else own[1])


def _seconds(size: Bytes, rate: float, way: tuple[float, float] | None, *, is_worst: bool) -> Duration:
    """How long reading takes: as fast as the volume is while the class's credits last, then at its baseline.

    At worst the credits last for the half hour that AWS names; at best they are spent only above the baseline.
    """
    mib = size / _MIB
    base, most = way or (rate, rate)
    rate = min(rate, most)
    if rate <= base:
        return Duration(_rounded(mib / rate, up=is_worst))
    half_hour = load("recovery").data["burst_s"]
    lasts = half_hour if is_worst else half_hour * (most - base) / (rate - base)
    if mib <= rate * lasts:
        return Duration(_rounded(mib / rate, up=is_worst))
    return Duration(_rounded(lasts + (mib - rate * lasts) / base, up=is_worst))


def _rounded(seconds: float, *, up: bool) -> int:
    return -int(-seconds // 1) if up else int(seconds)


def _assumed(database: DbInstance, size: Bytes) -> tuple[Reason, ...]:
    grown = database.max_storage
    texts = ["Counted from the request: noticing, deciding and pointing the application at the copy come on top."]
    if isinstance(grown, Bytes) and grown > size:
        texts.append(f"A disk that has grown to {grown} takes as much longer.")
    return tuple(Reason(text) for text in texts)
