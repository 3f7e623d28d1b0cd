"""The answer of `mainstay failover` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.api._failover import Failover
from mainstay.api._takeover import Takeover
from mainstay.cli.views.custody import custody_lines
from mainstay.core.clock import render_time

_WORDS: Final = {"PROVEN": "green", "DISPROVEN": "red", "INCONCLUSIVE": "yellow"}
_SIGNS: Final = {"failed": "[red]✘[/red]", "open": "[yellow]?[/yellow]"}


def failover_view(console: Console, failed_over: Failover) -> None:
    """The new primary, what it holds and lacks, how long it took, and what is left to do."""
    result = failed_over.result
    restored, choice = result.restored, result.choice
    console.print(
        f"[bold]{escape(restored.identifier)}[/bold] ({restored.site}) takes over in {escape(result.region)}",
        highlight=False,
    )
    rows = {
        "endpoint": f"{restored.address}:{restored.port}",
        "user": restored.username,
        "login in": restored.login_secret_arn,
        "holds": f"{restored.source_id} up to {render_time(choice.holds)}, from a {choice.kind}",
        "missing": f"at most what was committed in the {result.exposure_s:.0f} s before this failover began",
    }
    for name, value in rows.items():
        console.print(f"  {name:9} {escape(value)}", highlight=False)
    for phase in result.evidence["phases"]:
        console.print(f"  {escape(phase['title']):28} {phase['seconds']:8.2f} s", highlight=False)
    for check in result.evidence["checks"]:
        if check["outcome"] in _SIGNS:
            told = f"{check['name']} — expected {check['expected']}, saw {check['observed']}"
            console.print(f"  {_SIGNS[check['outcome']]} {escape(told)}", highlight=False)
    for reason in result.verdict.reasons:
        console.print(f"  {escape(reason)}", highlight=False)
    console.print("left to do:", highlight=False)
    for number, step in enumerate(result.remaining, start=1):
        console.print(f"  {number}. {escape(step)}", highlight=False)
    console.print(
        f"evidence {escape(str(result.evidence_path))}\nreport   {escape(str(failed_over.report))}", highlight=False
    )
    custody_lines(console, failed_over.custody)


def takeover_view(console: Console, takeover: Takeover) -> None:
    """What clients saw on each way, what was decided by it, and where the evidence is."""
    result = takeover.result
    evidence = result.evidence
    for played in evidence["outage"]["rounds"]:
        for way in played["routes"]:
            lost = "not looked at" if way["lost"] is None else f"{way['lost']:,} lost"
            console.print(
                f"  round {played['number']} {escape(way['name']):24} {way['outage_s']:8.3f} s without a write; "
                f"{way['acknowledged']:,} acknowledged, {lost}, {way['failed']:,} failed, {way['in_doubt']:,} in doubt",
                highlight=False,
            )
    for excluded in evidence["exclusions"]:
        console.print(f"  not measured: {escape(excluded['subject'])}: {escape(excluded['reason'])}", highlight=False)
    colour = _WORDS[result.verdict.word]
    console.print(
        f"[bold {colour}]{result.verdict.word}[/bold {colour}]: {escape(result.identifier)} ({evidence['label']})",
        highlight=False,
    )
    for reason in result.verdict.reasons:
        console.print(f"  {escape(reason)}", highlight=False)
    console.print(
        f"evidence {escape(str(result.evidence_path))}\nreport   {escape(str(takeover.report))}", highlight=False
    )
    custody_lines(console, takeover.custody)
