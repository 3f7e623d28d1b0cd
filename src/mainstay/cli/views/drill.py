"""The answer of `mainstay drill` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.api._drill import Drilled
from mainstay.api._self_test import SelfTest
from mainstay.cli.views.custody import custody_lines
from mainstay.ops.drill import Reaped
from mainstay.report.next_step import next_steps, not_shown

_WORDS: Final = {"PROVEN": "green", "DISPROVEN": "red", "INCONCLUSIVE": "yellow"}
_SIGNS: Final = {"passed": "[green]✔[/green]", "failed": "[red]✘[/red]", "open": "[yellow]?[/yellow]"}


def drill_view(console: Console, drilled: Drilled) -> None:
    """The checks that decided, the phases, the verdict, and where the evidence is."""
    evidence = drilled.result.evidence
    for check in evidence["checks"]:
        if check["outcome"] in _SIGNS:
            place = f"{check['database']}: " if check["database"] else ""
            seen = "" if check["outcome"] == "passed" else f" — expected {check['expected']}, saw {check['observed']}"
            console.print(f"{_SIGNS[check['outcome']]} {escape(place + check['name'] + seen)}", highlight=False)
    for phase in evidence["phases"]:
        console.print(f"  {escape(phase['title']):28} {phase['seconds']:8.2f} s", highlight=False)
    for gap in evidence.get("resumed", ()):
        words = f"{gap['how']} in step {gap['number']} ({gap['step']}), taken up {gap['absent_s']:.0f} s later"
        console.print(f"  [yellow]![/yellow] the drill was {escape(words)}", highlight=False)
    if "with_absence_s" in evidence["rto"]:
        rto = evidence["rto"]
        words = f"{rto['with_absence_s']:.1f} s with that absence, {rto['without_absence_s']:.1f} s without"
        console.print(f"  [yellow]![/yellow] recovery time was not measured: {words}", highlight=False)
    verdict = drilled.result.verdict
    colour = _WORDS[verdict.word]
    console.print(
        f"[bold {colour}]{verdict.word}[/bold {colour}], proof level {verdict.level} ({evidence['label']})",
        highlight=False,
    )
    for reason in verdict.reasons:
        console.print(f"  {escape(reason)}", highlight=False)
    missing = not_shown(evidence)
    for words in (f"not shown: {missing}" if missing else "", *next_steps(evidence)):
        if words:
            console.print(f"  [bold]→[/bold] {escape(words)}", highlight=False)
    console.print(
        f"evidence {escape(str(drilled.result.evidence_path))}\nreport   {escape(str(drilled.report))}", highlight=False
    )
    custody_lines(console, drilled.custody)


def self_test_view(console: Console, test: SelfTest) -> None:
    """A line for each sabotage: the verdict, whether it is right, and by what it was caught."""
    width = max(len(catch.name) for catch in test.catches)
    for catch in test.catches:
        sign = "[green]✔[/green]" if catch.is_right else "[red]✘[/red]"
        console.print(f"{sign} {catch.engine:8} {escape(catch.name):{width}} {catch.said}", highlight=False)
        if not catch.is_right:
            wanted = " or ".join(catch.right) + (f", told by '{catch.told}'" if catch.told else "")
            console.print(f"  expected {escape(wanted)}; {escape(catch.by or 'no reason was given')}", highlight=False)
            if catch.left:
                console.print(f"  left behind: {escape(', '.join(catch.left))}", highlight=False)
    for engine, why in test.not_tried.items():
        console.print(f"[yellow]?[/yellow] {engine} was not tried: {escape(why)}", highlight=False)
    wrong = sum(not catch.is_right for catch in test.catches)
    console.print(f"{len(test.catches)} tried, {wrong} wrong verdicts (sandbox)", highlight=False)


def reap_view(console: Console, reaped: Reaped) -> None:
    """What was deleted, and what was left to be judged."""
    for name in reaped.deleted:
        console.print(f"[green]✔[/green] deleted {escape(name)} ({reaped.site})", highlight=False)
    for leak in reaped.left:
        ends = f", expired {leak.expires_at}" if leak.is_expired else f", until {leak.expires_at or 'nobody said'}"
        console.print(f"[yellow]?[/yellow] {escape(leak.identifier)} in {leak.region}{escape(ends)}", highlight=False)
        console.print(f"  not deleted: {escape(leak.why)}", highlight=False)
    if not (reaped.deleted or reaped.left):
        console.print("no drill left anything behind", highlight=False)
