"""A spec as small as it can be, and what `load` says about a broken one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.spec import Spec, load

MINIMAL = """\
name: shop
database:
  version: "17"
  class: db.m7g.large
  name: tap
storage:
  size: 100 GiB
alerts:
  subscribers: [ops@example.com]
"""

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]


@pytest.fixture
def minimal() -> str:
    return MINIMAL


@pytest.fixture
def loaded() -> Loaded:
    """The smallest spec with some settings changed by argument."""

    def make(overrides: Mapping[str, str]) -> Spec:
        return load(MINIMAL, overrides=overrides)

    return make


@pytest.fixture
def refusals() -> Refusals:
    """The findings about a text, or about the smallest spec with some settings changed by argument."""

    def find(text: str = MINIMAL, overrides: Mapping[str, str] | None = None, **options: str) -> list[Finding]:
        with pytest.raises(InputRefused) as raised:
            load(text, overrides=overrides, environment=options.get("environment"))
        return list(raised.value.findings)

    return find
