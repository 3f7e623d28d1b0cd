"""Security Hub: every control that such a stack touches, held against the production design of every blueprint.

`docs/security-hub.md` is written from the tables beside this file:

    MAINSTAY_GOLDEN=write python -m pytest tests/plan/test_plan_security_hub.py
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.plan.security_hub_others import OTHERS
from tests.plan.security_hub_predicates import Beyond, Chosen, Control, Met
from tests.plan.security_hub_rds import RDS

from mainstay import facts
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.spec import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security-hub.md"
CONTROLS = (*RDS, *OTHERS)
MET = [one for one in CONTROLS if isinstance(one, Met)]
CHOSEN = [one for one in CONTROLS if isinstance(one, Chosen)]
# No blueprint is for MariaDB, so it is asked about by the one for MySQL.
MARIADB = {"database.engine": "mariadb", "database.version": '"11.8"'}
KNOWN = facts.load("security_hub")


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    """Every blueprint in production, and one of them for MariaDB."""
    sources = sorted((ROOT / "blueprints").glob("*.yaml"))
    made = {path.stem: build(load(path, environment="prod")) for path in sources}
    mysql = load(ROOT / "blueprints" / "mysql-proxy.yaml", environment="prod", overrides=MARIADB)
    return {**made, "mariadb": build(mysql)}


def test_every_control_is_accounted_for_once() -> None:
    assert [one for one, count in Counter(control.id for control in CONTROLS).items() if count > 1] == []
    assert {control.id for control in CONTROLS} == set(KNOWN.data)
    assert len(MET) > 50


@pytest.mark.parametrize("control", MET, ids=lambda one: one.id)
def test_every_production_design_meets_it(plans: dict[str, Plan], control: Met) -> None:
    assert [name for name, plan in plans.items() if not control.holds(plan)] == []


@pytest.mark.parametrize("control", MET, ids=lambda one: one.id)
def test_a_broken_design_does_not_meet_it(plans: dict[str, Plan], control: Met) -> None:
    kind, fields = control.broken
    assert [name for name, plan in plans.items() if not control.holds(broken(plan, kind, fields))] != []


def broken(plan: Plan, kind: type[Any], fields: dict[str, Any]) -> Plan:  # Any: any kind and its fields
    regions = (
        dataclasses.replace(
            region,
            resources=tuple(
                dataclasses.replace(one, **fields) if isinstance(one, kind) else one for one in region.resources
            ),
        )
        for region in plan.regions
    )
    return dataclasses.replace(plan, regions=tuple(regions))


@pytest.mark.parametrize("control", CHOSEN, ids=lambda one: one.id)
def test_who_chooses_it_meets_it(built: Callable[..., Plan], control: Chosen) -> None:
    settings = {key.replace(".", "__"): value for key, value in control.settings.items()}
    assert not control.holds(built(database__engine=control.engine))
    assert control.holds(built(database__engine=control.engine, **settings))


def test_the_page_is_current() -> None:
    if os.environ.get("MAINSTAY_GOLDEN") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def page() -> str:
    head = f"""\
# Security Hub

Every control of AWS Security Hub that a stack like this touches ({KNOWN.citation}), and what meets it. "Met" holds for
the `prod` environment of every blueprint; "by choice" holds when the spec says so, by the key that is named; "no
question" is what no design decides. `tests/plan/test_plan_security_hub.py` evaluates each on the plans, breaks each
once, and writes this page.

A green Security Hub is no proof: RDS.19 to RDS.22 pass where there is no subscription at all.

| control | severity | asks for | answer | by |
|---|---|---|---|---|
"""
    return head + "".join(map(row, CONTROLS))


def row(control: Control) -> str:
    severity, title = KNOWN.data[control.id]
    answer = {Met: "met", Chosen: "by choice", Beyond: "no question"}[type(control)]
    by = control.why if isinstance(control, Beyond) else control.by
    return f"| {control.id} | {severity} | {title} | {answer} | {by} |\n"
