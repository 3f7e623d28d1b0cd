"""The demo by part, whole: no peer does this, so the figures stand alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mainstay import api


def run() -> None:
    """Three runs; the target is under 60 s together."""
    for number in range(1, 4):
        with tempfile.TemporaryDirectory() as folder:
            result = api.demo(out=Path(folder) / "demo")
            parts = "  ".join(f"{name} {seconds:.2f}" for name, seconds in result.seconds.items())
            print(
                f"run {number}: {sum(result.seconds.values()):6.2f} s  {result.drilled.result.verdict.word}  ({parts})"
            )
