"""KM001: who administers a key, and which keys can be rotated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import key_for, plan_of
from mainstay.checks.keys.key_unattended import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.values import Param, Unknown

Say = Callable[..., list[Finding]]
ROOT = Principal("AWS", "arn:aws:iam::123456789012:root")


def policy(*actions: str, **changes: object) -> Policy:
    given = {"principals": (ROOT,), "actions": actions, **changes}
    return Policy((Statement(**given),))  # type: ignore[arg-type]  # whatever a case wants


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"policy": policy("kms:*")}, 0),
        ({"policy": policy("kms:Put*", "kms:Decrypt")}, 0),
        ({"policy": policy("kms:Decrypt")}, 1),
        ({"policy": policy("kms:*", effect="Deny")}, 1),
        ({"policy": policy("kms:*", principals=(Principal("Service", "rds.amazonaws.com"),))}, 1),
        ({"policy": policy("kms:*", principals=(Principal("*"),))}, 0),
        ({"policy": policy("kms:*", principals=(), not_principals=(ROOT,))}, 0),
        ({"policy": policy(not_actions=("kms:Delete*",))}, 0),
        ({"policy": Policy(())}, 0),
        ({"policy": policy("kms:Decrypt"), "extras": {"KeyPolicy.Statement.1": {}}}, 0),
        ({"policy": policy("kms:Decrypt"), "extras": {"BypassPolicyLockoutSafetyCheck": True}}, 0),
        ({"policy": policy("kms:Decrypt"), "extras": {"BypassPolicyLockoutSafetyCheck": Unknown("later")}}, 0),
        # A plan of Terraform shows what is off, too.
        ({"policy": policy("kms:Decrypt"), "extras": {"aws_kms_key.bypass_policy_lockout_safety_check": False}}, 1),
        ({"policy": policy("kms:Decrypt"), "extras": {"MultiRegion": True}}, 1),
    ],
)
def test_administration(changes: dict[str, object], count: int, say: Say) -> None:
    findings = say(faults, plan_of(key_for(**changes)))
    assert [finding.severity for finding in findings] == [Severity.ERROR] * count


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rotates": None}, "nothing is written"),
        ({"rotates": False}, "EnableKeyRotation is false"),
        ({"rotates": True}, None),
        ({"rotates": Param("Rotates")}, None),
        ({"rotates": None, "extras": {"EnableKeyRotation": []}}, None),
        ({"rotates": None, "spec": "RSA_2048"}, None),
        ({"rotates": None, "usage": "SIGN_VERIFY"}, None),
        ({"rotates": None, "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT"}, "nothing is written"),
        ({"rotates": None, "extras": {"KeySpec": "RSA_2048"}}, None),
        ({"rotates": None, "extras": {"Origin": "EXTERNAL"}}, None),
        ({"rotates": None, "extras": {"KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": True}}, "nothing is written"),
        ({"rotates": None, "extras": {"aws_kms_key.customer_master_key_spec": "ECC_NIST_P256"}}, None),
        ({"rotates": None, "extras": {"aws_kms_key.key_usage": "ENCRYPT_DECRYPT"}}, "nothing is written"),
    ],
)
def test_rotation(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(key_for(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_outside_production_rotation_is_a_choice(say: Say) -> None:
    assert say(faults, plan_of(key_for(rotates=None), intent=Intent(profile="dev"))) == []
