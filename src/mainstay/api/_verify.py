"""`mainstay verify`: did what was planned arrive?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.api._history import as_deployed
from mainstay.api._regional import Regional
from mainstay.api._routes import routes_to
from mainstay.api._site import Where, deployed_stack, open_site
from mainstay.api._source import load_spec
from mainstay.core.errors import NotFound
from mainstay.core.progress import Progress
from mainstay.ops.routes import Through
from mainstay.ops.verify import verify as verify_stack
from mainstay.ops.verify.model import Verification
from mainstay.plan.resources import DbInstance, DbProxy

if TYPE_CHECKING:
    from mainstay.ops.site import Site
    from mainstay.plan.plan import Plan
    from mainstay.sandbox.rds.substitutions import Substitution


@dataclass(frozen=True, slots=True)
class Verified:
    """The answers; by instance or `proxy <name>`, where the sandbox runs another value than planned (AWS never)."""

    verification: Verification
    substitutions: Mapping[str, tuple[Substitution, ...]]

    @property
    def exit_code(self) -> int:
        """0 when everything passed, 1 when something failed, 3 when something could not be looked at."""
        stop = self.verification.stop()
        return stop.exit_code if stop else 0

    def as_json(self) -> dict[str, object]:
        """The verification with the substitutions."""
        rows = {name: [row.as_json() for row in found] for name, found in self.substitutions.items()}
        return {**self.verification.as_json(), "substitutions": rows}


def verify(
    source: Path,
    *,
    where: Where,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    through: Through | None = None,
    progress: Progress | None = None,
) -> Regional[Verified]:
    """Ask every check about the stacks of a spec; the answers tell what failed and what could not be seen.

    The databases are reached `through` the bastion or directly; None takes the direct way where it leads there.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    sites = [open_site(where, one.region) for one in loaded.plan.regions]
    names = [deployed_stack(site, loaded.plan, stack) for site in sites]
    plan = as_deployed(loaded, sites[0], names[0]).plan
    answers = [
        verify_plan(site, where, plan, name, through=through, progress=progress)
        for site, name in zip(sites, names, strict=True)
    ]
    return Regional(tuple(answers))


def verify_plan(
    site: Site, where: Where, plan: Plan, stack: str, *, through: Through | None = None, progress: Progress | None
) -> Verified:
    """Ask every check about a stack at a site that is open already."""
    # Instances are asked for by name, and stand in the primary region only.
    is_primary = site.region in ("", plan.primary.region) or len(plan.regions) == 1
    with routes_to(site, stack, through if is_primary else None) as routes:
        verification = verify_stack(site, plan, stack, progress=progress, routes=routes)
    return Verified(verification, _substitutions(where, plan) if site.is_sandbox and is_primary else {})


def _substitutions(where: Where, plan: Plan) -> dict[str, tuple[Substitution, ...]]:
    from mainstay import sandbox  # lazy: an account needs none of it

    found: dict[str, tuple[Substitution, ...]] = {}
    for instance in plan.of(DbInstance):
        with suppress(NotFound):  # the checks have said that it is not there
            found[str(instance.identifier)] = sandbox.substitutions(where.sandbox_directory, str(instance.identifier))
    for proxy in plan.of(DbProxy):
        with suppress(NotFound):  # as above
            found[f"proxy {proxy.name}"] = sandbox.proxy_substitutions(where.sandbox_directory, str(proxy.name))
    return {name: rows for name, rows in found.items() if rows}
