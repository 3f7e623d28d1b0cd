"""`mainstay failover`: the database in its second region, whatever became of the first one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from mainstay.api._custody import Custody, custodian_elsewhere, draw
from mainstay.api._proving import EXIT_CODES, design_of
from mainstay.api._restore import refuse_name
from mainstay.api._routes import routes_by
from mainstay.api._site import Where, open_site, primary_of, stack_name
from mainstay.api._source import Loaded, load_spec
from mainstay.core.clock import parse_time
from mainstay.core.errors import InputRefused, MainstayError
from mainstay.core.progress import Progress, Silent
from mainstay.core.units import Bytes, Duration
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.failover import FailedOver, FailoverRequest, standing
from mainstay.ops.failover import failover as fail_over
from mainstay.ops.routes import Through
from mainstay.ops.site import Site
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance, DbProxy, RecordSet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failover:
    """What a failover came to, its exit code, the page that shows it, and what became of the evidence."""

    result: FailedOver
    report: Path
    custody: Custody = field(default_factory=Custody)

    @property
    def exit_code(self) -> int:
        """0 when nothing contradicts it, 1 when its data contradict themselves, 3 when it could not be looked at."""
        return EXIT_CODES[self.result.verdict.word]

    def as_json(self) -> dict[str, object]:
        """The new primary, what it holds, what is left to do, the evidence as it was stored, and its page."""
        return {**self.result.as_json(), "report_file": str(self.report), **self.custody.as_json()}


def failover(
    source: Path,
    *,
    where: Where,
    to_region: str,
    confirm: str | None,
    to: str = "latest",
    target: str | None = None,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    stack: str | None = None,
    through: Through | None = None,
    progress: Progress | None = None,
) -> Failover:
    """Restore the spec's database in its second region, to the newest second there or a time (RFC 3339), to stay.

    `confirm` has to be the name of the stack there. The first region is not needed. What was restored is reached
    `through` the bastion there or directly; None takes the direct way where it leads there.
    """
    moment = None if to == "latest" else parse_time(to)
    loaded = load_spec(source, environment=environment, settings=settings)
    there = second_region(loaded.plan, to_region)
    site = open_site(where, there.region)
    name = stack_name(loaded.plan, stack, there.region)
    first = _primary_site(where, loaded.plan)
    holder = custodian_elsewhere(first, site, loaded.plan, name)
    with routes_by(site, standing.outputs_of(site, name), through) as routes:
        result = fail_over(
            site,
            _request(loaded, name, target, moment),
            confirm=confirm,
            workspace=where.workspace,
            journal=where.journal,
            progress=progress or Silent(),
            old=first,
            routes=routes,
            signer=holder.signer(),
        )
    return Failover(result, draw(where.workspace, result.restored.run_id), holder.keep(where))


def second_region(plan: Plan, region: str) -> RegionPlan:
    """The part of a plan in that region; InputRefused when it is the primary's, or the plan has none there."""
    others = {part.region: part for part in plan.regions[1:]}
    if region in others:
        return others[region]
    known = ", ".join(others)
    raise InputRefused(
        "no second region of this database",
        detail=f"{region} is {'the primary itself' if region == plan.primary.region else 'not in the spec'}; "
        + (f"beside the primary it has {known}." if known else "the spec has one region only."),
        hint=f"name {known}" if known else f"write disaster_recovery: {{region: {region}}} and deploy, beforehand",
    )


def _primary_site(where: Where, plan: Plan) -> Site | None:
    """The first region, to be asked once; None when there is no way to ask."""
    try:
        return open_site(where, plan.primary.region, is_patient=False)
    except MainstayError:
        return None


def _request(loaded: Loaded, stack: str, target: str | None, moment: datetime | None) -> FailoverRequest:
    plan, database, intent = loaded.plan, primary_of(loaded.plan), loaded.plan.intent
    name = _literal(database.identifier, str)
    if name is None:
        raise InputRefused(
            "no name to fail over",
            detail=f"{database.key} has no identifier of its own in the plan, by which its backups are found.",
            hint="this works for plans from a spec",
        )
    if target is not None:
        refuse_name(target)
    return FailoverRequest(
        stack=stack,
        source=name,
        source_region=plan.primary.region,
        target=(target or name).lower(),
        keeping=keeping_of(database),
        instance_class=_literal(database.instance_class, str),
        is_multi_az=_literal(database.is_multi_az, bool) or False,
        port=_literal(database.port, int),
        ca_certificate=_literal(database.ca_certificate, str),
        database=_literal(database.database_name, str),
        tags={key: value for key, value in database.tags.items() if isinstance(value, str)},
        lacks=tuple(_beside(plan)),
        time=moment,
        checks=intent.drill.checks,
        rpo=intent.rpo,
        rto=intent.rto,
        **design_of(loaded),
    )


def _beside(plan: Plan) -> Iterator[str]:
    """What the primary has beside itself that no backup brings along."""
    replicas = sum(one.source is not None for one in plan.primary.of(DbInstance))
    if replicas:
        yield f"its {replicas} read replicas" if replicas > 1 else "its read replica"
    yield from ("its proxy" for _ in plan.primary.of(DbProxy))
    yield from (f"its name {one.name}, which leads to the first region" for one in plan.primary.of(RecordSet))


def keeping_of(database: DbInstance) -> Keeping:
    """The settings that the plan gives the primary; what it leaves open stays as the backup has it."""
    backup, maintenance = database.backup_window, database.maintenance_window
    return Keeping(
        retention=_literal(database.backup_retention, Duration),
        is_protected=_literal(database.has_deletion_protection, bool) or False,
        copies_tags=_literal(database.copies_tags_to_snapshots, bool) or False,
        backup_window=str(backup) if backup is not None else None,
        maintenance_window=str(maintenance) if maintenance is not None else None,
        has_iam_authentication=_literal(database.has_iam_authentication, bool),
        upgrades_minor_versions=_literal(database.upgrades_minor_versions, bool),
        max_storage=_literal(database.max_storage, Bytes),
        log_exports=tuple(name for name in database.log_exports if isinstance(name, str)),
    )


def _literal(value: object, kind: type[T]) -> T | None:
    """A value that the plan itself knows; what only the target knows is None."""
    return value if isinstance(value, kind) else None
