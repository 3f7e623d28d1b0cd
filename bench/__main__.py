"""Ratios against peers, measured in one run: `make bench`, or `python -m bench NAME …` for some of them.

Machines are shared and noisy, so nothing here is a test: each pair is run in turn (ours, theirs, ours, …) and the
median of the ratios is what to quote.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Final

from bench import check, demo, reading, sandbox, synth
from bench.drill import running as drill
from bench.failover import running as failover

BENCHES: Final[Mapping[str, Callable[[], None]]] = {
    "check": check.run,
    "synth": synth.run,
    "reading": reading.run,
    "demo": demo.run,
    "sandbox": sandbox.run,
    "drill": drill.run,
    "failover": failover.run,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        print(f"== {name}")
        BENCHES[name]()
