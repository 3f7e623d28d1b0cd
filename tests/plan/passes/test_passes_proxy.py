"""The proxy, the chain of groups around it, and the role that logs in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    DbProxy,
    DbProxyTargetGroup,
    EgressRule,
    IngressRule,
    InstanceProfile,
    LogGroup,
    Role,
    SecurityGroup,
)
from mainstay.plan.values import ACCOUNT, PARTITION, REGION, Attr, Part, Ref, join

Built = Callable[..., Plan]
Complaints = Callable[..., list[str]]
TOKENS = {"credentials__iam_authentication": "true", "access__proxy": "{iam_authentication: true}"}


def statements(plan: Plan, key: str) -> dict[str, Statement]:
    role = plan.primary[key]
    assert isinstance(role, Role)
    return {one.sid: one for policy in role.policies for one in policy.document.statements}


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
@pytest.mark.parametrize("tokens", ["true", "false"])
def test_a_proxy_lands(complaints: Complaints, engine: str, tokens: str) -> None:
    said = complaints(
        database__engine=engine,
        credentials__iam_authentication=tokens,
        access__proxy=f"{{iam_authentication: {tokens}, debug_logging: true}}",
        access__application_role="{}",
        database__replicas="{count: 1}",
    )
    assert said == []


def test_the_groups_are_a_chain_and_the_application_has_no_other_way(built: Built) -> None:
    plan = built(database__engine="mysql", database__port="3333", access__proxy="{}")
    egress = {(one.group, one.destination_group, one.from_port, one.to_port) for one in plan.of(EgressRule)}
    ingress = {(one.source_group, one.group, one.from_port, one.to_port) for one in plan.of(IngressRule)}
    application: Ref[SecurityGroup] = Ref("ApplicationGroup")
    proxy: Ref[SecurityGroup] = Ref("ProxyGroup")
    database: Ref[SecurityGroup] = Ref("DatabaseGroup")
    assert egress == ingress == {(application, proxy, 3306, 3306), (proxy, database, 3333, 3333)}


def test_the_proxy_is_as_written(built: Built) -> None:
    plan = built(
        database__engine="mysql",
        access__proxy="{max_connections: 90%, max_idle: 40%, borrow_timeout: 30s, idle_timeout: 10m}",
    )
    (proxy,) = plan.of(DbProxy)
    assert (proxy.name, proxy.engine_family, proxy.requires_tls, proxy.logs_debug) == ("shop-dev", "MYSQL", True, False)
    assert proxy.idle_timeout == Duration(600)
    assert proxy.subnets == (Ref("PrivateSubnet1"), Ref("PrivateSubnet2"))
    (target,) = plan.of(DbProxyTargetGroup)
    assert (target.max_connections_percent, target.max_idle_percent, target.borrow_timeout) == (90, 40, Duration(30))
    assert (target.name, target.instances) == ("default", (Ref("Database"),))
    assert [one.name for one in plan.of(LogGroup)][-1] == "/aws/rds/proxy/shop-dev"
    assert proxy.depends_on == (Ref("ProxyLog"),)
    outputs = {one.name: one.value for one in plan.primary.outputs}
    assert outputs["ProxyEndpoint"] == Attr("DatabaseProxy", "endpoint_address")


@pytest.mark.parametrize(
    ("settings", "password", "family"),
    [
        ({}, "POSTGRES_SCRAM_SHA_256", "POSTGRESQL"),
        ({"database__engine": "mysql"}, "MYSQL_CACHING_SHA2_PASSWORD", "MYSQL"),
        (
            {"database__engine": "mysql", "database__version": '"8.0"', "database__extended_support": "true"},
            "MYSQL_NATIVE_PASSWORD",
            "MYSQL",
        ),
        ({"database__engine": "mariadb"}, "MYSQL_NATIVE_PASSWORD", "MYSQL"),
    ],
)
def test_clients_prove_passwords_as_the_engine_can(
    built: Built, settings: dict[str, str], password: str, family: str
) -> None:
    (proxy,) = built(**settings, access__proxy="{}").of(DbProxy)
    (login,) = proxy.logins
    assert (login.iam, login.client_password, login.secret) == ("DISABLED", password, Ref("DatabaseSecret"))
    assert proxy.engine_family == family


def test_with_tokens_no_password_is_proven(built: Built) -> None:
    (proxy,) = built(**TOKENS).of(DbProxy)
    assert (proxy.logins[0].iam, proxy.logins[0].client_password) == ("REQUIRED", None)


def test_the_proxy_s_role_reads_its_secret_and_nothing_else(built: Built) -> None:
    found = statements(built(access__proxy="{}"), "ProxyRole")
    assert found["Secret"].resources == (Attr("DatabaseSecret", "id"),)
    assert found["SecretKey"].resources == (Attr("DatabaseKey", "arn"),)
    assert found["SecretKey"].conditions[0].key == "kms:ViaService"
    assert set(found) == {"Secret", "SecretKey"}


def user_of(place: object, user: str) -> object:
    return join("arn:", PARTITION, ":rds-db:", REGION, ":", ACCOUNT, ":dbuser:", place, f"/{user}")  # type: ignore[arg-type]  # an expression


PROXY_ID = Part(Attr("DatabaseProxy", "arn"), ":", 6)


def test_tokens_are_taken_at_the_proxy_s_id_and_at_each_instance_s(built: Built) -> None:
    plan = built(**TOKENS, access__application_role="{user: app}", database__replicas="{count: 1}")
    found = statements(plan, "ApplicationRole")
    assert found["Tokens"].actions == ("rds-db:connect",)
    assert found["Tokens"].resources == (
        user_of(Attr("Database", "resource_id"), "app"),
        user_of(Attr("DatabaseReplica1", "resource_id"), "app"),
        user_of(PROXY_ID, "owner"),
    )
    assert set(found) == {"Tokens"}


@pytest.mark.parametrize(
    ("settings", "sids"),
    [
        ({}, {"Secret", "SecretKey"}),
        ({"credentials__iam_authentication": "true"}, {"Tokens"}),
        ({"access__proxy": "{iam_authentication: true}"}, {"Tokens"}),
        ({"access__proxy": "{}"}, {"Secret", "SecretKey"}),
        ({"credentials__iam_authentication": "true", "access__proxy": "{}"}, {"Tokens", "Secret", "SecretKey"}),
    ],
)
def test_the_secret_is_read_only_where_no_token_is_taken(
    built: Built, settings: dict[str, str], sids: set[str]
) -> None:
    assert set(statements(built(access__application_role="{}", **settings), "ApplicationRole")) == sids


def test_the_role_is_for_where_the_application_runs(built: Built) -> None:
    host = built(access__application_role="{}")
    assert [one.roles for one in host.of(InstanceProfile)] == [(Ref("ApplicationRole"),)]
    role = host.primary["ApplicationRole"]
    assert isinstance(role, Role)
    assert role.managed_policies == (join("arn:", PARTITION, ":iam::aws:policy/AmazonSSMManagedInstanceCore"),)
    function = built(access__application_role="{service: lambda}")
    role = function.primary["ApplicationRole"]
    assert isinstance(role, Role)
    assert (list(function.of(InstanceProfile)), role.managed_policies) == ([], ())
    assert role.trust.statements[0].principals[0].value == "lambda.amazonaws.com"
    assert "ApplicationRoleArn" in [one.name for one in function.primary.outputs]


def test_without_proxy_and_role_there_is_nothing_of_them(built: Built) -> None:
    assert [one.key for one in built().primary.resources if "Proxy" in one.key or one.key == "ApplicationRole"] == []
