"""What became of a run's evidence beyond the workspace, for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._custody import Custody


def custody_lines(console: Console, custody: Custody) -> None:
    """Where the evidence is kept, or why it is not; nothing for a stack without a bucket."""
    place = f"in bucket {escape(custody.bucket)}" if custody.bucket else "outside the workspace"
    if custody.not_kept:
        console.print(
            f"[red]not kept[/red] {place}: {escape(custody.not_kept)}\n  the next run uploads what is missing",
            highlight=False,
        )
    elif custody.bucket:
        console.print(f"kept     {place}: {escape(', '.join(custody.kept))}", highlight=False)
