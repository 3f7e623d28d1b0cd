"""BK027: selections that hang on the opt-in, and those that do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.backup.opt_in_decides import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    Opaque,
    TagMatch,
)
from mainstay.plan.values import (
    Ref,
)

Say = Callable[..., list[Finding]]

DAILY = (TagMatch(tag="Backup", value="daily"),)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"resources": (), "any_tag": DAILY}, 1),
        ({"resources": ()}, 0),  # BK026
        ({"resources": ("*",)}, 1),
        ({"resources": ("arn:aws:rds:*:*:db:*",), "any_tag": DAILY}, 1),
        ({"resources": (Ref("Database"),), "any_tag": DAILY}, 0),
        ({"resources": (), "any_tag": (TagMatch(tag="Backup", value="weekly"),)}, 0),
        ({"resources": ("arn:aws:ec2:*:*:volume/*",)}, 0),
    ],
)
def test_selections(changes: dict[str, object], count: int, say: Say) -> None:
    db = database(tags={"Backup": "daily"})
    assert len(say(faults, backed_up(Selection=selection(**changes), Database=db))) == count


def test_an_opt_in_beside_it(say: Say) -> None:
    settings = Opaque(key="Settings", type="aws_backup_region_settings")
    assert say(faults, backed_up(Selection=selection(resources=("*",)), Settings=settings)) == []
