"""KM002: regions, principals, aliases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import key_for, plan_of
from mainstay.checks.keys.logs_cannot_use_key import faults
from mainstay.core.findings import Finding
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import Key, LogGroup, Resource
from mainstay.plan.values import REGION, Param, Ref, join

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
GROUP = LogGroup(key="Log", name="/shop", key_id=Ref("Key"))
OURS = join("logs.", REGION, ".amazonaws.com")


@pytest.mark.parametrize(
    ("service", "region", "count"),
    [
        ("logs.us-east-1.amazonaws.com", "us-east-1", 0),
        ("logs.eu-west-1.amazonaws.com", "us-east-1", 1),
        ("logs.amazonaws.com", "us-east-1", 1),
        ("logs.cn-north-1.amazonaws.com.cn", "cn-north-1", 0),
        ("rds.amazonaws.com", "us-east-1", 1),
        (OURS, "us-east-1", 0),
        (OURS, "", 0),
        ("logs.eu-west-1.amazonaws.com", "", 0),
        ("rds.amazonaws.com", "", 1),
    ],
)
def test_services(service: str, region: str, count: int, say: Say) -> None:
    findings = say(faults, plan_of(GROUP, key_for(service), region=region))
    assert len(findings) == count
    assert all("which logs." in finding.detail for finding in findings)


def test_actions(say: Say) -> None:
    service = Principal("Service", "logs.us-east-1.amazonaws.com")
    only = Policy((Statement(principals=(service,), actions=("kms:Decrypt",), resources=("*",)),))
    assert len(say(faults, plan_of(GROUP, key_for(policy=only)))) == 1


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("alias/shop", 1),
        ("arn:aws:kms:us-east-1:123456789012:key/1", 0),
        (Param("Key"), 0),
        (None, 0),
        (Ref("Elsewhere"), 0),
    ],
)
def test_keys_of_somebody_else(key: object, count: int, say: Say) -> None:
    group = LogGroup(key="Log", key_id=key)  # type: ignore[arg-type]  # whatever a case wants
    assert len(say(faults, plan_of(group))) == count


def test_a_policy_that_cannot_be_seen(say: Say) -> None:
    assert say(faults, plan_of(GROUP, key_for(policy=Policy(())))) == []
    assert say(faults, plan_of(GROUP, key_for(extras={"KeyPolicy.Statement": {}}))) == []


@pytest.mark.parametrize("region", ["us-east-1", ""])
def test_the_service_of_the_region_is_let_in(region: str, mends: Mends) -> None:
    (mend,) = mends(faults, plan_of(GROUP, key_for("rds.amazonaws.com"), region=region))
    services = [one.value for key in mend if isinstance(key, Key) for one in key.policy.statements[-1].principals]
    assert services == (["logs.us-east-1.amazonaws.com"] if region else [])
