"""The families of rules, each imported only when a plan holds a resource that its rules look at."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from mainstay.checks.rule import Rule
from mainstay.core.records import dataclass
from mainstay.plan.plan import Plan
from mainstay.plan.resources import KINDS as ALL_KINDS
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    BackupSelection,
    BackupVault,
    DbInstance,
    DbProxy,
    DbProxyTargetGroup,
    EventRule,
    EventSubscription,
    Function,
    HostedZone,
    Instance,
    Key,
    LogGroup,
    NatGateway,
    Opaque,
    ParameterGroup,
    RecordSet,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
    RotationSchedule,
    RouteTable,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    Subscription,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Family:
    """A folder of rules: its name, the prefixes of their ids, and the kinds of resource they apply to."""

    name: str
    prefixes: tuple[str, ...]
    kinds: tuple[type[Resource], ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The family's own `RULES`; importing them here is what keeps the others from being loaded."""
        rules: tuple[Rule, ...] = importlib.import_module(f"mainstay.checks.{self.name}").RULES
        return rules


FAMILIES: tuple[Family, ...] = (
    Family(
        "database", ("DB",), (DbInstance, ParameterGroup, SubnetGroup, EventSubscription, Secret, Function, Instance)
    ),
    Family(
        "backup",
        ("BK",),
        (
            BackupPlan,
            BackupSelection,
            BackupVault,
            RestoreTestingPlan,
            RestoreTestingSelection,
            DbInstance,
            Key,
            Alarm,
            EventRule,
            Opaque,
        ),
    ),
    Family("proxy", ("PX",), (DbProxy, DbProxyTargetGroup)),
    Family("alarms", ("AL", "SN", "EV"), (Alarm, Topic, Subscription, EventRule)),
    Family(
        "network", ("NW",), (SecurityGroup, DbInstance, Function, Instance, NatGateway, RouteTable, Subnet, SubnetGroup)
    ),
    Family("dns", ("DN",), (HostedZone, RecordSet)),
    Family("secrets", ("SE",), (RotationSchedule, SecretAttachment, Secret, Function, Instance)),
    Family("keys", ("KM",), (Key, LogGroup)),
    Family("functions", ("LA",), (Function,)),
    # Names can collide whatever the resource is.
    Family("stack", ("ST",), ALL_KINDS),
)


def rules_for(plan: Plan) -> Iterator[Rule]:
    """The rules of every family that has something to look at in this plan."""
    present = {type(resource) for region in plan.regions for resource in region.resources}
    for family in FAMILIES:
        if present & set(family.kinds):
            yield from family.rules


def all_rules() -> list[Rule]:
    """Every rule of every family, in the order of the tuples."""
    return [rule for family in FAMILIES for rule in family.rules]


def find(name: str) -> Rule | None:
    """The rule of this id, None when there is none; only its family is loaded."""
    families = (family for family in FAMILIES if name.startswith(family.prefixes))
    return next((rule for family in families for rule in family.rules if rule.id == name), None)
