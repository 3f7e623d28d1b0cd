"""One round: clients write, the fault is done, and they write on until the database is whole again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from mainstay.core.errors import Inconclusive, TargetRefused
from mainstay.core.units import Duration
from mainstay.ops.aws.rds_states import DbEvent
from mainstay.ops.takeover.clients import Clients
from mainstay.ops.takeover.model import REBOOT, Round, Takeover
from mainstay.ops.takeover.outage import outage
from mainstay.ops.wait import wait_for

# RDS does not give an event's id, only its words (RDS User Guide, USER_Events.Messages, 2026-11-21): 0013 and 0015 are
# about a promotion, 0049 ends one, and 0034 is told instead of one.
_COMPLETED: Final = "instance failover completed"
_ABANDONED: Final = ("isn't attempting a requested failover", "Abandoning user requested failover")
_RECOVERED: Final = "Recovery of the DB instance is complete"
_BEGINS_WITHIN_S: Final = 60.0
_PACE_S: Final = 5.0
_LOOK_BACK: Final = timedelta(hours=1)


def play(work: Takeover, number: int) -> None:
    """One round, kept in `work.rounds`. Inconclusive when there is no standby to take over in time."""
    request = work.request
    await_redundancy(work)
    known = _events(work)
    zone = work.site.doors.rds.instance(request.identifier).zone
    first = (number - 1) * request.writers * len(work.routes)
    clients = Clients(work.routes, work.source.engine, run=work.run.id, writers=request.writers, first=first)
    with clients:
        _await_service(work, clients)
        _stand_by(work, clients, request.seconds)
        played = Round(number=number, at=work.clock.now(), fault_at_s=time.monotonic(), tallies=clients.tallies)
        work.rounds.append(played)
        _break(work, number)
        _await_end(work, clients, played, known)
        _stand_by(work, clients, request.seconds)
    played.zones = (zone, work.site.doors.rds.instance(request.identifier).zone)
    played.outages = {
        tally.route.name: outage(tally.acknowledged_at, tally.errors_at, played.fault_at_s, tally.ended_at)
        for tally in clients.tallies
    }
    for tally in clients.tallies:
        work.progress.note(
            f"round {number}, {tally.route.name}: nothing was acknowledged for "
            f"{played.outages[tally.route.name].longest_s:.3f} s; {len(tally.acknowledged):,} writes acknowledged, "
            f"{len(tally.failed):,} failed, {len(tally.in_doubt):,} in doubt"
        )


def _break(work: Takeover, number: int) -> None:
    request, rds = work.request, work.site.doors.rds
    work.progress.note(f"round {number}: {request.fault} of {request.identifier}")
    if request.fault == REBOOT:
        with work.run.acting("rds:RebootDBInstance", target=request.identifier, failover=True):
            rds.reboot(request.identifier, with_failover=True)
        return
    lab = work.site.lab
    if lab is None:
        raise TargetRefused("a step is missing", detail=f"{request.fault} cannot be done here.")
    with work.run.acting(f"sandbox:{request.fault}", target=request.identifier):
        lab.faults[request.fault](request.identifier)


def is_whole(work: Takeover) -> bool:
    """Whether the database is available, and its standby could take over."""
    state = work.site.doors.rds.instance(work.request.identifier)
    return state.is_available and state.is_multi_az and not work.site.lacks_standby(state)


def await_redundancy(work: Takeover) -> None:
    """Until the standby could take over. Error: Inconclusive at the deadline."""
    wait_for(
        lambda: is_whole(work),
        bool,
        message=f"waiting for the standby of {work.request.identifier}",
        deadline_s=float(work.request.deadline),
        pace_s=work.site.pace(_PACE_S),
        progress=work.progress,
        clock=work.clock,
    )


def _await_service(work: Takeover, clients: Clients) -> None:
    """Until every route serves: nothing is broken for a measurement that cannot be made."""
    deadline = work.clock.monotonic() + _BEGINS_WITHIN_S
    while not clients.are_served(0.0):
        if work.clock.monotonic() > deadline:
            silent = [tally for tally in clients.tallies if not len(tally.acknowledged_at)]
            told = "; ".join(f"{one.route.name} at {one.route.address}: {_why(one.errors)}" for one in silent)
            raise Inconclusive(
                "clients cannot write",
                detail=f"No write was acknowledged in {_BEGINS_WITHIN_S:.0f} s. {told}. Nothing was broken.",
                hint="see `mainstay verify`; run this where the database can be reached",
            )
        _stand_by(work, clients, 0.05)


def _why(errors: Iterable[str]) -> str:
    return ", ".join(errors) or "no answer"


def _stand_by(work: Takeover, clients: Clients, seconds: float) -> None:
    deadline = work.clock.monotonic() + seconds
    while (left := deadline - work.clock.monotonic()) > 0:
        work.clock.sleep(min(left, 0.5))
        clients.cut_stuck()


def _await_end(work: Takeover, clients: Clients, played: Round, known: Sequence[DbEvent]) -> None:
    """Until the fault is over for the database and for its clients; the deadline ends it too, and the round says so."""
    expects_takeover = work.request.fault != "partition"
    deadline = played.fault_at_s + float(work.request.deadline)
    was_broken = False
    while time.monotonic() < deadline:
        told = played.events = tuple(event for event in _events(work) if event not in known)
        played.has_taken_over = _has(told, _COMPLETED)
        played.is_abandoned = any(_has(told, words) for words in _ABANDONED)
        whole = is_whole(work)
        was_broken = was_broken or not whole
        is_told = played.has_taken_over or _has(told, _RECOVERED) if expects_takeover else was_broken
        if whole and (is_told or played.is_abandoned) and clients.are_served(time.monotonic() - 1.0):
            played.is_over = True
            return
        waited = Duration(int(time.monotonic() - played.fault_at_s))
        work.progress.tick(f"round {played.number}: waiting until it is whole again ({waited})")
        _stand_by(work, clients, work.site.pace(_PACE_S))


def _events(work: Takeover) -> tuple[DbEvent, ...]:
    """What RDS tells of the last hour; what is new is told from what was known, as its clock need not be ours."""
    return work.site.doors.rds.events(work.request.identifier, work.clock.now() - _LOOK_BACK)


def _has(events: Iterable[DbEvent], words: str) -> bool:
    return any(words.lower() in event.message.lower() for event in events)
