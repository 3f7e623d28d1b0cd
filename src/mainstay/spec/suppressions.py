"""Findings that somebody lives with, in a file of their own: for templates and plans that have no spec to say it in."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from mainstay.core.findings import Origin
from mainstay.spec.explaining import explained
from mainstay.spec.faults import finding
from mainstay.spec.loading import refused, text_of
from mainstay.spec.objectives import Suppression
from mainstay.spec.section import Section
from mainstay.spec.yaml_tree import parse


class Suppressions(Section):
    """What stands in such a file, in the words of a spec."""

    suppress: tuple[Suppression, ...]
    """The findings."""


def load_suppressions(path: Path) -> tuple[Suppression, ...]:
    """What a file suppresses. InputRefused carries every fault with its line."""
    text, file = text_of(path, str(path))
    tree = parse(text, file)
    if tree.faults or not isinstance(tree.value, dict):
        whole = finding("SP007", "It is no mapping.", "write suppress: with a list below it", origin=Origin(file, 1, 1))
        raise refused(tree.faults or [whole], file)
    try:
        return Suppressions.model_validate(tree.value).suppress
    except ValidationError as error:
        raise refused(explained(error, Suppressions, tree.places, file), file) from error
