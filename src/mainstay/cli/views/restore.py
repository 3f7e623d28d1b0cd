"""The answer of `mainstay restore` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.core.clock import render_time
from mainstay.ops.restoration import Restored


def restore_view(console: Console, result: Restored) -> None:
    """Where the data is, who may read it, and how long it took."""
    # What "latest" was is known at the request only; the data are at least as new.
    at_least = result.point == "latest" and result.requested_time
    point = f"{render_time(at_least)} or later" if at_least else result.point
    console.print(
        f"[bold]{escape(result.identifier)}[/bold] ({result.site}) holds {escape(result.source_id)} as of "
        f"{escape(point)}",
        highlight=False,
    )
    console.print(f"  endpoint  {escape(result.address)}:{result.port}", highlight=False)
    console.print(f"  user      {escape(result.username)}", highlight=False)
    console.print(f"  login in  {escape(result.login_secret_arn)}", highlight=False)
    for name, seconds in result.phases_s.items():
        console.print(f"  {name:9} {seconds:.1f} s", highlight=False)
