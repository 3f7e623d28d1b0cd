"""RDS Proxy: the pool between an application and its database."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.database import DbInstance
    from mainstay.plan.resources.keys import Role, Secret
    from mainstay.plan.resources.network import SecurityGroup, Subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyLogin:
    """One login that the proxy may use at the database: a secret with `username` and `password`.

    `iam` is how clients come in (`DISABLED`, `REQUIRED`); `client_password` such as `MYSQL_CACHING_SHA2_PASSWORD`.
    """

    secret: Link[Secret] | None = None
    scheme: Value[str] | None = None
    iam: Value[str] | None = None
    client_password: Value[str] | None = None
    description: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DbProxy(Resource):
    """A proxy. `engine_family` is `MYSQL` (MariaDB too) or `POSTGRESQL`; `login_by_default` is `IAM_AUTH` or `NONE`.

    Its resource id (`prx-...`), which a login by IAM names, is the last part of its ARN.
    """

    name: Value[str]
    engine_family: Value[str]
    role: Link[Role]
    subnets: tuple[Link[Subnet], ...]
    security_groups: tuple[Link[SecurityGroup], ...] = ()
    logins: tuple[ProxyLogin, ...] = ()
    login_by_default: Value[str] | None = None
    requires_tls: Value[bool] | None = None
    idle_timeout: Value[Duration] | None = None
    logs_debug: Value[bool] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DbProxyTargetGroup(Resource):
    """Which instance a proxy stands before, and how many of its connections it takes (in percent of the maximum).

    The only name that exists is `default`.
    """

    proxy: Link[DbProxy]
    name: Value[str]
    instances: tuple[Link[DbInstance], ...] = ()
    max_connections_percent: Value[int] | None = None
    max_idle_percent: Value[int] | None = None
    borrow_timeout: Value[Duration] | None = None
    init_query: Value[str] | None = None
    pinning_filters: tuple[Value[str], ...] = ()
    tags: Tags = field(default_factory=dict)
