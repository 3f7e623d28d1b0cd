"""Packages: one zip a function, the same bytes from the same input, on every machine and for both architectures.

A package holds the handler, every module of ours that it imports, the drivers with their licences, and the files
that a deployment adds (`manifest.json`, `ca.pem`). boto3 is not among them: Lambda's runtime brings it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final, Literal, get_args

from mainstay import facts
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.functions.imports import own_modules

Architecture = Literal["arm64", "x86_64"]
ARCHITECTURES: Final[tuple[Architecture, ...]] = get_args(Architecture)

RUNTIME: Final[str] = facts.load("functions").data["runtime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A function of ours: its name, the module of its `handler`, and what it needs beside its code."""

    name: str
    module: str
    opens_database: bool = True
    takes_manifest: bool = False

    @property
    def entry(self) -> str:
        """The handler as Lambda is told it."""
        return f"{self.module}.handler"


FUNCTIONS: Final[tuple[Handler, ...]] = (
    Handler(name="rotation", module="mainstay.functions.rotation"),
    Handler(name="validation", module="mainstay.functions.validation", takes_manifest=True),
    Handler(name="restore-validation", module="mainstay.functions.restore_validation", takes_manifest=True),
    Handler(name="heartbeat", module="mainstay.functions.heartbeat"),
    Handler(name="export", module="mainstay.functions.export", opens_database=False),
)

HANDLERS: Final[Mapping[str, Handler]] = {function.entry: function for function in FUNCTIONS}
"""Each function by its entry, as a plan names it."""

DRIVERS: Final = ("asn1crypto", "pg8000", "PyMySQL", "python-dateutil", "scramp", "six")
"""The distributions that are packed with a function that opens databases: both drivers and all that they require."""

# Lambda developer guide, "Lambda quotas": 50 MB zipped for an upload in the request, 250 MB unzipped (not re-read).
MOST_ZIPPED: Final = 50 * 1024 * 1024
MOST_UNZIPPED: Final = 250 * 1024 * 1024

_BINARY_SUFFIXES: Final = (".so", ".pyd", ".dylib", ".dll", ".a")
# What an installer notes about the machine it ran on.
_LEFT_OUT: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "zip-safe"})
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold
_READABLE: Final = (stat.S_IFREG | 0o644) << 16


@dataclass(frozen=True, slots=True)
class Package:
    """A function's code as Lambda takes it. `sha256` is hexadecimal."""

    name: str
    architecture: Architecture
    content: bytes = field(repr=False)
    sha256: str
    handler: str
    runtime: str = RUNTIME

    @property
    def key(self) -> str:
        """A name for the object in a bucket: other code, other name, so that a stack sees the change."""
        return f"{self.name}-{self.sha256}.zip"

    @property
    def code_sha256(self) -> str:
        """The digest in the form in which Lambda answers it (CodeSha256)."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


def package(name: str, architecture: str, files: Mapping[str, bytes] | None = None) -> Package:
    """The package of a function. `files` are added beside the code: `manifest.json`, `ca.pem`.

    Errors: InputRefused for a function, an architecture or a file name that cannot be, or beyond Lambda's limits;
    EnvironmentLacking when a driver is not installed, or not in pure Python.
    """
    wanted = next((known for known in ARCHITECTURES if known == architecture), None)
    function = next((known for known in FUNCTIONS if known.name == name), None)
    if function is None or wanted is None:
        names = ", ".join(known.name for known in FUNCTIONS)
        raise InputRefused(
            "no such function",
            detail=f"There is no function {name} for {architecture}.",
            hint=f"functions: {names}; architectures: {', '.join(ARCHITECTURES)}",
        )
    entries = own_modules(function.module)
    for driver in DRIVERS if function.opens_database else ():
        entries |= _distribution(driver)
    content = _zipped(name, _with_files(entries, files or {}))
    return Package(name, wanted, content, hashlib.sha256(content).hexdigest(), function.entry)


def _distribution(name: str) -> dict[str, bytes]:
    """Every file of an installed distribution that belongs into a package, by its path there."""
    try:
        listed = metadata.distribution(name).files or []
    except metadata.PackageNotFoundError as error:
        raise _lacking(name, "is not installed") from error
    wanted = [path for path in listed if _belongs(path)]
    binaries = [str(path) for path in wanted if path.suffix in _BINARY_SUFFIXES]
    if binaries:
        raise _lacking(name, f"holds machine code ({', '.join(binaries)})")
    if not wanted:
        raise _lacking(name, "does not list its files")
    return {path.as_posix(): Path(str(path.locate())).read_bytes() for path in wanted}


def _belongs(path: PurePosixPath) -> bool:
    is_inside = not path.is_absolute() and ".." not in path.parts
    return is_inside and "__pycache__" not in path.parts and path.suffix != ".pyc" and path.name not in _LEFT_OUT


def _with_files(entries: Mapping[str, bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    wrong = [
        name
        for name in files
        if not name or name in entries or PurePosixPath(name).name != name or name.endswith(".py")
    ]
    if wrong:
        raise InputRefused(
            "a file cannot be packed",
            detail=f"{', '.join(sorted(wrong))} would stand in the way of the code.",
            hint="give plain file names such as manifest.json and ca.pem",
        )
    return {**entries, **files}


def _zipped(name: str, entries: Mapping[str, bytes]) -> bytes:
    """A zip without anything of the machine in it: entries in order, one moment, one mode.

    Nothing is compressed, because two versions of zlib may make different bytes of the same text.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(entries):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = _READABLE
            archive.writestr(entry, entries[path])
    content = target.getvalue()
    unzipped = sum(map(len, entries.values()))
    if len(content) > MOST_ZIPPED or unzipped > MOST_UNZIPPED:
        raise InputRefused(
            "the package is too large",
            detail=f"{name} has {len(content)} bytes zipped and {unzipped} unzipped; "
            f"Lambda takes {MOST_ZIPPED} and {MOST_UNZIPPED}.",
            hint="make the files that are packed beside the code smaller",
        )
    return content


def _lacking(name: str, what: str) -> EnvironmentLacking:
    return EnvironmentLacking(
        "a driver cannot be packed", detail=f"{name} {what}.", hint=f"install {name} from its pure-Python wheel"
    )
