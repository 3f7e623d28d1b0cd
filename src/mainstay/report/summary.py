"""The first lines of a page: what was claimed, what was shown, and what was not covered, in a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mainstay.report import wording
from mainstay.report.moved import ACCOUNTS, claimed

Evidence = Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json


@dataclass(frozen=True, slots=True)
class Summary:
    """A sentence each."""

    claimed: str
    shown: str
    uncovered: str


def summary(evidence: Evidence, meanings: Mapping[str, str]) -> Summary:
    """Of whatever left evidence; `meanings` are those of the proof levels."""
    if "outage" in evidence:
        return _of_outage(evidence)
    if evidence["target"]["kind"] == "generation":
        return _of_moving(evidence)
    verdict = evidence["verdict"]
    level = verdict["level"]
    required = evidence.get("asked", {}).get("required_level")
    claim = [f"proof level {required} at least: {meanings[required]}" if required else "", _promises(evidence)]
    reached = f"proof level {level}: {meanings[level]}" if level in meanings else "no proof level."
    return Summary(
        " ".join(filter(None, claim)),
        f"{reached} {_counted(evidence)}",
        _uncovered(evidence, [row["level"] for row in verdict["levels"] if not row["is_shown"]]),
    )


def _promises(evidence: Evidence) -> str:
    promised = {"recovery time": evidence["rto"]["objective_s"], "recovery point": evidence["rpo"]["objective_s"]}
    told = [f"{name} at most {wording.seconds(value)}" for name, value in promised.items() if value is not None]
    return f"Promised: {', '.join(told)}." if told else "No recovery time and no recovery point were promised."


def _counted(evidence: Evidence) -> str:
    """The checks by their outcome."""
    checks = evidence["checks"]
    words = {"passed": "passed", "failed": "failed", "open": "undecided", "noted": "only noted"}
    counts = {told: sum(check["outcome"] == outcome for check in checks) for outcome, told in words.items()}
    told = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
    return f"{len(checks):,} {'check' if len(checks) == 1 else 'checks'}: {told}." if checks else "No check ran."


def _uncovered(evidence: Evidence, levels: list[str]) -> str:
    missing = [f"proof level {', '.join(levels)}"] if levels else []
    count = len(evidence["exclusions"])
    missing += [
        f"{count:,} {'thing that is' if count == 1 else 'things that are'} listed below with the reason"
    ] * bool(count)
    missing += ["AWS: this ran in the sandbox"] * (evidence["label"] == "sandbox")
    return "; ".join(missing) or "nothing was left out"


def _of_outage(evidence: Evidence) -> Summary:
    routes = [route for played in evidence["outage"]["rounds"] for route in played["routes"]]
    acknowledged, lost = sum(one["acknowledged"] for one in routes), [one["lost"] for one in routes]
    objective, longest = evidence["rto"]["objective_s"], wording.seconds(evidence["rto"]["measured_s"])
    promise = f", and that writes go on within {wording.seconds(objective)}" if objective is not None else ""
    told = "nobody could look for them" if None in lost else f"{sum(map(int, lost)):,} of them lost"
    return Summary(
        f"that no write which a client was told of is lost when the primary fails{promise}.",
        f"{acknowledged:,} acknowledged writes, {told}; longest outage {longest}. {_counted(evidence)}",
        _uncovered(evidence, []),
    )


def _of_moving(evidence: Evidence) -> Summary:
    missing = f"{_uncovered(evidence, [])}; {ACCOUNTS[evidence['kind']].uncovered}"
    return Summary(claimed(evidence), _counted(evidence), missing.removeprefix("nothing was left out; "))
