"""What a drill is expected to cost, as its evidence says it."""

from __future__ import annotations

from mainstay.api._drill import expected_cost
from mainstay.api._site import Where
from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of
from mainstay.core.units import Bytes
from mainstay.forecast import cost

AWS, SANDBOX = Where(), Where(is_sandbox=True)
PLAN = plan_of(database(instance_class="db.m5.large", storage=Bytes.gib(100)))


def test_in_aws_it_is_what_the_forecast_expects_by_list_prices() -> None:
    usd, basis = expected_cost(PLAN, AWS)
    (drill,) = cost(PLAN).drills
    assert drill.each is not None
    assert usd == round(drill.each[1], 2) > 0
    assert basis.startswith("expected, list prices of us-east-1 on 2026-08-21: db.m5.large in one zone for ")


def test_the_sandbox_costs_nothing_and_a_class_without_a_price_is_not_known() -> None:
    assert expected_cost(PLAN, SANDBOX) == (0.0, "the sandbox costs nothing")
    assert expected_cost(plan_of(database(instance_class="db.x9.large")), AWS) == (
        None,
        "no price of its class, storage or size",
    )
