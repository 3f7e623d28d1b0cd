"""`mainstay failover` without another region: the standby takes over on purpose, measured by clients that write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mainstay.api._custody import Custody, custodian, draw
from mainstay.api._history import as_deployed
from mainstay.api._proving import EXIT_CODES, design_of
from mainstay.api._routes import routes_to
from mainstay.api._site import (
    Where,
    deployed_stack,
    open_site,
    physical_id,
    primary_identifier,
    primary_of,
    secret_of_primary,
)
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress, Silent
from mainstay.ops.routes import Through
from mainstay.ops.site import Site
from mainstay.ops.takeover import REBOOT, TakenOver, TakeoverRequest
from mainstay.ops.takeover import takeover as take_over
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbProxyTargetGroup
from mainstay.plan.values import Ref


@dataclass(frozen=True, slots=True)
class Takeover:
    """What the faults came to, the exit code, the page that shows it, and what became of the evidence."""

    result: TakenOver
    report: Path
    custody: Custody = field(default_factory=Custody)

    @property
    def exit_code(self) -> int:
        """0 when nothing that was acknowledged is lost, within the promised time; 1 otherwise; 3 when nobody saw."""
        return EXIT_CODES[self.result.verdict.word]

    def as_json(self) -> dict[str, object]:
        """Verdict, what clients saw, the evidence as it was stored, and its page."""
        return {**self.result.as_json(), "report_file": str(self.report), **self.custody.as_json()}


def takeover(
    source: Path,
    *,
    where: Where,
    confirm: str | None,
    by: str = REBOOT,
    runs: int = 1,
    writers: int = 4,
    seconds: float = 3.0,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    through: Through | None = None,
    progress: Progress | None = None,
) -> Takeover:
    """Break the spec's deployed database so that its standby takes over, and ask for every write afterwards.

    `by` is `reboot` (with failover), and in the sandbox also `kill`, `hang` or `partition`. It is done `runs` times,
    each with so many `writers` directly and as many through each proxy, who write for so many `seconds` before the
    fault and after its end. `confirm` has to be the name of the stack. They write `through` the bastion or directly;
    None takes the direct way where it leads there. Evidence and page are left under the workspace's `evidence/<run>/`.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    loaded = as_deployed(loaded, site, name)
    plan, intent = loaded.plan, loaded.plan.intent
    holder = custodian(site, plan, name)
    request = TakeoverRequest(
        stack=name,
        identifier=primary_identifier(site, plan, name),
        secret=secret_of_primary(site, plan, name),
        fault=by,
        runs=runs,
        writers=writers,
        seconds=seconds,
        proxies=tuple(_proxies(site, plan, name)),
        rto=intent.rto,
        signing_key=holder.key,
        **design_of(loaded),
    )
    with routes_to(site, name, through) as ways:
        result = take_over(
            site,
            request,
            confirm=confirm,
            workspace=where.workspace,
            journal=where.journal,
            progress=progress or Silent(),
            ways=ways,
        )
    return Takeover(result, draw(where.workspace, result.run_id), holder.keep(where))


def _proxies(site: Site, plan: Plan, stack: str) -> Iterator[str]:
    """The names of the proxies that stand before the primary."""
    primary = primary_of(plan).key
    for group in plan.primary.of(DbProxyTargetGroup):
        behind = {link.key for link in group.instances if isinstance(link, Ref)}
        if primary in behind and isinstance(group.proxy, Ref):
            yield physical_id(site, stack, group.proxy.key)
