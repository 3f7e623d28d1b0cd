"""Findings somebody chose to live with: marked with the reason, reopened when the date has passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from mainstay.core.findings import Finding, Harm, Severity
from mainstay.plan.intent import Suppression

EXPIRED = "MS002"
UNMATCHED = "MS003"


def apply(suppressions: Sequence[Suppression], findings: Iterable[Finding], today: date) -> list[Finding]:
    """The findings, those suppressed marked so, and a finding for each suppression that is past or pointless.

    A suppression holds through its `until` day. The first that covers a finding gives the reason.
    """
    findings = list(findings)
    valid = [each for each in suppressions if not _is_past(each, today)]
    marked = [_marked(finding, valid) for finding in findings]
    return marked + [
        remark for each in suppressions if (remark := _remark(each, findings, is_past=each not in valid)) is not None
    ]


def _is_past(suppression: Suppression, today: date) -> bool:
    return suppression.until is not None and suppression.until < today


def _covers(suppression: Suppression, finding: Finding) -> bool:
    return suppression.rule == finding.id and suppression.resource in ("*", finding.subject, finding.key or None)


def _marked(finding: Finding, valid: Sequence[Suppression]) -> Finding:
    reason = next((each.reason for each in valid if _covers(each, finding)), None)
    return finding if reason is None else finding.suppress(reason)


def _remark(suppression: Suppression, findings: Sequence[Finding], *, is_past: bool) -> Finding | None:
    where = "" if suppression.resource == "*" else f" on {suppression.resource}"
    if not any(_covers(suppression, finding) for finding in findings):
        return Finding(
            id=UNMATCHED,
            severity=Severity.INFO,
            harm=Harm.DRIFT,
            summary="a suppression matches nothing",
            detail=f"{suppression.rule}{where} is suppressed ('{suppression.reason}'), but nothing there fires it.",
            hint="remove the suppression, so that it cannot hide a fault that comes later",
            subject=suppression.resource,
        )
    if is_past:
        return Finding(
            id=EXPIRED,
            severity=Severity.WARNING,
            harm=Harm.DRIFT,
            summary="a suppression has expired",
            detail=f"{suppression.rule}{where} was suppressed until {suppression.until} ('{suppression.reason}').",
            hint=f"mend what {suppression.rule} is about, or give the suppression a reason and a date that still hold",
            subject=suppression.resource,
        )
    return None
