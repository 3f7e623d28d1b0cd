"""A directory for the bench's servers, and the rows that it prints; nothing is left of it, whatever ends the run."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mainstay.engines.identity import DATA_ROOT_VARIABLE, SHARED_ROOT, Identity, data_home, engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import terminate

MIB: Final = 2**20
# Source, log, two archives of it, two backups; then one restored copy with the log that it replays.
TIMES_THE_DATA: Final = 8


@contextmanager
def place(mib: int) -> Iterator[tuple[Path, Identity]]:
    """A directory below MAINSTAY_DATA_ROOT, removed at the end with every server that runs in it, also on Ctrl-C.

    Exits when the disk has not room for eight times the data.
    """
    identity = engine_identity()
    parent = Path(os.environ.get(DATA_ROOT_VARIABLE) or SHARED_ROOT)
    if shutil.disk_usage(parent).free < TIMES_THE_DATA * mib * MIB:
        sys.exit(f"{parent} has not {TIMES_THE_DATA * mib} MiB free; ask for less with `--mib`")
    root = data_home(parent / f"mainstay-bench-{secrets.token_hex(4)}", identity)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        yield root, identity
    finally:
        signal.signal(signal.SIGTERM, before)
        for proof in find_by_directory(root, identity):
            terminate(proof, "kill")
        shutil.rmtree(root, ignore_errors=True)


def show(name: str, times: Sequence[float], unit: str = "s") -> float:
    """Print the median of some figures, and how far they spread; returns the median."""
    median = statistics.median(times)
    print(f"{name:52} median {median:8.2f} {unit:5}  min {min(times):8.2f}  max {max(times):8.2f}", flush=True)
    return median


def show_ratio(name: str, ours: Sequence[float], theirs: Sequence[float], goal: str) -> float:
    """Print the median of the ratios pair by pair; `theirs` may be of other rounds than pairs, never fewer."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    median = statistics.median(ratios)
    print(
        f"{name:52} median {median:8.2f} {'':5}  min {min(ratios):8.2f}  max {max(ratios):8.2f}  goal {goal}",
        flush=True,
    )
    return median


def show_load() -> None:
    """Print what else the machine does: every figure is of a shared machine."""
    one, five, _ = os.getloadavg()
    print(f"load {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} processors", flush=True)


Rounds = Mapping[str, list[float]]
