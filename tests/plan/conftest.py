"""Plans built from a small spec, with some settings changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.spec import load

SMALL = """\
name: shop
profile: dev
region: eu-central-1
database:
  version: "17"
  class: db.m7g.large
  name: tap
storage:
  size: 100 GiB
alerts:
  subscribers: [ops@example.com]
"""


@pytest.fixture
def built() -> Callable[..., Plan]:
    """The plan of the small spec; keywords are dotted paths with __ for the dot (`class` needs no escape there)."""

    def make(**settings: str) -> Plan:
        return build(load(SMALL, overrides={key.replace("__", "."): value for key, value in settings.items()}))

    return make


@pytest.fixture
def refused(built: Callable[..., Plan]) -> Callable[..., list[Finding]]:
    """What the passes say about the small spec with some settings changed."""

    def find(**settings: str) -> list[Finding]:
        with pytest.raises(InputRefused) as raised:
            built(**settings)
        assert raised.value.summary == "spec refused"
        return list(raised.value.findings)

    return find
