"""PX013: who has whose address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.proxy.examples import fronted
from mainstay.checks.proxy.proxy_bypassed import faults
from mainstay.core.findings import Finding
from mainstay.plan.plan import Output
from mainstay.plan.resources import (
    Function,
    Instance,
    Resource,
)
from mainstay.plan.values import (
    Attr,
    Param,
    Value,
    join,
)

Say = Callable[..., list[Finding]]


def app(host: Value[str]) -> Function:
    return Function(key="App", role="arn:x", environment={"HOST": host})


AT_DB, AT_PROXY = Attr("Database", "endpoint_address"), Attr("Proxy", "endpoint_address")


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        ({"App": app(AT_DB)}, 1),
        ({"App": app(join("postgresql://", AT_DB, ":5432/shop"))}, 1),
        ({"App": app(AT_PROXY)}, 0),
        ({"App": app("db.example.org")}, 0),
        ({"App": app(Param("Host"))}, 0),
        ({}, 0),
        ({"App": app(AT_DB), "Other": Function(key="Other", role="arn:x", environment={"HOST": AT_PROXY})}, 0),
        ({"App": Instance(key="App", image="ami-1", user_data=join("psql -h ", AT_DB))}, 1),
        ({"App": app(AT_DB), "Pool": None}, 0),
    ],
)
def test_clients(parts: dict[str, Resource | None], count: int, say: Say) -> None:
    assert len(say(faults, fronted(intent=None, **parts))) == count


def test_who_exports_the_proxy_means_others_to_use_it(say: Say) -> None:
    plan = fronted(App=app(AT_DB))
    told = replace(plan.primary, outputs=(Output(name="Endpoint", value=AT_PROXY),))
    assert say(faults, replace(plan, regions=(told,))) == []
    told = replace(plan.primary, outputs=(Output(name="Endpoint", value=AT_DB),))
    assert len(say(faults, replace(plan, regions=(told,)))) == 1


def test_only_those_are_named_who_have_the_address(say: Say) -> None:
    others = {
        "Job": Instance(key="Job", image="ami-1", user_data=join("psql -h ", AT_DB)),
        "Host": Instance(key="Host", image="ami-1", user_data="echo"),
        "Idle": Function(key="Idle", role="arn:x", environment={"HOST": "db.example.org"}),
    }
    (finding,) = say(faults, fronted(intent=None, App=app(AT_DB), **others))
    assert finding.detail.startswith("App and Job has the address of Database; nothing here has that of Proxy")
