"""`mainstay drill`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused


def drill(
    spec: options.Spec = options.DEFAULT_SPEC,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="TIME",
            help="`latest`, a `random` second of the restorable window, or a time with its offset: "
            "2026-11-20T14:05:00Z.",
        ),
    ] = "latest",
    before_disaster: Annotated[
        str | None,
        typer.Option(
            "--before-disaster", metavar="TIME", help="To the last second before this time, at which something broke."
        ),
    ] = None,
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", metavar="NAME", help="From this snapshot instead of to a time.")
    ] = None,
    recovery_point: Annotated[
        str | None,
        typer.Option(
            "--recovery-point",
            metavar="ARN",
            help="From this recovery point of AWS Backup, or from the `latest` in the stack's vaults.",
        ),
    ] = None,
    from_region: Annotated[
        str | None,
        typer.Option("--from-region", metavar="REGION", help="Restore in this second region, as a failover would."),
    ] = None,
    through: options.ThroughDrillWay = None,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Take up no drill that was stopped: clean up what it left, and begin again."),
    ] = False,
    reap: Annotated[
        bool,
        typer.Option("--reap", help="Restore nothing: delete what earlier drills left behind, and say what is left."),
    ] = False,
    self_test: Annotated[
        bool,
        typer.Option(
            "--self-test",
            help="Damage a sandbox of its own in every known way, and see that each verdict is right. Needs no spec.",
        ),
    ] = False,
    only: Annotated[
        str | None, typer.Option("--only", metavar="TEXT", help="With --self-test: what has this in its name.")
    ] = None,
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
    """Prove that it restores: restore into a new instance, verify its data, measure, leave evidence, clean up.

    A drill that was killed, or whose login ended, is taken up where it stopped by the same command, or by one that
    names no target.

    Exit code 0 only when PROVEN, 1 when DISPROVEN, 3 when INCONCLUSIVE. With --reap 1 when something is left that no
    journal here proves to be a drill's; with --self-test 1 when a verdict is wrong.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.drill import drill_view, reap_view, self_test_view  # lazy, as above

    ask: dict[str, Any] = {  # Any: arguments of two functions
        "where": options.where(sandbox, profile, role_arn, ca_bundle),
        "environment": environment,
        "settings": options.pairs(settings, "--set"),
        "region": region,
        "stack": stack,
    }
    besides: dict[str, Any] = {  # Any, as above
        "before_disaster": before_disaster,
        "snapshot": snapshot,
        "recovery_point": recovery_point,
        "from_region": from_region,
        "through": through.value if through else None,
    }
    target = {
        "--to": None if to == "latest" else to,
        **{_option(name): value for name, value in besides.items()},
        "--anew": anew or None,
    }
    if self_test:
        _refuse("--self-test chooses what it damages", {**target, "--reap": reap or None})
        with answer.progress() as progress:
            catches = api.self_test(only=only, progress=progress)
        answer.show(catches, self_test_view, as_json=as_json)
        return
    _refuse("only --self-test has names", {"--only": only})
    if reap:
        _refuse("--reap restores nothing", target)
        with answer.progress() as progress:
            reaped = api.reap(spec, **ask, progress=progress)
        answer.show(reaped, reap_view, as_json=as_json)
        return
    with answer.progress() as progress:
        result = api.drill(spec, to=to, **ask, **besides, anew=anew, progress=progress)
    answer.show(result, drill_view, as_json=as_json)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _refuse(why: str, given: Mapping[str, object]) -> None:
    """InputRefused for options that say something else at the same time."""
    named = [option for option, value in given.items() if value is not None]
    if named:
        raise InputRefused(
            "two things at once",
            detail=f"{why}, and {' and '.join(named)} was given.",
            hint=f"leave {' and '.join(named)} out",
        )
