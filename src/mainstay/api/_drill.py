"""`mainstay drill`: a real restore, a proof of what came out of it, evidence, and a page to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from mainstay import forecast
from mainstay.api._custody import Custody, custodian, draw
from mainstay.api._drill_target import DrillTarget, drill_target
from mainstay.api._failover import second_region
from mainstay.api._history import as_deployed
from mainstay.api._proving import EXIT_CODES, design_of
from mainstay.api._routes import function_of, routes_by
from mainstay.api._site import Where, deployed_stack, open_site, primary_identifier, primary_of, secret_of_primary
from mainstay.api._source import Loaded, load_spec
from mainstay.core.errors import InputRefused
from mainstay.core.progress import Progress, Silent
from mainstay.core.units import Duration
from mainstay.ops.drill import Baseline, DrillRequest, DrillResult, Reaped
from mainstay.ops.drill import drill as run_drill
from mainstay.ops.drill import reap as run_reap
from mainstay.ops.drill.state import Elsewhere
from mainstay.ops.failover import standing
from mainstay.ops.routes import Through
from mainstay.ops.site import Site
from mainstay.ops.vaults import VAULT
from mainstay.plan.intent import PROOF_METRIC, SqlCheck
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm
from mainstay.probe.markers import Marker

# The latest restorable time moves every five minutes; that of a replicated backup trails by up to half an hour
# (AWS Prescriptive Guidance, dr-standard-edition-amazon-rds, 2026-11-20), and the first copy takes longer.
_CATCH_UP_S, _CATCH_UP_ELSEWHERE_S = 900, 5400


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill's result, the page that shows it, and what became of its evidence in the stack's bucket."""

    result: DrillResult
    report: Path
    custody: Custody = field(default_factory=Custody)

    @property
    def exit_code(self) -> int:
        """0 only when PROVEN; 1 when DISPROVEN, 3 when INCONCLUSIVE."""
        return EXIT_CODES[self.result.verdict.word]

    def as_json(self) -> dict[str, object]:
        """The verdict, the evidence as it was stored, and where both files are."""
        return {
            "run_id": self.result.run_id,
            "verdict": self.result.verdict.as_json(),
            "evidence_file": str(self.result.evidence_path),
            "report_file": str(self.report),
            **self.custody.as_json(),
            "evidence": dict(self.result.evidence),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody saw around a disaster: when it was, what the source held just before, which markers it had.

    `checks` are those of the spec that the source could answer then.
    """

    disaster_at: datetime
    baseline: Baseline
    markers: tuple[Marker, ...]
    database: str
    checks: tuple[SqlCheck, ...]


def drill(
    source: Path,
    *,
    where: Where,
    to: str = "latest",
    before_disaster: str | None = None,
    snapshot: str | None = None,
    recovery_point: str | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    from_region: str | None = None,
    through: Through | None = None,
    anew: bool = False,
    progress: Progress | None = None,
) -> Drilled:
    """Restore the spec's database, prove it, and delete what was restored.

    A drill that was stopped on its way is taken up, when it was pointed at the same, or nothing is asked for now; to
    begin `anew` cleans up what it left.
    It is restored `to` a time (RFC 3339), to the `latest`, or to a `random` second of the restorable window; to the
    last second `before_disaster` (RFC 3339); from a `snapshot`; or from a `recovery_point`, by its ARN or the `latest`
    in the stack's vaults. With `from_region` it is restored in that second region, from what is replicated there: the
    rehearsal of a failover. The databases are reached `through` the bastion, directly, or by the validation function in
    their network; None takes the direct way where it leads there, else the function where it is less than ten minutes
    of work, else the bastion. Evidence and page are left under the workspace's `evidence/<run>/`.
    """
    target = drill_target(to, before_disaster=before_disaster, snapshot=snapshot, recovery_point=recovery_point)
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    elsewhere = _elsewhere(where, loaded.plan, name, from_region, through) if from_region is not None else None
    deployed = as_deployed(loaded, site, name)
    vaults = _vaults(elsewhere.site if elsewhere else site, name) if target.is_point else ()
    return drill_at(
        site,
        where,
        deployed,
        name,
        target,
        vaults=vaults,
        elsewhere=elsewhere,
        through=through,
        anew=anew,
        progress=progress or Silent(),
    )


def reap(
    source: Path,
    *,
    where: Where,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    progress: Progress | None = None,
) -> Reaped:
    """Delete what drills of the spec's database left behind, where the journal proves that it is theirs."""
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    plan = loaded.plan
    sites = tuple(open_site(where, part.region) for part in plan.regions)
    name = deployed_stack(sites[0], plan, stack)
    identifier = primary_identifier(sites[0], as_deployed(loaded, sites[0], name).plan, name)
    return run_reap(sites, identifier, stack=name, journal=where.journal, progress=progress or Silent())


def _vaults(site: Site, stack: str) -> tuple[str, ...]:
    """The names of the stack's vaults there. InputRefused when it has none."""
    resources = site.doors.cloudformation.resources(stack)
    names = tuple(one.physical_id for one in resources if one.type == VAULT and one.physical_id)
    if not names:
        raise InputRefused(
            "no vault",
            detail=f"Stack {stack} in {site.region} has no backup vault, so there are no recovery points of it.",
            hint="plan backups with AWS Backup in the spec (backup: tiers), or drill a time or a snapshot",
        )
    return names


def _elsewhere(where: Where, plan: Plan, stack: str, region: str, through: Through | None) -> Elsewhere:
    """Where a copy stands in the second region, and how it is reached."""
    site = open_site(where, second_region(plan, region).region)
    outputs = standing.outputs_of(site, stack)
    return Elsewhere(site=site, placement=standing.placement(outputs), routes=routes_by(site, outputs, through))


def drill_at(
    site: Site,
    where: Where,
    loaded: Loaded,
    stack: str,
    target: DrillTarget,
    *,
    vaults: tuple[str, ...] = (),
    seen: Seen | None = None,
    elsewhere: Elsewhere | None = None,
    through: Through | None = None,
    anew: bool = False,
    progress: Progress,
) -> Drilled:
    """Drill a stack at a site; `seen` tells what was there at the target, where somebody knows; `vaults` are those to
    look for recovery points in; `elsewhere` restores in another region; `through` says how the databases are reached;
    `anew` takes up no run that was stopped.
    """
    intent = loaded.plan.intent
    promise = forecast.promise(loaded.plan)
    cost_usd, cost_basis = expected_cost(loaded.plan, where)
    outputs = site.doors.cloudformation.stack(stack).outputs
    holder = custodian(site, loaded.plan, stack, outputs)
    request = DrillRequest(
        stack=stack,
        source=primary_identifier(site, loaded.plan, stack),
        secret=secret_of_primary(site, loaded.plan, stack),
        time=target.time,
        is_random=target.is_random,
        snapshot=target.snapshot,
        vaults=vaults,
        disaster_at=seen.disaster_at if seen else target.disaster_at,
        baseline=seen.baseline if seen else None,
        markers=seen.markers if seen else (),
        canary_database=seen.database if seen else None,
        checks=seen.checks if seen else intent.drill.checks,
        parallel=intent.drill.parallel,
        is_heard=any(alarm.namespace == PROOF_METRIC.namespace for alarm in loaded.plan.primary.of(Alarm)),
        signing_key=holder.key,
        rpo=intent.rpo,
        rto=intent.rto,
        **design_of(loaded, promise),
        forecast=promise.rows(),
        cost_usd=cost_usd,
        cost_basis=cost_basis,
        catch_up_deadline=Duration(_CATCH_UP_S if elsewhere is None else _CATCH_UP_ELSEWHERE_S),
    )
    result = run_drill(
        site,
        request,
        workspace=where.workspace,
        journal=where.journal,
        progress=progress,
        elsewhere=elsewhere,
        routes=routes_by(site, outputs, through, function=partial(function_of, site, stack)),
        anew=anew,
    )
    return Drilled(result, draw(where.workspace, result.run_id), holder.keep(where))


def expected_cost(plan: Plan, where: Where) -> tuple[float | None, str]:
    """What one drill of the primary costs as the forecast expects it, and by whose prices; nothing in the sandbox."""
    if where.is_sandbox:
        return 0.0, "the sandbox costs nothing"
    bill, primary = forecast.cost(plan), primary_of(plan)
    drill = next((one for one in bill.drills if one.database == (primary.address or primary.key)), None)
    if drill is None or drill.each is None:
        return None, "no price of its class, storage or size"
    return round(drill.each[1], 2), f"expected, list prices of {bill.priced_as} on {bill.priced_on}: {drill.what}"
