"""Ports that nobody wrote."""

from __future__ import annotations

import pytest

from mainstay.checks.network.traffic import proxy_port
from mainstay.checks.proxy.examples import proxy
from mainstay.plan.values import Param


@pytest.mark.parametrize(
    ("family", "port"), [("POSTGRESQL", 5432), ("MYSQL", 3306), ("SQLSERVER", None), (Param("Family"), None)]
)
def test_a_proxy_listens_on_its_engine_s_port(family: object, port: int | None) -> None:
    assert proxy_port(proxy(engine_family=family)) == port
