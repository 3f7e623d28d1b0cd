"""DB043: a subscription to events that RDS does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.naming import nearest
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import EventSubscription
from mainstay.plan.values import Ref

_TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


def _bad() -> Plan:
    """An instance named as the source, and no type of source"""
    return plan_of(EventSubscription(key="Events", topic=_TOPIC, source_ids=("shop",)))


def _good() -> Plan:
    """The same, with its type"""
    return plan_of(EventSubscription(key="Events", topic=_TOPIC, source_type="db-instance", source_ids=("shop",)))


@rule(
    id="DB043",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS has no such events",
    source="botocore RDS model, CreateEventSubscription; RDS User Guide, USER_Events.Messages (2026-11-21)",
    applies_to=(EventSubscription,),
    field="categories",
    bad=_bad,
    good=_good,
)
def faults(subscription: EventSubscription, scene: Scene) -> Iterator[Fault]:
    """RDS refuses sources without their type (`If SourceType is null, SourceId must also be null.`), types that there
    are not, and categories that the type has not: they are written in small letters and with spaces.
    """
    known, kind = load("events").data, literal(subscription.source_type, str)
    if subscription.source_type is None and any(isinstance(one, Ref | str) for one in subscription.source_ids):
        if not hides(subscription, "sourcetype") and not hides(subscription, "source_type"):
            detail = f"{subscription.key} names {len(subscription.source_ids)} source(s) and no type of source."
            hint = "write the type, such as db-instance"
            yield Fault(subscription, detail, hint, field="source_ids", mend=_typed(subscription, scene))
    elif kind is not None and kind not in known["source_types"]:
        hint = f"write one of {', '.join(known['source_types'])}"
        meant = nearest(kind, known["source_types"])
        mend = (replace(subscription, source_type=meant),) if meant else ()
        detail = f"'{kind}' is no type of source of RDS's events."
        yield Fault(subscription, detail, hint, field="source_type", mend=mend)
    categories = known["categories"].get(kind, ())
    for name in (literal(each, str) for each in subscription.categories) if categories else ():
        if name is not None and name not in categories:
            meant = nearest(name, categories)
            hint = f"write {meant}" if meant else f"write any of {', '.join(categories)}"
            written = tuple(meant if each == name and meant else each for each in subscription.categories)
            mend = (replace(subscription, categories=written),) if meant else ()
            yield Fault(subscription, f"{kind} has no events of the category '{name}'.", hint, mend=mend)


def _typed(subscription: EventSubscription, scene: Scene) -> tuple[EventSubscription, ...]:
    """With the type of its sources, where all of them are instances of the plan, or cannot be anything else."""
    are_instances = all(scene.watched(one) is not None for one in subscription.source_ids)
    return (replace(subscription, source_type="db-instance"),) if are_instances else ()
