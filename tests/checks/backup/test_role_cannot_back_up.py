"""BK029: roles by their policies, those of AWS and their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    role,
    selection,
)
from mainstay.checks.backup.role_cannot_back_up import faults
from mainstay.core.findings import Finding
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    Opaque,
    Role,
)
from mainstay.plan.values import (
    Param,
    Unknown,
)

Say = Callable[..., list[Finding]]

OTHER = "arn:aws:iam::123456789012:policy/own"


def allowing(*actions: object, effect: str = "Allow") -> Role:
    statement = Statement(effect=effect, actions=actions, resources=("*",))  # type: ignore[arg-type]  # any
    return role(managed_policies=(), policies=(InlinePolicy("Own", Policy((statement,))),))


@pytest.mark.parametrize(
    ("wearer", "said"),
    [
        (role(), []),
        (role("AWSBackupServiceRolePolicyForBackup"), ["ForBackup, which does not exist"]),
        (role("service-role/AWSBackupServiceRolePolicyForRestore"), ["ForRestore, which does not exist"]),
        (role("service-role/AWSBackupServiceRolePolicyForRestores"), ["may not rds:CreateDBSnapshot"]),
        (role("AdministratorAccess"), []),
        (role(managed_policies=()), ["may not rds:CreateDBSnapshot"]),
        (role(managed_policies=(OTHER,)), []),
        (role(managed_policies=(Param("Policy"),)), []),
        (role(managed_policies=(), extras={"Policies.0": 1}), []),
        (allowing("rds:CreateDBSnapshot"), []),
        (allowing("rds:*"), []),
        (allowing("rds:Describe*", "rds:createdbsnapshot"), []),
        (allowing("rds:Describe*"), ["may not rds:CreateDBSnapshot"]),
        (allowing(Param("Action")), []),
        (allowing("rds:*", effect="Deny"), ["may not rds:CreateDBSnapshot"]),
        (role(managed_policies=(), policies=(InlinePolicy("Own", Unknown("later")),)), ["may not"]),  # type: ignore[arg-type]  # not written
    ],
)
def test_roles(wearer: Role, said: list[str], say: Say) -> None:
    details = [each.detail for each in say(faults, backed_up(BackupRole=wearer))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("AWS::IAM::Policy", 0),
        ("AWS::IAM::ManagedPolicy", 0),
        ("aws_iam_role_policy_attachment", 0),
        ("AWS::IAM::User", 1),
    ],
)
def test_policies_of_their_own(kind: str, count: int, say: Say) -> None:
    apart = Opaque(key="Apart", type=kind)
    assert len(say(faults, backed_up(BackupRole=role(managed_policies=()), Apart=apart))) == count


def test_silence(say: Say) -> None:
    bare = role(managed_policies=())
    assert say(faults, backed_up(BackupRole=bare, Selection=selection(resources=("arn:x",)))) == []
    assert say(faults, backed_up(BackupRole=None)) == []
