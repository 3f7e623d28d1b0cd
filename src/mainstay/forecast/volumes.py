"""What a gp3 volume has by itself, and what a class can use of a volume."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Bytes
from mainstay.facts import load, storage

_MIB_S_OF_MBPS: Final = 1e6 / 8 / 2**20
_BURSTABLE: Final = ("t3", "t4g")


def gp3_own(size: Bytes | None) -> tuple[int, int]:
    """IOPS and MiB/s that are in the price of a gp3 of that size; of a large one where the size is not known."""
    bounds = storage("gp3")
    found = (bounds.least_iops, bounds.least_mib_s) if bounds else None
    if bounds and size is not None and bounds.settable_from_gib and size < Bytes.gib(bounds.settable_from_gib):
        found = (bounds.base_iops, bounds.base_mib_s)
    if not found or found[0] is None or found[1] is None:
        raise KeyError("the table of limits has no gp3")
    return found[0], found[1]


def class_mib_s(name: str) -> tuple[float, float] | None:
    """What a class reads for ever and for a while; None for one that is not known, or faster than any restore."""
    found = load("recovery").data["class_mbps"][_kind(name)].get(_size(name))
    return (found[0] * _MIB_S_OF_MBPS, found[1] * _MIB_S_OF_MBPS) if found else None


def class_iops(name: str) -> int | None:
    """The most IOPS that a class makes; None where the tables do not say."""
    found: int | None = load("recovery").data["class_iops"].get(_kind(name), {}).get(_size(name))
    return found


def _kind(name: str) -> str:
    return "burstable" if name.removeprefix("db.").partition(".")[0] in _BURSTABLE else "other"


def _size(name: str) -> str:
    return name.rpartition(".")[2]
