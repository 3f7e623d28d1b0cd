"""Damage to files that is taken back afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from mainstay.api._self_test.ground import Ground

Damage = Callable[[Path], None]
Choose = Callable[[Ground], Path]
Act = Callable[[Ground], AbstractContextManager[None]]


def damaging(choose: Choose, damage: Damage) -> Act:
    """An act that damages the chosen file, and puts it back as it was."""

    @contextmanager
    def act(ground: Ground) -> Iterator[None]:
        path = choose(ground)
        with kept(path):
            damage(path)
            yield

    return act


@contextmanager
def kept(path: Path) -> Iterator[None]:
    """Whatever becomes of a file or directory within the block: it is as before afterwards, owner and mode included.

    Its copy lies elsewhere: a second file beside it would be a damage of its own.
    """
    was_there = path.exists()
    mode = path.stat().st_mode if was_there else 0
    with tempfile.TemporaryDirectory(prefix="mainstay-aside-") as elsewhere:
        aside = Path(elsewhere) / "file"
        if was_there and path.is_file():
            _copy(path, aside)
        try:
            yield
        finally:
            if aside.exists():
                building = path.with_name(f".{path.name}.back")
                _copy(aside, building)
                building.replace(path)
            elif was_there:
                path.chmod(mode)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def moved(path: Path) -> Iterator[None]:
    """A file that is outside its directory for the block; whoever has it open goes on with it."""
    aside = path.parent.with_name(f".{path.parent.name}-{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        aside.rename(path)


def _copy(path: Path, other: Path) -> None:
    shutil.copy2(path, other)
    _own_as(path, other)


def _own_as(path: Path, other: Path) -> None:
    told = path.stat()
    os.chown(other, told.st_uid, told.st_gid)


def remove(path: Path) -> None:
    """It is gone."""
    path.unlink()


def append(path: Path) -> None:
    """Eight bytes too many."""
    with path.open("ab") as file:
        file.write(b"mainstay")


def halve(path: Path) -> None:
    """Its second half is gone."""
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    """Nothing but zeros, as long as it was."""
    path.write_bytes(bytes(path.stat().st_size))


def create(path: Path) -> None:
    """A file that nobody listed."""
    path.write_bytes(b"nobody listed me\n")
    _own_as(path.parent, path)


def forbid(path: Path) -> None:
    """Nobody may read it."""
    path.chmod(0)


def flip_bit(path: Path, at: int | None = None) -> None:
    """One bit is the other one; in the middle unless told where."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1
    path.write_bytes(bytes(content))
