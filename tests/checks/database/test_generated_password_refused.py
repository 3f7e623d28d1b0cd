"""DB020: alphabets, lengths, and the chance of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.database.generated_password_refused import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import GeneratedSecret, Resource, Secret
from mainstay.plan.values import If, Param, Ref, SecretField, Value

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
PASSWORD: Value[str] = SecretField(Ref("Secret"), "password")
SOUND = {"excluded_characters": '/@"'}


def findings_of(
    say: Say,
    made: dict[str, object],
    *,
    extras: dict[str, object] | None = None,
    password: object = PASSWORD,
    engine: str = "postgres",
) -> list[Finding]:
    generated = GeneratedSecret(**{"key": "password", **made})  # type: ignore[arg-type]  # whatever a case wants
    secret = Secret(key="Secret", generate=generated, extras=extras or {})  # type: ignore[arg-type]  # JSON
    return say(faults, plan_of(database(password=password, engine=engine), secret))


@pytest.mark.parametrize(
    ("made", "extras", "said"),
    [
        # 32 draws, each of which is right in 91 of 94 cases
        ({}, {}, "draws 32 characters from 94, 3 of which RDS refuses ('\"' '/' '@'): about 65% of the passwords"),
        ({"length": 8}, {}, "about 23% of"),
        ({"excluded_characters": "'\\"}, {}, "characters from 92, 3 of which"),
        ({"excluded_characters": '"@'}, {}, "characters from 92, 1 of which RDS refuses ('/'): about 30%"),
        (SOUND, {}, None),
        ({"excludes_punctuation": True}, {}, None),
        ({"excludes_punctuation": False}, {}, "about 65%"),
        ({}, {"GenerateSecretString.ExcludeUppercase": True}, "from 68, 3 of"),
        ({}, {"GenerateSecretString.ExcludeLowercase": "true", "x.exclude_numbers": True}, "from 58, 3 of"),
        (SOUND, {"GenerateSecretString.IncludeSpace": True}, "from 92, 1 of which RDS refuses (' ')"),
        (SOUND, {"GenerateSecretString.IncludeSpace": False}, None),
        # not seen
        ({"excluded_characters": Param("Excluded")}, {}, None),
        ({"excludes_punctuation": Param("Plain")}, {}, None),
        ({"length": Param("Length")}, {}, None),
        ({}, {"GenerateSecretString.PasswordLength": {"odd": 1}}, None),
        ({}, {"GenerateSecretString.ExcludeCharacters": {"odd": 1}}, None),
    ],
)
def test_alphabets(made: dict[str, object], extras: dict[str, object], said: str | None, say: Say) -> None:
    findings = findings_of(say, made, extras=extras)
    assert [finding.subject for finding in findings] == ([] if said is None else ["Secret"])
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize(
    ("engine", "length", "count"),
    [
        ("mysql", 7, 1),
        ("mysql", 8, 0),
        ("mysql", 41, 0),
        ("mysql", 42, 1),
        ("mariadb", 42, 1),
        ("postgres", 128, 0),
        ("postgres", 129, 1),
        ("postgres", None, 0),  # 32
        ("sqlserver-ee", 500, 0),
    ],
)
def test_lengths(engine: str, length: int | None, count: int, say: Say) -> None:
    findings = findings_of(say, {**SOUND, "length": length}, engine=engine)
    assert len(findings) == count
    assert all(f"a password of {length} characters" in finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("password", "count"),
    [
        (If("IsNew", PASSWORD, None), 1),
        (SecretField(Ref("Secret"), "username"), 0),
        (SecretField(Ref("Elsewhere"), "password"), 0),
        (Param("Password"), 0),
        (None, 0),
    ],
)
def test_whose_password(password: object, count: int, say: Say) -> None:
    assert len(findings_of(say, {}, password=password)) == count


def test_a_secret_that_is_not_generated(say: Say) -> None:
    assert say(faults, plan_of(database(password=PASSWORD), Secret(key="Secret"))) == []


@pytest.mark.parametrize(
    ("engine", "length", "right"), [("mysql", 7, 8), ("mysql", 42, 41), ("postgres", 7, 8), ("postgres", 129, 128)]
)
def test_the_nearest_length(engine: str, length: int, right: int, mends: Mends) -> None:
    made = GeneratedSecret(key="password", length=length, excluded_characters='/@"')
    secret = Secret(key="Secret", generate=made)
    plan = plan_of(database(password=PASSWORD, engine=engine), secret)
    assert mends(faults, plan) == [(replace(secret, generate=replace(made, length=right)),)]
