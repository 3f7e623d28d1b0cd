from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.copying import copy_tree
from mainstay.engines.identity import Identity


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A limit that the kernel enforces for everybody, root included: the nearest thing to a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "scratch").mkdir()
    (root / "scratch" / "left out").write_text("x")
    (root / "deep" / "er" / "big").write_bytes(os.urandom(3_000_000))
    (root / "empty").touch(mode=0o640)
    (root / "control").write_text("last")
    (root / "link").symlink_to("deep/er")
    return root


def test_a_copy_is_equal(source: Path, tmp_path: Path, identity: Identity) -> None:
    told: list[int] = []
    into = tmp_path / "copy"
    copied = copy_tree(source, into, identity=identity, skip=["scratch"], last=["control"], progress=told.append)
    assert copied == sum(told) == 3_000_004
    assert told[-1] == 4  # the last one is the control file
    assert (into / "deep/er/big").read_bytes() == (source / "deep/er/big").read_bytes()
    assert (into / "link").readlink() == Path("deep/er")
    assert list((into / "scratch").iterdir()) == []
    assert (into / "empty").stat().st_mode & 0o777 == 0o640
    assert {p.lstat().st_uid for p in into.rglob("*")} == {identity.uid}


@pytest.mark.parametrize("reason", ["the call is missing", errno.EXDEV])
def test_where_the_kernel_does_not_copy_we_do(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: object
) -> None:
    def refuse(*arguments: int) -> int:
        raise OSError(reason, "not between these file systems")

    if isinstance(reason, int):
        monkeypatch.setattr(os, "copy_file_range", refuse)
    else:
        monkeypatch.delattr(os, "copy_file_range")
    copy_tree(source, tmp_path / "copy")
    assert (tmp_path / "copy/deep/er/big").read_bytes() == (source / "deep/er/big").read_bytes()


def test_a_full_disk_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    with largest_file(1_000_000), pytest.raises(EnvironmentLacking, match="no space left"):
        copy_tree(source, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_another_failure_leaves_nothing_behind_either(source: Path, tmp_path: Path) -> None:
    def stop(size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_tree(source, tmp_path / "copy", progress=stop)
    assert not (tmp_path / "copy").exists()
