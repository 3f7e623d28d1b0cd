"""How fast every row is hashed, beside counting the rows, in each way in which the two can be compared.

- one process against one, and as many as there are processors against as many;
- the reading of a drill against one plain `count(*)`, a single sequential scan: of a copy with all the processes that
  it may use, and of a source with the few that it may;
- from memory, from this machine's disk, and from a disk that reads as fast as RDS's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import psycopg

from bench.drill.place import MIB, show, show_ratio
from bench.drill.storage import at_each_rate
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.engines.process import ProcessProof
from mainstay.ops.drill.baseline import CAREFUL, FULL
from mainstay.probe.postgres.fingerprint import take
from mainstay.probe.postgres.session import PostgresConnection
from mainstay.probe.together import Company, Limit

PROCESSORS: Final = os.cpu_count() or 1
_COUNT: Final = "SELECT count(*) FROM item"
_TEXT: Final = "SELECT count(*), sum(hashtextextended(ROW(r.*)::text, 0)) FROM item r"


def _opened(cluster: Cluster) -> PostgresConnection:
    return psycopg.connect(
        host=cluster.host, port=cluster.port, user=ADMIN_ROLE, passfile=str(cluster.password_file), dbname="shop",
        sslmode="disable", autocommit=True,
    )  # fmt: skip


def _ask(query: str, processes: int, cluster: Cluster, connection: PostgresConnection) -> None:
    connection.execute("SET jit = off")
    connection.execute("SET enable_indexonlyscan = off")  # the key's index is an eighth of the table
    connection.execute(f"SET max_parallel_workers_per_gather = {processes - 1}")
    connection.execute(query)


def _fingerprint(processes: int, cluster: Cluster, connection: PostgresConnection) -> None:
    take(connection, company=Company(Limit(processes - 1), partial(_opened, cluster)))


Way = Callable[[Cluster, PostgresConnection], None]
ONE_SCAN: Final = "count(*), 1 process"
WAYS: Final[Mapping[str, Way]] = {
    ONE_SCAN: partial(_ask, _COUNT, 1),
    f"count(*), {PROCESSORS} processes": partial(_ask, _COUNT, PROCESSORS),
    "row as text, 1 process": partial(_ask, _TEXT, 1),
    "fingerprint, 1 process": partial(_fingerprint, 1),
    f"fingerprint, {PROCESSORS} processes": partial(_fingerprint, PROCESSORS),
    f"fingerprint of a source, up to {CAREFUL}": partial(_fingerprint, CAREFUL),
    f"fingerprint of a copy, up to {FULL}": partial(_fingerprint, FULL),
}
PAIRS: Final = (
    ("fingerprint, 1 process", ONE_SCAN),
    (f"fingerprint, {PROCESSORS} processes", f"count(*), {PROCESSORS} processes"),
    (f"fingerprint of a source, up to {CAREFUL}", ONE_SCAN),
    (f"fingerprint of a copy, up to {FULL}", ONE_SCAN),
)
ALL: Final = tuple(WAYS)
# Several processes count no faster than one where the disk is the limit.
SLOW: Final = (ONE_SCAN, *(ours for ours, theirs in PAIRS if theirs == ONE_SCAN))


def compare(cluster: Cluster, rounds: int) -> None:
    """In memory, then after the server was restarted and its pages were dropped from the cache, at each disk's rate."""
    with _opened(cluster) as connection:
        connection.execute("VACUUM ANALYZE item")
        for way in WAYS.values():
            way(cluster, connection)
    _measure("warm", cluster, rounds, lambda: None, ALL)
    _measure("cold", cluster, rounds, lambda: _make_cold(cluster), ALL)
    at_each_rate(
        cluster.data_directory,
        lambda state, slow: _measure(state, cluster, rounds, lambda: slow(_make_cold(cluster).pid), SLOW),
    )


def _measure(state: str, cluster: Cluster, rounds: int, prepare: Callable[[], object], ways: Sequence[str]) -> None:
    found: dict[str, list[float]] = {name: [] for name in ways}
    mib = 0.0
    for _ in range(rounds):
        for name in ways:
            prepare()
            with _opened(cluster) as connection:
                size = connection.execute("SELECT pg_table_size('item')").fetchone()
                started = time.perf_counter()
                WAYS[name](cluster, connection)
                found[name].append(time.perf_counter() - started)
                mib = float(size[0]) / MIB if size else 0.0
    for name, times in found.items():
        show(f"{state}: {name}", [mib / each for each in times], "MiB/s")
    for ours, theirs in (pair for pair in PAIRS if set(pair) <= set(ways)):
        show_ratio(f"{state}: {ours} / {theirs}", found[theirs], found[ours], "0.5")


def _make_cold(cluster: Cluster) -> ProcessProof:
    """Nothing of the data in this server's memory or in the system's; other programs' files stay there."""
    proof = cluster.find_proof()
    if proof is not None:
        cluster.stop(proof, "fast")
    os.sync()
    for path in (cluster.data_directory / "base").rglob("*"):
        if path.is_file():
            opened = os.open(path, os.O_RDONLY)
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(opened)
    return cluster.start()
