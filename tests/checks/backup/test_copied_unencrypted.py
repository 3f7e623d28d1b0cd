"""BK018: databases without a key, and where their copies go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.copied_unencrypted import faults
from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    ELSEWHERE,
    OWN_ACCOUNT,
    backed_up,
    tier,
)
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    CopyAction,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("link", "encrypted", "count"),
    [
        (ANOTHER_ACCOUNT, False, 1),
        (ANOTHER_ACCOUNT, True, 0),
        (ANOTHER_ACCOUNT, Param("Encrypted"), 0),
        (ELSEWHERE, False, 0),
        (Param("Vault"), False, 0),
    ],
)
def test_copies(link: object, encrypted: object, count: int, say: Say) -> None:
    copied = tier(copies=(CopyAction(vault=link),))  # type: ignore[arg-type]  # any link
    plan = backed_up(copied, intent=OWN_ACCOUNT, Database=database(is_encrypted=encrypted))
    assert len(say(faults, plan)) == count
