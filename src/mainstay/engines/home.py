"""A server's directory: data that are never overwritten, and files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mainstay.core.errors import InputRefused
from mainstay.engines.identity import Identity


def write_private(path: Path, text: str, identity: Identity) -> None:
    """Write a file of the server user's own (0600), whole or not at all."""
    building = path.with_name(f".{path.name}.partial")
    building.unlink(missing_ok=True)
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    identity.own(building)
    building.replace(path)


def begin_data(home: Path) -> Path:
    """The name under which data are put together before they become `data`; what was left there is removed."""
    building = home / "data.partial"
    shutil.rmtree(building, ignore_errors=True)
    return building


def refuse_existing(data_directory: Path) -> None:
    """Error: InputRefused when there are data already."""
    if data_directory.exists():
        raise InputRefused(
            "data directory exists",
            detail=f"{data_directory} already holds data; it is never overwritten.",
            hint="choose another directory, or remove this one when its data are not needed",
        )


def log_since(path: Path, start: int = 0) -> str:
    """The log from this byte on; empty when there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(start)
        return log.read().decode(errors="replace")
