"""Where MariaDB's programs come from: an explicit setting, the system, and packages unpacked without root.

A MariaDB engine is called that. It stands in for MySQL only where somebody has chosen so: about 30 of 52 statements
that were tried differ (2026-11-20).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity, can_reach
from mainstay.engines.packages import SYSTEM, Bundle, find_program, library_environment, prefix_of, unpacked
from mainstay.engines.process import run

MARIADB_VARIABLE: Final = "MAINSTAY_MARIADB_BIN"
BUNDLE: Final = Bundle(
    "mariadb",
    # The client package has mariadb-binlog; Debian packs the server without mariadb-backup.
    ("mariadb-server-core", "mariadb-client-core", "mariadb-client", "mariadb-backup"),
    # Where the server looks for plugins; only the full server package has one, and the server wants the directory.
    ("usr/lib/mysql/plugin",),
)
NEEDED: Final = ("mariadbd", "mariadb-install-db", "mariadb-backup", "mariadb-binlog")
INSTALL: Final = "run `make mariadb` (Debian, Ubuntu; no root needed), or install mariadb-server and mariadb-backup"

Source = Literal["explicit", "system", "packages"]


@dataclass(frozen=True, slots=True)
class Programs:
    """Installation prefixes (each with bin/ or sbin/), first come first served; the version, its series, its source.

    `note` says so when the series is not the one asked for.
    """

    prefixes: tuple[Path, ...]
    version: str
    source: Source
    note: str | None = None

    @property
    def series(self) -> str:
        """The release series: `10.11` of `10.11.6`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def environment(self) -> dict[str, str]:
        """What a child needs to find libraries that are unpacked beside its program."""
        return library_environment(self.prefixes)

    def program(self, name: str) -> str:
        """The path of one program, for an argument list. Error: EnvironmentLacking when it is not there."""
        found = find_program(self.prefixes, name)
        if found is None:
            raise _lacking("MariaDB engine", f"`{name}` is missing", self.prefixes)
        return str(found)

    def directory(self, name: str) -> Path:
        """A directory of the installation, such as `share/mysql`. Error: EnvironmentLacking."""
        for prefix in self.prefixes:
            if (prefix / name).is_dir():
                return prefix / name
        raise _lacking("MariaDB engine", f"the directory {name} is missing", self.prefixes)


def find_mariadb(
    series: str | None = None, explicit: Path | None = None, *, identity: Identity | None = None
) -> Programs:
    """MariaDB's programs: below `explicit` or MAINSTAY_MARIADB_BIN, the system's, those that `make mariadb` unpacked.

    The setting names a directory of programs or the prefix above it. Programs that the system lacks (Debian packs
    mariadb-backup by itself) are taken from the unpacked packages. Another series than asked for gets a `note`.
    Error: EnvironmentLacking, with what is missing and what to do.
    """
    setting = explicit or (Path(os.environ[MARIADB_VARIABLE]) if os.environ.get(MARIADB_VARIABLE) else None)
    prefixes = (prefix_of(setting),) if setting is not None else tuple(_system())
    _require(prefixes, identity)
    version = _version(str(find_program(prefixes, "mariadbd")), prefixes)
    found = Programs(prefixes, version, _source(setting, prefixes))
    return Programs(prefixes, version, found.source, _note(series, found))


def _system() -> Iterator[Path]:
    yield from (prefix for prefix in (SYSTEM, SYSTEM / "local") if find_program((prefix,), "mariadbd") is not None)
    found = unpacked(BUNDLE)
    if found is not None:
        yield found / "usr"


def _require(prefixes: tuple[Path, ...], identity: Identity | None) -> None:
    missing = [name for name in NEEDED if find_program(prefixes, name) is None]
    if missing:
        raise _lacking("no MariaDB engine found", f"{', '.join(missing)} not found", prefixes)
    closed = [prefix for prefix in prefixes if identity is not None and not can_reach(prefix, identity)]
    if closed and identity is not None:
        raise EnvironmentLacking(
            "programs out of reach",
            detail=f"The servers' user '{identity.name}' cannot enter {closed[0]}.",
            hint="move the installation to a directory that everybody may enter",
        )


def _lacking(summary: str, what: str, prefixes: tuple[Path, ...]) -> EnvironmentLacking:
    looked = ", ".join(str(prefix) for prefix in prefixes) or f"{SYSTEM}, {SYSTEM / 'local'}"
    return EnvironmentLacking(
        summary, detail=f"MariaDB engine: {what}; looked below {looked}.", hint=f"{INSTALL}, or set {MARIADB_VARIABLE}"
    )


def _version(program: str, prefixes: tuple[Path, ...]) -> str:
    told = run([program, "--version"], env=library_environment(prefixes), timeout_s=10, must_succeed=False).stdout
    version = re.search(r"Ver (\d+\.\d+\.\d+)-MariaDB", told)
    if version is None:
        raise _lacking("no MariaDB engine found", f"{program} does not say which version it is", prefixes)
    return version[1]


def _source(setting: Path | None, prefixes: tuple[Path, ...]) -> Source:
    if setting is not None:
        return "explicit"
    return "system" if prefixes[0] in (SYSTEM, SYSTEM / "local") else "packages"


def _note(series: str | None, found: Programs) -> str | None:
    if series is None or series == found.series:
        return None
    return f"MariaDB {found.version} ({found.source}) runs in place of {series}, which is not installed here"
