"""Extended Support: when AWS begins to charge an old version, how much at each step, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from mainstay.core.records import dataclass
from mainstay.facts import Lifecycle, lifecycle
from mainstay.forecast.cost_of_servers import source_of, vcpus
from mainstay.forecast.prices import HOURS_A_MONTH, CostItem, Range, amounts, fixed, known_at, sure
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance

_ON: Final = (None, "open-source-rds-extended-support")
_FIRST, _THIRD = "extended_support_vcpu_hour/y1-2", "extended_support_vcpu_hour/y3"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportStep:
    """One step of a database's way out of support. `amount` is what a month costs from `begins` on, in USD; None where
    nothing is charged any more, or the class is not known; `what` says which.
    """

    database: str
    begins: date
    what: str
    amount: Range | None

    def as_json(self) -> dict[str, object]:
        """The step as it stands in `--json` documents."""
        return {"database": self.database, "begins": self.begins.isoformat(), "what": self.what, **amounts(self.amount)}


def support_of(plan: Plan) -> tuple[SupportStep, ...]:
    """Every step of every database whose version's dates are known, in the order of time."""
    steps = (step for region in plan.regions for database in region.of(DbInstance) for step in _steps(database, region))
    return tuple(sorted(steps, key=lambda step: (step.begins, step.database)))


def cost_of_support(region: RegionPlan, today: date) -> Iterator[CostItem]:
    """What Extended Support costs today, where it is charged already."""
    for database in region.of(DbInstance):
        dates = dates_of(database, region)
        if dates is None or not is_charged(database, region, dates, today):
            continue
        path = _THIRD if today >= dates.year_3_from else _FIRST
        amount, count = _amount(database, path), vcpus(database)
        yield CostItem(
            part="Extended Support",
            what=f"since {dates.charged_from}, "
            + (
                "by vCPUs or a price that are not known"
                if amount is None
                else f"{count} vCPU at {known_at(path):.2f} USD an hour"
            ),
            resources=(database.key,),
            amount=amount,
            prices=() if amount is None else (path,),
        )


def is_charged(database: DbInstance, region: RegionPlan, dates: Lifecycle, today: date) -> bool:
    """Whether it has left standard support, and was not told to be upgraded instead."""
    return _is_enrolled(database, region) and dates.charged_from <= today


def _is_enrolled(database: DbInstance, region: RegionPlan) -> bool:
    # CreateDBInstanceReadReplica has no EngineLifecycleSupport (botocore 1.44.5): a replica is made as its source is.
    own = database.lifecycle_support
    return (source_of(database, region).lifecycle_support if own is None else own) in _ON


def dates_of(database: DbInstance, region: RegionPlan) -> Lifecycle | None:
    """The dates of the instance's version, or of its source's; None where AWS sells no Extended Support of it."""
    source = source_of(database, region)
    engine, version = database.engine or source.engine, database.engine_version or source.engine_version
    return lifecycle(engine, version) if isinstance(engine, str) and isinstance(version, str) else None


def _steps(database: DbInstance, region: RegionPlan) -> Iterator[SupportStep]:
    dates = dates_of(database, region)
    if dates is None:
        return
    name = database.address or database.key
    if not _is_enrolled(database, region):
        what = "standard support ends; RDS upgrades it by itself, without Extended Support"
        yield SupportStep(database=name, begins=dates.standard_ends, what=what, amount=None)
        return
    first, third = _amount(database, _FIRST), _amount(database, _THIRD)
    unknown = "" if first and third else ", by vCPUs or a price that are not known"
    yield SupportStep(
        database=name, begins=dates.charged_from, what=f"Extended Support is charged{unknown}", amount=first
    )
    yield SupportStep(database=name, begins=dates.year_3_from, what=f"its third year costs more{unknown}", amount=third)
    what = "Extended Support ends; RDS upgrades it by itself"
    yield SupportStep(database=name, begins=dates.extended_ends, what=what, amount=None)


def _amount(database: DbInstance, path: str) -> Range | None:
    """Every vCPU by the hour, those of a standby included."""
    count = vcpus(database)
    return None if count is None else sure(fixed(count * known_at(path) * HOURS_A_MONTH))
