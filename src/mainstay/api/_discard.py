"""`mainstay generation discard`: the generation that a swap left behind is given up for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mainstay.api._custody import Custody, custodian, draw_missing
from mainstay.api._history import as_deployed
from mainstay.api._proving import filing_of
from mainstay.api._site import Where, deployed_stack, open_site, secret_of_primary
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress, Silent
from mainstay.ops.generation import Discarded, Unprotect, discard_old


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What was given up, and what became of its evidence."""

    result: Discarded
    custody: Custody = field(default_factory=Custody)

    def as_json(self) -> dict[str, object]:
        """What is gone, what is left of it, and the evidence."""
        return {**self.result.as_json(), **self.custody.as_json()}


def generation_discard(
    source: Path,
    *,
    where: Where,
    confirm: str | None,
    unprotect: Unprotect,
    run: str = "latest",
    takes_snapshot: bool = True,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> GivenUp:
    """Delete the old generation of a swap, `run` by id or `latest`, after a last snapshot; what is left is listed.

    `confirm` has to be its resource id; `unprotect` is asked before its deletion protection is switched off.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    deployed = as_deployed(loaded, site, name)
    holder = custodian(site, deployed.plan, name)
    given_up = discard_old(
        site,
        name,
        secret=secret_of_primary(site, deployed.plan, name),
        run_id=None if run == "latest" else run,
        confirm=confirm,
        unprotect=unprotect,
        takes_snapshot=takes_snapshot,
        journal=where.journal,
        filing=filing_of(where, deployed, holder),
        progress=progress or Silent(),
    )
    draw_missing(where.workspace)
    return GivenUp(given_up, holder.keep(where))
