"""Templates of nested stacks, where they lie on this machine."""

from __future__ import annotations

import hashlib
import os.path
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mainstay.api._files import is_file, read_text
from mainstay.plan.values import Join, Json, Unknown

if TYPE_CHECKING:
    from mainstay.formats.cloudformation.children import Source

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# What `mainstay synth --nested` calls a child: by the digest of its text.
_OURS: Final = re.compile(r"[A-Za-z0-9._-]+\.([0-9a-f]{12})\.template\.json")


def beside(url: object, body: Mapping[str, Json], file: str) -> Source | str:
    """The template at a path relative to the parent's file, as `aws cloudformation package` takes it; or why not.

    What `synth --nested` wrote is found by its digest, wherever it is going to lie.
    """
    from mainstay.formats.cloudformation.children import Source  # lazy: nobody but templates needs the reader

    folder = Path(file).parent
    if isinstance(url, Join):
        found = _ours(str(url.parts[-1]).rpartition("/")[2], folder)
        return Source(read_text(found), str(found)) if found else "its address is known to CloudFormation only"
    if not isinstance(url, str):
        return url.reason if isinstance(url, Unknown) else "its address is known to CloudFormation only"
    if _SCHEME.match(url):
        return f"it lies at {url}"
    path = Path(os.path.normpath(folder / url))
    return Source(read_text(path), str(path)) if is_file(path) else f"{path} does not exist"


def _ours(name: str, folder: Path) -> Path | None:
    match = _OURS.fullmatch(name)
    path = folder / name
    if match is None or not is_file(path):
        return None
    digest = hashlib.sha256(read_text(path).encode()).hexdigest()
    return path if digest.startswith(match[1]) else None
