"""Names one to one: `DatabaseKey` in a plan is `database_key` in Terraform.

A name that does not come back by the rule alone is kept beside the block (see `blocks.ASIDE`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

RESERVED: Final = frozenset(
    {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
)
"""What no variable can be called (Terraform's documentation, "Input variables", 2026-11-21)."""
_OTHERS: Final = re.compile(r"[^a-z0-9_-]")
_SEAMS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def label(key: str) -> str:
    """A key as Terraform people write names: small letters, words apart by underscores, never a digit first."""
    words = _OTHERS.sub("_", _SEAMS.sub("_", key).lower())
    return f"_{words}" if words[:1].isdigit() else words


def key_of(name: str) -> str:
    """The key that a label most likely came from."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def labels(keys: Iterable[str], reserved: Collection[str] = ()) -> Mapping[str, str]:
    """The label of each key; where two would share one, or one means something else, all but the first are numbered.

    Names are given in the order of the keys' letters, so that the order of the resources has no say in them.
    """
    found: dict[str, str] = {}
    taken = set(reserved)
    written = list(keys)
    for key in sorted(written):
        name, number = label(key), 2
        while name in taken:
            name, number = f"{label(key)}_x{number}", number + 1
        taken.add(name)
        found[key] = name
    return {key: found[key] for key in written}
