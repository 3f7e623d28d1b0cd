"""What a sandbox knows: one SQLite file of JSON records, changed a transaction at a time.

A transaction is atomic (a process that is killed in the middle of one leaves the old state), takes the write
lock at its start, and is never held across a call into another process. Records are found by region, kind
(`rds:db`, `cfn:stack`) and id; the kinds of global services (`iam:`, `s3:`) live in no region.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import Busy, EnvironmentLacking, MainstayError, TargetRefused
from mainstay.sandbox.errors import ServiceError

SCHEMA_VERSION: Final = 1
ACCOUNT: Final = "123456789012"
BUSY_TIMEOUT_S: Final = 10.0
GLOBAL_KINDS: Final = ("iam:", "s3:", "route53:")
GLOBAL: Final = "global"
FILE: Final = "state.db"
# SQLite takes paths of up to 512 bytes, with "-journal" behind them (os_unix.c, MAX_PATHNAME; tried 2026-11-21).
LONGEST_PATH_BYTES: Final = 500

Record = dict[str, Any]  # Any: a record is JSON, and each kind has its own members

_SCHEMA: Final = """
CREATE TABLE meta (schema INTEGER NOT NULL);
CREATE TABLE records (
  region TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (region, kind, id)
);
"""


class Transaction:
    """One atomic look at, and change of, the records of a region."""

    account: Final = ACCOUNT

    def __init__(self, connection: sqlite3.Connection, region: str, now: datetime, directory: Path) -> None:
        self._connection = connection
        self.region = region
        self.now = now
        self.directory = directory

    def get(self, kind: str, key: str) -> Record | None:
        """The record, or None; a copy, so that changing it changes nothing until it is put back."""
        row = self._connection.execute(
            "SELECT body FROM records WHERE region = ? AND kind = ? AND id = ?", (self._home(kind), kind, key)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def require(self, kind: str, key: str, error: ServiceError) -> Record:
        """The record; raises `error` when there is none."""
        found = self.get(kind, key)
        if found is None:
            raise error
        return found

    def put(self, kind: str, key: str, record: Mapping[str, Any]) -> None:
        """Write a record (JSON values only), new or in place of the old one."""
        self._connection.execute(
            "INSERT INTO records (region, kind, id, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (region, kind, id) DO UPDATE SET body = excluded.body",
            (self._home(kind), kind, key, json.dumps(record)),
        )

    def delete(self, kind: str, key: str) -> None:
        """Forget a record; nothing happens when there is none."""
        self._connection.execute(
            "DELETE FROM records WHERE region = ? AND kind = ? AND id = ?", (self._home(kind), kind, key)
        )

    def all(self, kind: str, *, every_region: bool = False, prefix: str = "") -> list[Record]:
        """The records of a kind, oldest first, of this region or of every one; `prefix` narrows their ids."""
        rows = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? AND (? OR region = ?) AND id >= ? AND id < ? ORDER BY rowid",
            (kind, every_region, self._home(kind), prefix, prefix + "\U0010ffff"),
        )
        return [json.loads(body) for (body,) in rows]

    def random_id(self, prefix: str) -> str:
        """A new id in EC2's form: the prefix (`vpc-`) and 17 hexadecimal digits."""
        return f"{prefix}{secrets.token_hex(9)[:17]}"

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """An ARN in this account, and in this region unless the service is global."""
        return f"arn:aws:{service}:{self.region if region else ''}:{self.account}:{resource}"

    def elsewhere(self, region: str) -> Transaction:
        """The same transaction, looking at the records of another region."""
        return Transaction(self._connection, region, self.now, self.directory)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that is undone on its own when it raises; the rest of the transaction stays."""
        name = f"s{secrets.token_hex(4)}"
        self._connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._connection.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._connection.execute(f"RELEASE {name}")

    def _home(self, kind: str) -> str:
        return GLOBAL if kind.startswith(GLOBAL_KINDS) else self.region


class State:
    """The state of the sandbox in a directory. One object may be used by several threads."""

    def __init__(self, directory: Path, *, clock: Clock | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.directory = directory
        self.path = directory / FILE
        self._clock = clock or SystemClock()
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._watch_lock = threading.Lock()
        _private_directory(directory)
        with self._translated():
            _initialise(self._connect(), self.path)
            # A connection does not see its own commits in data_version, so watching has one of its own.
            self._watcher = self._open()

    @contextmanager
    def transaction(self, region: str) -> Iterator[Transaction]:
        """An atomic change: committed when the block ends, undone when it raises. Not to be nested."""
        with self._begun("BEGIN IMMEDIATE", region) as transaction:
            yield transaction

    @contextmanager
    def reading(self, region: str) -> Iterator[Transaction]:
        """A consistent look that takes no write lock; writing in it raises."""
        connection = self._connect()
        connection.execute("PRAGMA query_only = 1")
        try:
            with self._begun("BEGIN", region) as transaction:
                yield transaction
        finally:
            connection.execute("PRAGMA query_only = 0")

    def version(self) -> int:
        """A number that changes when anybody has committed a change; cheap enough to ask every 20 ms."""
        with self._translated(), self._watch_lock:
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def regions(self) -> list[str]:
        """The regions in which there is any record, without the global one."""
        with self._translated():
            rows = self._connect().execute("SELECT DISTINCT region FROM records WHERE region <> ?", (GLOBAL,))
            return sorted(region for (region,) in rows)

    def close(self) -> None:
        """Close what this thread has open."""
        self._watcher.close()
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    @contextmanager
    def _begun(self, begin: str, region: str) -> Iterator[Transaction]:
        connection = self._connect()
        if _is_in_transaction(connection):
            raise RuntimeError("a transaction of the sandbox's state was begun inside another one")
        with self._translated():
            connection.execute(begin)
            try:
                yield Transaction(connection, region, self._clock.now(), self.directory)
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk was full.
                if _is_in_transaction(connection):
                    connection.execute("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def _open(self) -> sqlite3.Connection:
        """A connection in autocommit mode: transactions are begun and ended by hand."""
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        # NORMAL in WAL mode is atomic under kill -9; only a power cut can lose the last commits.
        # https://www.sqlite.org/pragma.html#pragma_synchronous, checked 2026-11-21.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _refusal(error, self.path, self._busy_timeout_s) from error


def _is_in_transaction(connection: sqlite3.Connection) -> bool:
    return connection.in_transaction


def _private_directory(directory: Path) -> None:
    """The directory, ours and closed to others (who may pass through at most, if its owner lets them)."""
    length = len(os.fsencode(directory.absolute() / FILE))
    if length > LONGEST_PATH_BYTES:
        raise EnvironmentLacking(
            "sandbox directory cannot be used",
            detail=f"The path of its state has {length} bytes; SQLite opens no more than {LONGEST_PATH_BYTES}.",
            hint="work in a directory with a shorter path",
        )
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
        if status.st_uid == os.geteuid() and status.st_mode & 0o066:
            directory.chmod(status.st_mode & 0o711)
        file = directory / FILE
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise EnvironmentLacking(
            "sandbox directory cannot be used",
            detail=f"{directory}: {error.strerror or error}.",
            hint="work in another directory, or make room and correct its permissions",
        ) from error
    if status.st_uid != os.geteuid():
        raise EnvironmentLacking(
            "sandbox directory belongs to somebody else",
            detail=f"{directory} belongs to user id {status.st_uid}; this command runs as user id {os.geteuid()}.",
            hint="run as that user, or choose another directory",
        )


def _initialise(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables once, whoever comes first; refuse a file of another version."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES (?)", (SCHEMA_VERSION,))
        row = connection.execute("SELECT schema FROM meta").fetchone()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    found = row[0] if row else None
    if found != SCHEMA_VERSION:
        raise TargetRefused(
            "sandbox state of another version",
            detail=f"{path} has schema {found}; this program reads schema {SCHEMA_VERSION}.",
            hint="take it down with the version that made it, or move the directory away and start a new sandbox",
        )


def _refusal(error: sqlite3.Error, path: Path, waited_s: float) -> MainstayError:
    """SQLite's error as the stop it means. Codes: https://www.sqlite.org/rescode.html, checked 2026-11-21."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(
            "sandbox state is locked",
            detail=f"Another process has held {path} for more than {waited_s:g} s.",
            hint="try again; if it stays locked, look for a stopped mainstay process",
        )
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return EnvironmentLacking(
            "sandbox state cannot be written",
            detail=f"{path}: {error}. Nothing of the last change was kept.",
            hint="free disk space or correct the permissions of the directory, then try again",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return TargetRefused(
            "sandbox state is damaged",
            detail=f"{path}: {error}.",
            hint="run `mainstay sandbox down` to stop its servers, move the directory away and start a new sandbox",
        )
    return TargetRefused("sandbox state cannot be used", detail=f"{path}: {error}.", hint="report this with the detail")
