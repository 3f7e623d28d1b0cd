"""BK016: the key of the vault that a copy goes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.copy_under_default_key import faults
from mainstay.checks.backup.examples import (
    backed_up,
    tier,
    vault,
)
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    CopyAction,
    Resource,
)
from mainstay.plan.values import (
    Param,
    Ref,
    arn,
)

Say = Callable[..., list[Finding]]

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def plan_with(link: object, **parts: Resource | None) -> Plan:
    return backed_up(tier(copies=(CopyAction(vault=link),)), **parts)  # type: ignore[arg-type]  # any link


@pytest.mark.parametrize(
    ("link", "key", "count"),
    [
        (Ref("Copies"), None, 1),
        (Ref("Copies"), KEY, 0),
        (Ref("Copies"), Param("Key"), 0),
        (arn("backup", "backup-vault:shop-copies"), None, 1),
        ("arn:aws:backup:us-east-1:123456789012:backup-vault:shop-copies", None, 1),
        ("arn:aws:backup:eu-west-1:123456789012:backup-vault:shop-copies", None, 0),
        ("arn:aws:backup:eu-west-1:123456789012:backup-vault:Default", None, 1),
        (Param("Vault"), None, 0),
    ],
)
def test_vaults(link: object, key: object, count: int, say: Say) -> None:
    copies = vault(key="Copies", name="shop-copies", key_id=key)
    assert len(say(faults, plan_with(link, Copies=copies))) == count


def test_a_vault_of_the_plan_s_other_region(say: Say) -> None:
    plan = plan_with(arn("backup", "backup-vault:shop-copies", region="us-west-2"))
    there = plan_of(vault(key="Copies", name="shop-copies", notifications=None), region="us-west-2")
    both = Plan(regions=(*plan.regions, *there.regions))
    (finding,) = say(faults, both)
    assert "into Copies, which" in finding.detail


def test_silence(say: Say) -> None:
    copies = vault(key="Copies", name="shop-copies")
    assert say(faults, plan_with(Ref("Copies"), Copies=copies, Database=database(is_encrypted=False))) == []
    assert say(faults, plan_with(Ref("Copies"), Copies=copies, Selection=None)) == []
    assert say(faults, plan_with(Ref("Copies"), Copies=replace(copies, extras={"EncryptionKeyArn": [1]}))) == []
