"""What a drill adds to its restore and its checks: choosing, passwords, logins, taking away, evidence."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.drill.place import show
from mainstay import api
from mainstay.engines.identity import DATA_ROOT_VARIABLE

RESTORING: Final = (4, 5)
VERIFYING: Final = (8, 9, 10, 11)
GOAL_S: Final = 2.0


def measure(rounds: int) -> None:
    """The demo's drill in the sandbox, by the steps that its evidence times."""
    found: dict[str, list[float]] = {"restore": [], "verify": [], "everything else": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=os.environ.get(DATA_ROOT_VARIABLE)) as folder:
            drilled = api.demo(out=Path(folder) / "demo", seconds=1).drilled.as_json()
        steps = _seconds(drilled)
        found["restore"].append(sum(steps[number] for number in RESTORING))
        found["verify"].append(sum(steps[number] for number in VERIFYING))
        found["everything else"].append(sum(steps.values()) - found["restore"][-1] - found["verify"][-1])
    for name, times in found.items():
        show(f"drill in the sandbox: {name}", times)
    print(f"the goal for everything else is {GOAL_S:g} s", flush=True)


def _seconds(drilled: dict[str, Any]) -> dict[int, float]:  # Any: a JSON document
    return {int(step["number"]): float(step["seconds"]) for step in drilled["evidence"]["steps"]}
