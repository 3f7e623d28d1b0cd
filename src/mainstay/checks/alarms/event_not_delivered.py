"""EV001: a rule whose events do not arrive, or never come."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.giving import admitting, callable_by
from mainstay.checks.links import key_of, linked
from mainstay.checks.patterns import looking_at, members_of, values_at
from mainstay.checks.publishing import RULES, may_publish, targets_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.plan import Plan
from mainstay.plan.resources import EventRule, EventTarget, Function, FunctionPermission, Topic
from mainstay.plan.values import Attr


def _waiting_for(member: str) -> Plan:
    matches = (
        Match(("source",), ("aws.rds",)),
        Match(("detail-type",), ("RDS DB Instance Event",)),
        Match(("detail", member), ("failure",)),
    )
    target = EventTarget(name="Look", arn="arn:aws:lambda:us-east-1:123456789012:function:look")
    return plan_of(database(), EventRule(key="Failures", pattern=EventPattern(matches), targets=(target,)))


def _bad() -> Plan:
    """Failures by detail.eventCategories, in CloudTrail's spelling"""
    return _waiting_for("eventCategories")


def _good() -> Plan:
    """Failures by detail.EventCategories"""
    return _waiting_for("EventCategories")


@rule(
    id="EV001",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the rule's events do not arrive",
    source="EventBridge User Guide, eb-use-resource-based; RDS User Guide, rds-cloudwatch-events.sample (2026-11-20)",
    applies_to=(EventRule,),
    field="targets",
    bad=_bad,
    good=_good,
)
def faults(each: EventRule, scene: Scene) -> Iterator[Fault]:
    """A rule deploys whatever its targets let it do. Without leave to call the function or to publish to the topic,
    each event is dropped, and only the metric FailedInvocations counts it; a pattern on a member that the events do not
    have matches none, and counts nothing.
    """
    if each.state == "DISABLED":
        return
    for target in targets_of(each):
        to = linked(target.arn, scene) if target.role is None else None
        if isinstance(to, Function) and not _may_call(each, to, scene):
            said = f"{each.key} calls {to.key}, and no permission lets {RULES} do so."
            hint = f"add a permission of {to.key} for {RULES}, from the ARN of {each.key}"
            yield Fault(each, said, hint, mend=(callable_by(to, RULES, each.key, Attr(each.key, "arn")),))
        if isinstance(to, Topic) and not may_publish(to, RULES, scene, by_default=False):
            said = f"{each.key} publishes to {to.key}, and no policy of it lets {RULES} do so."
            hint = f"allow {RULES} sns:Publish in a policy of {to.key}"
            yield Fault(each, said, hint, mend=admitting(to, RULES, scene))
    kinds = values_at(each, "detail-type")
    if "aws.rds" in values_at(each, "source") and kinds and all(one.startswith("RDS ") for one in kinds):
        members = load("events").data["members"]
        for member in sorted(one for one in members_of(each).difference(members) if not one.startswith("$")):
            known = next((one for one in members if one.lower() == member.lower()), None)
            said = f"{each.key} looks at detail.{member}, which RDS's events do not have."
            hint = f"compare detail.{known or ', detail.'.join(members)}"
            mend = looking_at(each, known, instead_of=member) if known else ()
            yield Fault(each, said, hint, field="pattern", mend=mend)


def _may_call(each: EventRule, function: Function, scene: Scene) -> bool:
    """Whether a permission may let this rule call the function; one whose function or caller is unseen may."""
    others = [one for one in scene.region.of(EventRule) if one is not each]
    return any(
        linked(one.function, scene) in (function, None)
        and literal(one.principal, str) in (RULES, "*", None)
        and scene.region.find(key_of(one.source_arn)) not in others
        for one in scene.region.of(FunctionPermission)
    )
