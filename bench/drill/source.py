"""The data of the comparison: a source, a backup of it by each tool, and as much log in each tool's archive."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.drill.pgbackrest import PgBackRest, find
from bench.drill.place import MIB, Rounds, show
from mainstay.core.errors import MainstayError
from mainstay.engines.binaries import find_postgres
from mainstay.engines.identity import Identity
from mainstay.engines.ports import reserve_internal
from mainstay.engines.postgres.archive import Archive, fence, start_archiver
from mainstay.engines.postgres.backup import Snapshot, take_backup
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.session import ask
from mainstay.engines.process import run, terminate

MAJORS: Final = (17, 16, 15)
SETTINGS: Final = {"shared_buffers": "256MB", "max_wal_size": "1GB", "archive_mode": "on", "archive_command": "true"}
ROWS_A_MIB: Final = 5600  # with the index
BATCH: Final = 20_000
WAIT_S: Final = 300.0
_TABLE: Final = """
CREATE TABLE item (id bigint PRIMARY KEY, customer integer, price numeric(10,2), at timestamptz, note text, ok boolean);
CREATE TABLE marker (n integer)"""
_INSERT: Final = """
INSERT INTO item SELECT i, (i * 7919) %% 100000, (i %% 10000) / 100.0, timestamptz '2026-01-01Z' + i * interval '1 s',
  md5(i::text) || md5((i * 3)::text) || md5((i * 5)::text), i %% 3 = 0 FROM generate_series(%s::bigint, %s::bigint) i"""
_UPDATE: Final = "UPDATE item SET ok = NOT ok, price = price + 1 WHERE id BETWEEN %s AND %s"


@dataclass(frozen=True)
class Taken:
    """What the restores start from; the source is gone."""

    snapshot: Snapshot
    archive: Archive
    target: datetime
    peer: PgBackRest | None
    snapshots: Rounds
    root: Path

    def cluster(self, name: str, like: Cluster) -> Cluster:
        """Another server of the same programs."""
        return cluster_in(self.root, name, like)


def cluster_in(root: Path, name: str, like: Cluster) -> Cluster:
    """A server beside another one, of the same programs."""
    with reserve_internal() as reserved:
        return Cluster(root / name, reserved.host, reserved.port, like.binaries, like.identity)


def begin(root: Path, identity: Identity) -> tuple[Cluster, PgBackRest | None]:
    """An empty source that runs, of the newest PostgreSQL that pgBackRest works with, and pgBackRest's stanza."""
    try:
        program = find()
    except (MainstayError, OSError) as error:
        print(f"pgBackRest cannot be had: {error}. The plain tools alone are compared.")
        return _empty(root, identity, MAJORS[0]), None
    for major in MAJORS:
        source = _empty(root, identity, major)
        if source.binaries.major != major:
            source.discard()
            continue
        peer = PgBackRest(program, root / "pgbackrest", identity)
        peer.configure(source)
        try:
            peer.run("stanza-create", source=source)
        except MainstayError as error:
            print(f"pgBackRest does not take PostgreSQL {source.binaries.version}: {error.detail.splitlines()[1]}")
            source.discard()
            shutil.rmtree(peer.root)
            continue
        print(f"PostgreSQL {source.binaries.version}; {_version(peer)}")
        return source, peer
    print(f"pgBackRest takes none of PostgreSQL {MAJORS} that is here. The plain tools alone are compared.")
    return _empty(root, identity, MAJORS[0]), None


def _version(peer: PgBackRest) -> str:
    return run([str(peer.program), "version"], timeout_s=10).stdout.strip()


def _empty(root: Path, identity: Identity, major: int) -> Cluster:
    with reserve_internal() as reserved:
        binaries = find_postgres(major, identity=identity)
        source = Cluster(root / "source", reserved.host, reserved.port, binaries, identity)
    source.initialise("owner", "only-on-loopback", database="shop")
    source.configure(SETTINGS)
    source.start()
    return source


def take(source: Cluster, peer: PgBackRest | None, root: Path, mib: int, rounds: int) -> Taken:
    """Fill the source, back it up in turns, write as much log, fence a target, write once more, and end the source."""
    _fill(source, mib)
    if peer is not None:
        source.change_settings({"archive_command": peer.archive_command()})
        source.reload()
    archive = Archive(root / "archive", "drill")
    archiver = start_archiver(archive, source)
    snapshot, times = _back_up(source, peer, root, rounds)
    written = _write_log(source, mib)
    _mark(source, 1)
    target = fence(archive, source, WAIT_S).at
    _mark(source, 2)
    fence(archive, source, WAIT_S)
    if peer is not None:
        _await_pushed(source)
    print(f"data {snapshot.size_bytes / MIB:.0f} MiB, log {written:.0f} MiB", flush=True)
    terminate(archiver, "fast")
    source.discard()
    return Taken(snapshot, archive, target, peer, times, root)


def _fill(source: Cluster, mib: int) -> None:
    with source.session("shop", timeout_s=WAIT_S) as opened:
        opened.execute(_TABLE)
        opened.execute(_INSERT, (1, mib * ROWS_A_MIB))
        opened.execute("VACUUM (ANALYZE, FREEZE) item")
        opened.execute("CHECKPOINT")


def _back_up(source: Cluster, peer: PgBackRest | None, root: Path, rounds: int) -> tuple[Snapshot, Rounds]:
    times: dict[str, list[float]] = {"Mainstay (pg_basebackup)": [], "pgBackRest": []}
    into = root / "snapshot"
    for _ in range(rounds):
        shutil.rmtree(into, ignore_errors=True)
        started = time.perf_counter()
        snapshot = take_backup(source, into)
        times["Mainstay (pg_basebackup)"].append(time.perf_counter() - started)
        if peer is not None:
            started = time.perf_counter()
            peer.run("backup", "--type=full", source=source)
            times["pgBackRest"].append(time.perf_counter() - started)
    for name, seconds in times.items():
        if seconds:
            show(f"snapshot, {name}", seconds)
    return snapshot, times


def _write_log(source: Cluster, mib: int) -> float:
    """Short transactions of new rows and changed ones, until there is so much log; the MiB written."""
    rows, start = mib * ROWS_A_MIB, 0
    with source.session("shop", timeout_s=WAIT_S) as opened:
        began = ask(opened, "SELECT pg_current_wal_lsn()::text")[0]
        count = rows
        while (
            written := float(ask(opened, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", (began,))[0])
        ) < mib * MIB:
            opened.execute(_INSERT, (count + 1, count + BATCH // 4))
            opened.execute(_UPDATE, (start, start + BATCH))
            count, start = count + BATCH // 4, (start + 7 * BATCH) % rows
    return written / MIB


def _mark(source: Cluster, number: int) -> None:
    with source.session("shop") as opened:
        opened.execute("INSERT INTO marker VALUES (%s)", (number,))


def _await_pushed(source: Cluster) -> None:
    """Until pgBackRest has the segment that holds the last commit."""
    deadline = time.monotonic() + WAIT_S
    with source.session() as opened:
        last = ask(opened, "SELECT pg_walfile_name(pg_switch_wal())")[0]
        while str(ask(opened, "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")[0]) < str(last):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{last} was not archived within {WAIT_S:g} s")
            time.sleep(0.05)
