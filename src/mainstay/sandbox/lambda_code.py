"""A function's code, unpacked once below the sandbox's own directory, with the bytecode that Python keeps beside it."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import Final

from mainstay.functions.packaging import Package

FOLDER: Final = "functions"


def unpacked(package: Package, sandbox: Path) -> Path:
    """The directory of a package's files: `<sandbox>/functions/<SHA-256>`, whole or not there.

    Functions that have the same code share it. Lambda's is read-only (developer guide, "Lambda execution environment
    lifecycle", not re-read), so that none may count on what it writes there.
    """
    folder = sandbox / FOLDER
    place = folder / package.sha256
    if place.is_dir():
        return place
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            partial = folder / "partial"
            # What somebody who was killed has left.
            shutil.rmtree(partial, ignore_errors=True)
            zipfile.ZipFile(io.BytesIO(package.content)).extractall(partial)
            partial.rename(place)
    finally:
        os.close(lock)
    return place
