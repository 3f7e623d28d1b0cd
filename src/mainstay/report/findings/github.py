"""GitHub's workflow commands: lines in a job's log that become annotations of a change.

Levels, properties and what is escaped: GitHub's documentation, "Workflow commands", and the escaping of its own
toolkit's `command` package (both read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mainstay.core.findings import Finding, Severity
from mainstay.report.findings.place import Suite, place_of, relative, told

_COMMANDS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_IN_MESSAGE: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY: Final = {**_IN_MESSAGE, ":": "%3A", ",": "%2C"}


def github(suites: Sequence[Suite], *, root: Path | None = None) -> str:
    """One line a finding that nobody suppressed; files are relative to `root` (the working directory)."""
    here = root or Path.cwd()
    found = [(suite.source, finding) for suite in suites for finding in suite.findings if finding.suppressed is None]
    return "".join(_line(finding, source, here) for source, finding in found)


def _line(finding: Finding, source: str, root: Path) -> str:
    place = place_of(finding, source)
    properties = {"title": f"{finding.id} {finding.summary}", "file": relative(place.file, root)}
    if place.line:
        properties["line"] = str(place.line)
    if place.column:
        properties["col"] = str(place.column)
    said = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items())
    about = f"{finding.subject}: {told(finding)}" if finding.subject else told(finding)
    return f"::{_COMMANDS[finding.severity]} {said}::{_escaped(about, _IN_MESSAGE)}\n"


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return text.translate({ord(character): escape for character, escape in table.items()})
