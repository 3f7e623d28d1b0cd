"""KM002: a log group encrypted with a key that CloudWatch Logs may not use."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import key_for, plan_of
from mainstay.checks.giving import usable
from mainstay.checks.grants import allows
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import Key, LogGroup
from mainstay.plan.values import Ref

_GIVEN = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
_GROUP = LogGroup(key="Log", name="/shop", key_id=Ref("Key"))


def _bad() -> Plan:
    """A key that only the account may use"""
    return plan_of(_GROUP, key_for())


def _good() -> Plan:
    """A key that logs.us-east-1.amazonaws.com may use"""
    return plan_of(_GROUP, key_for("logs.us-east-1.amazonaws.com"))


@rule(
    id="KM002",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the logs may not use the key",
    source="CloudWatch Logs User Guide, encrypt-log-data-kms (2026-11-20)",
    applies_to=(LogGroup,),
    field="key_id",
    bad=_bad,
    good=_good,
)
def faults(group: LogGroup, scene: Scene) -> Iterator[Fault]:
    """The group is refused (`The specified KMS key does not exist or is not allowed to be used`), unless the key's
    policy names the service of this region, such as logs.eu-west-1.amazonaws.com. An alias is no ARN, and is refused.
    """
    named = literal(group.key_id, str)
    if named is not None and named.startswith("alias/"):
        hint = "name the key by its ARN"
        yield Fault(group, f"{group.key} names its key by the alias {named}; CloudWatch Logs takes ARNs only.", hint)
    key = scene.region.resolve(group.key_id, Key)
    policy = literal(key.policy, Policy) if key else None
    if key is None or policy is None or not policy.statements or hides(key, "policy"):
        return
    services = _services(policy, scene)
    if not any(allows(policy, service, _NEEDED) for service in services):
        yield Fault(
            group,
            f"{group.key} is encrypted with {key.key}, which {services[0]} may not use.",
            f"allow {services[0]} kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe*",
            mend=(usable(key, services[0], _GIVEN),) if scene.region.region else (),
        )


def _services(policy: Policy, scene: Scene) -> list[str]:
    """The names under which the service may ask here; any region's where the template does not say which it is for."""
    if scene.region.region:
        return [f"logs.{scene.region.region}.amazonaws.com", f"logs.{scene.region.region}.amazonaws.com.cn"]
    principals = (one.value for statement in policy.statements for one in statement.principals)
    named = [one for one in principals if isinstance(one, str) and one.startswith("logs.")]
    return [*named, "logs.<region>.amazonaws.com"]
