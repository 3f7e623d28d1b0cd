"""What a function is told by its environment. Every name is listed here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused

CA_BUNDLE: Final = "MAINSTAY_CA_BUNDLE"
SECRET: Final = "MAINSTAY_SECRET"
DATABASE: Final = "MAINSTAY_DATABASE"
ENGINE: Final = "MAINSTAY_ENGINE"
HOST: Final = "MAINSTAY_HOST"
PORT: Final = "MAINSTAY_PORT"
MANIFEST: Final = "MAINSTAY_MANIFEST"
INSTANCE: Final = "MAINSTAY_INSTANCE"
IAM_USER: Final = "MAINSTAY_IAM_USER"
STRATEGY: Final = "MAINSTAY_ROTATION_STRATEGY"
SUPERUSER_SECRET: Final = "MAINSTAY_SUPERUSER_SECRET"
PASSWORD_LENGTH: Final = "MAINSTAY_PASSWORD_LENGTH"
EXCLUDED_CHARACTERS: Final = "MAINSTAY_EXCLUDED_CHARACTERS"
MAKES_USER: Final = "MAINSTAY_MAKES_USER"
EXPORT_BUCKET: Final = "MAINSTAY_EXPORT_BUCKET"
EXPORT_ROLE: Final = "MAINSTAY_EXPORT_ROLE"
EXPORT_KEY: Final = "MAINSTAY_EXPORT_KEY"
EXPORT_DAYS: Final = "MAINSTAY_EXPORT_DAYS"

# Where Lambda unpacks the zip: Lambda developer guide, "Defined runtime environment variables" (not re-read).
_TASK_ROOT: Final = "LAMBDA_TASK_ROOT"


def optional(name: str, default: str = "") -> str:
    """A setting, or its default; an empty one counts as not given."""
    return os.environ.get(name) or default


def required(name: str, purpose: str) -> str:
    """A setting that nothing works without. Error: InputRefused that names it and says what it is for."""
    value = optional(name)
    if not value:
        raise InputRefused(
            "the function lacks a setting",
            detail=f"The environment variable {name} is not set: {purpose}.",
            hint=f"set {name} in the function's environment",
        )
    return value


def packed_root() -> Path:
    """Where the package lies."""
    return Path(optional(_TASK_ROOT, "/var/task"))


def packed_file(name: str) -> Path | None:
    """A file that was packed beside the code; None when the package has none of this name."""
    path = packed_root() / name
    return path if path.is_file() else None
