"""How fast every row is hashed, beside counting the rows: of pages in memory, and of pages on the disk only."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Final

import psycopg

from bench.drill.place import MIB, show, show_ratio
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.probe.postgres.fingerprint import take
from mainstay.probe.postgres.session import PostgresConnection

_COUNT: Final = "SELECT count(*) FROM item"
_TEXT: Final = "SELECT count(*), sum(hashtextextended(ROW(r.*)::text, 0)) FROM item r"


def _opened(cluster: Cluster) -> PostgresConnection:
    return psycopg.connect(
        host=cluster.host, port=cluster.port, user=ADMIN_ROLE, passfile=str(cluster.password_file), dbname="shop",
        sslmode="disable", autocommit=True,
    )  # fmt: skip


def _count(connection: PostgresConnection) -> None:
    connection.execute("SET max_parallel_workers_per_gather = 2")
    connection.execute(_COUNT)


def _count_alone(connection: PostgresConnection) -> None:
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute(_COUNT)


def _text(connection: PostgresConnection) -> None:
    connection.execute("SET max_parallel_workers_per_gather = 2")
    connection.execute(_TEXT)


def _fingerprint(connection: PostgresConnection) -> None:
    take(connection)


def _fingerprint_alone(connection: PostgresConnection) -> None:
    take(connection, workers=0)


WAYS: Final[Mapping[str, Callable[[PostgresConnection], None]]] = {
    "count(*), one process": _count_alone,
    "count(*), three processes": _count,
    "row as text, three processes": _text,
    "fingerprint, one process": _fingerprint_alone,
    "fingerprint, three processes": _fingerprint,
}


def compare(cluster: Cluster, rounds: int) -> None:
    """In memory, then after the server was restarted and its pages were dropped from the cache."""
    with _opened(cluster) as connection:
        connection.execute("VACUUM item")
        for count in WAYS.values():
            count(connection)
    for state in ("warm", "cold"):
        found: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(rounds):
            for name, way in WAYS.items():
                if state == "cold":
                    _make_cold(cluster)
                with _opened(cluster) as connection:
                    size = connection.execute("SELECT pg_table_size('item')").fetchone()
                    started = time.perf_counter()
                    way(connection)
                    found[name].append(time.perf_counter() - started)
        mib = float(size[0]) / MIB if size else 0.0
        for name, times in found.items():
            show(f"{state}: {name}", [mib / each for each in times], "MiB/s")
        for ours, theirs in (("three processes", "one process"), ("three processes", "three processes")):
            name = f"{state}: fingerprint, {ours} / count(*), {theirs}"
            show_ratio(name, found[f"count(*), {theirs}"], found[f"fingerprint, {ours}"], "0.5")


def _make_cold(cluster: Cluster) -> None:
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
    cluster.start()
