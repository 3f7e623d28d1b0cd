"""The secrets of copies that drills make: where a stack's validation function may read them, and nobody else has to."""

from __future__ import annotations

from typing import Final

_FOLDER: Final = "mainstay"


def secret_of_copy(function: str, copy: str) -> str:
    """The name of the secret with a copy's login, for the function that is to log in with it; `*` for every copy's."""
    return f"{_FOLDER}/{function}/{copy}"
