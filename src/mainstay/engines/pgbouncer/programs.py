"""Where PgBouncer comes from: an explicit setting, the system, and packages unpacked without root."""

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

PGBOUNCER_VARIABLE: Final = "MAINSTAY_PGBOUNCER_BIN"
NAME: Final = "pgbouncer"
BUNDLE: Final = Bundle(NAME, (NAME,))
INSTALL: Final = "run `make pgbouncer` (Debian, Ubuntu; no root needed), or install pgbouncer"

Source = Literal["explicit", "system", "packages"]


@dataclass(frozen=True, slots=True)
class Program:
    """The program, the installation prefix that it was found below, its version (`1.18.0`) and its source."""

    path: Path
    prefix: Path
    version: str
    source: Source

    @property
    def environment(self) -> dict[str, str]:
        """What it needs to find libraries that are unpacked beside it."""
        return library_environment((self.prefix,))


def find_pgbouncer(explicit: Path | None = None, *, identity: Identity | None = None) -> Program:
    """PgBouncer: below `explicit` or MAINSTAY_PGBOUNCER_BIN, the system's, the one that `make pgbouncer` unpacked.

    The setting names a directory of programs or the prefix above it.
    Error: EnvironmentLacking, with what is missing and what to do.
    """
    setting = explicit or (Path(os.environ[PGBOUNCER_VARIABLE]) if os.environ.get(PGBOUNCER_VARIABLE) else None)
    candidates: list[tuple[Path, Source]] = [(prefix_of(setting), "explicit")] if setting is not None else [*_found()]
    for prefix, source in candidates:
        path = find_program((prefix,), NAME)
        if path is not None:
            _require_reachable(prefix, identity)
            return Program(path, prefix, _version(path, prefix), source)
    looked = ", ".join(str(prefix) for prefix, _ in candidates)
    raise _lacking(f"`{NAME}` not found below {looked}")


def _found() -> Iterator[tuple[Path, Source]]:
    yield SYSTEM, "system"
    yield SYSTEM / "local", "system"
    tree = unpacked(BUNDLE)
    if tree is not None:
        yield tree / "usr", "packages"


def _require_reachable(prefix: Path, identity: Identity | None) -> None:
    if identity is not None and not can_reach(prefix, identity):
        raise EnvironmentLacking(
            "programs out of reach",
            detail=f"The servers' user '{identity.name}' cannot enter {prefix}.",
            hint="move the installation to a directory that everybody may enter",
        )


def _version(path: Path, prefix: Path) -> str:
    told = run([str(path), "--version"], env=library_environment((prefix,)), timeout_s=10, must_succeed=False)
    version = re.search(r"PgBouncer (\d+\.\d+\S*)", told.stdout)
    if version is None:
        raise _lacking(f"{path} does not say which version it is: {told.stderr.strip() or told.stdout.strip()}")
    return version[1]


def _lacking(what: str) -> EnvironmentLacking:
    return EnvironmentLacking(
        "no PgBouncer found", detail=f"PgBouncer: {what}.", hint=f"{INSTALL}, or set {PGBOUNCER_VARIABLE}"
    )
