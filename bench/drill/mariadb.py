"""Replay of MariaDB's binary log: as a replica of a server that holds it, and as statements of the client.

`mariadb-binlog | mariadb` is what manuals show. The product replays as a replica.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.drill import fingerprints_mariadb
from bench.drill.place import MIB, show, show_ratio
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity
from mainstay.engines.mariadb.archive import Archive, fence, start_archiver
from mainstay.engines.mariadb.backup import Snapshot, take_backup
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.programs import Programs, find_mariadb
from mainstay.engines.mariadb.restore import restore
from mainstay.engines.mariadb.session import ask, tell
from mainstay.engines.ports import reserve_internal
from mainstay.engines.process import run, terminate

MOST_MIB: Final = 64
MOST_COUNTED_MIB: Final = 256
NOTE_BYTES: Final = 1800
LOGGED_BYTES: Final = 4000  # by a commit: a change logs the row before and after it
ORDERS: Final = 4_000
WAIT_S: Final = 600.0
SETTINGS: Final = {"innodb_buffer_pool_size": "256M"}
UNSAFE: Final = {"innodb_flush_log_at_trx_commit": "0", "sync_binlog": "0"}  # as the product's replay has it


@dataclass(frozen=True)
class _Taken:
    snapshot: Snapshot
    archive: Archive
    rows: int
    log_mib: float


def compare(root: Path, identity: Identity, mib: int, rounds: int) -> None:
    """Both ways in each round, without the copy of the files; says so when there is no MariaDB here."""
    try:
        programs = find_mariadb(identity=identity)
    except EnvironmentLacking as error:
        print(f"no MariaDB: {error.detail} {error.hint}")
        return
    source = _server(root, "mariadb-source", programs, identity)
    taken = _take(source, root, min(mib, MOST_MIB))
    print(f"MariaDB {programs.version}, log {taken.log_mib:.0f} MiB in short transactions")
    found: dict[str, list[float]] = {"as a replica": [], "mariadb-binlog | mariadb": []}
    for number in range(rounds):
        for name, way in zip(found, (_as_replica, _as_statements), strict=True):
            into = _server(root, f"mariadb-{way.__name__}-{number}", programs, identity)
            found[name].append(way(taken, into))
            into.discard()
    for name, times in found.items():
        show(f"MariaDB replay, {name}", [taken.log_mib / each for each in times], "MiB/s")
    ours, theirs = found.values()
    show_ratio("ratio of replay, replica / statements", ours, theirs, "-")
    fingerprints_mariadb.compare(
        _server(root, "mariadb-counted", programs, identity), min(mib, MOST_COUNTED_MIB), rounds
    )


def _server(root: Path, name: str, programs: Programs, identity: Identity) -> Cluster:
    with reserve_internal() as reserved:
        return Cluster(root / name, reserved.host, reserved.port, programs, identity)


def _take(source: Cluster, root: Path, mib: int) -> _Taken:
    source.initialise("owner", "only-on-loopback", database="shop")
    source.configure(SETTINGS | UNSAFE)
    source.start()
    archive = Archive(root / "mariadb-archive", "drill")
    archiver = start_archiver(archive, source)
    with source.session("shop") as opened:
        tell(opened, "CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, total INT, note TEXT) ENGINE=InnoDB")
    snapshot = take_backup(source, root / "mariadb-snapshot")
    commits = mib * MIB // LOGGED_BYTES
    note = "n" * NOTE_BYTES
    with source.session("shop", timeout_s=WAIT_S) as opened:
        for number in range(commits):
            if number < ORDERS:
                tell(opened, "INSERT INTO orders (total, note) VALUES (%s, %s)", (number, note))
            else:
                tell(
                    opened,
                    "UPDATE orders SET total = total + 1, note = %s WHERE id = %s",
                    (note, number * 7 % ORDERS + 1),
                )
        rows = int(ask(opened, "SELECT SUM(total) FROM orders")[0])
    fence(archive, source, WAIT_S)
    log = sum(path.stat().st_size for stretch in archive.stretches() for path in stretch.files().values())
    terminate(archiver, "kill")
    source.discard()
    return _Taken(snapshot, archive, rows, log / MIB)


def _as_replica(taken: _Taken, into: Cluster) -> float:
    """The product's restore to the archive's end."""
    info = restore(taken.snapshot, into, archive=taken.archive, settings=SETTINGS)
    _expect(taken, into)
    return info.replay_s


def _as_statements(taken: _Taken, into: Cluster) -> float:
    """The snapshot alone, and every statement after it through the client."""
    restore(taken.snapshot, into, settings=SETTINGS | UNSAFE)
    files = [str(path) for stretch in taken.archive.stretches() for path in stretch.files().values()]
    read = [into.binaries.program("mariadb-binlog"), f"--start-position={taken.snapshot.gtid}", *files]
    write = [into.binaries.program("mariadb"), f"--defaults-file={into.client_file}"]
    started = time.perf_counter()
    command = f"{shlex.join(read)} | {shlex.join(write)}"
    run(["sh", "-c", command], timeout_s=WAIT_S, identity=into.identity, env=into.binaries.environment)
    seconds = time.perf_counter() - started
    _expect(taken, into)
    return seconds


def _expect(taken: _Taken, into: Cluster) -> None:
    with into.session("shop", timeout_s=WAIT_S) as opened:
        found = int(ask(opened, "SELECT COALESCE(SUM(total), 0) FROM orders")[0])
    if found != taken.rows:
        raise ValueError(f"{into.home.name} holds {found} instead of {taken.rows}")
