"""A finding: one fault, seen in one place, worded once, and shown in every view."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import field, replace
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass

if TYPE_CHECKING:
    from mainstay.core.patches import Patch


class Severity(enum.StrEnum):
    """How soon somebody has to act; `error` fails `mainstay check`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the gravest."""
        return list(Severity).index(self)


class Harm(enum.StrEnum):
    """What happens in reality when nobody acts; in the order in which a reader should act."""

    DATA_LOSS = "data loss"
    UNPROTECTED = "unprotected"
    BLIND = "blind"
    OUTAGE = "outage"
    SECURITY = "security"
    REJECTED = "rejected"
    WONT_START = "won't start"
    DRIFT = "drift"
    COST = "cost"


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where something was written: file as the user named it, line and column counted from 1.

    `inner` knows where its parts were written, by the plan's name of a field; it is asked when there is something to
    point at, and is outside equality.
    """

    file: str
    line: int = 0
    column: int = 0
    inner: Callable[[str], Origin | None] | None = field(default=None, compare=False, repr=False)

    def of(self, part: str) -> Origin:
        """The place of a part; that of the whole where nobody knows a nearer one."""
        return (self.inner(part) if self.inner and part else None) or self

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault. `summary` is constant for the id; `detail` has names and numbers; `hint` is the fix.

    `subject` is what people call the resource (its address or its key), or the spec's dotted path; `key` is the
    resource's key in the plan. `source` names the fact behind, with its date.
    `reality` is what happens when nobody acts, in the words of the rule; it is constant for the id, and empty where
    `detail` says it.
    `suppressed` is the reason somebody gave for living with it; a suppressed finding never fails a command.
    `patch` is the fix where it can be written mechanically; it is outside equality.
    """

    id: str
    severity: Severity
    harm: Harm
    summary: str
    detail: str
    hint: str
    subject: str = ""
    origin: Origin | None = None
    source: str = ""
    suppressed: str | None = None
    key: str = ""
    reality: str = field(default="", compare=False)
    patch: Patch | None = field(default=None, compare=False)

    def suppress(self, reason: str) -> Finding:
        """The same finding, marked as accepted for this reason."""
        return replace(self, suppressed=reason)

    def as_json(self) -> dict[str, object]:
        """The finding as it stands in `--json` documents."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "harm": self.harm.value,
            "subject": self.subject,
            "file": self.origin.file if self.origin else None,
            "line": self.origin.line or None if self.origin else None,
            "summary": self.summary,
            "detail": self.detail,
            "reality": self.reality or None,
            "hint": self.hint,
            "source": self.source,
            "suppressed": self.suppressed,
            "patch": self.patch.as_json() if self.patch else None,
        }


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What to read first comes first: not suppressed, gravest, then by harm, id and subject."""
    harms = list(Harm)
    return sorted(
        findings,
        key=lambda f: (f.suppressed is not None, f.severity.rank, harms.index(f.harm), f.id, f.subject, f.detail),
    )


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among findings that nobody suppressed."""
    open_ones = [finding.severity for finding in findings if finding.suppressed is None]
    return min(open_ones, key=lambda severity: severity.rank, default=None)
