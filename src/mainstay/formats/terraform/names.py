"""Names one to one: `DatabaseKey` in a plan is `database_key` in Terraform.

A name that does not come back by the rule alone is kept beside the block (see `blocks.ASIDE`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mainstay.formats.codec import CannotExpress

_SEAMS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def label(key: str) -> str:
    """A key as Terraform people write names: small letters, words apart by underscores, never a digit first."""
    words = _SEAMS.sub("_", key).lower()
    return f"_{words}" if words[:1].isdigit() else words


def key_of(name: str) -> str:
    """The key that a label most likely came from."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def labels(keys: Iterable[str]) -> Mapping[str, str]:
    """The label of each key; CannotExpress names two keys that would share one."""
    taken: dict[str, str] = {}
    for key in keys:
        other = taken.setdefault(label(key), key)
        if other != key:
            raise CannotExpress(f"'{key}' and '{other}' would both be called '{label(key)}' in Terraform")
    return {key: name for name, key in taken.items()}
