"""What a drill asked of AWS, in every session of its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.core.clock import parse_time
from mainstay.ops.aws.trail import Call, Trail
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Entry
from mainstay.ops.tags import DRILL

_OUTCOMES: Final = ("done", "failed")


def trails(drill: Drill) -> list[Trail]:
    """Those of its sites."""
    sites = [drill.site] if drill.there is drill.site else [drill.site, drill.there]
    return [site.doors.trail for site in sites]


def calls(drill: Drill) -> list[Call]:
    """What this run changed, in order; this process may have been at work before it."""
    since = drill.session_at or drill.started_at
    here = [call for trail in trails(drill) for call in trail.calls if call.at >= since]
    return sorted([*drill.earlier_calls, *here], key=lambda call: call.at)


def all_calls(drill: Drill) -> list[Call]:
    """Those, and what the journal alone knows of a process that was killed while it made an instance to stay.

    A drill that is taken up has them among its earlier ones.
    """
    known = calls(drill)
    if drill.purpose == DRILL:
        return known
    return with_unheard(drill.run.entries, known, drill.there.region)


def with_unheard(entries: list[Entry], known: list[Call], region: str) -> list[Call]:
    """The calls that are known, and those that only the journal knows, in order of time."""
    return sorted([*known, *unheard(entries, known, region)], key=lambda call: call.at)


def reads(drill: Drill) -> dict[str, int]:
    """How often it looked, by operation."""
    here = looks(drill)
    here.subtract(drill.reads_before)
    return {name: count for name, count in sorted((here + Counter(drill.earlier_reads)).items()) if count > 0}


def looks(drill: Drill) -> Counter[str]:
    """How often this process has looked."""
    return sum((trail.reads for trail in trails(drill)), start=Counter())


def unheard(entries: list[Entry], known: list[Call], region: str) -> Iterator[Call]:
    """Calls that the journal knows and no checkpoint does: their process was killed with their request ids."""
    left = Counter(f"{call.service}:{call.operation}" for call in known)
    for place, entry in enumerate(entries):
        name = str(entry.get("call", ""))
        if entry.get("event") != "about to":
            continue
        left[name] -= 1
        if left[name] < 0:
            service, _, operation = name.partition(":")
            yield Call(
                at=parse_time(str(entry["at"])),
                region=region,
                service=service,
                operation=operation,
                request_id="",
                outcome=_outcome(entries[place + 1 :], name),
            )


def _outcome(later: list[Entry], name: str) -> str:
    ends: Iterator[Mapping[str, object]] = (one for one in later if one.get("call") == name)
    event = str(next(ends, {}).get("event"))
    return event if event in _OUTCOMES else "not heard"
