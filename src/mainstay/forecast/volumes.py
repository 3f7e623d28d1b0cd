"""What a gp3 volume has by itself, and what a class can use of a volume."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Bytes
from mainstay.facts import load

_MIB_S_OF_MBPS: Final = 1e6 / 8 / 2**20
_BURSTABLE: Final = ("t3", "t4g")


def gp3_own(size: Bytes | None) -> tuple[int, int]:
    """IOPS and MiB/s that are in the price of a gp3 of that size; of a large one where the size is not known."""
    gp3 = load("limits").data["storage"]["gp3"]
    if size is not None and size < Bytes.gib(gp3["settable_from_gib"]):
        return gp3["base_iops"], gp3["base_mib_s"]
    return gp3["least_iops"], gp3["least_mib_s"]


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
