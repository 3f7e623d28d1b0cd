"""The journal: what is about to be done, on disk before it is done, so that the next run knows.

One file of JSON lines a run, `<directory>/<run id>.jsonl`, mode 0600, each line synced before the call it speaks
of. A line that was cut off by a crash is dropped when it is read back, and ended before the next one is written.
What an operation found out on the way may lie beside its lines, `<run id>.<name>.kept`, until the run is finished.
Nothing secret is ever written: entries carry names, times and numbers.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from mainstay.core.clock import Clock, SystemClock, parse_time, render_time
from mainstay.core.errors import EnvironmentLacking, NotFound
from mainstay.ops.interrupts import shield
from mainstay.ops.whole import read_whole, write_whole
from mainstay.plan.values import Json

Entry = Mapping[str, Json]
_RUN_ID = re.compile(r"[A-Za-z0-9-]+")


class Run:
    """One run of an operation on a subject; its id is also the tag of everything it creates."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self.entries: list[Entry] = _read(path)

    @property
    def id(self) -> str:
        """The run's id: its time and a random end."""
        return self._path.stem

    @property
    def operation(self) -> str:
        """What is done: `deploy`, `restore`, `destroy`, `drill`."""
        return str(self.fact("operation") or "")

    @property
    def subject(self) -> str:
        """What it is done to: a stack or an instance."""
        return str(self.fact("subject") or "")

    @property
    def is_finished(self) -> bool:
        """Whether it came to an end of its own."""
        return any(entry.get("event") == "finished" for entry in self.entries)

    @property
    def has_acted(self) -> bool:
        """Whether it ever was about to change something."""
        return any(entry.get("event") == "about to" for entry in self.entries)

    def fact(self, name: str) -> Json:
        """The newest value that was written under a name; None when there is none."""
        return next((entry[name] for entry in reversed(self.entries) if name in entry), None)

    def calls(self, prefix: str) -> list[Entry]:
        """Every time that a call of such a name was about to be made, oldest first."""
        return [one for one in self.entries if one.get("event") == "about to" and _is_call(one, prefix)]

    def write(self, event: str, **facts: Json) -> None:
        """Add a line and sync it; EnvironmentLacking when the disk does not take it."""
        entry: Entry = {"at": render_time(self._clock.now()), "event": event, **facts}
        _append(self._path, entry)
        self.entries.append(entry)

    @contextmanager
    def acting(self, call: str, **facts: Json) -> Iterator[None]:
        """A call that changes something: written before, and its end after; Ctrl-C waits for the answer."""
        with shield():
            self.write("about to", call=call, **facts)
            try:
                yield
            except Exception as error:
                self.write("failed", call=call, reason=str(error).splitlines()[0])
                raise
            self.write("done", call=call)

    def show_life(self) -> None:
        """Let it be seen that somebody is at work, where nothing is to be written down."""
        with suppress(OSError):  # a sign that is not seen makes an absence longer
            os.utime(self._path)

    def heard_at(self) -> datetime:
        """When it last showed life: by a line, or between two of them."""
        last, now = parse_time(str(self.entries[-1]["at"])), self._clock.now()
        with suppress(OSError):
            seen = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
            return max(last, seen) if seen <= now else last
        return last

    def keep(self, name: str, text: str) -> None:
        """Lay a text beside the lines, in place of the one before; EnvironmentLacking when the disk is full."""
        write_whole(self._beside(name), text)

    def kept(self, name: str) -> str | None:
        """The text of that name, if it is there and whole."""
        return read_whole(self._beside(name))

    def finish(self, outcome: str, **facts: Json) -> None:
        """The run's last line; what lay beside its lines is gone after that."""
        self.write("finished", outcome=outcome, **facts)
        for path in self._path.parent.glob(f"{self.id}.*.kept*"):
            path.unlink(missing_ok=True)

    def _beside(self, name: str) -> Path:
        return self._path.with_name(f"{self.id}.{name}.kept")


class Journal:
    """All runs in a directory, which is made when the first one begins."""

    def __init__(self, directory: Path, clock: Clock | None = None) -> None:
        self.directory = directory
        self._clock = clock or SystemClock()

    def begin(self, operation: str, subject: str, **facts: Json) -> Run:
        """A new run."""
        name = f"{self._clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}".lower()
        run = Run(self.directory / f"{name}.jsonl", self._clock)
        run.write("begun", operation=operation, subject=subject, pid=os.getpid(), **facts)
        return run

    def run(self, run_id: str) -> Run:
        """A run by its id; NotFound when this journal does not know it."""
        path = self.directory / f"{run_id}.jsonl"
        if not _RUN_ID.fullmatch(run_id) or not path.exists():
            raise NotFound("run not known", detail=f"There is no run '{run_id}' in {self.directory}.")
        return Run(path, self._clock)

    def runs(self) -> list[Run]:
        """Every run, oldest first; a file without one whole line is none."""
        found = (Run(path, self._clock) for path in sorted(self.directory.glob("*.jsonl")))
        return [run for run in found if run.entries]

    def unfinished(self, operation: str, subject: str) -> list[Run]:
        """Runs of this operation on this subject that never came to an end, newest first."""
        return [
            run
            for run in reversed(self.runs())
            if not run.is_finished and (run.operation, run.subject) == (operation, subject)
        ]

    def resume(self, run: Run, **facts: Json) -> Run:
        """The same run, taken up again."""
        run.write("resumed", pid=os.getpid(), **facts)
        return run

    def resume_or_begin(
        self, operation: str, subject: str, only_new: Mapping[str, Json] | None = None, /, **facts: Json
    ) -> Run:
        """The newest unfinished run with this operation, subject and facts, or a new one. Call it under the lease.

        `only_new` are facts that a new run begins with and by which no other is known again.
        """
        for run in self.unfinished(operation, subject):
            if all(run.fact(name) == value for name, value in facts.items()):
                return self.resume(run)
        return self.begin(operation, subject, **facts, **(only_new or {}))


def _is_call(entry: Entry, prefix: str) -> bool:
    return str(entry.get("call", "")).startswith(prefix)


def _read(path: Path) -> list[Entry]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    entries: list[Entry] = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # cut off by a crash: what it announced was never begun
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def _append(path: Path, entry: Entry) -> None:
    line = json.dumps(entry, ensure_ascii=False, sort_keys=False).encode() + b"\n"
    try:
        is_new = not path.exists()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line if _ends_whole(file) else b"\n" + line)
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_directory(path.parent)
    except OSError as error:
        raise EnvironmentLacking(
            "the journal cannot be written",
            detail=f"{path}: {error.strerror}. Nothing is done that is not written down first.",
            hint="free space, or make the directory writable",
        ) from error


def _ends_whole(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
