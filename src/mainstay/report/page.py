"""The page of one run: evidence in, one self-contained HTML document out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from mainstay.report import wording
from mainstay.report.charts import phase_chart, point_chart
from mainstay.report.forecast import matrices
from mainstay.report.moved import ACCOUNTS
from mainstay.report.next_step import next_steps, not_shown
from mainstay.report.questions import questions
from mainstay.report.summary import summary
from mainstay.report.timeline import timeline

Evidence = Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json

_LINES: Final = {
    "PROVEN": "The database was restored to the point that was asked for, and its data were found to be right.",
    "DISPROVEN": "The restore, or what came out of it, contradicts what was promised. Treat this backup as unproven.",
    "INCONCLUSIVE": "The drill could not decide. Nothing is accused, and nothing is proven.",
}
_STANDS: Final = {
    "PROVEN": "The database was restored, stands, and nothing that was looked at contradicts itself.",
    "DISPROVEN": "The database was restored and stands, and what is in it contradicts itself. Look before you use it.",
    "INCONCLUSIVE": "The database was restored and stands. It could not be looked at as far as was asked.",
}
_WHAT: Final = {
    "drill": "Restore drill",
    "failover": "Failover",
    "restore": "Restore",
    "takeover": "Takeover",
}
_SURVIVED: Final = {
    "PROVEN": "The database came back, and every write that a client was told of is there.",
    "DISPROVEN": "A write that a client was told of is gone, or the outage was longer than promised.",
    "INCONCLUSIVE": "What was to be shown was not seen. Nothing is accused, and nothing is proven.",
}
_FAULTS: Final = {
    "reboot": "rebooted with failover",
    "kill": "the primary was killed (kill -9)",
    "hang": "the primary was stopped where it was (SIGSTOP), and hung",
    "partition": "nothing came back from the standby any more",
}
_MEANINGS: Final = {
    "P0": "backups are kept; nothing was restored.",
    "P1": "the service says that a recent time can be restored.",
    "P2": "a copy was restored and answered a login over verified TLS.",
    "P3": "the copy holds what was committed by the target time and nothing later: markers on both sides show it.",
    "P4": "every table, sequence and catalog entry that was compared equals the source.",
    "P5": "the copy answered your own questions and took a commit.",
    "P6": "it was restored in a second way, or in a second region.",
}
_TARGETS: Final = {
    "latest": "the latest time there was",
    "time": "a time that was asked for",
    "random": "any second of the restorable window, by chance",
    "before-disaster": "the last second before a disaster",
    "snapshot": "a snapshot",
    "recovery-point": "a recovery point",
}
_KINDS: Final = {
    "instance": "The restored instance",
    "marker": "Markers: the exact point",
    "table": "Tables: rows and content",
    "sequence": "Sequences",
    "catalog": "Catalog: structure and settings",
    "sql": "Your own checks",
    "usable": "Use",
    "objective": "Objectives",
    "cleanup": "Cleaning up",
    "write": "Writes, as their clients were told of them",
    "event": "What RDS told",
}
_SIGNS: Final = {"passed": "✓", "failed": "✗", "open": "?", "noted": "·"}
_ORDER: Final = ("failed", "open", "noted", "passed")
_OF_COPY: Final = ("instance", "marker", "table", "sequence", "catalog", "sql", "usable")
_ROWS: Final = 200  # rows of a kind on the page; the evidence holds them all


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The checks of one kind, the gravest first; `hidden` passed ones have no room on the page."""

    title: str
    rows: Sequence[Mapping[str, Any]]
    hidden: int
    summary: str


@dataclass(frozen=True, slots=True)
class Objective:
    """One promise beside what was measured; `state` is `met`, `missed` or `open`."""

    name: str
    promised: str
    measured: str
    state: str
    note: str


def drill_page(evidence: Evidence) -> str:
    """The page of whatever left evidence, of either version of it.

    Everything that comes from the evidence is escaped; nothing outside is referred to.
    """
    if evidence.get("kind") == "takeover":
        return _takeover_page(evidence)
    if evidence.get("kind") in ACCOUNTS:
        return _moved_page(evidence)
    kind = evidence.get("kind", "drill")
    return (
        _environment()
        .get_template("drill.html.j2")
        .render(
            what=_WHAT[kind],
            line=(_LINES if kind == "drill" else _STANDS)[evidence["verdict"]["word"]],
            **_shared(evidence),
            asked_for=_asked_for(evidence["target"]),
            meanings=_MEANINGS,
            phases=phase_chart(evidence["phases"], evidence["rto"]["objective_s"]),
            points=point_chart(evidence["points"]),
            groups=_groups(evidence["checks"]),
            objectives=(_recovery_time(evidence), _recovery_point(evidence)),
            forecasts=matrices(evidence.get("forecast", ())),
        )
    )


def _takeover_page(evidence: Evidence) -> str:
    return (
        _environment()
        .get_template("takeover.html.j2")
        .render(
            what=_WHAT["takeover"],
            line=_SURVIVED[evidence["verdict"]["word"]],
            fault=_FAULTS[evidence["outage"]["fault"]],
            **_shared(evidence),
            groups=_groups(evidence["checks"], {**_KINDS, "instance": "The instance"}),
            worst=_objective("Longest outage", evidence["rto"]["objective_s"], evidence["rto"]["measured_s"], ""),
        )
    )


def _moved_page(evidence: Evidence) -> str:
    template, account = _environment().get_template("moved.html.j2"), ACCOUNTS[evidence["kind"]]
    return template.render(
        **_shared(evidence),
        what=account.what,
        line=account.lines[evidence["verdict"]["word"]],
        account=account,
        groups=_groups(evidence["checks"], {**_KINDS, **account.titles}),
    )


def _shared(evidence: Evidence) -> dict[str, Any]:  # Any: what templates take
    """What the page of any run shows."""
    calls = evidence.get("calls", ())
    return {
        "e": evidence,
        "not_shown": not_shown(evidence),
        "next_steps": next_steps(evidence),
        "proves": "the procedure on"
        if evidence.get("kind") in ACCOUNTS
        else "the procedure, the checks and the data of",
        "summary": summary(evidence, _MEANINGS),
        "timeline": timeline(evidence),
        "questions": questions(evidence),
        "calls": calls[:_ROWS],
        "calls_hidden": len(calls[_ROWS:]),
        "reads": sum(evidence.get("reads", {}).values()),
        "signs": _SIGNS,
        "seconds": wording.seconds,
        "moment": wording.moment,
    }


def _asked_for(target: Mapping[str, Any]) -> str:
    moment = wording.moment(target["time"])
    return f"{_TARGETS[target['kind']]}: {moment}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mainstay.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _groups(checks: Sequence[Mapping[str, Any]], titles: Mapping[str, str] = _KINDS) -> list[CheckGroup]:
    found = ((title, [check for check in checks if check["kind"] == kind]) for kind, title in titles.items())
    return [_group(title, rows) for title, rows in sorted(found, key=_gravity) if rows]


def _gravity(group: tuple[str, Sequence[Mapping[str, Any]]]) -> int:
    """What accuses comes first, then what is undecided; the others stay in their order."""
    outcomes = {check["outcome"] for check in group[1]}
    return next((rank for rank, outcome in enumerate(("failed", "open")) if outcome in outcomes), 2)


def _group(title: str, checks: Sequence[Mapping[str, Any]]) -> CheckGroup:
    rows = sorted(checks, key=lambda check: _ORDER.index(check["outcome"]))
    telling = sum(check["outcome"] != "passed" for check in rows)
    shown = rows[: max(_ROWS, telling)]
    counts = {outcome: sum(check["outcome"] == outcome for check in rows) for outcome in _ORDER}
    summary = ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items() if number)
    return CheckGroup(title, shown, len(rows) - len(shown), summary)


def _recovery_time(evidence: Evidence) -> Objective:
    rto = evidence["rto"]
    note = "the restore did not come to an end"
    if rto["available_s"] is not None:
        note = f"to “available” {wording.seconds(rto['available_s'])}; the rest is login and verification"
    if "with_absence_s" in rto:
        away = (wording.seconds(rto["with_absence_s"]), wording.seconds(rto["without_absence_s"]))
        note = f"not measured, as nobody was at work for a part of it: {away[0]} with that absence, {away[1]} without"
    return _objective("Recovery time", rto["objective_s"], rto["measured_s"], note + _of_what(evidence))


def _recovery_point(evidence: Evidence) -> Objective:
    rpo = evidence["rpo"]
    note = f"latest restorable time was {wording.seconds(rpo['exposure_s'])} old when the drill began"
    return _objective("Recovery point", rpo["objective_s"], rpo["proven_s"], note + _of_what(evidence))


def _of_what(evidence: Evidence) -> str:
    """What a figure has to be read with: the copy that it was measured of is not what it should be."""
    wrong = any(check["outcome"] == "failed" and check["kind"] in _OF_COPY for check in evidence["checks"])
    return "; measured of a copy that is not what it should be" if wrong else ""


def _objective(name: str, promised: float | None, measured: float | None, note: str) -> Objective:
    state = "open"
    if promised is not None and measured is not None:
        state = "met" if measured <= promised else "missed"
    return Objective(
        name, "none given" if promised is None else wording.seconds(promised), wording.seconds(measured), state, note
    )
