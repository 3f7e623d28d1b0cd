"""Instance classes: which RDS offers for the three engines, and their memory and processors.

RDS User Guide, "DB instance classes", and the class list of the CloudFormation schema (us-east-1, 2026-10-20).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.sandbox.rds import faults

GIB: Final = 1024**3
BURSTABLE: Final = ("t3", "t4g")
GENERAL: Final = ("m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m6idn", "m6in", "m7g", "m7i", "m8a", "m8g", "m8gd", "m9g")
MEMORY: Final = (
    "r5", "r5b", "r5d", "r6g", "r6gd", "r6i", "r6id", "r6idn", "r6in", "r7g", "r7i", "r8a", "r8g", "r8gd", "x2g",
    "x2iedn",
)  # fmt: skip
# GiB and vCPU of the burstable sizes, which follow no rule.
_BURSTABLE_SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "micro": (1, 2), "small": (2, 2), "medium": (4, 2), "large": (8, 2), "xlarge": (16, 4), "2xlarge": (32, 8),
}  # fmt: skip
_LARGE_GIB: Final[Mapping[str, int]] = {"x2g": 32, "x2iedn": 64}
# What the operating system and RDS's own processes leave: 630 connections where the nominal memory would give 683
# (RDS User Guide, CHAP_Limits, read 2026-11-20).
_LEFT_SHARE: Final = 0.922


@dataclass(frozen=True, slots=True)
class InstanceClass:
    """Nominal memory in GiB, and virtual processors."""

    memory_gib: int
    vcpu: int

    @property
    def variables(self) -> Mapping[str, int]:
        """The variables of parameter formulas; memory in bytes, less what RDS keeps for itself."""
        return {"DBInstanceClassMemory": int(self.memory_gib * GIB * _LEFT_SHARE), "DBInstanceVCPU": self.vcpu}


def instance_class(name: str) -> InstanceClass:
    """What this class has; RDS's refusal when there is no such class."""
    found = re.fullmatch(r"db\.([a-z0-9]+)\.(micro|small|medium|large|(\d*)xlarge)", name)
    if found is None:
        raise faults.invalid_value(f"Invalid DB Instance class: {name}")
    family, size = found[1], found[2]
    if family in BURSTABLE and size in _BURSTABLE_SIZES:
        return InstanceClass(*_BURSTABLE_SIZES[size])
    if family not in (*GENERAL, *MEMORY) or size in ("micro", "small", "medium"):
        raise faults.invalid_value(f"Invalid DB Instance class: {name}")
    large = _LARGE_GIB.get(family, 8 if family in GENERAL else 16)
    times = 1 if size == "large" else 2 * int(found[3] or 1)
    return InstanceClass(large * times, 2 * times)
