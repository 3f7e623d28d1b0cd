"""`mainstay restore --verify`, `--swap` and `--undo`: a new generation of the spec's database, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from mainstay import forecast
from mainstay.api._custody import Custody, custodian, draw, draw_missing
from mainstay.api._failover import keeping_of
from mainstay.api._history import as_deployed
from mainstay.api._proving import EXIT_CODES, design_of, filing_of
from mainstay.api._restore import point_of
from mainstay.api._routes import routes_to
from mainstay.api._site import Where, deployed_stack, open_site, primary_identifier, primary_of, secret_of_primary
from mainstay.api._source import Loaded, load_spec
from mainstay.core.errors import AnswerIsNo, Inconclusive, InputRefused
from mainstay.core.progress import Progress, Silent
from mainstay.formats.terraform.names import labels
from mainstay.ops.generation import DatabaseName, Generation, GenerationRequest, Swap, Undone, replace_database, undo
from mainstay.ops.routes import Through
from mainstay.ops.site import Site
from mainstay.plan.passes.logical import DNS_RECORD
from mainstay.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """What a restore came to that was verified, its exit code, its page, and what became of its evidence."""

    result: Generation
    report: Path
    custody: Custody = field(default_factory=Custody)

    @property
    def exit_code(self) -> int:
        """0 when it is PROVEN, or when it was swapped as it is; 1 when DISPROVEN, 3 when INCONCLUSIVE."""
        return 0 if self.result.swap else EXIT_CODES[self.result.word]

    def as_json(self) -> dict[str, object]:
        """The new generation, what is left to do, the evidence as it was stored, and its page."""
        return {**self.result.as_json(), "report_file": str(self.report), **self.custody.as_json()}


@dataclass(frozen=True, slots=True)
class UndoneRestore:
    """What an undoing came to, and what became of its evidence."""

    result: Undone
    custody: Custody = field(default_factory=Custody)

    def as_json(self) -> dict[str, object]:
        """What clients reach now, and what is kept aside."""
        return {**self.result.as_json(), **self.custody.as_json()}


def restore_verified(
    source: Path,
    *,
    where: Where,
    swap: Swap | None,
    confirm: str | None,
    accept: str | None = None,
    to: str = "latest",
    snapshot: str | None = None,
    target: str | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    through: Through | None = None,
    progress: Progress | None = None,
) -> NewGeneration:
    """Restore the spec's database with its settings, verify it, and with a `swap` move the clients to it.

    `confirm` has to be the stack's name for a swap; `accept` is a verdict other than PROVEN that is good enough.
    The databases are reached `through` the bastion or directly; None takes the direct way where it leads there.
    """
    time = point_of(to, snapshot, target)
    if accept is not None and accept not in EXIT_CODES:
        raise InputRefused(
            "no such verdict", detail=f"'{accept}' is no verdict.", hint=f"name one of {', '.join(EXIT_CODES)}"
        )
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    deployed = as_deployed(loaded, site, name)
    holder = custodian(site, deployed.plan, name)
    request = _request(site, deployed, name, swap=swap, time=time, snapshot=snapshot, target=target, accept=accept)
    try:
        with routes_to(site, name, through) as routes:
            result = replace_database(
                site,
                replace(request, signing_key=holder.key),
                confirm=confirm,
                workspace=where.workspace,
                journal=where.journal,
                progress=progress or Silent(),
                routes=routes,
            )
    except (AnswerIsNo, Inconclusive):  # a generation that is kept aside has left evidence, too
        draw_missing(where.workspace)
        holder.keep(where)
        raise
    draw_missing(where.workspace)  # of the swap
    return NewGeneration(result, draw(where.workspace, result.restored.run_id), holder.keep(where))


def undo_restore(
    source: Path,
    *,
    where: Where,
    run: str,
    confirm: str | None,
    confirm_loss: str | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    through: Through | None = None,
    progress: Progress | None = None,
) -> UndoneRestore:
    """Go back to the generation before a swap; `run` is its id, or `latest`. `confirm` has to be the stack's name,
    and `confirm_loss` the new generation's resource id where writes to it would stay behind.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    site = open_site(where, loaded.plan.primary.region)
    name = deployed_stack(site, loaded.plan, stack)
    deployed = as_deployed(loaded, site, name)
    holder = custodian(site, deployed.plan, name)
    with routes_to(site, name, through) as routes:
        undone = undo(
            site,
            name,
            secret=secret_of_primary(site, deployed.plan, name),
            filing=filing_of(where, deployed, holder),
            run_id=None if run == "latest" else run,
            confirm=confirm,
            confirm_loss=confirm_loss,
            journal=where.journal,
            progress=progress or Silent(),
            routes=routes,
        )
    draw_missing(where.workspace)
    return UndoneRestore(undone, holder.keep(where))


def _request(
    site: Site,
    loaded: Loaded,
    stack: str,
    *,
    swap: Swap | None,
    time: datetime | None,
    snapshot: str | None,
    target: str | None,
    accept: str | None,
) -> GenerationRequest:
    plan, database, intent = loaded.plan, primary_of(loaded.plan), loaded.plan.intent
    name = database.database_name
    return GenerationRequest(
        stack=stack,
        source=primary_identifier(site, plan, stack),
        secret=secret_of_primary(site, plan, stack),
        key=database.key,
        address=f"aws_db_instance.{labels(one.key for one in plan.primary.resources)[database.key]}",
        swap=swap,
        time=time,
        snapshot=snapshot,
        target=target,
        keeping=keeping_of(database),
        is_multi_az=database.is_multi_az is True,
        database=name if isinstance(name, str) else None,
        tags={key: value for key, value in database.tags.items() if isinstance(value, str)},
        accepts=accept,
        checks=intent.drill.checks,
        rpo=intent.rpo,
        rto=intent.rto,
        **design_of(loaded),
        monthly_usd=_monthly(plan, database.key),
        name=_name(site, plan, stack),
    )


def _name(site: Site, plan: Plan, stack: str) -> DatabaseName | None:
    """What the deployed stack calls its database in DNS, as its outputs tell; None where it has no name."""
    outputs = site.doors.cloudformation.stack(stack).outputs
    zone, name = outputs.get("DatabaseZoneId"), outputs.get("DatabaseDnsName")
    if zone is None or name is None or DNS_RECORD not in {one.key for one in plan.primary.resources}:
        return None
    label = labels(one.key for one in plan.primary.resources)[DNS_RECORD]
    return DatabaseName(zone=zone, name=name, key=DNS_RECORD, address=f"aws_route53_record.{label}")


def _monthly(plan: Plan, key: str) -> float | None:
    """What an instance like the primary costs a month, as the forecast expects it; None where a price is not known."""
    amounts = [item.amount for item in forecast.cost(plan).items if item.resources == (key,)]
    known = [amount[1] for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None
