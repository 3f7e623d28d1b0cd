"""MariaDB's rows hashed by Mainstay, beside counting them and beside the server's own CHECKSUM TABLE.

CHECKSUM TABLE gives 32 bits, which depend on how rows are stored and not on their number alone; it is what there is.
From memory, and from a disk that reads as fast as RDS's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from bench.drill.place import MIB, show, show_ratio
from bench.drill.storage import at_each_rate
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.configuration import ADMIN_USER
from mainstay.engines.process import ProcessProof
from mainstay.ops.drill.baseline import FULL
from mainstay.probe.mysql.fingerprint import take
from mainstay.probe.mysql.session import MysqlConnection, connect
from mainstay.probe.together import Company, Limit

ROWS_A_MIB: Final = 5600
_TABLE: Final = (
    "CREATE TABLE item (id bigint PRIMARY KEY, customer int, price decimal(10,2), at timestamp(6), note text, ok bool)"
)
_FILL: Final = """
INSERT INTO item SELECT seq, (seq * 7919) MOD 100000, (seq MOD 10000) / 100, '2026-01-01' + INTERVAL seq SECOND,
  CONCAT(MD5(seq), MD5(seq * 3), MD5(seq * 5)), seq MOD 3 = 0 FROM seq_1_to_{}"""

_SETTINGS: Final = {
    "innodb_buffer_pool_size": "1G",
    "innodb_buffer_pool_load_at_startup": "OFF",  # it would bring back what was in memory
    "innodb_flush_method": "O_DIRECT",
    "innodb_flush_log_at_trx_commit": "0",
    "sync_binlog": "0",
}
_SIZE: Final = "SELECT data_length FROM information_schema.tables WHERE table_name = 'item'"


def _opened(cluster: Cluster, database: str = "shop") -> MysqlConnection:
    return connect(
        host=cluster.host, port=cluster.port, user=ADMIN_USER, password=cluster.password(), database=database,
        ca_bundle=None, timeout_s=10,
    )  # fmt: skip


def _ask(query: str, cluster: Cluster, connection: MysqlConnection) -> None:
    connection.execute(query)


def _fingerprint(processes: int, cluster: Cluster, connection: MysqlConnection) -> None:
    take(connection, company=Company(Limit(processes - 1), partial(_opened, cluster)))


_COUNT: Final = "count(*)"
WAYS: Final[Mapping[str, Callable[[Cluster, MysqlConnection], None]]] = {
    # The key alone would be read from a smaller index, if there were one.
    _COUNT: partial(_ask, "SELECT COUNT(*) FROM item"),
    "CHECKSUM TABLE": partial(_ask, "CHECKSUM TABLE item EXTENDED"),
    "fingerprint, 1 connection": partial(_fingerprint, 1),
    f"fingerprint of a copy, up to {FULL}": partial(_fingerprint, FULL),
}


def compare(cluster: Cluster, mib: int, rounds: int) -> None:
    """Each way in each round: with the pages in memory, then with none of them there."""
    cluster.initialise("owner", "only-on-loopback", database="shop")
    cluster.configure(_SETTINGS)
    cluster.start()
    with _opened(cluster) as connection:
        connection.execute(_TABLE)
        connection.execute(_FILL.format(mib * ROWS_A_MIB))
        connection.execute("ANALYZE TABLE item")
    _measure("warm", cluster, rounds, lambda: None)
    at_each_rate(
        cluster.data_directory,
        lambda state, slow: _measure(state, cluster, rounds, lambda: slow(_restarted(cluster).pid)),
    )
    cluster.discard()


def _measure(state: str, cluster: Cluster, rounds: int, prepare: Callable[[], object]) -> None:
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            prepare()
            with _opened(cluster) as connection:
                size = connection.execute(_SIZE).fetchone()
                started = time.perf_counter()
                way(cluster, connection)
                found[name].append(time.perf_counter() - started)
    for name, times in found.items():
        show(f"MariaDB, {state}: {name}", [float(size[0] if size else 0) / MIB / each for each in times], "MiB/s")
    for ours in list(WAYS)[2:]:
        for theirs, goal in ((_COUNT, "0.5"), ("CHECKSUM TABLE", "-")):
            show_ratio(f"MariaDB, {state}: {ours} / {theirs}", found[theirs], found[ours], goal)


def _restarted(cluster: Cluster) -> ProcessProof:
    """Its own memory is empty then, and it reads past the system's."""
    proof = cluster.find_proof()
    if proof is not None:
        cluster.stop(proof, "fast")
    return cluster.start()
