"""SE001: whose password a generated secret holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.secrets.another_password import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import GeneratedSecret, Resource, Secret, SecretAttachment
from mainstay.plan.values import If, Param, Ref, SecretField, Unknown, join

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
OWN, OTHER = SecretField(Ref("Secret"), "password"), SecretField(Ref("Other"), "password")


def findings_of(
    say: Say, changes: dict[str, object], template: object = '{"username": "shop"}', **secret: object
) -> list[Finding]:
    made = GeneratedSecret(template=template, key="password")  # type: ignore[arg-type]  # whatever a case wants
    resources: tuple[Resource, ...] = (
        Secret(**{"key": "Secret", "generate": made, **secret}),  # type: ignore[arg-type]  # as above
        Secret(key="Other"),
        SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database")),
    )
    return say(faults, plan_of(database(**{"username": "shop", **changes}), *resources))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": OWN}, None),
        ({"password": OTHER}, "was given another one"),
        ({"password": "hunter22"}, "was given another one"),
        ({"password": Param("Password")}, "was given another one"),
        ({"password": If("IsNew", OWN, Param("Password"))}, None),
        ({"password": If("IsNew", OTHER, "hunter22")}, "was given another one"),
        ({"password": If("IsNew", OTHER, None)}, "was given another one"),
        ({"password": If("IsNew", None, OWN)}, None),
        ({"password": Unknown("later")}, None),
        ({"password": SecretField(Ref("Elsewhere"), "password")}, None),
        ({"password": None}, None),
        ({"manages_password": True}, "RDS manages the real one"),
        ({"username": "other", "password": OTHER}, None),  # an application's user
        ({"username": None, "password": OTHER}, None),
    ],
)
def test_passwords(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = findings_of(say, changes)
    assert [finding.subject for finding in findings] == ([] if said is None else ["Secret"])
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize(
    ("template", "username", "count"),
    [
        (join('{"username": "', Param("User"), '"}'), Param("User"), 1),
        (join('{"username": "', Param("Other"), '"}'), Param("User"), 0),
        (join('{"username": "', Param("User"), '"}'), "shop", 0),
        ("no JSON", "shop", 0),
        ('["shop"]', "shop", 0),
        ("{}", "shop", 0),
        (None, "shop", 0),
        (None, None, 0),
        ("no JSON", SecretField(Ref("Secret"), "username"), 1),  # the name that the secret itself gives
        ('{"username": "shop"}', SecretField(Ref("Other"), "username"), 0),
    ],
)
def test_for_whom_it_is(template: object, username: object, count: int, say: Say) -> None:
    assert len(findings_of(say, {"username": username, "password": OTHER}, template)) == count


def test_not_seen(say: Say) -> None:
    assert findings_of(say, {"password": OTHER}, generate=None) == []
    elsewhere = SecretAttachment(key="Attachment", secret="arn:aws:secretsmanager:x", target=Ref("Database"))
    assert say(faults, plan_of(database(), elsewhere)) == []
    assert say(faults, plan_of(Secret(key="Secret"), SecretAttachment(key="A", secret=Ref("Secret"), target="x"))) == []


@pytest.mark.parametrize("key", ["password", Param("Key")])
def test_the_database_gets_the_secret_s_own_field(key: object, mends: Mends) -> None:
    made = GeneratedSecret(template='{"username": "shop"}', key=key)  # type: ignore[arg-type]  # whatever a case wants
    db = database(username="shop", password=OTHER)
    attachment = SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database"))
    (mend,) = mends(faults, plan_of(db, Secret(key="Secret", generate=made), Secret(key="Other"), attachment))
    assert mend == ((database(username="shop", password=OWN),) if key == "password" else ())
