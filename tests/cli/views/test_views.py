"""What a person reads where something needs them; names are never taken for markup."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

import pytest
from rich.console import Console

from mainstay.checks.examples import database, plan_of
from mainstay.cli.views.cost import print_cost
from mainstay.cli.views.findings import print_findings, tally
from mainstay.cli.views.promise import away, print_promise
from mainstay.cli.views.status import status_view
from mainstay.core.findings import Finding, Harm, Origin, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import Failure, cost, promise
from mainstay.ops.proof import Proof
from mainstay.ops.status import InstanceStatus, StackStatus
from mainstay.plan.intent import DrillIntent, Intent
from mainstay.plan.resources import Instance

T = TypeVar("T")


def shown(view: Callable[[Console, T], object], what: T) -> str:
    text = io.StringIO()
    view(Console(file=text, width=200, no_color=True, soft_wrap=True), what)
    return text.getvalue()


def finding(number: int, severity: Severity, *, hint: str = "", origin: Origin | None = None) -> Finding:
    return Finding(
        id=f"DB00{number}",
        severity=severity,
        harm=Harm.DATA_LOSS,
        summary="it goes",
        detail="All of [it].",
        hint=hint,
        subject="",
        origin=origin,
    )


WARNING = finding(1, Severity.WARNING, hint="keep [it]", origin=Origin("a [b].yaml", 3))
ERROR = finding(2, Severity.ERROR)
ACCEPTED = finding(3, Severity.ERROR).suppress("only [test] data")


def test_findings_stand_in_the_order_in_which_to_act() -> None:
    lines = shown(print_findings, [WARNING, ACCEPTED, ERROR]).splitlines()
    assert lines[0] == "error DB002 it goes (data loss)"
    assert lines[1] == "  All of [it]."
    assert "warning DB001 it goes (data loss)" in lines
    assert "  a [b].yaml:3" in lines
    assert "  fix keep [it]" in lines
    assert any(line.endswith("only [test] data") and line.startswith("suppressed DB003") for line in lines)


def test_the_tally_counts_what_nobody_accepted() -> None:
    assert tally([ACCEPTED]) == "no findings"
    assert tally([ERROR, ERROR, WARNING, ACCEPTED]) == "2 errors, 1 warning"


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Duration.days(7)


@pytest.mark.parametrize(
    ("proof", "told", "is_well"),
    [
        (Proof(lasts=WEEK, proven_at=NOON, level="P4", run="r1", is_proven=True),
         "PROVEN until 2026-11-27T12:00:00Z · run r1, level P4", True),
        (Proof(lasts=None, proven_at=NOON, level="P4", run="r1", is_proven=True),
         "PROVEN once; drill.every would say how often", True),
        (Proof(lasts=None), "not proven, and not asked to be (drill.every) · no drill has proven it", True),
        (Proof(lasts=WEEK, since=NOON), "not proven since 2026-11-20T12:00:00Z: a proof lasts 7d", False),
        (Proof(lasts=WEEK, altered=2), "not proven at any time: a proof lasts 7d · no drill has proven it · 2", False),
        (Proof(lasts=WEEK, proven_at=NOON, since=NOON, level="P4", run="r1", disproven_by="r2"),
         "not proven since 2026-11-20T12:00:00Z: disproven by run r2 · run r1, level P4", False),
    ],
)  # fmt: skip
def test_a_status_says_until_when_it_is_proven(proof: Proof, told: str, is_well: bool) -> None:
    stack = StackStatus(
        stack="shop", site="aws", region="eu-west-1", status="CREATE_COMPLETE", is_protected=True, instances=(),
        alarms={}, restored={}, unfinished={}, outputs={}, proof=proof,
    )  # fmt: skip
    assert told in shown(status_view, stack)
    assert (stack.is_well, stack.exit_code) == (is_well, int(not is_well))
    assert stack.as_json()["proof"] == proof.as_json()


def test_a_status_names_whatever_needs_somebody() -> None:
    database = InstanceStatus(
        key="Db",
        identifier="shop",
        status="available",
        role="primary",
        address="127.0.0.9",
        port=5432,
        engine="postgres 17.10",
        is_multi_az=True,
        restorable_age=Duration(61),
        pending=("MultiAZ",),
    )
    stack = StackStatus(
        stack="shop",
        site="sandbox",
        region="eu-west-1",
        status="UPDATE_COMPLETE",
        is_protected=False,
        instances=(database,),
        alarms={"cpu [high]": "ALARM", "lag": "OK"},
        restored={"back": "available, for a restore"},
        unfinished={"20261120t140000z-abc": "deploy: carry [them] out"},
        outputs={},
    )
    text = shown(status_view, stack)
    assert "proven" not in text
    assert "not protected against deletion" in text
    assert "primary, with a standby · postgres 17.10 · 127.0.0.9:5432" in text
    assert "restorable to 1m1s ago" in text
    assert "pending: MultiAZ" in text
    assert "alarms: 2, firing: 1" in text
    assert "    cpu [high]\n" in text
    assert "restored copy back: available" in text
    assert "unfinished 20261120t140000z-abc: deploy: carry [them] out" in text
    alone = replace(stack, instances=(replace(database, is_degraded=True),))
    assert "primary, its standby could not take over now · postgres" in shown(status_view, alone)


def test_a_promise_with_its_reasons_names_every_way_back() -> None:
    made = promise(plan_of(database(is_multi_az=True)))
    assert "gone" not in shown(print_promise, made)
    text = shown(partial(print_promise, with_reasons=True), made)
    assert "standby" in text
    assert "gone  automated backups" in text
    assert "They stand in the same region." in text


def test_the_matrix_fits_eighty_columns_a_failure_a_line() -> None:
    text = io.StringIO()
    made = promise(plan_of(database(is_multi_az=True, backup_replica_region="us-west-2")))
    print_promise(Console(file=text, width=80, no_color=True), made)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["failure", "survives", "RPO", "RTO", "how"]
    assert "instance lost        yes       nothing     1 to 2 min    standby" in text.getvalue()
    assert "row deleted          yes       5m          34 to 54 min  automated backups" in text.getvalue()
    assert "account compromised  no        everything  for ever      no way back" in text.getvalue()
    assert "  account compromised: No backup is out of the account's reach." in lines
    assert "  Back to: any second for 7d." in lines
    assert len(lines) <= 16


@pytest.mark.parametrize(("most", "text"), [(7200, "20 to 120 min"), (7201, "0.3 to 2.1 h")])
def test_long_times_are_hours(most: int, text: str) -> None:
    (outcome,) = promise(plan_of(database())).of(Failure.ROW_DELETED)
    assert away(replace(outcome, rto_least=Duration(1200), rto_most=Duration(most))) == text


def test_of_two_reaches_the_longer_is_shown() -> None:
    keeps = {"backup_retention": Duration.days(7), "backup_replica_retention": Duration.days(14)}
    text = shown(print_promise, promise(plan_of(database(backup_replica_region="us-west-2", **keeps))))
    assert "Back to: any second for 14d." in text


def test_what_is_paid_beside_the_month_has_a_line_each() -> None:
    old = {"engine": "mysql", "engine_version": "8.0.46", "instance_class": "db.t4g.micro", "is_multi_az": False}
    drilled = plan_of(
        database(backup_replica_region="us-west-2", **old), intent=Intent(drill=DrillIntent(every=Duration.days(7)))
    )
    text = shown(print_cost, cost(drilled, today=date(2026, 11, 21)))
    assert "Once, first replicated backup to us-west-2: all of 30 to 100 GB: 1.20 USD (0.60 to 2.00)" in text
    assert "Once, upgrade by blue/green a second db.t4g.micro" in text
    assert "; one in 7d, " in text
    assert "2026-08-01 Database: Extended Support is charged: 146.00 USD a month" in text
    assert "2029-07-31 Database: Extended Support ends; RDS upgrades it by itself" in text
    assert "since 2026-08-01, 2 vCPU at 0.10 USD an hour" in text
    assert "Least certain: gp3_throughput_month" not in text
    assert "no schedule of drills is written" in shown(print_cost, cost(plan_of(database())))
    assert "price unknown" in shown(print_cost, cost(plan_of(database(instance_class="db.x9.large"))))
    fast = shown(print_cost, cost(plan_of(database(storage=Bytes.gib(400), throughput_mib_s=600))))
    assert "Least certain: gp3_throughput_month" in fast


def test_a_cost_says_what_it_does_not_know() -> None:
    bill = cost(plan_of(database(), Instance(key="Host", image="i", instance_type="p9.large"), region="eu-west-1"))
    text = shown(print_cost, bill)
    assert "122.64" in text
    assert "unknown" in text
    assert "without host, whose price is unknown" in text
    assert "Prices of us-east-1 on 2026-08-21; eu-west-1 has its own." in text
    assert "; a region that is not written has its own." in shown(print_cost, cost(plan_of(database(), region="")))
    assert "of everything above" in shown(print_cost, cost(plan_of(database())))
    assert shown(print_cost, cost(plan_of())) == ""
