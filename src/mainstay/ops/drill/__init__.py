"""The drill: a real restore, a proof of what came out of it, and evidence."""

from mainstay.ops.drill.baseline import Baseline, read
from mainstay.ops.drill.model import Check, DrillRequest, DrillResult, Level, Verdict
from mainstay.ops.drill.reaping import Leak, Reaped, reap
from mainstay.ops.drill.run import STEPS, drill
from mainstay.probe.reading import DatabaseReading

__all__ = [
    "STEPS",
    "Baseline",
    "Check",
    "DatabaseReading",
    "DrillRequest",
    "DrillResult",
    "Leak",
    "Level",
    "Reaped",
    "Verdict",
    "drill",
    "read",
    "reap",
]
