"""Where MySQL's programs come from: an explicit setting, the system, and packages unpacked without root.

Debian has MySQL only in its unstable suite. Packages from there bring the libraries that they were built against, the
C library included, so their programs are started by the loader beside them and nothing of the system changes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity, can_reach
from mainstay.engines.packages import SYSTEM, Bundle, find_program, library_environment, prefix_of, unpacked
from mainstay.engines.process import run

MYSQL_VARIABLE: Final = "MAINSTAY_MYSQL_BIN"
OLDEST: Final = (8, 4)  # SHOW BINARY LOG STATUS and SET_ANY_DEFINER came with 8.2 (release notes, 2026-11-21)
NEEDED: Final = ("mysqld", "mysqlbinlog")
BUNDLE: Final = Bundle("mysql", ("mysql-server-core", "mysql-client-core"), suite="sid")
INSTALL: Final = (
    "run `python -m mainstay.engines mysql` (`make mysql` in a clone; Debian, no root needed), or install MySQL's "
    "server and client programs"
)
Source = Literal["explicit", "system", "packages"]


@dataclass(frozen=True, slots=True)
class Programs:
    """The installation prefix (with bin/ or sbin/), the version and its source; `note` when the series is another."""

    prefix: Path
    version: str
    source: Source
    note: str | None = None

    @property
    def series(self) -> str:
        """The release series: `8.4` of `8.4.11`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def loader(self) -> Path | None:
        """The loader that was unpacked beside the programs; None where the system's own serves them."""
        found = sorted(self.prefix.glob("lib/*-linux-gnu/ld-linux-*.so.*")) if self.prefix != SYSTEM else []
        return found[0] if found else None

    @property
    def environment(self) -> dict[str, str]:
        """What a child needs to find libraries that are unpacked beside its program."""
        return {} if self.loader else library_environment((self.prefix,))

    def command(self, name: str) -> list[str]:
        """How a program is started, to be followed by its arguments. Error: EnvironmentLacking."""
        found = find_program((self.prefix,), name)
        if found is None:
            raise _lacking(f"`{name}` is missing", self.prefix)
        if self.loader is None:
            return [str(found)]
        libraries = f"{self.loader.parent}:{self.prefix / 'lib/mysql/private'}"
        return [str(self.loader), "--library-path", libraries, str(found)]

    def places(self) -> dict[str, str]:
        """The server's settings that say where its messages, character sets and plugins are."""
        share, plugins = self._first("share/mysql"), self._first("lib/mysql/plugin", "lib64/mysql/plugin")
        return {
            "basedir": str(self.prefix),
            "lc_messages_dir": str(share),
            "character_sets_dir": str(share / "charsets"),
            "plugin_dir": str(plugins),
        }

    def _first(self, *names: str) -> Path:
        found = next((self.prefix / name for name in names if (self.prefix / name).is_dir()), None)
        if found is None:
            raise _lacking(f"the directory {names[0]} is missing", self.prefix)
        return found


def find_mysql(
    series: str | None = None, explicit: Path | None = None, *, identity: Identity | None = None
) -> Programs:
    """MySQL's programs: below `explicit` or MAINSTAY_MYSQL_BIN, the system's, those that `make mysql` unpacked.

    A `mysqld` that is a MariaDB is passed over. Another series than asked for gets a `note`.
    Error: EnvironmentLacking, with what is missing and what to do.
    """
    setting = explicit or (Path(os.environ[MYSQL_VARIABLE]) if os.environ.get(MYSQL_VARIABLE) else None)
    looked = [(prefix_of(setting), "explicit")] if setting is not None else list(_usual())
    trouble = "no `mysqld`"
    for prefix, source in looked:
        version = _version(Programs(prefix, "", "system"))
        if version is None:
            continue
        if not version[0].isdecimal():
            trouble = version
            continue
        found = Programs(prefix, version, source, None)  # type: ignore[arg-type]  # one of Source's words
        _require(found, identity)
        return Programs(prefix, version, found.source, _note(series, found))
    raise _lacking(trouble, *(prefix for prefix, _ in looked))


def _usual() -> Iterator[tuple[Path, str]]:
    yield from ((prefix, "system") for prefix in (SYSTEM, SYSTEM / "local"))
    found = unpacked(BUNDLE)
    if found is not None:
        yield found / "usr", "packages"


def _version(found: Programs) -> str | None:
    """The version of a prefix's `mysqld`; None without one, and words for one that is not MySQL."""
    if find_program((found.prefix,), "mysqld") is None:
        return None
    argv = [*found.command("mysqld"), "--version"]
    told = run(argv, env=MappingProxyType(found.environment), timeout_s=10, must_succeed=False).stdout
    version = re.search(r"Ver (\d+\.\d+\.\d+)", told)
    if "MariaDB" in told or version is None:
        return f"the `mysqld` below {found.prefix} is not MySQL"
    if tuple(int(part) for part in version[1].split(".")) < OLDEST:
        return (
            f"the `mysqld` below {found.prefix} is {version[1]}, and 8.4 is the oldest whose statements are spoken here"
        )
    return version[1]


def _require(found: Programs, identity: Identity | None) -> None:
    for name in NEEDED:
        found.command(name)
    if identity is not None and not can_reach(found.prefix, identity):
        raise EnvironmentLacking(
            "programs out of reach",
            detail=f"The servers' user '{identity.name}' cannot enter {found.prefix}.",
            hint="move the installation to a directory that everybody may enter",
        )


def _lacking(what: str, *prefixes: Path) -> EnvironmentLacking:
    return EnvironmentLacking(
        "no MySQL found",
        detail=f"{what[0].upper()}{what[1:]}; looked below {', '.join(str(prefix) for prefix in prefixes)}.",
        hint=f"{INSTALL}, or set {MYSQL_VARIABLE}; or choose a MariaDB engine in its place, which is not MySQL,"
        " with MAINSTAY_SANDBOX_MYSQL=mariadb",
    )


def _note(series: str | None, found: Programs) -> str | None:
    if not series or series == found.series:
        return None
    return f"MySQL {found.version} ({found.source}) runs in place of {series}, which is not installed here"
