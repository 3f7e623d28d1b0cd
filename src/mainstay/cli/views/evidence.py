"""The answers of `mainstay evidence` for a person."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.api._evidence import Shown
from mainstay.ops.evidence import Replay

_WORDS: Final = {"PROVEN": "green", "DISPROVEN": "red", "INCONCLUSIVE": "yellow"}


def replay_view(console: Console, result: Replay) -> None:
    """Every document in its place, every problem, and what this replay could not see."""
    for one in result.documents:
        colour = _WORDS.get(one.verdict, "default")
        signed = f"signed by {one.signed_by[:23]}…" if one.signed_by else "unsigned"
        console.print(
            f"{one.number:4} {escape(one.run)} [{colour}]{escape(one.verdict)}[/{colour}] {escape(one.level)} · "
            f"{escape(one.kind)} of {escape(one.source)} ({escape(one.label)}) · {one.ended_at[:16]} · {signed}",
            highlight=False,
        )
    for problem in result.problems:
        about = f" {escape(problem.run)}" if problem.run else ""
        console.print(f"[red]{problem.kind}[/red]{about}: {escape(problem.detail)}", highlight=False)
    number = len(result.documents)
    told = "document as it was left" if number == 1 else "documents as they were left"
    if result.problems:
        console.print(f"[bold red]not as it was left[/bold red]: {len(result.problems)} problems", highlight=False)
    else:
        console.print(f"[bold green]unaltered[/bold green]: {number} {told}", highlight=False)
    for key, who in result.keys.items():
        console.print(f"  key {key} ({escape(who)})", highlight=False)
    for sentence in unseen(result):
        console.print(f"  [yellow]{escape(sentence)}[/yellow]", highlight=False)


def unseen(result: Replay) -> list[str]:
    """What this replay cannot show, in a sentence each."""
    told = []
    if result.unsigned:
        told.append(f"{result.unsigned} documents are of version 1 and unsigned: anybody could have written them.")
    if result.keys and not result.trusted:
        told.append("No --key was given: whoever holds the key above could have signed anything.")
    if not result.anchored:
        told.append(
            "No digest is known from elsewhere (journal, --bucket, --expect): an end that was cut off would not show."
        )
    return told


def document_view(console: Console, shown: Shown) -> None:
    """What was asked, what came out, and who signed it."""
    document = shown.document
    verdict, source = document["verdict"], document["source"]
    colour = _WORDS[verdict["word"]]
    console.print(
        f"[bold {colour}]{verdict['word']}[/bold {colour}], proof level {verdict['level']} ({document['label']})",
        highlight=False,
    )
    tally = Counter(check["outcome"] for check in document["checks"])
    signed = document.get("signed_by")
    rows = {
        "run": f"{document['run']}, {document['started_at']} to {document['ended_at']}",
        "source": f"{source['identifier']} ({source['resource_id']}), {source['engine']} {source['engine_version']}",
        "target": f"{document['target']['kind']} {document['target']['time'] or ''}",
        "checks": ", ".join(f"{number} {outcome}" for outcome, number in sorted(tally.items())) or "none",
        "left out": str(len(document["exclusions"])),
        "operator": document["made_by"]["operator"],
        "digest": document["digest"],
        "signed by": f"{signed['fingerprint']} ({signed['kind']} {signed['name']})" if signed else "nobody (version 1)",
        "file": str(shown.path),
    }
    for name, value in rows.items():
        console.print(f"  {name:10} {escape(value)}", highlight=False)
    for reason in verdict["reasons"]:
        console.print(f"  {escape(reason)}", highlight=False)
    if shown.page:
        console.print(f"  page       {escape(str(shown.page))}", highlight=False)
