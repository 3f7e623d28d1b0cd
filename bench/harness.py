"""Whole processes side by side: wall seconds of each, and the ratio pair by pair."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sysconfig.get_path("scripts"))
BLUEPRINT = Path(__file__).parents[1] / "blueprints" / "postgres-ecommerce.yaml"


@dataclass(frozen=True)
class Command:
    """A name to print and the words to run."""

    name: str
    argv: Sequence[str]
    allowed: Sequence[int] = (0,)


def seconds(command: Command) -> float:
    """How long one run takes, from outside."""
    start = time.perf_counter()
    # Whoever has it installed has it compiled, once; the warm-up does that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command.argv,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode not in command.allowed:
        sys.exit(f"{command.name} exited with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - start


@dataclass(frozen=True)
class Comparison:
    """Medians of both in seconds, and of the ratios pair by pair."""

    ours_s: float
    theirs_s: float
    ratio: float


def compare(ours: Command, theirs: Command, *, rounds: int = 7) -> Comparison:
    """Run both in turn after one warm-up each; prints medians and the median ratio, and returns them."""
    seconds(ours), seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    for name, times in ((ours.name, [a for a, _ in pairs]), (theirs.name, [b for _, b in pairs])):
        print(f"{name:40} median {statistics.median(times):6.3f} s   min {min(times):6.3f}   max {max(times):6.3f}")
    ratios = [a / b for a, b in pairs]
    spread = f"min {min(ratios):6.3f}   max {max(ratios):6.3f}"
    print(f"{'ratio ours / theirs':40} median {statistics.median(ratios):6.3f}     {spread}")
    ours_s, theirs_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Comparison(ours_s, theirs_s, statistics.median(ratios))
