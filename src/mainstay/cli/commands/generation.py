"""`mainstay generation reconcile` and `discard`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused

_OUT = Path("reconcile")
Run = Annotated[str, typer.Option("--run", metavar="RUN", help="The run of the swap; `latest` is the newest one.")]


def reconcile(
    spec: options.Spec = options.DEFAULT_SPEC,
    run: Run = "latest",
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="STACK", help="The stack's name, as consent to change it.")
    ] = None,
    tool: Annotated[
        Literal["terraform", "cdk"] | None,
        typer.Option("--to", help="Write files for this tool instead, and carry nothing out."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where --to writes its files.")] = _OUT,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Have the stack hold the generation that clients reach after a swap, under the logical id that it always had.

    The other generation leaves the stack and stays; this one is imported, and what refers to it follows. Nothing is
    deleted, and no client is moved. After a swap by name there is nothing to import, and the stack is only compared.
    Exit code 0 when the stack holds it as its template says, 1 when something differs, 2 without the stack's name.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.generation import handed_view, reconciled_view  # lazy, as above

    asked: dict[str, Any] = {
        "where": options.where(sandbox, profile, role_arn),
        "run": run,
        "environment": environment,
        "settings": options.pairs(settings, "--set"),
        "region": region,
        "stack": stack,
    }
    if tool is not None:
        if confirm is not None:
            raise InputRefused(
                "options that do not go together",
                detail="--to writes files and carries nothing out, so that there is nothing to confirm.",
                hint="leave one of --to and --confirm out",
            )
        answer.show(api.generation_files(spec, **asked, tool=tool, out=out), handed_view, as_json=as_json)
        return
    with answer.progress() as progress:
        result = api.generation_reconcile(spec, **asked, confirm=confirm, progress=progress)
    answer.show(result, reconciled_view, as_json=as_json)


def discard(
    spec: options.Spec = options.DEFAULT_SPEC,
    run: Run = "latest",
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="ID", help="The old generation's resource id, as consent.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Switch its deletion protection off without asking.")] = False,
    without_snapshot: Annotated[
        bool, typer.Option("--without-snapshot", help="Take no last snapshot, and give up its automated backups too.")
    ] = False,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Give up the generation that a swap left behind, after a last snapshot, and list what stays of it.

    Only when journal, tags and resource ids prove that it is ours and that the new one serves: what a stack, a proxy,
    a replica or the secret still leads to is not deleted. Exit code 4 then, with the reason, and 2 without its id.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.generation import discarded_view, unprotecting  # lazy, as above

    with answer.progress() as progress:
        result = api.generation_discard(
            spec,
            where=options.where(sandbox, profile, role_arn),
            run=run,
            confirm=confirm,
            unprotect=unprotecting(says_yes=yes),
            takes_snapshot=not without_snapshot,
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            progress=progress,
        )
    answer.show(result, discarded_view, as_json=as_json)
