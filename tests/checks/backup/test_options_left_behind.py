"""BK041: options that stay, and copies that leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.options_left_behind import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    CopyAction,
    DbOption,
    OptionGroup,
    Resource,
)
from mainstay.plan.values import (
    Param,
    Ref,
    Unknown,
    arn,
)

Say = Callable[..., list[Finding]]


def plan_with(option: object, link: object = ELSEWHERE, **parts: Resource | None) -> Plan:
    options = OptionGroup(
        key="Options",
        engine="oracle-ee",
        major_version="19",
        description="d",
        options=(option if not isinstance(option, str) else DbOption(name=option),),  # type: ignore[arg-type]  # any
    )
    db = database(engine="oracle-ee", option_group=Ref("Options"))
    named = {"Database": db, "Options": options} | parts
    return backed_up(tier(copies=(CopyAction(vault=link),)), intent=None, **named)  # type: ignore[arg-type]  # any link


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("TDE", "option TDE is persistent"),
        ("Timezone", "option Timezone is permanent"),
        ("STATSPACK", None),
        (DbOption(name=Param("Option")), None),
        (Unknown("a list", is_list=True), None),
    ],
)
def test_options(option: object, said: str | None, say: Say) -> None:
    details = [each.detail for each in say(faults, plan_with(option))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


@pytest.mark.parametrize(
    ("link", "count"),
    [
        (ELSEWHERE, 1),
        (ANOTHER_ACCOUNT, 0),  # the same region
        (Ref("Vault"), 0),
        (arn("backup", "backup-vault:copies"), 0),
        (arn("backup", "backup-vault:copies", region="eu-west-1"), 1),
        (arn("backup", "backup-vault:copies", region=Param("Region")), 0),
    ],
)
def test_destinations(link: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_with("TDE", link))) == count


def test_silence(say: Say) -> None:
    assert say(faults, plan_with("TDE", Options=None)) == []
    assert say(faults, plan_with("TDE", Selection=None)) == []
