"""BK031: key policies: who is admitted, who is denied, and by way of which services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    role,
    selection,
)
from mainstay.checks.backup.key_shuts_backup_out import faults
from mainstay.checks.examples import database, key_for, replica
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.resources import (
    Resource,
)
from mainstay.plan.values import (
    ACCOUNT,
    PARTITION,
    REGION,
    Attr,
    Param,
    Ref,
    join,
)

Say = Callable[..., list[Finding]]

ROOT = Principal("AWS", join("arn:", PARTITION, ":iam::", ACCOUNT, ":root"))
VIA_RDS = join("rds.", REGION, ".amazonaws.com")
VIA_SECRETS = join("secretsmanager.", REGION, ".amazonaws.com")


def via(operator: str, *services: object) -> tuple[Condition, ...]:
    return (Condition(operator, "kms:ViaService", services),)  # type: ignore[arg-type]  # any value


def allow(principal: Principal, *actions: str, conditions: tuple[Condition, ...] = ()) -> Statement:
    return Statement(principals=(principal,), actions=actions or ("kms:*",), conditions=conditions)


def deny(*actions: str, conditions: tuple[Condition, ...] = ()) -> Statement:
    return Statement(effect="Deny", principals=(ANYBODY,), actions=actions or ("kms:*",), conditions=conditions)


def plan_with(*statements: Statement, **parts: Resource | None) -> Plan:
    named = {"Database": database(key_id=Ref("Key")), "Key": key_for(policy=Policy(statements))}
    return backed_up(intent=None, **(named | parts))


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (allow(ROOT), 0),
        (allow(Principal("AWS", "123456789012")), 0),
        (allow(Principal("AWS", "*")), 0),
        (allow(ANYBODY), 0),
        (allow(Principal("AWS", Attr("BackupRole", "arn"))), 0),
        (allow(Principal("AWS", Param("Admin"))), 0),
        (allow(Principal("AWS", "arn:aws:iam::123456789012:role/admin")), 1),
        (allow(Principal("AWS", join("arn:", PARTITION, ":iam::", ACCOUNT, ":role/admin"))), 1),
        (allow(Principal("AWS", Attr("OtherRole", "arn"))), 1),
        (allow(Principal("Service", "rds.amazonaws.com")), 1),
        (allow(ROOT, "kms:Describe*", "kms:Decrypt"), 1),
        (allow(ROOT, "kms:CreateGrant", "kms:Decrypt"), 0),
        (allow(ROOT, conditions=via("StringEquals", VIA_SECRETS)), 1),
        (allow(ROOT, conditions=via("StringEquals", VIA_SECRETS, VIA_RDS)), 0),
        (allow(ROOT, conditions=via("StringEquals", Param("Service"))), 0),
        (allow(ROOT, conditions=via("StringLike", VIA_SECRETS)), 0),
        (Statement(not_principals=(ROOT,), actions=("kms:*",)), 0),
    ],
)
def test_who_is_admitted(statement: Statement, count: int, say: Say) -> None:
    findings = say(faults, plan_with(statement))
    assert len(findings) == count
    assert all("lets BackupRole do no kms:CreateGrant" in each.detail for each in findings)


def test_a_role_by_its_name(say: Say) -> None:
    named = allow(Principal("AWS", "arn:aws:iam::123456789012:role/shop-backup"))
    assert say(faults, plan_with(named, BackupRole=role(name="shop-backup"))) == []
    assert len(say(faults, plan_with(named, BackupRole=role(name="other")))) == 1


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (deny(), 1),
        (deny("kms:Decrypt"), 1),
        (deny("kms:ScheduleKeyDeletion"), 0),
        (deny(conditions=via("StringNotEquals", VIA_SECRETS)), 1),
        (deny(conditions=via("StringNotEquals", VIA_SECRETS, VIA_RDS)), 0),
        (deny(conditions=via("StringNotEquals", "*.us-east-1.amazonaws.com")), 0),
        (deny(conditions=via("StringEquals", VIA_SECRETS)), 0),
        (deny(conditions=(Condition("StringNotEquals", "aws:PrincipalArn", ("arn:x",)),)), 0),
        (Statement(effect="Deny", principals=(Principal("AWS", "arn:aws:iam::1:role/x"),), actions=("kms:*",)), 0),
    ],
)
def test_who_is_denied(statement: Statement, count: int, say: Say) -> None:
    assert len(say(faults, plan_with(allow(ROOT), statement))) == count


@pytest.mark.parametrize(
    "parts",
    [
        {"Selection": None},
        {"Selection": selection(resources=("arn:aws:ec2:*:*:volume/*",))},
        {"Database": replica(key="Database", key_id=Ref("Key"))},
        {"BackupRole": None},
        {"Database": database()},
        {"Key": key_for(policy=Policy(()))},
        {"Key": key_for(policy=Policy((deny(),)), extras={"KeyPolicy.0": 1})},
    ],
)
def test_silence(parts: dict[str, Resource | None], say: Say) -> None:
    assert say(faults, plan_with(deny(), **parts)) == []


def spared(*principals: Principal, actions: tuple[str, ...] = ("kms:*",)) -> Statement:
    return Statement(effect="Deny", not_principals=principals, actions=actions)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (spared(Principal("AWS", join("arn:aws:iam::", ACCOUNT, ":role/administrators"))), 1),
        (spared(Principal("AWS", "arn:aws:iam::123456789012:user/root")), 1),
        (spared(Principal("AWS", Attr("BackupRole", "arn"))), 0),
        (spared(Principal("AWS", Param("Role"))), 0),
        (spared(Principal("AWS", "arn:aws:iam::123456789012:root")), 0),
        (spared(Principal("Service", "backup.amazonaws.com")), 0),
        (spared(Principal("AWS", "arn:aws:iam::123456789012:role/x"), actions=("kms:ScheduleKeyDeletion",)), 0),
    ],
)
def test_who_is_left_out_of_a_denial(statement: Statement, count: int, say: Say) -> None:
    findings = say(faults, plan_with(allow(ROOT), statement))
    assert [one.detail.endswith("denies everybody but 1 kms:CreateGrant and kms:Decrypt.") for one in findings] == [
        True
    ] * count


def test_a_service_is_no_role(say: Say) -> None:
    assert len(say(faults, plan_with(allow(Principal("Service", Param("Service")))))) == 1
    assert say(faults, plan_with(allow(Principal("AWS", Param("Role"))))) == []


def test_only_what_is_denied_is_named(say: Say) -> None:
    (one,) = say(faults, plan_with(allow(ROOT), deny("kms:CreateGrant")))
    assert one.detail.endswith("denies everybody kms:CreateGrant.")
    (both,) = say(faults, plan_with(allow(ROOT), deny()))
    assert both.detail.endswith("denies everybody kms:CreateGrant and kms:Decrypt.")
