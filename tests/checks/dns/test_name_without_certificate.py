"""DN003: names of databases and proxies, and of anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.dns.examples import named, record
from mainstay.checks.dns.name_without_certificate import faults
from mainstay.checks.proxy.examples import proxy
from mainstay.core.findings import Finding
from mainstay.plan.values import Attr, Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("value", "kind", "target"),
    [
        (Attr("Database", "endpoint_address"), "CNAME", "Database"),
        (Attr("Proxy", "endpoint_address"), "CNAME", "Proxy"),
        (Attr("Database", "endpoint_address"), "TXT", None),
        (Attr("Database", "endpoint_port"), "CNAME", None),
        (Attr("Nobody", "endpoint_address"), "CNAME", None),
        (Param("Host"), "CNAME", None),
    ],
)
def test_what_it_leads_to(value: object, kind: str, target: str | None, say: Say) -> None:
    findings = say(faults, named(Name=record(values=(value,), type=kind), Proxy=proxy()))
    assert [f"leads to {target}, " in one.detail for one in findings] == ([True] if target else [])
