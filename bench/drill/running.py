"""`python -m bench drill`: the whole comparison, with defaults that stop by themselves.

`python -m bench.drill --mib 128 --rounds 1` for less. Some 8 GiB of disk and five minutes by default.
"""

from __future__ import annotations

from typing import Final

from bench.drill import fingerprints, mariadb, overhead, ways
from bench.drill.place import place, show_load
from bench.drill.source import begin, take

MIB: Final = 1024
ROUNDS: Final = 3


def run(mib: int = MIB, rounds: int = ROUNDS) -> None:
    """PostgreSQL: snapshot, restore and fingerprint beside the others; MariaDB: both ways of replay."""
    with place(mib) as (root, identity):
        show_load()
        source, peer = begin(root, identity)
        taken = take(source, peer, root, mib, rounds)
        restored = ways.compare(taken, source, rounds)
        fingerprints.compare(restored, rounds)
        restored.discard()
        mariadb.compare(root, identity, mib, rounds)
    overhead.measure(rounds)
    show_load()
