"""BK017: keys and accounts: what is shared, what may be, and whose account this is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    ELSEWHERE,
    OWN_ACCOUNT,
    backed_up,
    selection,
    tier,
)
from mainstay.checks.backup.key_not_shared import faults
from mainstay.checks.examples import database, key_for
from mainstay.core.findings import Finding, Severity
from mainstay.plan.policies import ANYBODY, Policy, Principal, Statement
from mainstay.plan.resources import (
    CopyAction,
    DbInstance,
    Key,
    Opaque,
)
from mainstay.plan.values import (
    ACCOUNT,
    PARTITION,
    Param,
    Ref,
    Unknown,
    arn,
    join,
)

Say = Callable[..., list[Finding]]

COPIED = tier(copies=(CopyAction(vault=ANOTHER_ACCOUNT),))
OTHER = "210987654321"


def shared(*principals: Principal, **changes: object) -> Key:
    key = key_for()
    more = Statement(principals=principals, actions=("kms:*",), **changes)  # type: ignore[arg-type]  # any field
    return replace(key, policy=Policy((*key.policy.statements, more)))


@pytest.mark.parametrize(
    ("key", "count"),
    [
        (shared(Principal("AWS", "arn:aws:iam::111111111111:root")), 1),
        (shared(Principal("AWS", f"arn:aws:iam::{OTHER}:root")), 0),
        (shared(Principal("AWS", OTHER)), 0),
        (shared(Principal("AWS", OTHER), effect="Deny"), 1),
        (shared(ANYBODY), 0),
        (shared(Principal("AWS", "*")), 0),
        (shared(Principal("AWS", Param("Partner"))), 0),
        (shared(Principal("AWS", join("arn:aws:iam::", ACCOUNT, ":role/x"))), 1),
        (shared(Principal("Service", "rds.amazonaws.com")), 1),
        (shared(Principal("Federated", f"arn:aws:iam::{OTHER}:saml-provider/staff")), 1),
        (shared(not_principals=(Principal("AWS", "111111111111"),)), 0),
        (key_for(extras={"KeyPolicy.0": "odd"}), 0),
    ],
)
def test_keys_of_one_s_own(key: Key, count: int, say: Say) -> None:
    db = database(key_id=Ref("Key"))
    findings = say(faults, backed_up(COPIED, intent=OWN_ACCOUNT, Database=db, Key=key))
    assert len(findings) == count
    assert all(f"to account {OTHER}, and the policy of Key" in each.detail for each in findings)


@pytest.mark.parametrize(
    ("db", "count"),
    [
        (database(), 1),
        (database(key_id="alias/aws/rds"), 1),
        (database(key_id="arn:aws:kms:us-east-1:123456789012:key/1"), 0),
        (database(key_id=Param("Key")), 0),
        (database(is_encrypted=Param("Encrypted")), 0),
        (database(extras={"KmsKeyId": [1]}), 0),
    ],
)
def test_keys_of_others(db: DbInstance, count: int, say: Say) -> None:
    assert len(say(faults, backed_up(COPIED, intent=OWN_ACCOUNT, Database=db))) == count


@pytest.mark.parametrize(
    ("link", "count"),
    [
        (ANOTHER_ACCOUNT, 1),
        (ELSEWHERE, 0),
        (arn("backup", "backup-vault:copies", account=OTHER), 1),
        (arn("backup", "backup-vault:copies"), 0),
        (arn("backup", "backup-vault:copies", account=Param("Account")), 0),
        (Param("Vault"), 0),
        (Ref("Vault"), 0),
    ],
)
def test_destinations(link: object, count: int, say: Say) -> None:
    copied = tier(copies=(CopyAction(vault=link),))  # type: ignore[arg-type]  # any link
    assert len(say(faults, backed_up(copied, intent=OWN_ACCOUNT))) == count


def test_whose_account_this_is(say: Say) -> None:
    assert say(faults, backed_up(COPIED)) == []
    for account, count in (("123456789012", 1), (OTHER, 0)):
        chosen = selection(role=f"arn:aws:iam::{account}:role/backup")
        assert len(say(faults, backed_up(COPIED, Selection=chosen))) == count


@pytest.mark.parametrize(
    ("policy", "count"),
    [
        (Policy((Statement(principals=(Principal("AWS", join("arn:aws:iam::", ACCOUNT, ":root")),)),)), 1),
        (Policy((Statement(principals=(Principal("AWS", join("arn:", PARTITION, ":iam::123456789012:root")),)),)), 0),
        (Policy((Statement(principals=(Principal("Service", "backup.amazonaws.com"),)),)), 0),
        (Unknown("later"), 0),
    ],
)
def test_a_number_beside_the_account_of_whoever_deploys_it(policy: object, count: int, say: Say) -> None:
    findings = say(faults, backed_up(COPIED, Key=key_for(policy=policy)))
    condition = f"(if {OTHER} is another account than this stack's)."
    assert [(one.severity, one.detail.endswith(condition)) for one in findings] == [(Severity.INFO, True)] * count


def test_a_policy_in_a_block_of_its_own(say: Say) -> None:
    apart = Opaque(key="Apart", type="aws_kms_key_policy")
    db = database(key_id=Ref("Key"))
    assert say(faults, backed_up(COPIED, intent=OWN_ACCOUNT, Database=db, Key=key_for(), Apart=apart)) == []
