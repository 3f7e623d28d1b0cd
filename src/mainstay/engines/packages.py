"""Programs without root: Debian's packages, downloaded and unpacked into directories of ours, one a bundle.

`apt-get download` and `dpkg -x` need no rights and touch nothing of the system; what the system has already is not
downloaded again. The 8 packages of MariaDB took 0.7 s and 0.9 s (Debian 12, 2026-11-21).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import SHARED_ROOT, Identity, private_directory
from mainstay.engines.process import run

APT_S: Final = 300.0
DPKG_S: Final = 120.0
SYSTEM: Final = Path("/usr")
_PACKAGE: Final = re.compile(r"^Inst (\S+)", re.MULTILINE)
# What scripts of the packages need, and no program of theirs.
_UNUSED: Final = re.compile(r"^(perl|libperl|libc-gconv|debconf|libdb5|libgdbm)")
KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Packages that make one program run: the name of their directory, and empty directories that it looks for.

    `suite` is Debian's where they are, when it is not the system's own: then everything that they need comes from
    there, the C library and its loader included.
    """

    name: str
    packages: tuple[str, ...]
    places: tuple[str, ...] = ()
    suite: str | None = None


def _cache() -> Path:
    return SHARED_ROOT / f"mainstay-programs-{os.geteuid()}"


def unpacked(bundle: Bundle) -> Path | None:
    """The directory into which a bundle was unpacked; None when that was never done."""
    directory = _cache() / bundle.name
    try:
        is_ours = directory.lstat().st_uid == os.geteuid() and directory.is_dir()
    except FileNotFoundError:
        return None
    return directory if is_ours else None


def unpack(bundle: Bundle) -> list[str]:
    """Download and unpack those of a bundle's packages, and of what they need, that the system lacks; their names.

    The directory is replaced whole or not at all. Errors: EnvironmentLacking without apt-get and dpkg; TargetRefused
    with apt's words.
    """
    lacking = [name for name in ("apt-get", "dpkg") if shutil.which(name) is None]
    if lacking:
        raise EnvironmentLacking(
            "not a Debian system",
            detail=f"{' and '.join(lacking)} not found, so packages cannot be unpacked here.",
            hint=f"install {', '.join(bundle.packages)} with the tools of this system",
        )
    if bundle.suite is None and not _missing(bundle, ()):
        return []
    us = Identity("us", os.geteuid(), os.getegid(), "/", is_dropped=False)
    cache = private_directory(_cache(), us, 0o755)
    building = Path(tempfile.mkdtemp(dir=cache, prefix=".building-"))
    try:
        building.chmod(0o755)
        apt = _of_suite(bundle.suite, building / "apt") if bundle.suite is not None else ()
        names = _missing(bundle, apt)
        _fetch(names, apt, building, bundle.places)
        target = cache / bundle.name
        shutil.rmtree(target, ignore_errors=True)
        (building / "tree").rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return names


def find_program(prefixes: Sequence[Path], name: str) -> Path | None:
    """A program below the first of these prefixes (`/usr`) that has it, in bin/ or sbin/."""
    for prefix in prefixes:
        for folder in ("bin", "sbin"):
            if os.access(prefix / folder / name, os.X_OK):
                return prefix / folder / name
    return None


def prefix_of(setting: Path) -> Path:
    """The prefix that somebody names by itself or by its directory of programs."""
    return setting.parent if setting.name in ("bin", "sbin") else setting


def library_environment(prefixes: Sequence[Path]) -> dict[str, str]:
    """What a child needs to find libraries that were unpacked beside its program; the system's are found anyway."""
    libraries = [str(found) for prefix in prefixes for found in _libraries(prefix)]
    return {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}


def _libraries(prefix: Path) -> Iterator[Path]:
    if prefix != SYSTEM:
        yield from sorted(found for found in prefix.glob("lib/*-linux-gnu") if any(found.glob("*.so*")))
        yield from sorted(found for found in prefix.parent.glob("lib/*-linux-gnu") if any(found.glob("*.so*")))


def _missing(bundle: Bundle, apt: Sequence[str]) -> list[str]:
    """Those of the bundle's packages, and of what they need, that are not installed."""
    argv = ["apt-get", *apt, "-s", "-q", "--no-install-recommends", "install", *bundle.packages]
    return [name for name in _PACKAGE.findall(run(argv, timeout_s=APT_S).stdout) if not _UNUSED.search(name)]


def _of_suite(suite: str, state: Path) -> list[str]:
    """Options by which apt-get sees one suite of the system's own mirror, and nothing of what is installed.

    Error: EnvironmentLacking where the system has no mirror of Debian.
    """
    for place in ("lists/partial", "cache/archives/partial"):
        (state / place).mkdir(mode=0o755, parents=True)
    told = run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"], timeout_s=APT_S
    )
    mirrors = [line.split()[1] for line in told.stdout.splitlines() if line.startswith("Debian ")]
    mirror = next((each for each in mirrors if "security" not in each), None)
    if mirror is None:
        raise EnvironmentLacking(
            "no mirror of Debian",
            detail=f"None of this system's package sources is Debian's, which has suite {suite}.",
            hint="install the programs with the tools of this system",
        )
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    (state / "status").touch()
    settings = {
        "Dir::Etc::sourcelist": state / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": state / "lists", "Dir::State::status": state / "status", "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    run(["apt-get", *options, "-q", "update"], timeout_s=APT_S)
    return options


def _fetch(names: Sequence[str], apt: Sequence[str], building: Path, places: Sequence[str]) -> None:
    (building / "debs").mkdir()
    argv = ["apt-get", *apt, "-q", "-o", "APT::Sandbox::User=", "download", *names]
    run(argv, cwd=building / "debs", timeout_s=APT_S)
    (building / "tree").mkdir(mode=0o755)
    for package in sorted((building / "debs").glob("*.deb")):
        run(["dpkg", "-x", str(package), str(building / "tree")], timeout_s=DPKG_S)
    for path in (building / "tree").rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    for place in places:
        (building / "tree" / place).mkdir(mode=0o755, parents=True, exist_ok=True)
    (building / "tree").chmod(0o755)
