"""PX007: from the proxy to its role, its secret and the key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import key_for
from mainstay.checks.proxy.examples import LOGIN, fronted, login, proxy, proxy_role
from mainstay.checks.proxy.role_cannot_read_secret import faults
from mainstay.core.findings import Finding
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    Key,
    Opaque,
    Resource,
    Secret,
)
from mainstay.plan.values import (
    Attr,
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]

READ = "secretsmanager:GetSecretValue"


def allowing(action: str, resource: object, **changes: object) -> Statement:
    return Statement(actions=(action,), resources=(resource,), **changes)  # type: ignore[arg-type]  # any value


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (allowing(READ, LOGIN), 0),
        (allowing(READ, "*"), 0),
        (allowing("secretsmanager:*", LOGIN), 0),
        (allowing(READ, LOGIN[:-7] + "*"), 0),
        (allowing(READ, LOGIN[:-7] + "-??????"), 0),
        (allowing(READ, LOGIN + "x"), 1),
        (allowing("secretsmanager:DescribeSecret", LOGIN), 1),
        (allowing(READ, LOGIN, effect="Deny"), 1),
        (allowing(READ, Param("Secret")), 0),
        (allowing(READ, Ref("Other")), 1),
        (Statement(actions=(READ,), not_resources=("arn:x",)), 0),
    ],
)
def test_a_secret_outside(statement: Statement, count: int, say: Say) -> None:
    assert len(say(faults, fronted(ProxyRole=proxy_role(statement)))) == count


@pytest.mark.parametrize(
    ("resource", "count"),
    [(Ref("Login"), 0), (Attr("Login", "arn"), 0), (Ref("Other"), 1), ("arn:aws:x:shop-*", 0), ("arn:aws:x:shop", 1)],
)
def test_a_secret_of_the_plan(resource: object, count: int, say: Say) -> None:
    front = proxy(logins=(login(secret=Ref("Login")),))
    plan = fronted(Proxy=front, Login=Secret(key="Login"), ProxyRole=proxy_role(allowing(READ, resource)))
    assert len(say(faults, plan)) == count


@pytest.mark.parametrize(
    ("more", "key", "count"),
    [
        ((), key_for(), 1),
        ((allowing("kms:Decrypt", Attr("Key", "arn")),), key_for(), 0),
        ((allowing("kms:Decrypt", "*"),), key_for(), 0),
        ((allowing("kms:Decrypt", Ref("Other")),), key_for(), 1),
        ((), key_for(extras={"KeyPolicy.0": 1}), 0),
        (
            (),
            key_for(
                policy=Policy(
                    (Statement(principals=(Principal("AWS", Attr("ProxyRole", "arn")),), actions=("kms:*",)),)
                )
            ),
            0,
        ),
        ((), None, 0),
    ],
)
def test_its_key(more: tuple[Statement, ...], key: Key | None, count: int, say: Say) -> None:
    front = proxy(logins=(login(secret=Ref("Login")),))
    role = proxy_role(allowing(READ, Ref("Login")), *more)
    plan = fronted(Proxy=front, Login=Secret(key="Login", key_id=Ref("Key")), ProxyRole=role, Key=key)
    said = "Proxy logs in by Login, encrypted with Key, which ProxyRole may not kms:Decrypt with."
    assert [each.detail for each in say(faults, plan)] == [said] * count


@pytest.mark.parametrize(
    "parts",
    [
        {"ProxyRole": None},
        {"ProxyRole": proxy_role(policies=(), managed_policies=("arn:aws:iam::123456789012:policy/own",))},
        {"ProxyRole": proxy_role(policies=()), "Apart": Opaque(key="Apart", type="AWS::IAM::Policy")},
        {"ProxyRole": proxy_role(policies=()), "Proxy": proxy(logins=(login(secret=Param("Secret")),))},
        {"ProxyRole": proxy_role(policies=()), "Proxy": proxy(logins=())},
    ],
)
def test_silence(parts: dict[str, Resource | None], say: Say) -> None:
    assert say(faults, fronted(intent=None, **parts)) == []
