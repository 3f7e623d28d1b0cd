"""RDS Proxy: a pool that reads the database's secret by a role of its own, and lets nobody in without TLS."""

from __future__ import annotations

from typing import Final

from mainstay import facts
from mainstay.core.units import Duration, Share
from mainstay.plan.passes.credentials import master_secret
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import DATABASE, DATABASE_SECRET, PROXY, PROXY_GROUP
from mainstay.plan.passes.logs import log_group
from mainstay.plan.passes.places import private_subnets
from mainstay.plan.passes.roles import reading_secret, trust
from mainstay.plan.policies import InlinePolicy, Policy
from mainstay.plan.resources import DbProxy, DbProxyTargetGroup, ProxyLogin, Role
from mainstay.plan.values import Ref
from mainstay.spec import Spec
from mainstay.spec.proxy import Proxy

_ROLE: Final = "ProxyRole"
_LOG: Final = "ProxyLog"
_FAMILIES: Final = {"postgres": "POSTGRESQL", "mysql": "MYSQL", "mariadb": "MYSQL"}


def build_proxy(spec: Spec, draft: Draft) -> Draft:
    """The draft with the proxy, its role, its log group and its target, where the spec asks for one."""
    proxy = spec.access.proxy
    if proxy is None:
        return draft
    origin = spec.origin_of("access.proxy")
    role = Role(
        key=_ROLE,
        description="RDS Proxy reads the database's secret",
        trust=trust("rds.amazonaws.com"),
        policies=(InlinePolicy("ReadSecret", Policy(reading_secret(master_secret(spec)))),),
        tags=tags(spec),
        origin=origin,
    )
    # RDS decides this name (RDS User Guide, rds-proxy.monitoring, 2026-11-20).
    name = f"/aws/rds/proxy/{spec.identifier}"
    log = log_group(spec, _LOG, name, spec.monitoring.logs.keep, "access.proxy")
    return draft.adding(role, log, _proxy(spec, draft, proxy), _target(spec, proxy))


def _proxy(spec: Spec, draft: Draft, proxy: Proxy) -> DbProxy:
    login = ProxyLogin(
        scheme="SECRETS",
        secret=master_secret(spec) if spec.credentials.is_rds_managed else Ref(DATABASE_SECRET),
        iam="REQUIRED" if proxy.iam_authentication else "DISABLED",
        client_password=None if proxy.iam_authentication else _client_password(spec, draft),
    )
    return DbProxy(
        key=PROXY,
        name=spec.identifier,
        engine_family=_FAMILIES[spec.database.engine],
        role=Ref(_ROLE),
        subnets=private_subnets(spec),
        security_groups=(Ref(PROXY_GROUP),),
        logins=(login,),
        requires_tls=True,
        idle_timeout=Duration(proxy.idle_timeout),
        logs_debug=proxy.debug_logging,
        tags=tags(spec),
        depends_on=(Ref(_LOG),),
        origin=spec.origin_of("access.proxy"),
    )


def _client_password(spec: Spec, draft: Draft) -> str:
    """How clients prove a password: MySQL's own default from 8.4 on, which MariaDB does not know.

    RDS User Guide, rds-proxy-setup and rds-proxy.limitations, 2026-11-20.
    """
    engine = spec.database.engine
    if engine == "postgres":
        return "POSTGRES_SCRAM_SHA_256"
    is_current = engine == "mysql" and facts.order(draft.version) >= (8, 4)
    return "MYSQL_CACHING_SHA2_PASSWORD" if is_current else "MYSQL_NATIVE_PASSWORD"


def _target(spec: Spec, proxy: Proxy) -> DbProxyTargetGroup:
    return DbProxyTargetGroup(
        key=f"{PROXY}Target",
        proxy=Ref(PROXY),
        name="default",
        instances=(Ref(DATABASE),),  # one instance, and no replica, may stand behind a proxy
        max_connections_percent=_percent(proxy.max_connections),
        max_idle_percent=_percent(proxy.max_idle),
        borrow_timeout=Duration(proxy.borrow_timeout),
        tags=tags(spec),
        origin=spec.origin_of("access.proxy"),
    )


def _percent(share: Share) -> int:
    return int(share * 100)
