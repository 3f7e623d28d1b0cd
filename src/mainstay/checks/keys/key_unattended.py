"""KM001: a key that nobody can administer any more, or that is never renewed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import key_for, plan_of
from mainstay.checks.giving import administered
from mainstay.checks.grants import is_administered
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import Key

# What a key is when nothing else is said, as Terraform shows it; only such a key rotates by itself.
_ORDINARY = {"keyspec": "SYMMETRIC_DEFAULT", "keyusage": "ENCRYPT_DECRYPT", "origin": "AWS_KMS"}
_ORDINARY |= {"customermasterkeyspec": "SYMMETRIC_DEFAULT"}


def _bad() -> Plan:
    """Nothing is written of rotation, so there is none"""
    return plan_of(key_for(rotates=None))


def _good() -> Plan:
    """Rotation is on"""
    return plan_of(key_for(rotates=True))


@rule(
    id="KM001",
    severity=Severity.WARNING,
    harm=Harm.SECURITY,
    summary="a key is left to itself",
    source="KMS Developer Guide, key-policy-default and rotate-keys; Security Hub KMS.4 (2026-11-20)",
    applies_to=(Key,),
    field="rotates",
    bad=_bad,
    good=_good,
)
def faults(key: Key, scene: Scene) -> Iterator[Fault]:
    """KMS refuses a policy that would let nobody change it again (`The new key policy will not allow you to update the
    key policy in the future`). Rotation is off by default; with it, a year's data is all that one piece of key
    material encrypts, and nothing has to be encrypted anew.
    """
    # A policy that no field holds, or BypassPolicyLockoutSafetyCheck, which Terraform shows where it is off, too.
    is_odd = any("policy" in path.lower() and value is not False for path, value in key.extras.items())
    policy = literal(key.policy, Policy)
    if policy is not None and policy.statements and not is_odd and not is_administered(policy):
        yield Fault(
            key,
            f"The policy of {key.key} lets nobody change it again.",
            "allow kms:* to arn:aws:iam::<account>:root, whose own policies then decide",
            Severity.ERROR,
            "policy",
            mend=(administered(key),),
        )
    if scene.is_production and key.rotates in (None, False) and not hides(key, "rotation") and _is_ordinary(key):
        why = "EnableKeyRotation is false" if key.rotates is False else "nothing is written, which means no"
        yield Fault(
            key,
            f"{key.key} is never rotated ({why}).",
            "set EnableKeyRotation to true",
            mend=(replace(key, rotates=True),),
        )


def _is_ordinary(key: Key) -> bool:
    """Whether KMS can rotate it: neither asymmetric nor imported."""
    if key.spec not in (None, _ORDINARY["keyspec"]) or key.usage not in (None, _ORDINARY["keyusage"]):
        return False
    for path, value in key.extras.items():
        name = path.split(".")[-1].replace("_", "").lower()
        if name in _ORDINARY and value != _ORDINARY[name]:
            return False
    return True
