"""MariaDB without root: Debian's packages, downloaded and unpacked into a directory of ours.

`apt-get download` and `dpkg -x` need no rights and touch nothing of the system; what the system has already is not
downloaded again. 8 packages took 0.7 s and 0.9 s (Debian 12, 2026-11-21).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import SHARED_ROOT, Identity, private_directory
from mainstay.engines.process import run

# The client package has mariadb-binlog; Debian packs the server without mariadb-backup.
PACKAGES: Final = ("mariadb-server-core", "mariadb-client-core", "mariadb-client", "mariadb-backup")
APT_S: Final = 300.0
DPKG_S: Final = 120.0
MARKER: Final = "mariadb"
PLUGINS: Final = "usr/lib/mysql/plugin"
_PACKAGE: Final = re.compile(r"^Inst (\S+)", re.MULTILINE)


def _cache() -> Path:
    return SHARED_ROOT / f"mainstay-programs-{os.geteuid()}"


def unpacked() -> Path | None:
    """The directory into which packages were unpacked; None when that was never done."""
    directory = _cache() / MARKER
    try:
        is_ours = directory.lstat().st_uid == os.geteuid() and directory.is_dir()
    except FileNotFoundError:
        return None
    return directory if is_ours else None


def unpack(packages: Sequence[str] = PACKAGES) -> list[str]:
    """Download and unpack those of the packages, and of what they need, that the system lacks; their names.

    The directory is replaced whole or not at all. Errors: EnvironmentLacking without apt-get and dpkg; TargetRefused
    with apt's words.
    """
    lacking = [name for name in ("apt-get", "dpkg") if shutil.which(name) is None]
    if lacking:
        raise EnvironmentLacking(
            "not a Debian system",
            detail=f"{' and '.join(lacking)} not found, so packages cannot be unpacked here.",
            hint="install mariadb-server and mariadb-backup with the tools of this system",
        )
    told = run(["apt-get", "-s", "-q", "--no-install-recommends", "install", *packages], timeout_s=APT_S)
    names = _PACKAGE.findall(told.stdout)
    if not names:
        return []
    us = Identity("us", os.geteuid(), os.getegid(), "/", is_dropped=False)
    cache = private_directory(_cache(), us, 0o755)
    building = Path(tempfile.mkdtemp(dir=cache, prefix=".building-"))
    try:
        building.chmod(0o755)
        _fetch(names, building)
        target = cache / MARKER
        shutil.rmtree(target, ignore_errors=True)
        (building / "tree").rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return names


def _fetch(names: Sequence[str], building: Path) -> None:
    (building / "debs").mkdir()
    run(["apt-get", "-q", "-o", "APT::Sandbox::User=", "download", *names], cwd=building / "debs", timeout_s=APT_S)
    (building / "tree").mkdir(mode=0o755)
    for package in sorted((building / "debs").glob("*.deb")):
        run(["dpkg", "-x", str(package), str(building / "tree")], timeout_s=DPKG_S)
    for path in (building / "tree").rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    # Where the server looks for plugins; only the full server package has one, and the server wants the directory.
    (building / "tree" / PLUGINS).mkdir(mode=0o755, parents=True, exist_ok=True)
    (building / "tree").chmod(0o755)
