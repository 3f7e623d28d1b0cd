"""`mainstay restore`: get data back, into a new instance beside the source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from mainstay.api._site import Where, deployed_stack, open_site, primary_identifier
from mainstay.api._source import load_spec
from mainstay.core.clock import parse_time
from mainstay.core.errors import InputRefused
from mainstay.core.progress import Progress
from mainstay.ops.restoration import Restored, Wish
from mainstay.ops.restore import restore as restore_wish

# Amazon RDS API Reference, CreateDBInstance, DBInstanceIdentifier (checked 2026-11-20).
_INSTANCE_NAME: Final = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,62}(?<!-)")


def restore(
    source: Path,
    *,
    where: Where,
    to: str = "latest",
    snapshot: str | None = None,
    target: str | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Restore the spec's database to a time (RFC 3339), to the `latest` restorable one, or from a snapshot.

    The source is only read; the new instance's login stands in a secret of its own.
    """
    time = point_of(to, snapshot, target)
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    wish = Wish(
        source=primary_identifier(site, loaded.plan, deployed_stack(site, loaded.plan, stack)),
        time=time,
        snapshot=snapshot,
        target=target,
    )
    return restore_wish(site, wish, journal=where.journal, progress=progress)


def point_of(to: str, snapshot: str | None, target: str | None) -> datetime | None:
    """The time that was asked for; None for the latest or a snapshot. InputRefused for two points or no name."""
    if snapshot is not None and to != "latest":
        raise InputRefused(
            "two points",
            detail=f"A snapshot holds one point in time; both --snapshot {snapshot} and --to {to} were given.",
            hint="leave one of them out",
        )
    if target is not None:
        refuse_name(target)
    return None if to == "latest" else parse_time(to)


def refuse_name(target: str) -> None:
    """InputRefused for what RDS takes as no instance's name."""
    if not _INSTANCE_NAME.fullmatch(target):
        raise InputRefused(
            "no name for an instance",
            detail=f"'{target}' is not a name that RDS takes.",
            hint="use up to 63 letters, digits and single hyphens; start with a letter, end with none",
        )
