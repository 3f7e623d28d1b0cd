"""Plans built from a small spec, with some settings changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from tests.linting import matches

from mainstay import checks
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.formats import cloudformation
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
ENGINES = {"postgres": "17", "mysql": "8.4", "mariadb": "11.8"}


@pytest.fixture
def built() -> Callable[..., Plan]:
    """The plan of the small spec; keywords are dotted paths with __ for the dot (`class` needs no escape there)."""

    def make(**settings: str) -> Plan:
        return build(load(SMALL, overrides=_overrides(settings)))

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


@pytest.fixture
def complaints() -> Callable[..., list[str]]:
    """Everything that is said against the small spec's plan: our own checks, cfn-lint, a template read back."""

    def find(**settings: str) -> list[str]:
        spec = load(SMALL, overrides=_overrides(settings))
        plan = build(spec)
        # A fixed day: what leaves support later must not turn a test red by itself.
        said = [str(one) for one in checks.run(plan, spec, today=date(2026, 11, 21))]
        texts = cloudformation.render(plan)
        for region, (name, text) in zip(plan.regions, texts.items(), strict=True):
            said += [f"{name}: {match}" for match in matches(text, region.region)]
            if cloudformation.read(text, file=name).regions[0].resources != region.resources:
                said.append(f"{name} reads back as another plan")
        return said

    return find


def _overrides(settings: dict[str, str]) -> dict[str, str]:
    engine = settings.get("database__engine")
    usual = {"database.version": f'"{ENGINES[engine]}"'} if engine else {}
    return usual | {key.replace("__", "."): value for key, value in settings.items()}
