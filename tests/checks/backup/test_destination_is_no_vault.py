"""BK020: ARNs of vaults and of other things."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.destination_is_no_vault import faults
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    CopyAction,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("link", "count"),
    [
        ("copies", 1),
        (ELSEWHERE, 0),
        ("arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:a_b-C", 0),
        ("arn:aws:backup:eu-west-1:123456789012:backup-vault:x", 1),
        ("arn:aws:backup:eu-west-1:12345678901:backup-vault:copies", 1),
        ("arn:aws:backup::123456789012:backup-vault:copies", 1),
        ("arn:aws:backup:eu-west-1:123456789012:backup-plan:copies", 1),
        ("arn:aws:backup:eu-west-1:123456789012:backup-vault:copies/", 1),
        ("arn:aws:s3:::copies", 1),
        (Param("Vault"), 0),
        (Ref("Vault"), 0),
    ],
)
def test_destinations(link: object, count: int, say: Say) -> None:
    copied = tier(copies=(CopyAction(vault=link),))  # type: ignore[arg-type]  # any link
    assert len(say(faults, backed_up(copied))) == count
