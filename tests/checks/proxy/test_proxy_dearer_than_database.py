"""PX012: what a proxy and its instance cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database
from mainstay.checks.proxy.examples import fronted
from mainstay.checks.proxy.proxy_dearer_than_database import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"instance_class": "db.t4g.micro"}, 1),  # 0.030 against 0.016
        ({"instance_class": "db.t4g.small"}, 0),  # 0.030 against 0.032
        ({"instance_class": "db.t4g.micro", "is_multi_az": True}, 0),  # 0.030 against 0.032
        ({"instance_class": "db.t4g.micro", "is_multi_az": False}, 1),
        ({"instance_class": "db.t4g.micro", "is_multi_az": Param("Standby")}, 0),
        ({"instance_class": "db.m7g.large"}, 0),
        ({"instance_class": "db.none.at.all"}, 0),
        ({"instance_class": Param("Class")}, 0),
        ({"instance_class": "db.t4g.micro", "engine": "oracle-se2"}, 0),
    ],
)
def test_classes(changes: dict[str, object], count: int, say: Say) -> None:
    # The sound database may have a standby; here it is one instance unless the case says so.
    db = database(**({"is_multi_az": None} | changes))
    findings = say(faults, fronted(Database=db))
    assert len(findings) == count
    assert all("costs about 22 USD a month, and Database behind it 12" in each.detail for each in findings)


def test_nothing_behind_it(say: Say) -> None:
    assert say(faults, fronted(Pool=None)) == []
