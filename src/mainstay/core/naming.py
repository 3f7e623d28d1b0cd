"""Names: logical ids in plans, and the nearest known word for a typing error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def logical_id(*parts: str | int) -> str:
    """A CloudFormation logical id (letters and digits) from words: `("private", "subnet", 1)` → `PrivateSubnet1`."""
    words = [word for part in parts for word in re.split(r"[^A-Za-z0-9]+", str(part)) if word]
    return "".join(word[0].upper() + word[1:] for word in words)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` probably meant, or None when none is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None
