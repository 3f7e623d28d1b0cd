"""SARIF 2.1.0 (OASIS, Errata 01 of 2023-08-28), as code scanning services take it up."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final
from urllib.parse import quote

from mainstay import __version__
from mainstay.core.findings import Finding, Severity
from mainstay.report.findings.place import Suite, place_of, relative, told

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class About:
    """What a rule says of itself, whatever it found: its own severity, why it matters, and where that is known from."""

    severity: Severity
    reason: str
    source: str


def sarif(suites: Sequence[Suite], *, rules: Mapping[str, About], root: Path | None = None) -> Document:
    """One log with one run. Paths are relative to `root` (the working directory) where they lie below it.

    `rules` by id; an id that is none of them is described by its finding. A finding's fingerprint is made of rule,
    resource and file, so that it stays the same finding when lines move.
    """
    here = root or Path.cwd()
    found = [(suite.source, finding) for suite in suites for finding in suite.findings]
    first = {finding.id: finding for _, finding in reversed(found)}
    ids = sorted(first)
    seen: Counter[str] = Counter()
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Mainstay",
                        "semanticVersion": __version__,
                        "rules": [_rule(first[name], rules.get(name)) for name in ids],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, ids.index(each.id), source, here, seen) for source, each in found],
            }
        ],
    }


def _rule(finding: Finding, rule: About | None) -> Document:
    about: Document = {
        "id": finding.id,
        "shortDescription": {"text": finding.summary},
        "defaultConfiguration": {"level": _LEVELS[rule.severity if rule else finding.severity]},
        "properties": {"tags": [finding.harm.value]},
    }
    if rule:
        about["fullDescription"] = {"text": rule.reason}
        about["help"] = {"text": f"{rule.reason} Source: {rule.source}."}
    return about


def _result(finding: Finding, index: int, source: str, root: Path, seen: Counter[str]) -> Document:
    place = place_of(finding, source)
    file = relative(place.file, root)
    same = f"{finding.id}|{finding.subject}|{file}"
    seen[same] += 1
    location: Document = {
        "physicalLocation": {"artifactLocation": _artifact(file), **_region(place.line, place.column)}
    }
    if finding.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.subject, "kind": "resource"}]
    result: Document = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": told(finding)},
        "locations": [location],
        "partialFingerprints": {"mainstay/v1": hashlib.sha256(f"{same}|{seen[same]}".encode()).hexdigest()},
        "properties": {"harm": finding.harm.value, "source": finding.source},
    }
    if fix := _fix(finding, root):
        result["fixes"] = [fix]
    if finding.suppressed is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.suppressed}]
    return result


def _fix(finding: Finding, root: Path) -> Document | None:
    """The patch as pieces of text to replace; None where there is none, or its pieces cannot be told exactly."""
    files = finding.patch.replacements() if finding.patch else {}
    changes = [
        {
            "artifactLocation": _artifact(relative(file, root)),
            "replacements": [
                {
                    "deletedRegion": {
                        "startLine": one.first[0],
                        "startColumn": one.first[1],
                        "endLine": one.last[0],
                        "endColumn": one.last[1],
                    },
                    "insertedContent": {"text": one.text},
                }
                for one in pieces
            ],
        }
        for file, pieces in files.items()
    ]
    return {"description": {"text": finding.hint}, "artifactChanges": changes} if changes else None


def _artifact(file: str) -> Document:
    if PurePath(file).is_absolute():
        return {"uri": PurePath(file).as_uri()}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _region(line: int, column: int) -> Document:
    if not line:
        return {}
    return {"region": {"startLine": line, **({"startColumn": column} if column else {})}}
