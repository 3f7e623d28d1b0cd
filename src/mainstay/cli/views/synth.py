"""The answer of `mainstay synth` for a person."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape

from mainstay.api._synth import SynthResult


def synth_view(console: Console, result: SynthResult) -> None:
    """The files' names when they were written, else their bytes, untouched by any markup."""
    for name, text in result.files.items():
        if result.out is None:
            sys.stdout.write(text)
        else:
            console.print(
                f"wrote [bold]{escape(str(result.out / name))}[/bold] ({len(text.encode()):,} bytes)", highlight=False
            )
