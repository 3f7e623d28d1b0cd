"""Instance classes as RDS judges them: what a name stands for, and its refusal of a name that stands for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mainstay import facts
from mainstay.core.units import Bytes
from mainstay.sandbox.rds import faults


@dataclass(frozen=True, slots=True)
class InstanceClass:
    """Nominal memory, and virtual processors."""

    memory: Bytes
    vcpu: int

    @property
    def variables(self) -> Mapping[str, int]:
        """The variables of parameter formulas; memory in bytes, less what RDS keeps for itself."""
        return {"DBInstanceClassMemory": facts.memory_left(self.memory), "DBInstanceVCPU": self.vcpu}


def instance_class(name: str) -> InstanceClass:
    """What this class has; RDS's refusal when there is no such class."""
    shape = facts.class_shape(name)
    if shape is None:
        raise faults.invalid_value(f"Invalid DB Instance class: {name}")
    vcpu, memory = shape
    return InstanceClass(memory, vcpu)


def orderable(region: str, engine: str) -> list[str]:
    """The classes of known shape that the engine can have in the region; all of them where no region is known."""
    offered = facts.classes_offered(region, engine)
    known = facts.class_names()
    return known if offered is None else [name for name in offered if name in known]
