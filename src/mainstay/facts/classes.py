"""Instance classes: their shape, and where they are offered."""

from __future__ import annotations

import re

from mainstay.core.units import Bytes
from mainstay.facts.loading import load


def class_shape(name: str) -> tuple[int, Bytes] | None:
    """(vCPU, nominal memory) of `db.m7g.large`; None for a class that the table lacks."""
    shape = load("classes").data.get(name)
    return (shape[0], Bytes.gib(shape[1])) if shape else None


def class_names() -> list[str]:
    """The classes whose shape is known."""
    return list(load("classes").data)


def memory_left(nominal: Bytes) -> Bytes:
    """What formulas call DBInstanceClassMemory: the operating system and RDS's own processes take theirs first."""
    return Bytes(int(nominal * load("limits").data["class_memory"]["left_for_formulas"]))


def has_performance_insights(engine: str, name: str) -> bool:
    """Whether the class has Performance Insights with the engine; the smallest have not with MySQL and MariaDB."""
    without = load("limits").data["insights"]
    return engine not in without["engines"] or re.fullmatch(without["classes_without"], name) is None


def classes_offered(region: str, engine: str) -> list[str] | None:
    """The classes of an engine in a region; None when the table lacks the region or the engine."""
    table = load("class_regions").data
    for engines, families in table["offered"].get(region, {}).items():
        if engine in engines.split():
            return [
                f"db.{family.partition('/')[0]}.{size}"
                for family in families.split()
                for size in table["sizes"][family].split()
            ]
    return None


def class_offered(region: str, engine: str, name: str) -> bool | None:
    """Whether RDS offers the class there; None when the table lacks the region or the engine."""
    offered = classes_offered(region, engine)
    return None if offered is None else name in offered
