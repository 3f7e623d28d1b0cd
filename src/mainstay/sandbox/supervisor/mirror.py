"""Keeping a copy of a log archive up to date: files that only grow, and names that change when one is full.

What is copied is whole or not there: a new file arrives under another name, and one that has grown gets only the
blocks that differ, so that a mirror that is killed anywhere has lost nothing it had. Names that are gone at the
source go last.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from mainstay.engines.copying import copy_file
from mainstay.engines.identity import Identity

BLOCK_BYTES: Final = 256 * 1024
ARRIVING: Final = ".arriving"
# Within one tick of the file system's clock a file may change twice: a time so young is not taken for settled.
YOUNG_NS: Final = 1_000_000_000


def mirror(source: Path, into: Path, identity: Identity) -> int:
    """Make `into` hold what the directory `source` holds, at any depth; returns the bytes written.

    Error: OSError when the source goes meanwhile; then nothing is removed.
    """
    listed = _files(source)
    written = 0
    for relative, state in listed.items():
        _make_parents(into, relative, identity)
        written += _bring_up(source / relative, into / relative, state, identity)
    if listed:  # an empty source is one that is going
        for relative in _files(into).keys() - listed.keys():
            (into / relative).unlink()
    return written


def _files(root: Path) -> dict[Path, os.stat_result]:
    if not root.is_dir():
        return {}
    found = (path for path in sorted(root.rglob("*")) if not path.is_dir() and path.suffix != ARRIVING)
    return {path.relative_to(root): path.stat() for path in found}


def _make_parents(into: Path, relative: Path, identity: Identity) -> None:
    for parent in (into, *(into / part for part in reversed(relative.parents[:-1]))):
        if not parent.is_dir():
            identity.own_directory(parent)


def _bring_up(source: Path, into: Path, state: os.stat_result, identity: Identity) -> int:
    known = into.stat() if into.exists() else None
    if known is not None and (known.st_size, known.st_mtime_ns) == (state.st_size, state.st_mtime_ns):
        # Looked at all the same: a source that is gone must not pass for one that is unchanged.
        source.stat()
        return 0
    began_ns = time.time_ns()
    written = _copy_new(source, into, identity) if known is None else _copy_changed(source, into)
    if began_ns - state.st_mtime_ns > YOUNG_NS:
        os.utime(into, ns=(state.st_atime_ns, state.st_mtime_ns))
    return written


def _copy_new(source: Path, into: Path, identity: Identity) -> int:
    arriving = into.with_name(into.name + ARRIVING)
    arriving.unlink(missing_ok=True)
    written = copy_file(source, arriving)
    identity.own(arriving, 0o600)
    arriving.replace(into)
    return written


def _copy_changed(source: Path, into: Path) -> int:
    written = place = 0
    with source.open("rb") as read, into.open("r+b") as write:
        while block := read.read(BLOCK_BYTES):
            if write.read(BLOCK_BYTES) != block:
                write.seek(place)
                write.write(block)
                written += len(block)
            place += len(block)
        write.truncate(place)
    return written
