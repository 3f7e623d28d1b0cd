"""A sound proxy before a database, from which the rules of this family build their examples.

`fronted()` as it stands fires no rule at all (a test says so); an example replaces the one part its rule is about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mainstay.checks.examples import database, group, plan_of
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.policies import InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import DbProxy, DbProxyTargetGroup, ProxyLogin, Resource, Role, RulePeer
from mainstay.plan.values import Ref

LOGIN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-AbCdEf"
"""A secret outside the plan."""


# Any in the functions below: `replace` takes whatever fields the kind has, and checks their names itself.
def login(**changes: Any) -> ProxyLogin:
    """A login by a secret and a password, with some fields changed."""
    sound = ProxyLogin(scheme="SECRETS", secret=LOGIN, iam="DISABLED", client_password="POSTGRES_SCRAM_SHA_256")  # noqa: S106  # a kind of password
    return replace(sound, **changes)


def proxy(**changes: Any) -> DbProxy:
    """A proxy `Proxy` for PostgreSQL, TLS only, with some fields changed."""
    sound = DbProxy(
        key="Proxy",
        name="shop",
        engine_family="POSTGRESQL",
        role=Ref("ProxyRole"),
        subnets=("subnet-11111111", "subnet-22222222"),
        security_groups=(Ref("ProxyGroup"),),
        logins=(login(),),
        requires_tls=True,
        idle_timeout=Duration(1800),
    )
    return replace(sound, **changes)


def pool(**changes: Any) -> DbProxyTargetGroup:
    """The target group `Pool` with `Database` in it, with some fields changed."""
    sound = DbProxyTargetGroup(
        key="Pool",
        proxy=Ref("Proxy"),
        name="default",
        instances=(Ref("Database"),),
        max_connections_percent=80,
        max_idle_percent=40,
    )
    return replace(sound, **changes)


def proxy_role(*statements: Statement, **changes: Any) -> Role:
    """A role `ProxyRole` that RDS assumes, with these statements (reading `LOGIN`)."""
    trust = Statement(principals=(Principal("Service", "rds.amazonaws.com"),), actions=("sts:AssumeRole",))
    read = (Statement(actions=("secretsmanager:GetSecretValue",), resources=(LOGIN,)),)
    inline = (InlinePolicy("Own", Policy(statements or read)),)
    return replace(Role(key="ProxyRole", trust=Policy((trust,)), policies=inline), **changes)


def peer(**changes: Any) -> RulePeer:
    """A rule of a group on PostgreSQL's port."""
    return replace(RulePeer(protocol="tcp", from_port=5432, to_port=5432), **changes)


def fronted(*, intent: Intent | None = None, **parts: Resource | None) -> Plan:
    """A database with a proxy before it, and parts replaced (None: left out), by their keys.

    `Database`, `DatabaseGroup`, `Proxy`, `Pool`, `ProxyRole`, `ProxyGroup`; further ones are added.
    """
    sound: dict[str, Resource | None] = {
        "Database": database(security_groups=(Ref("DatabaseGroup"),)),
        "DatabaseGroup": group(ingress=(peer(group=Ref("ProxyGroup")),)),
        "ProxyGroup": group(
            key="ProxyGroup",
            description="the proxy",
            ingress=(peer(cidr="10.0.0.0/16"),),
        ),
        "Proxy": proxy(),
        "Pool": pool(),
        "ProxyRole": proxy_role(),
    }
    return plan_of(*(one for one in (sound | parts).values() if one is not None), intent=intent)
