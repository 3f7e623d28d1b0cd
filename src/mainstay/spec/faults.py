"""What can be wrong with a spec, by id, and how a validator says so."""

from __future__ import annotations

from typing import Final

from pydantic_core import PydanticCustomError

from mainstay import facts
from mainstay.core.findings import Finding, Harm, Origin, Severity

SUMMARIES: Final = {
    "SP001": "not YAML",
    "SP002": "larger or deeper than a spec can be",
    "SP003": "key written twice",
    "SP004": "YAML readers disagree about this value",
    "SP005": "unknown key",
    "SP006": "missing key",
    "SP007": "wrong kind of value",
    "SP008": "value not understood",
    "SP009": "out of range",
    "SP010": "not supported",
    "SP011": "windows collide",
    "SP012": "settings contradict each other",
    "SP013": "environment not described",
    "SP020": "engine version cannot be created",
    "SP021": "instance class not offered",
    "SP022": "parameter does not compile",
    "SP023": "AWS accepts other values here",
    "SP024": "threshold cannot be computed",
    "SP025": "addresses do not fit",
    "SP026": "exported log stays empty",
    "SP027": "no way to a service that is called",
    "SP028": "regions do not go together",
}
"""SP00x and SP01x are found while reading; SP02x, by the passes, which know AWS's tables."""


def finding(
    fault: str, detail: str, hint: str, *, subject: str = "", origin: Origin | None = None, source: str = ""
) -> Finding:
    """A fault of a spec as a finding; `subject` is the dotted path, `source` the fact behind it with its date."""
    return Finding(
        id=fault,
        severity=Severity.ERROR,
        harm=Harm.REJECTED,
        summary=SUMMARIES[fault],
        detail=detail,
        hint=hint,
        subject=subject,
        origin=origin,
        source=source,
    )


def fault(fault_id: str, detail: str, hint: str, *, at: str = "", source: str = "") -> PydanticCustomError:
    """A fault that a validator raises; `at` is a dotted path below the validated value."""
    # The texts travel in the context: in the message template, braces of a formula would be taken for fields.
    place = tuple(at.split(".")) if at else ()
    return PydanticCustomError(
        "fault", "fault", {"id": fault_id, "detail": detail, "hint": hint, "at": place, "source": source}
    )


def excluded(conflict: str, hint: str, *, at: str = "", detail: str = "") -> PydanticCustomError:
    """A fault for two features that exclude each other: id, reason and source are the row's in the table of conflicts.

    `detail` replaces the reason where the refusal has names and numbers to say.
    """
    row = facts.conflict(conflict)
    return fault(row.spec_fault, detail or row.why, hint, at=at, source=row.citation)
