"""Whose the master user's password is, and who may read the secret it lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import DbInstance, DbProxy, Function, Role, RotationSchedule, Secret, SecretAttachment
from mainstay.plan.values import Attr, Ref, SecretField

Built = Callable[..., Plan]
BY_RDS = {
    "credentials__managed_by": "rds",
    "access": "{proxy: {max_connections: 90%}, application_role: {}, bastion: {}}",
}


def statements(plan: Plan, role: str) -> Iterator[Statement]:
    found = plan.primary[role]
    assert isinstance(found, Role)
    return (statement for policy in found.policies for statement in policy.document.statements)


def test_rds_keeps_the_password_itself(built: Built) -> None:
    plan = built(**BY_RDS)
    (database,) = plan.of(DbInstance)
    assert (database.manages_password, database.password_key, database.password) == (True, Ref("DatabaseKey"), None)
    assert [*plan.of(Secret), *plan.of(SecretAttachment), *plan.of(RotationSchedule)] == []
    outputs = {one.name: one.value for one in plan.primary.outputs}
    assert outputs["DatabaseSecret"] == Attr("Database", "secret_arn")


def test_mainstay_keeps_it_in_a_secret_of_the_stack(built: Built) -> None:
    (database,) = built().of(DbInstance)
    assert (database.manages_password, database.password_key) == (None, None)
    assert database.password == SecretField(Ref("DatabaseSecret"), "password")


@pytest.mark.parametrize("role", ["ProxyRole", "ApplicationRole"])
@pytest.mark.parametrize(
    ("settings", "secret"),
    [(BY_RDS, Attr("Database", "secret_arn")), ({"access": BY_RDS["access"]}, Attr("DatabaseSecret", "id"))],
)
def test_roles_read_the_secret_that_holds_it(built: Built, role: str, settings: dict[str, str], secret: Attr) -> None:
    (reading,) = [one for one in statements(built(**settings), role) if one.sid == "Secret"]
    assert reading.resources == (secret,)
    (decrypting,) = [one for one in statements(built(**settings), role) if one.sid == "SecretKey"]
    assert decrypting.resources == (Attr("DatabaseKey", "arn"),)


def test_the_proxy_logs_in_with_the_secret_that_rds_made(built: Built) -> None:
    (proxy,) = built(**BY_RDS).of(DbProxy)
    assert [login.secret for login in proxy.logins] == [Attr("Database", "secret_arn")]


def test_the_validation_is_told_where_to_log_in(built: Built) -> None:
    functions = [next(built(**settings, validation="{}").of(Function)) for settings in (BY_RDS, {})]
    by_rds, by_mainstay = (function.environment for function in functions)
    assert by_rds["MAINSTAY_SECRET"] == Attr("Database", "secret_arn")
    assert by_rds["MAINSTAY_ENGINE"] == "postgres"
    assert by_rds["MAINSTAY_HOST"] == Attr("Database", "endpoint_address")
    assert by_rds["MAINSTAY_PORT"] == Attr("Database", "endpoint_port")
    assert {"MAINSTAY_ENGINE", "MAINSTAY_HOST", "MAINSTAY_PORT"} & by_mainstay.keys() == set()


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
def test_a_password_of_rds_lands(complaints: Callable[..., list[str]], engine: str) -> None:
    tested = {"validation": "{}", "protection__backup_plan": "{daily: {keep: 7d}, restore_test: {day: mon}}"}
    assert complaints(**BY_RDS, **tested, database__engine=engine) == []
