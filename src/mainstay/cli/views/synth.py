"""The answer of `mainstay synth` for a person."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape

from mainstay.api._synth import SynthResult
from mainstay.api._translate import Carried
from mainstay.cli.answer import err


def synth_view(console: Console, result: SynthResult) -> None:
    """The files' names when they were written, else their texts, untouched by any markup."""
    if result.carried is not None:
        _say_what_was_lost(result.carried, err if result.out is None else console)
    if result.out is None:
        for name, text in result.files.items():
            # One file is printed as it is; several need a line between them that says which is which.
            sys.stdout.write(text if len(result.files) == 1 else f"# {name}\n{text}\n")
        return
    sizes = {name: len(text.encode()) for name, text in result.files.items()}
    sizes |= {name: len(content) for name, content in result.packages.items()}
    for name, size in sizes.items():
        console.print(f"wrote [bold]{escape(str(result.out / name))}[/bold] ({size:,} bytes)", highlight=False)
    if result.is_nested:
        console.print(
            "upload them all and give the parent, which is the first, the parameter TemplateBase=https://BUCKET…",
            highlight=False,
        )
    if result.packages:
        _say_how_to_place(console, result)
    elif result.functions:
        console.print(
            f"the code of {', '.join(result.functions)} is not among them: --with-functions writes it, and "
            "`mainstay deploy` places it by itself",
            highlight=False,
        )


def _say_what_was_lost(carried: Carried, console: Console) -> None:
    """Each loss on a line of its own, with what to do below it; nothing of it goes between the files' texts."""
    for one in carried.losses:
        where = f" ({one.origin})" if one.origin else ""
        console.print(f"[yellow]not carried[/yellow] {escape(f'{one.what} {one.place}{where}: {one.reason}')}")
        console.print(f"  {escape(one.hint)}", style="dim", highlight=False)
    console.print(
        f"from {carried.source} to {carried.target}: "
        f"{len(carried.losses) or 'nothing'} not carried. {escape(carried.warning)}",
        highlight=False,
    )


def _say_how_to_place(console: Console, result: SynthResult) -> None:
    given = {
        "cloudformation": "give the stack the parameter CodeBucket=BUCKET, and the others from *.parameters.json",
        "terraform": "give -var code_bucket=BUCKET; functions.auto.tfvars.json says the rest",
    }
    console.print(
        f"upload with: aws s3 cp {escape(str(result.out))} s3://BUCKET --recursive --exclude '*' --include '*.zip'\n"
        f"then {given[result.format]}",
        highlight=False,
        soft_wrap=True,
    )
