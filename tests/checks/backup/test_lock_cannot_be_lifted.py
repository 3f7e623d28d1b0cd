"""BK022: locks in compliance mode, and those who confirmed them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    vault,
)
from mainstay.checks.backup.lock_cannot_be_lifted import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    VaultLock,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("days", "least", "said"),
    [
        (Duration.days(3), Duration.days(7), "locked for good 3d after it was made: each recovery point stays"),
        (Duration.days(3), Param("Least"), "locked for good 3d after it was made."),
        (None, Duration.days(7), None),
        (Param("Days"), Duration.days(7), None),
    ],
)
def test_modes(days: object, least: object, said: str | None, say: Say) -> None:
    lock = VaultLock(min_retention=least, changeable_for=days)  # type: ignore[arg-type]  # any value
    details = [each.detail for each in say(faults, backed_up(Vault=vault(lock=lock)))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


def test_no_lock(say: Say) -> None:
    assert say(faults, backed_up()) == []
