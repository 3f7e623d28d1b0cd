"""`python -m bench.failover [--kills N] [--commits N] [--others N] [--engine NAME]`: `bench failover`, another size."""

from __future__ import annotations

import argparse

from bench.failover.running import ENGINES, KILLS, OTHERS, run
from bench.failover.table import COMMITS

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.failover", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="of the first engine's primary, 1 to 20 (%(default)s)")
    parser.add_argument("--commits", type=int, default=COMMITS, help="to be acknowledged meanwhile (%(default)s)")
    parser.add_argument("--others", type=int, default=OTHERS, help="hangs and partitions, 0 to 20 (%(default)s)")
    parser.add_argument("--engine", action="append", choices=sorted(ENGINES), help="instead of all of them")
    asked = parser.parse_args()
    run(asked.kills, asked.commits, asked.others, asked.engine or tuple(ENGINES))
