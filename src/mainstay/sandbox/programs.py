"""Which program a server of the sandbox is: the file that its process runs, and the hash of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mainstay.core.errors import NotFound
from mainstay.sandbox.injection import find_running, find_runtime


def program_of(directory: Path, region: str, identifier: str) -> Mapping[str, str]:
    """The `path` of what the instance's primary runs, and its `sha256`; empty where it does not run."""
    try:
        layout, runtime = find_runtime(directory, region, identifier)
    except NotFound:
        return {}
    proof = find_running(layout, runtime, runtime.primary)
    try:
        path = str(Path(f"/proc/{proof.pid}/exe").readlink()) if proof is not None else ""
        return {"path": path, "sha256": _hash_of(path)} if path else {}
    except OSError:  # it has ended, or belongs to somebody else
        return {}


@cache
def _hash_of(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
