"""`mainstay failover`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused


class Fault(StrEnum):
    """What is done to the database. A test compares it with the faults of `ops.takeover`, which would load a driver."""

    REBOOT = "reboot"
    KILL = "kill"
    HANG = "hang"
    PARTITION = "partition"


def failover(
    spec: options.Spec = options.DEFAULT_SPEC,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="STACK", help="The name of the stack, as consent.")
    ] = None,
    by: Annotated[
        Fault | None,
        typer.Option("--by", help="`reboot` with failover, the default; in the sandbox also the other three."),
    ] = None,
    runs: Annotated[int | None, typer.Option("--runs", help="How often, 1 to 20; once by default.")] = None,
    writers: Annotated[
        int | None, typer.Option("--writers", help="Clients on each way to the database, 1 to 32; 4 by default.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", help="How long they write before a fault and after its end; 3 by default."),
    ] = None,
    to_region: Annotated[
        str | None,
        typer.Option(
            "--to-region",
            metavar="REGION",
            help="Restore into this second region, of the spec's disaster_recovery, instead.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="There: `latest`, or a time with its offset: 2026-11-20T14:05:00Z."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NAME", help="There: the new instance's name, instead of the old one's."),
    ] = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    through: options.ThroughWay = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    as_json: options.AsJson = False,
) -> None:
    """Let the standby take over and measure it, or with --to-region fail over into the second region.

    Within the region, clients write without an end, directly and through each proxy, while the database is broken;
    afterwards every write that they were told of has to be there. They write into a schema of their own. Exit code 0
    when nothing is lost and the outage was no longer than promised, 1 otherwise, 3 when that could not be seen.

    With --to-region the newest second there is restored, to stay; the first region is not needed. Exit code 0
    when the new database stands and nothing contradicts it, 1 when its data contradict themselves, 3 when it stands
    and could not be looked at from here.

    Both show what they would do first, and need the name of the stack (there).
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.failover import failover_view, takeover_view  # lazy, as above

    here = {"by": by and by.value, "runs": runs, "writers": writers, "seconds": seconds}
    there = {"to": to, "target": target}
    ask: dict[str, Any] = {  # Any: arguments of two functions
        "where": options.where(sandbox, profile, role_arn, ca_bundle),
        "confirm": confirm,
        "environment": environment,
        "settings": options.pairs(settings, "--set"),
        "stack": stack,
        "through": through.value if through else None,
    }
    if to_region is not None:
        _refuse({**here, "region": region}, "a failover into another region", "--to-region")
        with answer.progress() as progress:
            result = api.failover(spec, to_region=to_region, **_given(there), **ask, progress=progress)
        answer.show(result, failover_view, as_json=as_json)
        return
    _refuse(there, "a failover within the region", "no --to-region")
    with answer.progress() as progress:
        taken = api.takeover(spec, region=region, **_given(here), **ask, progress=progress)
    answer.show(taken, takeover_view, as_json=as_json)


def _given(named: Mapping[str, Any]) -> dict[str, Any]:  # Any: values of options
    return {name: value for name, value in named.items() if value is not None}


def _refuse(named: Mapping[str, Any], kind: str, why: str) -> None:  # Any: as above
    given = " and ".join(f"--{name}" for name in _given(named))
    if given:
        raise InputRefused(
            "two kinds of failover",
            detail=f"This is {kind} ({why}), which takes no {given}.",
            hint="leave it out; `mainstay failover --help` tells which belongs to which",
        )
