"""PX008: what a generated secret consists of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.proxy.examples import fronted, login, proxy
from mainstay.checks.proxy.secret_without_login import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    GeneratedSecret,
    Secret,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("template", "key", "said"),
    [
        ('{"username": "shop"}', "password", None),
        ('{"username": "shop", "password": "x"}', "other", None),
        ('{"user": "shop"}', "password", "has no username."),
        ('{"username": "shop"}', "pass", "has no password."),
        (None, None, "has no password and no username."),
        ("{}", "password", "has no username."),
        ("no JSON", "password", "has no password and no username."),
        ("[]", "password", "has no username."),
        (Param("Template"), "password", None),
        ('{"username": "shop"}', Param("Key"), None),
    ],
)
def test_secrets(template: object, key: object, said: str | None, say: Say) -> None:
    made = GeneratedSecret(template=template, key=key)  # type: ignore[arg-type]  # any value
    plan = fronted(Proxy=proxy(logins=(login(secret=Ref("Login")),)), Login=Secret(key="Login", generate=made))
    details = [each.detail for each in say(faults, plan)]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


@pytest.mark.parametrize("secret", [Secret(key="Login"), Secret(key="Login", extras={"SecretString": "x"}), None])
def test_secrets_that_cannot_be_seen(secret: Secret | None, say: Say) -> None:
    assert say(faults, fronted(Proxy=proxy(logins=(login(secret=Ref("Login")),)), Login=secret)) == []
