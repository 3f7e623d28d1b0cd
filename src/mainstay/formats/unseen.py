"""What of a file was not looked at, as a finding."""

from __future__ import annotations

from typing import Final

from mainstay.core.findings import Finding, Harm, Origin, Severity

UNSEEN: Final = "MS004"


def unseen(subject: str, detail: str, hint: str, origin: Origin) -> Finding:
    """A remark; nothing that stands there is judged."""
    return Finding(
        id=UNSEEN,
        severity=Severity.INFO,
        harm=Harm.BLIND,
        summary="a part was not looked at",
        detail=detail,
        hint=hint,
        subject=subject,
        origin=origin,
    )
