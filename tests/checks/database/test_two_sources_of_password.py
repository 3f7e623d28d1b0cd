"""DB033: who has a password, and who a key for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.two_sources_of_password import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import If, Param, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"manages_password": True, "password": "not-a-secret"}, "RDS is to manage one"),
        ({"manages_password": True, "password": Param("Password")}, "RDS is to manage one"),
        ({"manages_password": True}, None),
        ({"manages_password": False, "password": Param("Password")}, None),
        ({"manages_password": Param("Managed"), "password": Param("Password")}, None),
        ({"manages_password": True, "password": If("IsOurs", Param("Password"), None)}, None),
        ({"manages_password": True, "password": Unknown("hidden")}, None),
        ({"password_key": "arn:aws:kms:us-east-1:123456789012:key/1"}, "RDS manages none"),
        ({"manages_password": False, "password_key": "alias/shop"}, "RDS manages none"),
        ({"manages_password": True, "password_key": "alias/shop"}, None),
        ({"manages_password": Param("Managed"), "password_key": "alias/shop"}, None),
        ({"password_key": Unknown("later")}, None),
    ],
)
def test_passwords(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)
