"""DB044: failures, failovers and deletions of which nobody hears, though somebody is told of alarms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.patterns import EventPattern
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, DbInstance, EventRule, EventSubscription
from mainstay.plan.values import Attr, Ref


def _plan(*categories: str) -> Plan:
    topic, mail, _ = told()
    events = EventSubscription(key="Events", topic=Ref("Topic"), source_type="db-instance", categories=categories)
    return plan_of(database(), alarm(), topic, mail, events)


def _bad() -> Plan:
    """A subscription to maintenance only"""
    return _plan("maintenance")


def _good() -> Plan:
    """A subscription to what matters"""
    return _plan(*load("events").data["essential"])


@rule(
    id="DB044",
    severity=Severity.WARNING,
    harm=Harm.BLIND,
    summary="nobody hears of a database's events",
    source="RDS User Guide, USER_Events.Messages; Security Hub RDS.20 (2026-11-20)",
    applies_to=(DbInstance,),
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Metrics do not tell that parameters keep the server from starting, that automated backups were switched off, or
    that the instance was deleted: RDS publishes events for that, and forgets them after 14 days. Security Hub is green
    where there is no subscription at all. Only a template that tells somebody of something is taken at its word.
    """
    if not (scene.is_production and scene.stands_alone(db)) or any(map(_hears_rds, scene.region.of(EventRule))):
        return
    heard = [each for each in scene.region.of(EventSubscription) if _is_about(each, db, scene)]
    is_watched = any(each.alarm_actions and _watches(each, db, scene) for each in scene.region.of(Alarm))
    if not heard and not is_watched:
        return
    missing = sorted(_missing(db, heard))
    if missing:
        essential = load("events").data["essential"]
        yield Fault(
            db,
            f"Nobody is told of {db.key}: {'; '.join(f'{name}, {essential[name]}' for name in missing)}.",
            f"subscribe a topic to the categories {', '.join(missing)} of db-instance",
            # Where failures are heard of, the rest is less urgent.
            None if "failure" in missing else Severity.INFO,
            mend=tuple(replace(one, categories=(*one.categories, *missing)) for one in heard[:1]),
        )


def _missing(db: DbInstance, heard: list[EventSubscription]) -> set[str]:
    wanted = set(load("events").data["essential"]) - (set() if db.is_multi_az is True else {"failover"})
    for subscription in heard:
        names = {literal(each, str) for each in subscription.categories}
        # Without categories it tells of all; those that cannot be seen may be the ones.
        if not names or None in names:
            return set()
        wanted -= {str(name) for name in names}
    return wanted


def _is_about(subscription: EventSubscription, db: DbInstance, scene: Scene) -> bool:
    """Whether a subscription may tell of an instance."""
    if subscription.is_enabled is False or literal(subscription.source_type, str) not in (None, "db-instance"):
        return False
    sources = subscription.source_ids
    return not sources or any(not isinstance(one, Ref | str | Attr) or scene.watched(one) is db for one in sources)


def _watches(each: Alarm, db: DbInstance, scene: Scene) -> bool:
    return any(scene.watched(link) is db for link in each.dimensions.values())


def _hears_rds(event_rule: EventRule) -> bool:
    """Whether a rule may pick up RDS's events; a pattern that cannot be read may."""
    pattern = literal(event_rule.pattern, EventPattern)
    if pattern is None:
        return event_rule.pattern is not None or hides(event_rule, "pattern")
    return "aws.rds" in pattern.values_at("source")
