"""Servers that outlived what started them: found by the directory or file on their command line."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Final

import psutil

from mainstay.engines.identity import Identity
from mainstay.engines.ownership import ProcessProof

# The programs that this room starts and leaves running.
SERVERS: Final = frozenset(
    {
        "postgres",
        "pg_receivewal",
        "pg_basebackup",
        "mariadbd",
        "mariadb-binlog",
        "mariadb-backup",
        "mysqld",
        "mysqlbinlog",
        "pgbouncer",
    }
)
# What names their directory: PostgreSQL's programs in a word of its own, MariaDB's after an equals sign. PgBouncer's
# file follows the program itself.
OPTIONS: Final = frozenset({"-D", "--datadir", "--result-file", "--target-dir"})


def find_by_directory(root: Path, identity: Identity, programs: frozenset[str] = SERVERS) -> list[ProcessProof]:
    """Processes of these programs, ours or the servers' user's, with an argument that is a path below `root`."""
    resolved = root.resolve()
    found = []
    for process in psutil.process_iter():
        try:
            marker = _argument_below(process, resolved, root, identity)
            if marker is not None and _program(process.cmdline()) in programs:
                found.append(ProcessProof(process.pid, process.create_time(), marker))
        except psutil.Error:
            continue  # it ended while we looked, or belongs to somebody who hides it
    return found


def _program(argv: list[str]) -> str:
    """The program's name, also of one that a loader runs: `ld.so --library-path DIRS PROGRAM`."""
    return Path(argv[3] if argv[1:2] == ["--library-path"] and len(argv) > 3 else argv[0]).name


def _argument_below(process: psutil.Process, resolved: Path, root: Path, identity: Identity) -> str | None:
    argv = process.cmdline()
    if not argv or _program(argv) not in SERVERS or process.status() == psutil.STATUS_ZOMBIE:
        return None
    if process.uids().real not in (identity.uid, psutil.Process().uids().real):
        return None
    named = [*itertools.pairwise(argv), *(word.partition("=")[::2] for word in argv)]
    for option, argument in named:
        if (
            (option in OPTIONS or option == argv[0])
            and Path(argument).is_absolute()
            and (Path(argument).is_relative_to(root) or Path(argument).resolve().is_relative_to(resolved))
        ):
            return argument
    return None
