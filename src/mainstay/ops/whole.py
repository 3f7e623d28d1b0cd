"""A text on disk, whole or not at all: its digest is its first line, so that what a crash cut off is never read."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from mainstay.core.errors import EnvironmentLacking


def write_whole(path: Path, text: str) -> None:
    """Write it (0600) in place of what is there, synced. EnvironmentLacking when the disk does not take it."""
    building = path.with_name(f"{path.name}.partial")
    try:
        file = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            opened.write(f"{_digest(text)}\n{text}")
            opened.flush()
            os.fsync(opened.fileno())
        building.replace(path)
    except OSError as error:
        with suppress(OSError):
            building.unlink(missing_ok=True)
        raise EnvironmentLacking(
            "what is known so far cannot be kept", detail=f"{path}: {error.strerror}.", hint="free space"
        ) from error


def read_whole(path: Path) -> str | None:
    """The text as it was written; None where there is none, or where it is another by now."""
    try:
        first, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return text if first == _digest(text) else None


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
