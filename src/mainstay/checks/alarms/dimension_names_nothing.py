"""AL007: an alarm whose dimension is not what the instance's metrics go by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.links import linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, DbInstance
from mainstay.plan.values import Attr, Ref

_INSTANCE, _CLUSTER = "DBInstanceIdentifier", "DBClusterIdentifier"
_ATTRIBUTES = {
    "arn": "its ARN",
    "endpoint_address": "its endpoint",
    "endpoint_port": "its port",
    "resource_id": "its resource id",
}
_RESOURCE_ID = re.compile(r"db-[A-Z0-9]{20,}")
_ENVIRONMENTS = {"dev", "development", "test", "testing", "qa", "uat", "staging", "preprod", "prod", "production"}


def _watching(dimension: object) -> Plan:
    return plan_of(database(identifier="shop-prod"), alarm(dimensions={_INSTANCE: dimension}), *told())


def _bad() -> Plan:
    """An alarm on the instance's ARN"""
    return _watching(Attr("Database", "arn"))


def _good() -> Plan:
    """An alarm on the instance's identifier"""
    return _watching("shop-prod")


@rule(
    id="AL007",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the alarm watches nothing",
    source="RDS User Guide, dimensions; Terraform AWS provider, version-5-upgrade: aws_db_instance (2026-11-20)",
    applies_to=(Alarm,),
    field="dimensions",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """An instance's metrics go by its identifier, in small letters, and by nothing else. CloudWatch takes any text for
    a dimension and finds no data for it, so the alarm stays at INSUFFICIENT_DATA and looks like one that waits.
    """
    if alarm.namespace not in (None, "AWS/RDS"):
        return
    named = linked(alarm.dimensions.get(_CLUSTER), scene)
    if isinstance(named, DbInstance) and scene.stands_alone(named):
        said = f"{alarm.key} watches {named.key} as {_CLUSTER}, but it is in no cluster."
        kept = {name: value for name, value in alarm.dimensions.items() if name != _CLUSTER}
        mend = (replace(alarm, dimensions={**kept, _INSTANCE: Ref(named.key)}),)
        yield Fault(alarm, said, f"write {_INSTANCE}", mend=mend)
    value = alarm.dimensions.get(_INSTANCE)
    written = _not_identifier(value, scene)
    if written is not None:
        yield Fault(
            alarm,
            f"{alarm.key} watches the {_INSTANCE} {written}.",
            "write its identifier: `Ref` in CloudFormation, `.identifier` in Terraform",
            # Terraform's `id` was the identifier before version 5 of the provider, which a plan does not tell.
            Severity.WARNING if isinstance(value, Attr) and is_shown(alarm) else None,
            mend=_watching_right(alarm, value),
        )
    elif isinstance(value, str) and (other := _sister(value, scene)) is not None:
        yield Fault(
            alarm,
            f"{alarm.key} watches {value}, but the instance of this template is called {other.identifier}.",
            f"watch {other.key} by a reference, so that each environment watches its own",
            Severity.WARNING,
            mend=(replace(alarm, dimensions={**alarm.dimensions, _INSTANCE: Ref(other.key)}),),
        )


def _not_identifier(value: object, scene: Scene) -> str | None:
    """How a dimension is called that no instance can go by."""
    match value:
        case Attr(key, name) if name in _ATTRIBUTES and isinstance(scene.region.find(key), DbInstance):
            return f"{key} by {_ATTRIBUTES[name]}"
        case str() if _RESOURCE_ID.fullmatch(value):
            return f"{value}, which is a resource id"
        case str() if value.startswith("arn:"):
            return f"{value}, which is an ARN"
        case str() if ".rds.amazonaws.com" in value:
            return f"{value}, which is an endpoint"
        case str() if value != value.lower():
            return f"{value}, and RDS keeps identifiers in small letters"
    return None


def _watching_right(alarm: Alarm, value: object) -> tuple[Alarm, ...]:
    """The alarm on the identifier, where it is known from what is written."""
    if isinstance(value, Attr):
        return (replace(alarm, dimensions={**alarm.dimensions, _INSTANCE: Ref(value.key)}),)
    if isinstance(value, str) and value.replace("-", "").isalnum() and not _RESOURCE_ID.fullmatch(value):
        return (replace(alarm, dimensions={**alarm.dimensions, _INSTANCE: value.lower()}),)
    return ()


def _sister(value: str, scene: Scene) -> DbInstance | None:
    """The one instance of this plan that is called so but for the name of the environment."""
    databases = list(scene.region.of(DbInstance))
    names = {literal(one.identifier, str) for one in databases}
    if len(databases) != 1 or None in names or value in names or (words := _apart(value)) is None:
        return None
    return next((one for one in databases if _apart(str(one.identifier)) == words), None)


def _apart(name: str) -> tuple[str, ...] | None:
    """The words of a name with its environment left open; None where it names none."""
    words = name.split("-")
    return tuple("*" if word in _ENVIRONMENTS else word for word in words) if _ENVIRONMENTS & {*words} else None
