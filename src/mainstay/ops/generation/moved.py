"""The evidence of what is done with two generations: clients are moved, a stack takes the other one, the first goes.

It is beside the evidence of the restore, which was written before anything was moved. Steps and calls are those of the
journal, so that they are whole also where the run was killed on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from mainstay.core.clock import parse_time, render_time
from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.trail import Call
from mainstay.ops.drill.called import with_unheard
from mainstay.ops.drill.model import Check, Verdict
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Entry
from mainstay.ops.steps import step_row
from mainstay.plan.values import Json

Kind = Literal["swap", "undo", "reconcile", "discard"]
SWAP: Final[Kind] = "swap"
UNDO: Final[Kind] = "undo"
RECONCILE: Final[Kind] = "reconcile"
DISCARD: Final[Kind] = "discard"
_OF_CLIENTS: Final = (SWAP, UNDO)
_STOPS: Final = {"resumed", "interrupted", "stopped"}  # what the journal says of a run that did not end its step
Part = dict[str, Any]  # Any: JSON of the published schema


class Named(Protocol):
    """A generation, as far as evidence names it: an instance that is there, or what is known of one that is gone."""

    @property
    def identifier(self) -> str:
        """The name that it bears, or bore."""
        ...

    @property
    def resource_id(self) -> str:
        """Its DbiResourceId."""
        ...

    @property
    def engine(self) -> str:
        """The engine, in the service's word."""
        ...

    @property
    def engine_version(self) -> str:
        """Its version."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A generation by what was written down of it."""

    identifier: str
    resource_id: str
    engine: str
    engine_version: str

    @classmethod
    def of(cls, state: Named) -> Known:
        """What is kept of one that is there."""
        return cls(state.identifier, state.resource_id, state.engine, state.engine_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where evidence goes, the key of KMS that signs it, and of what it says that it is."""

    workspace: Path
    signing_key: str | None = None
    plan_hash: str | None = None
    spec_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was done to move clients, or a stack, away from one generation and to another; `entries` are the journal's
    of it. `deleted` and `left` name what went and what stays of the first.
    """

    kind: Kind
    run: str
    stack: str
    where: Stand
    away_from: Named
    to: Named
    entries: Sequence[Entry]
    checks: tuple[Check, ...]
    cost: tuple[float | None, str]
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def began_at(self) -> datetime:
        """When the first of it was begun."""
        return parse_time(str(self.entries[0]["at"]))


def store(moved: Moved, filing: Filing) -> evidence.Document:
    """Write the evidence, once for a run, and read it back."""
    path = evidence.path_of(filing.workspace, moved.run)
    if not path.exists():  # else we were killed just after it was written
        signer = evidence.signer_of(moved.where.site, filing.signing_key)
        evidence.store(filing.workspace, _compose(moved, filing), signer=signer)
    return evidence.load(path)


@dataclass(frozen=True, slots=True)
class Leading:
    """By what clients come: the way of the swap, their secret, their proxies, and the name that a rename gives."""

    way: str
    secret: str
    proxies: tuple[str, ...]
    name: str


def standing(where: Stand, leading: Leading, holder: DbState) -> Iterator[Check]:
    """What leads clients to a generation, beside what should."""
    if leading.way == "rename":
        yield compared("it bears the name that clients know", leading.name, holder.identifier)
    else:
        login = where.site.doors.secrets.read_login(leading.secret)
        yield compared("the secret leads to it", str(holder.address), str(login.host))
    for proxy in leading.proxies if leading.way in ("rename", "proxy") else ():
        yield compared(
            f"proxy {proxy} leads to it", holder.identifier, ", ".join(where.site.doors.proxies.targets(proxy))
        )


def kept(other: DbState) -> Check:
    """That the other generation was not deleted."""
    observed = f"{other.identifier}: {other.status}"
    return Check("instance", "the other generation is kept", "passed", "an instance", observed)


def compared(name: str, expected: str, observed: str) -> Check:
    """A check that passes where what was observed is what was expected."""
    return Check("instance", name, "passed" if expected == observed else "failed", expected, observed)


def _compose(moved: Moved, filing: Filing) -> evidence.Document:
    site, now = moved.where.site, moved.where.clock.now()
    calls, verdict = _calls(moved), _judge(moved)
    return {
        "kind": moved.kind,
        "run": moved.run,
        "label": site.label,
        "started_at": render_time(moved.began_at),
        "ended_at": render_time(now),
        "made_by": evidence.made_by(site, moved.where.routes),
        "hashes": {"spec": filing.spec_hash, "plan": filing.plan_hash},
        "source": _source(moved),
        "target": {
            "kind": "generation",
            "time": None,
            "window": {"earliest": None, "latest": None},
            "identifier": moved.to.identifier,
            "region": site.region,
            "resource_id": moved.to.resource_id,
        },
        "steps": list(_steps(moved.entries, now)),
        "phases": [],
        "rto": {"objective_s": None, "measured_s": None, "available_s": None},
        "rpo": {"objective_s": None, "proven_s": None, "exposure_s": None},
        "points": [],
        "checks": [_dated(check, now).as_json() for check in moved.checks],
        "exclusions": [],
        "findings": [],
        "calls": [call.as_json() for call in calls],
        "reads": dict(sorted(Counter(site.doors.trail.reads).items())),
        "cost": {"usd": moved.cost[0], "basis": moved.cost[1]},
        "verdict": verdict.as_json(),
        "cleanup": {"deleted": list(moved.deleted), "left": list(moved.left)},
    }


def _dated(check: Check, now: datetime) -> Check:
    return replace(check, started_at=check.started_at or now)


def _source(moved: Moved) -> Part:
    leaving = moved.away_from
    return {
        "stack": moved.stack,
        "identifier": leaving.identifier,
        "resource_id": leaving.resource_id,
        "region": moved.where.site.region,
        "engine": leaving.engine,
        "engine_version": leaving.engine_version,
        "engine_build": "",
        "databases": [],
    }


def _calls(moved: Moved) -> list[Call]:
    """Those of this process, and those that the journal knows of one that was killed, without their request ids."""
    here = [call for call in moved.where.site.doors.trail.calls if call.at >= moved.began_at]
    return with_unheard(list(moved.entries), here, moved.where.site.region)


def _steps(entries: Sequence[Entry], now: datetime) -> Iterator[dict[str, Json]]:
    """Each step that the journal tells of, until the next one began; one in which the run was stopped has failed."""
    places = [place for place, entry in enumerate(entries) if entry.get("event") == "step"]
    for place, following in zip(places, [*places[1:], len(entries)], strict=True):
        entry, events = entries[place], {one.get("event") for one in entries[place + 1 : following]}
        end = parse_time(str(entries[following]["at"])) if following < len(entries) else now
        at, outcome = parse_time(str(entry["at"])), "failed" if events & _STOPS else "done"
        yield step_row(int(str(entry["number"])), str(entry["name"]), at, (end - at).total_seconds(), outcome)


def _judge(moved: Moved) -> Verdict:
    wrong: Mapping[str, list[Check]] = {
        outcome: [check for check in moved.checks if check.outcome == outcome] for outcome in ("failed", "open")
    }
    accused = wrong["failed"] or wrong["open"]
    reasons = tuple(f"{check.name}: expected {check.expected}, found {check.observed}." for check in accused)
    if wrong["failed"]:
        return Verdict("DISPROVEN", "none", reasons, ())
    came = moved.kind not in _OF_CLIENTS or any(check.kind == "usable" for check in moved.checks)
    if wrong["open"] or not came:
        return Verdict("INCONCLUSIVE", "none", reasons or ("Nobody came as a client does.",), ())
    return Verdict("PROVEN", "none", (), ())
