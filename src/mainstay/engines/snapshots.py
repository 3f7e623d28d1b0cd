"""What every engine's snapshots share: they are whole or not there, and each holds one moment, its own end."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.engines.home import write_private
from mainstay.engines.identity import Identity

MARKER: Final = "snapshot.json"
PASSWORD: Final = "administrator.pass"  # noqa: S105 - the name of a file
SHOWN: Final = 8
CHUNK_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole base backup: the time it ended (aware, UTC, the server's clock), its bytes, its programs' version."""

    directory: Path
    ended_at: datetime
    size_bytes: int
    version: str

    @property
    def data(self) -> Path:
        """The copy of the data directory."""
        return self.directory / "data"

    @property
    def password_file(self) -> Path:
        """The administrator's password as it was then (0600)."""
        return self.directory / PASSWORD

    @property
    def series(self) -> str:
        """The release series that it was taken with: `10.11` of `10.11.19`."""
        return ".".join(self.version.split(".")[:2])


@contextmanager
def new_snapshot(into: Path, identity: Identity) -> Iterator[Path]:
    """A directory to build a snapshot in, which becomes `into` when the block ends well, and is removed otherwise.

    Error: InputRefused when `into` exists.
    """
    if into.exists():
        raise InputRefused("snapshot exists", detail=f"{into} is already there.", hint="choose another name")
    building = into.with_name(into.name + ".partial")
    shutil.rmtree(building, ignore_errors=True)
    try:
        identity.own_directory(building)
        yield building
        building.rename(into)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def write_marker(directory: Path, marker: Mapping[str, object], identity: Identity) -> None:
    """The ready marker, which is written last."""
    write_private(directory / MARKER, json.dumps(marker, indent=1, sort_keys=True) + "\n", identity)


# Any: a document of ours, whose members are read by name.
def read_marker(directory: Path) -> dict[str, Any]:
    """What a snapshot's marker says. Error: InputRefused when it is not there or was never finished."""
    try:
        marker: dict[str, Any] = json.loads((directory / MARKER).read_text())
    except (OSError, ValueError) as error:
        raise no_snapshot(directory, error) from error
    return marker


def no_snapshot(directory: Path, error: Exception) -> InputRefused:
    """The refusal of a snapshot that was never finished."""
    return InputRefused(
        "no snapshot there",
        detail=f"{directory / MARKER}: {error}.",
        hint="its backup was cut short; take another one",
    )


def sums(data: Path) -> dict[str, tuple[int, int]]:
    """Size and checksum of each file, by its path within the copy."""
    found = {}
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        found[str(path.relative_to(data))] = _sum(path)
    return found


def _sum(path: Path) -> tuple[int, int]:
    size, checksum = 0, 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
    return size, checksum


def verify_sums(snapshot: Snapshot) -> None:
    """Compare every file with what it was when the backup ended. Error: AnswerIsNo, with the damaged files' names."""
    wanted = {name: tuple(told) for name, told in read_marker(snapshot.directory)["files"].items()}
    present = sums(snapshot.data)
    damaged = sorted(name for name in wanted | present if wanted.get(name) != present.get(name))
    if damaged:
        raise AnswerIsNo(
            "snapshot is damaged",
            detail="\n".join([f"{snapshot.directory}:", *damaged[:SHOWN]]),
            hint="do not restore from it; take another one and look at the storage",
        )


def copy_checked(copy: Callable[[], int], check: Callable[[], None]) -> int:
    """Copy a snapshot's files while they are checked: one reading from the disk serves both. The bytes copied.

    Nothing may use the copy before this returns. Errors: those of the two; the check's, when both fail.
    """
    with ThreadPoolExecutor(1) as beside:
        verdict = beside.submit(check)
        try:
            copied = copy()
        except Exception:
            verdict.result()
            raise
        verdict.result()
    return copied


def refuse_time(directory: Path, ended_at: datetime, target_time: datetime, *, has_archive: bool) -> None:
    """Error: InputRefused for a time that cannot be reached from the snapshot in `directory`, which ended then."""
    if target_time.tzinfo is None:
        raise InputRefused(
            "time without an offset",
            detail=f"{target_time.isoformat()} names no offset, and could be any of a day's worth of moments.",
            hint="append Z, or an offset such as +02:00",
        )
    if not has_archive:
        raise InputRefused(
            "no archive to restore to a time",
            detail=f"{directory} alone holds one point in time only, its own end.",
            hint="name the archive, or leave the time out",
        )
    if ended_at >= target_time:
        raise InputRefused(
            "target lies before the end of the backup",
            detail=f"The backup ended at {render_time(ended_at)}, the target is {render_time(target_time)}:"
            " a restore would silently give the backup's own state.",
            hint="choose a backup that ended earlier",
        )
