"""BK026: what counts as naming something."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.backup.selection_takes_everything import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    TagCondition,
    TagMatch,
)
from mainstay.plan.values import (
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"resources": (Ref("Database"),)}, 0),
        ({"resources": ("*",)}, 0),  # somebody means it
        ({"excluded_resources": ("arn:x",)}, 0),
        ({"any_tag": (TagMatch(tag="Backup", value="daily"),)}, 0),
        ({"like": (TagCondition(tag="aws:ResourceTag/Backup", value="d*"),)}, 0),
        ({"not_equal": (TagCondition(tag="aws:ResourceTag/Backup", value="no"),)}, 0),
        ({"extras": {"BackupSelection.Resources": {"Fn::If": []}}}, 0),
    ],
)
def test_selections(changes: dict[str, object], count: int, say: Say) -> None:
    chosen = selection(**({"resources": ()} | changes))
    assert len(say(faults, backed_up(Selection=chosen))) == count
