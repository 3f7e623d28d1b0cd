"""How long a restore takes until every block is warm."""

from __future__ import annotations

from mainstay.core.units import Bytes, Duration
from mainstay.facts import load
from mainstay.plan.resources import DbInstance


def restore_time(database: DbInstance) -> tuple[Duration, Duration, str]:
    """Least and most time of a restore, and the sentence that says how it was reckoned."""
    known = load("recovery").data
    least, most = known["restore_floor_s"]
    slow, fast = known["hydration_mib_s"]
    if not isinstance(database.storage, Bytes):
        sentence = (
            f"A restore of a near-empty database takes {Duration(least)} to {Duration(most)}; the size is not known."
        )
        return Duration(least), Duration(most), sentence
    mib = database.storage // 2**20
    range_s = Duration(least + mib // fast), Duration(most + -(-mib // slow))
    sentence = (
        f"A restore takes {Duration(least)} to {Duration(most)} and then reads all of {database.storage} at {slow} to"
        f" {fast} MiB/s until it is warm (assumed: full disk, provisioned initialization; replay of logs not counted)."
    )
    return *range_s, sentence
