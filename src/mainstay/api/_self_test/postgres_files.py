"""PostgreSQL: every way in which pg_verifybackup's own tests damage a backup, and damage to the archived log.

The list of mutilations follows PostgreSQL's src/bin/pg_verifybackup/t/003_corruption.pl (17); those of tablespaces are
left out, because RDS has none.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from mainstay.api._self_test import files
from mainstay.api._self_test.files import damaging
from mainstay.api._self_test.ground import Ground
from mainstay.api._self_test.sabotage import Sabotage
from mainstay.engines.postgres.archive import Archive, parse_history
from mainstay.engines.postgres.lsn import SEGMENT_BYTES

_MANIFEST: Final = "backup_manifest"
# XLogLongPageHeaderData: the system identifier follows the 24 bytes of the short header (xlog_internal.h, 17).
_SYSTEM: Final = 24


def _in_backup(name: str, ground: Ground) -> Path:
    return ground.backup / "data" / name


def _heap(ground: Ground) -> Path:
    """A file of the user's own rows in the backup: the largest that is neither the server's nor a map."""
    data = ground.backup / "data"
    listed = json.loads((data / _MANIFEST).read_bytes())["Files"]
    rows = [one for one in listed if one["Path"].startswith("base/") and one["Path"].rpartition("/")[2].isdecimal()]
    newest = max(int(one["Path"].split("/")[1]) for one in rows)
    return data / str(max((one for one in rows if f"/{newest}/" in one["Path"]), key=lambda one: one["Size"])["Path"])


def _manifest_lies(path: Path) -> None:
    """Another length for one file, without a new checksum of the manifest."""
    path.write_text(path.read_text().replace('"Size": ', '"Size": 1', 1))


def _other_system(path: Path) -> None:
    """A control file of another cluster: its identifier is the first thing in it."""
    content = bytearray(path.read_bytes())
    content[:8] = struct.pack("=Q", struct.unpack("=Q", content[:8])[0] + 1)
    path.write_bytes(bytes(content))


def _replace(path: Path) -> None:
    """Something else of the same length."""
    path.write_bytes(b"mainstay"[:8] * (path.stat().st_size // 8))


def _archive(ground: Ground) -> Archive:
    return Archive(ground.archive, ground.source.resource_id)


def _newest(ground: Ground) -> list[Path]:
    """The whole segments of the newest timeline: the one in which it forks, and those after it."""
    segments = _archive(ground).segments()
    timeline = max(timeline for timeline, _ in segments)
    return [path for (of, _), path in sorted(segments.items()) if of == timeline and not path.name.endswith(".partial")]


def _first(ground: Ground) -> Path:
    """The segment in which the timeline forks: it holds the first orders behind the fork, and later ones follow."""
    return _newest(ground)[0]


def _second(ground: Ground) -> Path:
    """The segment behind it, with the target in it."""
    return _newest(ground)[1]


def _history(ground: Ground) -> Path:
    return max(ground.archive.glob("*.history"))


def _flip_record(ground: Ground) -> AbstractContextManager[None]:
    """One bit of the first record behind the fork."""
    (*_, (_, fork)) = parse_history(_history(ground).read_text())
    return damaging(_first, partial(files.flip_bit, at=fork % SEGMENT_BYTES + 40))(ground)


def _of_another_system(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[_SYSTEM] ^= 0xFF
    path.write_bytes(bytes(content))


@contextmanager
def _without_its_end(ground: Ground) -> Iterator[None]:
    """Nothing was archived after the segment in which the timeline forks, nor is being received."""
    first = _first(ground)
    later = [path for path in ground.archive.iterdir() if path.name[:24] > first.name and ".history" not in path.name]
    with ExitStack() as stack:
        for path in later:
            stack.enter_context(files.moved(path))
        yield


def _fork_earlier(path: Path) -> None:
    """A fork before the backup began."""
    line = path.read_text().splitlines()[0].split("\t")
    path.write_text("\t".join([line[0], "0/1000000", *line[2:]]) + "\n")


@contextmanager
def _of_another_place(ground: Ground) -> Iterator[None]:
    """The first segment's content under the second one's name: each page says where in the log it belongs."""
    second, content = _second(ground), _first(ground).read_bytes()
    with files.kept(second):
        second.write_bytes(content)
        yield


_ON_DISK: Final = "present on disk but not in the manifest"
_NOT_ON_DISK: Final = "present in the manifest but not on disk"
_UNREACHED: Final = "target cannot be reached"
_BACKUP: Final[tuple[tuple[str, files.Choose, files.Damage, str], ...]] = (
    ("a file that nobody listed", partial(_in_backup, "base/extra"), files.create, _ON_DISK),
    ("a missing file", _heap, files.remove, _NOT_ON_DISK),
    ("a file with bytes too many", _heap, files.append, "has size"),
    ("a truncated file", _heap, files.halve, "has size"),
    ("a file with other content", _heap, _replace, "checksum mismatch"),
    ("one flipped bit in a table", _heap, files.flip_bit, "checksum mismatch"),
    ("a file that may not be read", _heap, files.forbid, "Permission denied"),
    ("a directory that may not be read", partial(_in_backup, "base"), files.forbid, "Permission denied"),
    ("no manifest", partial(_in_backup, _MANIFEST), files.remove, "could not open file"),
    ("a manifest that lies", partial(_in_backup, _MANIFEST), _manifest_lies, "manifest checksum mismatch"),
    ("the control file of another cluster", partial(_in_backup, "global/pg_control"), _other_system, "pg_control"),
    ("no backup_label", partial(_in_backup, "backup_label"), files.remove, f'backup_label" is {_NOT_ON_DISK}'),
)
_LOG: Final[tuple[tuple[str, files.Act, str], ...]] = (
    ("a missing segment", damaging(_first, files.remove), _UNREACHED),
    ("one flipped bit in a record", _flip_record, _UNREACHED),
    ("a segment of zeros", damaging(_first, files.empty), _UNREACHED),
    ("a truncated segment", damaging(_first, files.halve), "has wrong size"),
    ("a segment of another cluster", damaging(_first, _of_another_system), _UNREACHED),
    ("a segment of another place in the log", _of_another_place, _UNREACHED),
    ("an archive without its end", _without_its_end, _UNREACHED),
    ("no history file", damaging(_history, files.remove), "timeline 2 does not exist"),
    ("a history that forks earlier", damaging(_history, _fork_earlier), "is not a child"),
)
POSTGRES_FILES: Final = (
    *(
        Sabotage(name=f"backup: {name}", place="backup", right=("DISPROVEN",), act=damaging(choose, damage), told=told)
        for name, choose, damage, told in _BACKUP
    ),
    *(Sabotage(name=f"log: {name}", place="log", right=("DISPROVEN",), act=act, told=told) for name, act, told in _LOG),
)
