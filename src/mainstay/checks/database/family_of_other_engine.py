"""DB027: a parameter group made for another engine or major than the instance's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, ParameterGroup
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """PostgreSQL 17 with a group of the family postgres16"""
    return plan_of(database(parameter_group=Ref("Settings")), settings("postgres16"))


def _good() -> Plan:
    """PostgreSQL 17 with a group of the family postgres17"""
    return plan_of(database(parameter_group=Ref("Settings")), settings("postgres17"))


@rule(
    id="DB027",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the parameter group is of another family",
    source="cdk-preflight rules, reproduced against AWS; RDS User Guide, USER_WorkingWithParamGroups (2026-11-20)",
    applies_to=(DbInstance,),
    field="parameter_group",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses the instance: `The parameter group … with DBParameterGroupFamily postgres16 can't be used for this
    instance.` It happens at major upgrades: version and group have to change in one update.
    """
    engine, version, group = scene.engine_of(db), scene.version_of(db), scene.group_of(db)
    family = literal(group.family, str) if group else None
    if engine is None or version is None or group is None or family is None:
        return
    wanted = facts.family(engine, version)
    # RDS reads `MySQL8.0` as `mysql8.0`: AWS's own sample templates are written so (2026-11-21).
    if family.lower() != wanted:
        yield Fault(
            db,
            f"{db.key} runs {engine} {version}, but its group {group.key} is of the family {family}.",
            f"make a group of the family {wanted} and name it here",
            mend=(replace(group, family=wanted),) if _is_its_own(group, db, scene) else (),
        )


def _is_its_own(group: ParameterGroup, db: DbInstance, scene: Scene) -> bool:
    """Whether the group may become another one: nobody else has it, and its name does not collide with its successor's.

    A family never changes, so CloudFormation makes a new group and lets the old one go.
    """
    others = (one for one in scene.region.of(DbInstance) if one.key != db.key)
    return group.name is None and all(one.parameter_group != db.parameter_group for one in others)
