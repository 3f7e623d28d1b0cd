"""What a person reads of a proxy: where it is, how its target does, and what stands in its place in the sandbox."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from rich.console import Console

from mainstay.cli.views import deploy, sandbox, status
from mainstay.ops.deployment import Deployed
from mainstay.ops.status import ProxyStatus, StackStatus
from mainstay.sandbox.overview import NameStatus, SandboxStatus
from mainstay.sandbox.overview import ProxyStatus as Running

T = TypeVar("T")
NOTE = "Front: nothing [pools] here"


def shown(view: Callable[[Console, T], object], what: T) -> str:
    text = io.StringIO()
    view(Console(file=text, width=200, no_color=True, soft_wrap=True), what)
    return text.getvalue()


def stack(**proxy: object) -> StackStatus:
    known = {"key": "Front", "identifier": "front", "status": "available", "address": "127.0.0.8", "requires_tls": True}
    found = ProxyStatus(**{**known, "targets": {"shop": "AVAILABLE"}, **proxy})  # type: ignore[arg-type]  # by the test
    return StackStatus(
        stack="s", site="sandbox", region="eu-west-1", status="CREATE_COMPLETE", is_protected=True, instances=(),
        alarms={}, restored={}, unfinished={}, outputs={}, proxies=(found,), stand_ins=(NOTE,),
    )  # fmt: skip


def test_a_proxy_and_what_stands_in_its_place_are_in_the_status() -> None:
    text = shown(status.status_view, stack())
    assert "front available · proxy · TLS required · 127.0.0.8" in text
    assert "target shop: AVAILABLE" in text
    assert NOTE in text
    assert "TLS not required" in shown(status.status_view, stack(requires_tls=False))


@pytest.mark.parametrize(
    ("proxy", "is_well"),
    [({}, True), ({"status": "modifying"}, False), ({"targets": {"shop": "UNAVAILABLE AUTH_FAILURE"}}, False)],
)
def test_a_stack_is_well_with_its_proxies(proxy: dict[str, object], is_well: bool) -> None:
    assert stack(**proxy).is_well is is_well


def test_a_deployment_ends_with_what_stands_in() -> None:
    result = Deployed(
        stack="s", stack_id="s", status="CREATE_COMPLETE", account="1", region="eu-west-1", site="sandbox",
        has_changed=True, changes=(), outputs={"A": "b"}, seconds=1.0, run_id="r", stand_ins=(NOTE,),
    )  # fmt: skip
    assert shown(deploy.deploy_view, result).splitlines()[1:] == ["  A = b", f"  {NOTE}"]


def test_a_sandbox_shows_the_pool_behind_a_proxy() -> None:
    running = Running("front", "eu-west-1", "available", "127.0.0.8", 5432, "shop", "AVAILABLE", 77, "it [pools]")
    creating = Running("next", "eu-west-1", "creating", None, None, None, None, None, None)
    seen = SandboxStatus(Path("/s"), Path("/s/ca.pem"), 1, (), (running, creating), ())
    text = shown(sandbox.status_view, seen)
    assert "front available · proxy of shop · 127.0.0.8:5432" in text
    for words in ("pool     process 77", "target   AVAILABLE", "it [pools]"):
        assert f"    {words}\n" in text
    assert "next creating · proxy of nothing · no address yet" in text


def test_a_sandbox_shows_where_a_name_would_lead() -> None:
    names = (
        NameStatus("db.shop.internal", "127.0.0.9", 60, "shop-dev", 5432),
        NameStatus("mail.shop.internal", "mail.example.org", 300, None, None),
    )
    text = shown(sandbox.status_view, SandboxStatus(Path("/s"), Path("/s/ca.pem"), 1, (), (), (), names))
    assert "db.shop.internal name of shop-dev · 127.0.0.9 · kept 60 s\n" in text
    assert "    reach it host=db.shop.internal hostaddr=127.0.0.9 port=5432 sslmode=verify-ca\n" in text
    assert text.endswith("mail.shop.internal name of nothing here · mail.example.org · kept 300 s\n")
