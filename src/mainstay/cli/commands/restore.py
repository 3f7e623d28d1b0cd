"""`mainstay restore`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NoReturn

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused


def restore(
    spec: options.Spec = options.DEFAULT_SPEC,
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="`latest`, or a time with its offset: 2026-11-20T14:05:00Z.")
    ] = "latest",
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", metavar="NAME", help="From this snapshot instead of to a time.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="The new instance's name, instead of a derived one.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Keep it as the spec says, and prove what it holds, with evidence.")
    ] = False,
    swap: Annotated[
        Literal["rename", "secret", "proxy", "dns"] | None,
        typer.Option(
            "--swap", help="Verify, then move the clients to it: by its identifier, the secret, the proxy, or DNS."
        ),
    ] = None,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="STACK", help="The stack's name, as consent to move the clients.")
    ] = None,
    accept: Annotated[
        str | None, typer.Option("--accept", metavar="VERDICT", help="Swap also when the verdict is this one.")
    ] = None,
    undo: Annotated[
        str | None,
        typer.Option("--undo", metavar="RUN", help="Back to the generation before a swap; `latest` is the newest one."),
    ] = None,
    confirm_loss: Annotated[
        str | None,
        typer.Option("--confirm-loss", metavar="ID", help="The new generation's resource id: its writes stay behind."),
    ] = None,
    through: options.ThroughWay = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    as_json: options.AsJson = False,
) -> None:
    """Get data back: a new instance with the data of a time or a snapshot. The source is only read.

    With --verify or --swap it is a new generation of the database: with the spec's settings, and verified as a drill
    does. --swap then moves the clients to it, when it is PROVEN, and keeps the old one; --undo goes back. `dns`
    leads the name of `access.dns` to it, and the secret with it; clients that have the old answer use it until its TTL
    has passed. Exit code 0 when it stands and is PROVEN where that was asked, 1 when its data contradict what was
    promised, 3 when it could not be looked at; clients are moved in neither case unless --accept says so.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.restore import generation_view, restore_view, undone_view  # lazy, as above

    if undo is not None and (verify or swap or snapshot or target or to != "latest"):
        _refuse("--undo goes back to the generation before a swap, and restores nothing.")
    if undo is None and not (verify or swap) and (confirm or accept or confirm_loss or through):
        _refuse("--confirm, --accept, --confirm-loss and --through are for --verify, --swap and --undo.")
    asked: dict[str, Any] = {
        "where": options.where(sandbox, profile, role_arn, ca_bundle),
        "environment": environment,
        "settings": options.pairs(settings, "--set"),
        "region": region,
        "stack": stack,
    }
    point: dict[str, Any] = {"to": to, "snapshot": snapshot, "target": target}
    with answer.progress() as progress:
        if undo is not None or verify or swap:
            asked["through"] = through.value if through else None
        if undo is not None:
            asked |= {"run": undo, "confirm": confirm, "confirm_loss": confirm_loss}
            undone = api.undo_restore(spec, **asked, progress=progress)
        elif verify or swap:
            made = api.restore_verified(
                spec, **asked, **point, swap=swap, confirm=confirm, accept=accept, progress=progress
            )
        else:
            result = api.restore(spec, **asked, **point, progress=progress)
    if undo is not None:
        answer.show(undone, undone_view, as_json=as_json)
    elif verify or swap:
        answer.show(made, generation_view, as_json=as_json)
    else:
        answer.show(result, restore_view, as_json=as_json)


def _refuse(detail: str) -> NoReturn:
    raise InputRefused("options that do not go together", detail=detail, hint="leave some of them out")
