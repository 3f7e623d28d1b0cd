"""The verdict of a takeover: what proves it, what disproves it, and what nobody saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from mainstay.core.clock import SystemClock
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.ops.aws.rds_states import DbEvent
from mainstay.ops.takeover.clients import Route, Tally
from mainstay.ops.takeover.judging import judge
from mainstay.ops.takeover.model import Round, Takeover, TakeoverRequest
from mainstay.ops.takeover.outage import Outage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DONE = DbEvent(at=NOW, message="Multi-AZ instance failover completed", categories=("failover",))


def nowhere() -> Any:
    raise NotImplementedError


@pytest.fixture
def work() -> Takeover:
    """One round in which three writes were acknowledged, one failed and one is in doubt; the outage took 2 s."""
    tally = Tally(Route("direct", "127.0.0.9:5432", nowhere), {(0, 1), (0, 2), (0, 4)}, {(0, 3)}, {(0, 5)})
    played = Round(
        number=1, at=NOW, fault_at_s=5.0, tallies=(tally,), events=(DONE,), zones=("a", "b"), is_over=True,
        has_taken_over=True, outages={"direct": Outage(2.0, 0.1, 1.9)},
    )  # fmt: skip
    none = cast("Any", None)
    return Takeover(
        site=none, request=TakeoverRequest(stack="s", identifier="db", secret="x", rto=Duration(2)), confirm="s",
        run=none, journal=none, workspace=Path(), progress=Silent(), clock=SystemClock(), started_at=NOW,
        rounds=[played], entries=frozenset({(0, 1), (0, 2), (0, 4)}), has_looked=True,
    )  # fmt: skip


def judged(work: Takeover) -> tuple[str, str]:
    verdict = judge(work)
    return verdict.word, " ".join(verdict.reasons)


def test_everything_acknowledged_is_there_within_the_promise(work: Takeover) -> None:
    assert judged(work) == ("PROVEN", "")
    assert {check.outcome for check in work.checks} == {"passed", "noted"}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_write_in_doubt_may_be_there_or_not(work: Takeover, is_there: bool) -> None:
    work.entries |= {(0, 5)} if is_there else set()
    assert judged(work)[0] == "PROVEN"
    (told,) = (check.observed for check in work.checks if "in doubt" in check.name)
    assert told == ("1 there, 0 not" if is_there else "0 there, 1 not")


def test_one_acknowledged_write_that_is_gone_disproves(work: Takeover) -> None:
    work.entries -= {(0, 4)}
    assert judged(work) == ("DISPROVEN", "round 1, direct: acknowledged writes: expected all 3 there, found 2 there.")


def test_a_failed_write_that_is_there_disproves(work: Takeover) -> None:
    work.entries |= {(0, 3)}
    assert judged(work) == ("DISPROVEN", "round 1, direct: failed writes: expected none of 1 there, found 1 there.")


def test_an_outage_longer_than_promised_disproves(work: Takeover) -> None:
    work.rounds[0].outages = {"direct": Outage(2.001, 0.1, 1.9)}
    assert judged(work) == ("DISPROVEN", "longest outage: expected at most 2s, found 2.001 s.")
    work.checks.clear()
    work.request = replace(work.request, rto=None)
    assert judged(work)[0] == "PROVEN"


def test_an_abandoned_failover_says_nothing(work: Takeover) -> None:
    work.rounds[0].is_abandoned = True
    word, why = judged(work)
    assert word == "INCONCLUSIVE"
    assert "abandoned" in why


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"has_taken_over": False}, "expected failover completed"),
        ({"is_over": False}, "whole again"),
        ({"outages": {"direct": Outage(1.0, 0.1, None)}}, "writes go on: expected yes, found no"),
    ],
)
def test_what_was_not_seen_is_not_proven(work: Takeover, members: dict[str, Any], why: str) -> None:
    for name, value in members.items():
        setattr(work.rounds[0], name, value)
    word, reasons = judged(work)
    assert word == "INCONCLUSIVE"
    assert why in reasons


def test_a_partition_expects_no_failover(work: Takeover) -> None:
    work.request = replace(work.request, fault="partition")
    work.rounds[0].has_taken_over, work.rounds[0].events = False, ()
    assert judged(work) == ("PROVEN", "")


def test_a_ledger_that_nobody_read_proves_nothing(work: Takeover) -> None:
    work.has_looked = False
    assert judged(work)[0] == "INCONCLUSIVE"


def test_no_write_at_all_proves_nothing(work: Takeover) -> None:
    work.rounds[0].tallies[0].acknowledged.clear()
    assert judged(work)[0] == "INCONCLUSIVE"


def test_a_round_that_was_not_played_proves_nothing(work: Takeover) -> None:
    work.request = replace(work.request, runs=2)
    assert judged(work)[0] == "INCONCLUSIVE"
    work.checks.clear()
    work.request, work.reasons = replace(work.request, runs=1), ["round 2: the machine is full"]
    assert judged(work) == ("INCONCLUSIVE", "round 2: the machine is full")
