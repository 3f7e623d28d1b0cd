"""`python -m bench.drill [--mib N] [--rounds N]`: the same as `python -m bench drill`, of another size."""

from __future__ import annotations

import argparse

from bench.drill.running import MIB, ROUNDS, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.drill", description=__doc__)
    parser.add_argument("--mib", type=int, default=MIB, help="MiB of data, and of log (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each figure (default %(default)s)")
    asked = parser.parse_args()
    run(asked.mib, asked.rounds)
