"""`mainstay verify`: did what was planned arrive?"""

from __future__ import annotations

from pathlib import Path

from mainstay.api._site import Where, deployed_stack, open_site
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress
from mainstay.ops.verification import Verification
from mainstay.ops.verify import verify as verify_stack


def verify(
    source: Path,
    *,
    where: Where,
    environment: str | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Ask every check about the stack of a spec; the answer tells what failed and what could not be seen."""
    loaded = load_spec(source, environment=environment, region=region)
    site = open_site(where, loaded.plan.primary.region)
    return verify_stack(site, loaded.plan, deployed_stack(site, loaded.plan, stack), progress=progress)
