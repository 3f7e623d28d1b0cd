"""`mainstay prices`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def prices(
    region: Annotated[str, typer.Option("--region", metavar="REGION", help="The region whose prices are wanted.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The price file to write, or to write anew.")],
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Read a region's prices from the AWS Price List into a file. The environment's MAINSTAY_PRICES=FILE uses it.

    Needs credentials that may call pricing:GetProducts; without them exit code 6, and nothing is written.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.prices import prices_view  # lazy, as above

    with answer.progress() as progress:
        result = api.prices(region, out, profile=profile, role_arn=role_arn, progress=progress)
    answer.show(result, prices_view, as_json=as_json)
