"""PX011: RequireTLS as written and as left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.proxy.examples import login, proxy
from mainstay.checks.proxy.proxy_without_tls import faults
from mainstay.core.findings import Finding
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"requires_tls": True}, 0),
        ({"requires_tls": False}, 1),
        ({"requires_tls": None}, 1),
        ({"requires_tls": Param("Tls")}, 0),
        ({"requires_tls": False, "logins": (login(iam="REQUIRED"),)}, 0),
        ({"requires_tls": None, "extras": {"RequireTLS": [1]}}, 0),
    ],
)
def test_proxies(changes: dict[str, object], count: int, say: Say) -> None:
    assert len(say(faults, plan_of(proxy(**changes)))) == count


@pytest.mark.parametrize(("written", "said"), [(None, "RequireTLS is not written."), (False, "RequireTLS is false.")])
def test_what_was_written(written: bool | None, said: str, say: Say) -> None:
    (finding,) = say(faults, plan_of(proxy(requires_tls=written)))
    assert finding.detail.endswith(said)
