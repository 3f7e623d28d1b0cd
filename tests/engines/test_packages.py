"""Packages that are unpacked without root, and the command that sets programs up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines import __main__ as command
from mainstay.engines import packages
from mainstay.engines.mariadb import programs as mariadb
from mainstay.engines.packages import Bundle, find_program, prefix_of, unpack, unpacked
from mainstay.engines.pgbouncer import programs as pgbouncer
from mainstay.engines.process import Completed, run

BUNDLE = Bundle("tool", ("tool-server", "tool-backup"), ("usr/lib/tool/plugin",))


def fake(prefix: Path, name: str, says: str) -> Path:
    """An installation whose program only tells its version."""
    path = prefix / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packages, "SHARED_ROOT", tmp_path)
    for variable in ("MAINSTAY_MARIADB_BIN", "MAINSTAY_PGBOUNCER_BIN"):
        monkeypatch.delenv(variable, raising=False)
    for module in (mariadb, pgbouncer):
        monkeypatch.setattr(module, "SYSTEM", tmp_path / "nothing")
    return tmp_path / f"mainstay-programs-{os.geteuid()}"


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="packages can be built on Debian only")
def test_packages_that_the_system_lacks_are_unpacked_whole(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = fake(tmp_path / "built" / "usr", "tool", "1").parents[2]
    (tree / "DEBIAN").mkdir()
    control = "Package: tool-backup\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <n@example.com>\n"
    (tree / "DEBIAN" / "control").write_text(control + "Description: a test\n")
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755)
    run(["dpkg-deb", "--build", str(tree), str(tmp_path / "a.deb")], timeout_s=30)
    lacking = ["tool-backup"]

    def apt(argv: Sequence[str], *, timeout_s: float, cwd: Path | None = None) -> Completed:
        """Only the network is left out: what apt-get would answer, and what it would download."""
        if argv[0] != "apt-get":
            return run(argv, timeout_s=timeout_s)
        if "download" in argv:
            assert cwd is not None
            shutil.copy(tmp_path / "a.deb", cwd)
        else:
            assert tuple(argv[-2:]) == BUNDLE.packages
        return Completed("apt-get", 0, "".join(f"Inst {name} (1 Debian)\n" for name in lacking), "")

    monkeypatch.setattr(packages, "run", apt)
    assert unpacked(BUNDLE) is None
    for _ in range(2):
        assert unpack(BUNDLE) == ["tool-backup"]
    found = unpacked(BUNDLE)
    assert found == cache / "tool"
    assert find_program((tmp_path, found / "usr"), "tool") == found / "usr" / "bin" / "tool"
    assert (found / "usr/lib/tool/plugin").is_dir()
    assert [path.name for path in cache.iterdir()] == ["tool"]
    lacking.clear()
    assert unpack(BUNDLE) == []


@pytest.mark.parametrize("origin", ["Debian", "Ubuntu"])
def test_packages_of_another_suite_come_from_the_systems_own_mirror(
    cache: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    asked: list[Sequence[str]] = []

    def apt(argv: Sequence[str], *, timeout_s: float, cwd: Path | None = None) -> Completed:
        """apt-get by its answers: what is installed counts for nothing, and only scripts want perl."""
        asked.append(argv)
        if "indextargets" in argv:
            said = f"{origin} file:/mirror/security/\n{origin} file:/mirror/\n"
        elif "install" in argv:
            said = "Inst libc6 (1 Debian)\nInst perl-base (1 Debian)\nInst tool (1 Debian)\n"
        else:
            said = ""
        if "update" in argv:
            sources = next(part for part in argv if part.startswith("Dir::Etc::sourcelist=")).partition("=")[2]
            assert Path(sources).read_text() == f"deb [signed-by={packages.KEYRING}] file:/mirror/ sid main\n"
        return Completed("apt-get", 0, said, "")

    monkeypatch.setattr(packages, "run", apt)
    bundle = Bundle("tool", ("tool",), suite="sid")
    if origin == "Ubuntu":
        with pytest.raises(EnvironmentLacking, match="no mirror of Debian"):
            unpack(bundle)
        assert unpacked(bundle) is None
        return
    assert unpack(bundle) == ["libc6", "tool"]
    download = asked[-1]
    assert [*download[-2:]] == ["libc6", "tool"]
    assert any(part.startswith("Dir::State::status=") for part in download)


def test_a_prefix_is_named_by_itself_or_by_its_programs() -> None:
    assert [prefix_of(Path(text)) for text in ("/opt/a/bin", "/opt/a/sbin", "/opt/a")] == [Path("/opt/a")] * 3
    assert find_program((Path("/nowhere"),), "tool") is None


def test_without_apt_the_command_says_so_and_fails_only_when_asked_to(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert command.main([]) == 6
    assert capsys.readouterr().err.count("apt-get and dpkg not found") == 2
    assert command.main(["pgbouncer"]) == 6
    assert "install pgbouncer with the tools of this system" in capsys.readouterr().err
    assert command.main(["--if-possible"]) == 0
    told = capsys.readouterr().out
    assert "its tests are skipped" in told
    assert "a proxy in the sandbox does not pool" in told


def test_the_command_tells_what_there_is(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in mariadb.NEEDED:
        fake(tmp_path / "m", name, f"{name}  Ver 11.4.2-MariaDB for Linux")
    fake(tmp_path / "p", "pgbouncer", "PgBouncer 1.24.1")
    monkeypatch.setenv("MAINSTAY_MARIADB_BIN", str(tmp_path / "m"))
    monkeypatch.setenv("MAINSTAY_PGBOUNCER_BIN", str(tmp_path / "p"))
    assert command.main([]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"MariaDB 11.4.2 (explicit): {tmp_path}/m/bin/mariadbd",
        f"PgBouncer 1.24.1 (explicit): {tmp_path}/p/bin/pgbouncer",
    ]
