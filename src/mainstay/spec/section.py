"""What every section of a spec is: frozen, closed against unknown keys, and never guessing a type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from mainstay.spec.faults import fault

T = TypeVar("T")


class Section(BaseModel):
    """A mapping in a spec; a text below a key says what it means (`spec/meanings.py` reads it for the schema)."""

    # What reads those texts for pydantic costs every command a tenth of its time, and one of them wants to know.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def matching(pattern: str, most: int, rule: str) -> Callable[[str], str]:
    """A validator for names: a pattern, a greatest length, and the rule in words."""

    def check(value: str) -> str:
        if len(value) > most:
            raise fault("SP009", f"'{value[:40]}…' has {len(value)} characters.", f"use at most {most}")
        if not re.fullmatch(pattern, value):
            raise fault("SP008", f"'{value}' is not a name here.", rule)
        return value

    return check


def one_of(supported: tuple[str, ...], refused: dict[str, str] | None = None) -> Callable[[str], str]:
    """A validator for a closed choice; `refused` gives a known word its own reason."""
    choices = ", ".join(supported)

    def check(value: str) -> str:
        if value not in supported:
            reason = (refused or {}).get(value, f"'{value}' is not one of {choices}.")
            raise fault("SP010", reason, f"use {choices}" if len(supported) == 1 else f"use one of {choices}")
        return value

    return check


def distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    """A validator for lists: nothing stands in them twice."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise fault("SP012", f"{value} stands there twice.", "name each once", at=str(index))
    return values
