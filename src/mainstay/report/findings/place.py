"""What was found in a file, and where a finding is to be shown: a file that other tools can open, and a line of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from mainstay.core.findings import Finding, Origin

_ARGUMENT = "argument "  # the origin of what was given on the command line


@dataclass(frozen=True, slots=True)
class Suite:
    """What one file was asked and what was found: `examined` are the rules by id, with their summaries."""

    source: str
    findings: Sequence[Finding]
    examined: Mapping[str, str] = field(default_factory=dict)


def place_of(finding: Finding, source: str) -> Origin:
    """The finding's own place; the checked source where it has none that is a file."""
    origin = finding.origin
    return Origin(source) if origin is None or origin.file.startswith(_ARGUMENT) else origin


def relative(file: str, root: Path) -> str:
    """The path from `root` with forward slashes; as it is written when it lies elsewhere."""
    path = PurePath(file)
    inside = path.is_absolute() and path.is_relative_to(root)
    return (path.relative_to(root) if inside else path).as_posix()


def told(finding: Finding) -> str:
    """What happened and what to do, in one text."""
    return f"{finding.detail} Fix: {finding.hint}." if finding.hint else finding.detail
