"""The three ways to the same verified point, on servers with the same settings, one after the other in each round."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.drill.place import show, show_ratio
from bench.drill.source import SETTINGS, WAIT_S, Taken
from mainstay.engines.home import log_since, write_private
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.restore import REPLAY_SETTINGS, recovery_time, restore
from mainstay.engines.postgres.server_log import RecoveryTold
from mainstay.engines.process import run

RESTORED = {name: value for name, value in SETTINGS.items() if not name.startswith("archive")}


@dataclass(frozen=True)
class Restored:
    """Seconds until the files lay there, of the replay as the server tells it, and until the point was verified."""

    files_s: float
    replay_s: float
    total_s: float


Way = Callable[[Taken, Cluster], float]


def mainstay(taken: Taken, into: Cluster) -> float:
    """The product's own restore, durable, with the files held against their manifest."""
    info = restore(taken.snapshot, into, archive=taken.archive, target_time=taken.target, settings=RESTORED)
    return info.copy_s


def plain(taken: Taken, into: Cluster) -> float:
    """`cp` for the files and for the log; nothing looks at the files."""
    started = time.perf_counter()
    into.prepare()
    run(["cp", "-a", str(taken.snapshot.data), str(into.data_directory)], timeout_s=WAIT_S, identity=into.identity)
    files_s = time.perf_counter() - started
    _recover(taken, into, f'cp {shlex.quote(str(taken.archive.directory))}/%f "%p"')
    return files_s


def pgbackrest(taken: Taken, into: Cluster) -> float:
    """pgBackRest's restore, which looks at every file's checksum, and its archive-get."""
    if taken.peer is None:
        raise LookupError("no pgBackRest")
    started = time.perf_counter()
    into.prepare()
    into.identity.own_directory(into.data_directory)
    taken.peer.run("restore", f"--pg1-path={into.data_directory}", "--type=none")
    files_s = time.perf_counter() - started
    _recover(taken, into, taken.peer.restore_command(into))
    return files_s


def _recover(taken: Taken, into: Cluster, restore_command: str) -> None:
    write_private(into.password_file, taken.snapshot.password_file.read_text(), into.identity)
    write_private(into.data_directory / "recovery.signal", "", into.identity)
    target = {
        "restore_command": restore_command, "recovery_target_time": recovery_time(taken.target),
        "recovery_target_action": "promote", "recovery_target_timeline": "1",
    }  # fmt: skip
    into.configure(RESTORED | dict(REPLAY_SETTINGS) | target)
    proof = into.start(must_accept=False)
    into.await_ready(proof, WAIT_S)


def measure(way: Way, taken: Taken, into: Cluster) -> Restored:
    """One restore up to the answer that the point is the right one. Error: ValueError when it is not."""
    os.sync()
    started = time.perf_counter()
    files_s = way(taken, into)
    with into.session("shop") as opened:
        found = opened.execute("SELECT n FROM marker").fetchall()
    total_s = time.perf_counter() - started
    if found != [(1,)]:
        raise ValueError(f"{way.__name__} reached the wrong point: {found}")
    return Restored(files_s, RecoveryTold.read(log_since(into.log_path)).replay_s, total_s)


def compare(taken: Taken, like: Cluster, rounds: int) -> Cluster:
    """Every way in each round; prints the table and leaves the last restored copy of ours running."""
    ways: list[Way] = [plain, mainstay] if taken.peer is None else [pgbackrest, plain, mainstay]
    found: dict[str, list[Restored]] = {way.__name__: [] for way in ways}
    for number in range(rounds):
        # Nobody always comes after the one whose pages the disk still writes.
        for way in ways[number % len(ways) :] + ways[: number % len(ways)]:
            into = taken.cluster(f"restored-{way.__name__}-{number}", like)
            found[way.__name__].append(measure(way, taken, into))
            if way is mainstay and number == rounds - 1:
                kept = into
            else:
                into.discard()
    columns = {"files": "files_s", "replay": "replay_s", "verified point": "total_s"}
    for shown, column in columns.items():
        for name, times in found.items():
            show(f"{shown}, {name}", [getattr(each, column) for each in times])
    for other, goals in (("pgbackrest", ("0.5", "0.9")), ("plain", ("-", "-"))):
        for (shown, column), goal in zip((("files", "files_s"), ("verified point", "total_s")), goals, strict=True):
            if other in found:
                ours = [getattr(each, column) for each in found["mainstay"]]
                theirs = [getattr(each, column) for each in found[other]]
                show_ratio(f"ratio of {shown}, mainstay / {other}", ours, theirs, goal)
    return kept
