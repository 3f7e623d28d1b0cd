"""PX002: tokens, TLS and families."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.proxy.examples import login, proxy
from mainstay.checks.proxy.token_without_tls import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
    Unknown,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("iam", "family", "tls", "count"),
    [
        ("REQUIRED", "POSTGRESQL", True, 0),
        ("REQUIRED", "POSTGRESQL", False, 1),
        ("REQUIRED", "MYSQL", None, 1),
        ("REQUIRED", "MYSQL", Param("Tls"), 0),
        ("DISABLED", "MYSQL", False, 0),
        ("ENABLED", "MYSQL", True, 1),
        ("ENABLED", "POSTGRESQL", True, 1),
        ("ENABLED", "SQLSERVER", True, 0),
        ("ENABLED", Param("Family"), True, 0),
        (Param("Iam"), "MYSQL", False, 0),
    ],
)
def test_logins(iam: object, family: object, tls: object, count: int, say: Say) -> None:
    front = proxy(engine_family=family, requires_tls=tls, logins=(login(), login(iam=iam)))
    assert len(say(faults, plan_of(front))) == count


def test_logins_that_are_not_written_out(say: Say) -> None:
    assert say(faults, plan_of(proxy(logins=(Unknown("a list", is_list=True),), requires_tls=False))) == []


@pytest.mark.parametrize(("written", "said"), [(None, "RequireTLS is not written."), (False, "RequireTLS is false.")])
def test_what_was_written(written: bool | None, said: str, say: Say) -> None:
    (finding,) = say(faults, plan_of(proxy(requires_tls=written, logins=(login(iam="REQUIRED"),))))
    assert finding.detail.endswith(said)
