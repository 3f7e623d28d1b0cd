"""Keeping a copy of a growing directory: what is written, what is left alone, and what goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mainstay.engines.identity import Identity, engine_identity
from mainstay.sandbox.supervisor import mirror as mirroring
from mainstay.sandbox.supervisor.mirror import BLOCK_BYTES, mirror

OLD = time.time() - 3600


@pytest.fixture
def identity() -> Identity:
    return engine_identity()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source" / "0001-7").mkdir(parents=True)
    write(tmp_path / "source" / "one", b"full")
    write(tmp_path / "source" / "0001-7" / "binlog.000001", b"a" * BLOCK_BYTES + b"b")
    return tmp_path / "source"


def write(path: Path, content: bytes, at: float = OLD) -> None:
    path.write_bytes(content)
    os.utime(path, (at, at))


def held(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_copy_holds_what_the_source_holds_and_is_not_written_twice(
    tmp_path: Path, source: Path, identity: Identity
) -> None:
    into = tmp_path / "into"
    assert mirror(source, into, identity) == 4 + BLOCK_BYTES + 1
    assert held(into) == held(source)
    assert mirror(source, into, identity) == 0


def test_of_what_has_grown_only_the_blocks_that_differ_are_written(
    tmp_path: Path, source: Path, identity: Identity
) -> None:
    into = tmp_path / "into"
    mirror(source, into, identity)
    write(source / "0001-7" / "binlog.000001", b"a" * BLOCK_BYTES + b"bcd", OLD + 1)
    assert mirror(source, into, identity) == 3
    write(source / "0001-7" / "binlog.000001", b"a" * BLOCK_BYTES, OLD + 2)
    assert mirror(source, into, identity) == 0
    assert held(into) == held(source)


def test_a_renamed_segment_is_there_before_its_old_name_goes(tmp_path: Path, source: Path, identity: Identity) -> None:
    into = tmp_path / "into"
    write(source / "two.partial", b"12")
    mirror(source, into, identity)
    (source / "two.partial").rename(source / "two")
    mirror(source, into, identity)
    assert sorted(held(into)) == ["0001-7/binlog.000001", "one", "two"]


@pytest.mark.parametrize("goes", ["whole", "emptied"])
def test_a_source_that_goes_takes_nothing_with_it(tmp_path: Path, source: Path, identity: Identity, goes: str) -> None:
    into = tmp_path / "into"
    mirror(source, into, identity)
    before = held(into)
    for path in sorted(source.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if goes == "whole":
        source.rmdir()
    assert mirror(source, into, identity) == 0
    assert held(into) == before


def test_a_source_that_goes_while_it_is_read_takes_nothing_with_it(
    tmp_path: Path, source: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "into"
    mirror(source, into, identity)
    before = held(into)
    listed = mirroring._files(source)
    del listed[Path("one")]  # the listing was cut short
    source.rename(tmp_path / "trash")
    monkeypatch.setattr(mirroring, "_files", lambda root: listed if root == source else before_files(into))

    def before_files(root: Path) -> dict[Path, os.stat_result]:
        return {path.relative_to(root): path.stat() for path in root.rglob("*") if path.is_file()}

    with pytest.raises(FileNotFoundError):
        mirror(source, into, identity)
    assert held(into) == before


def test_a_copy_cut_short_is_begun_again(tmp_path: Path, source: Path, identity: Identity) -> None:
    into = tmp_path / "into"
    into.mkdir()
    (into / "one.arriving").write_bytes(b"f")
    mirror(source, into, identity)
    assert held(into) == held(source)


def test_a_file_changed_within_the_same_tick_is_looked_at_again(
    tmp_path: Path, source: Path, identity: Identity
) -> None:
    into, now = tmp_path / "into", time.time() + 5
    write(source / "one", b"full", now)
    mirror(source, into, identity)
    write(source / "one", b"last", now)  # as large, and as old, as far as the clock tells
    mirror(source, into, identity)
    assert held(into)["one"] == b"last"
