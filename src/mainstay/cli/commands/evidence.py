"""`mainstay evidence verify` and `show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options

_PLACE = Path(".mainstay/evidence")
Place = Annotated[
    Path, typer.Argument(metavar="PLACE", help="A directory of evidence, or one evidence.json.", show_default=True)
]


def verify(
    place: Place = _PLACE,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY", help="A public key that may sign: a .pem file or sha256:…; repeatable."),
    ] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="DIGEST", help="A digest told elsewhere, to be in the chain; repeatable."),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option("--bucket", metavar="NAME", help="The bucket that keeps evidence, for what has to be there."),
    ] = None,
    region: options.Region = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Replay the chain of evidence: what was altered, is missing, out of order, cut off, or signed by somebody else.

    Exit code 0 when everything is as it was left, 1 when something is not, 2 when there is no evidence. Without --key
    any one key may have signed. docs/evidence.md says what a chain cannot show, and how to verify with other tools.
    """
    from mainstay.cli.answer import show as answer  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.evidence import replay_view  # lazy, as above

    result = api.evidence_verify(
        place,
        keys=key or (),
        expected=expect or (),
        bucket=bucket,
        where=options.where(sandbox, profile, role_arn),
        region=region,
    )
    answer(result, replay_view, as_json=as_json)


def show(
    place: Place = _PLACE,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help="The run, instead of the newest.")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Draw the document's page and write it there.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one document of evidence, once its digest and signature hold; draw its page.

    Exit code 1 when it was altered, 2 when it is not there.
    """
    from mainstay.cli.answer import show as answer  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.evidence import document_view  # lazy, as above

    answer(api.evidence_show(place, run=run, page=page), document_view, as_json=as_json)
