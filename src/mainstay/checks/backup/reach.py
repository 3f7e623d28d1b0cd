"""Whom a backup plan reaches: its selections, the instances that these take for sure, and where its rules lead.

What is uncertain (a tag that only AWS resolves, a list from elsewhere) counts as not reached: a rule speaks of what it
sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, TypeGuard

from mainstay.checks.links import key_of, linked
from mainstay.checks.scene import Scene, hides, is_shown, literal
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    DbInstance,
    Opaque,
    Resource,
    TagCondition,
    TagMatch,
    VaultLock,
)
from mainstay.plan.values import Join, Pseudo

_OF_RESOURCE = "aws:ResourceTag/"


def rules_of(plan: BackupPlan) -> list[BackupRule]:
    """The rules that are written out."""
    written: object = plan.rules  # what is required and was not written is Unknown
    rules = [rule for rule in written if isinstance(rule, BackupRule)] if isinstance(written, tuple) else []
    return [_without_zeros(rule) for rule in rules] if is_shown(plan) else rules


def with_rule(plan: BackupPlan, rule: BackupRule, **changes: Any) -> BackupPlan:
    """The plan with some fields of one of its rules changed; `replace` checks their names itself (hence Any)."""
    place = rules_of(plan).index(rule)
    rules: list[Any] = list(plan.rules)  # one element may stand for a list that only the target knows
    known = [index for index, one in enumerate(rules) if isinstance(one, BackupRule)]
    rules[known[place]] = replace(rules[known[place]], **changes)
    return replace(plan, rules=tuple(rules))


def _without_zeros(rule: BackupRule) -> BackupRule:
    """The rule without the zeros that Terraform shows of a lifecycle in which nothing is written."""
    copies = (
        replace(one, delete_after=one.delete_after or None, cold_after=one.cold_after or None) for one in rule.copies
    )
    return replace(
        rule, delete_after=rule.delete_after or None, cold_after=rule.cold_after or None, copies=tuple(copies)
    )


def is_written_out(plan: BackupPlan) -> bool:
    """Whether all that a plan does can be seen."""
    rules: object = plan.rules
    return isinstance(rules, tuple) and len(rules_of(plan)) == len(rules) and not hides(plan, "rule")


def lock_of(vault: Resource) -> VaultLock | None:
    """The lock of a vault, where it is written out."""
    lock: object = vault.lock if isinstance(vault, BackupVault) else None
    if not isinstance(lock, VaultLock):
        return None
    if not is_shown(vault):
        return lock
    # Terraform shows zeros where nothing is written.
    return replace(lock, max_retention=lock.max_retention or None, changeable_for=lock.changeable_for or None)


def title(rule: BackupRule) -> str:
    """How a finding calls a rule of a plan."""
    return literal(rule.name, str) or "a rule"


def selections(plan: BackupPlan, scene: Scene) -> list[BackupSelection]:
    """The selections of a plan that stand in this region."""
    return [one for one in scene.region.of(BackupSelection) if linked(one.plan, scene) is plan]


def reached(plan: BackupPlan, scene: Scene) -> list[DbInstance]:
    """The RDS instances of their own that a plan backs up for sure."""
    return scene.region.remember(("reached", plan.key), lambda: _reached(plan, scene))


def _reached(plan: BackupPlan, scene: Scene) -> list[DbInstance]:
    chosen = selections(plan, scene)
    databases = [one for one in scene.region.of(DbInstance) if scene.stands_alone(one)]
    return [one for one in databases if any(takes(selection, one) for selection in chosen)]


def databases_alone(plan: BackupPlan, scene: Scene) -> list[str]:
    """The keys of instances and clusters that a plan's selections name, where they name nothing else; else nothing."""
    chosen = selections(plan, scene)
    named = [linked(link, scene) for one in chosen for link in one.resources]
    known = [one.key for one in named if isinstance(one, DbInstance) or is_cluster(one)]
    return known if len(known) == len(named) and all(one.resources for one in chosen) else []


def is_cluster(resource: Resource | None) -> TypeGuard[Opaque]:
    """Whether it is a cluster of RDS or Aurora, which no table knows."""
    return isinstance(resource, Opaque) and resource.type in ("AWS::RDS::DBCluster", "aws_rds_cluster")


def takes(selection: BackupSelection, database: DbInstance) -> bool:
    """Whether a selection takes an instance for sure. Resources, tags and conditions narrow one another."""
    if hides(selection, "backupselection") or any(_may_be(one, database) for one in selection.excluded_resources):
        return False
    if selection.resources and not any(_is(one, database) for one in selection.resources):
        return False
    if selection.any_tag and not any(wears(one, database) for one in selection.any_tag):
        return False
    return all(_fits(selection, field, database) for field in ("equal", "like", "not_equal", "not_like"))


def wears(tag: object, database: DbInstance) -> bool:
    """Whether an instance carries the tag that an alternative of a selection asks for."""
    if not isinstance(tag, TagMatch):
        return False
    name, value = literal(tag.tag, str), literal(tag.value, str)
    return name is not None and value is not None and database.tags.get(name) == value


def _fits(selection: BackupSelection, field: str, database: DbInstance) -> bool:
    conditions: Iterable[object] = getattr(selection, field)
    return all(_holds(one, field, database.tags, hides(database, "tags")) for one in conditions)


def _holds(condition: object, field: str, tags: Mapping[str, object], is_hidden: bool) -> bool:
    if not isinstance(condition, TagCondition):
        return False
    name, wanted = literal(condition.tag, str), literal(condition.value, str)
    if name is None or wanted is None:
        return False
    found = tags.get(name.removeprefix(_OF_RESOURCE))
    if found is None:
        return field.startswith("not_") and not is_hidden
    fits = isinstance(found, str) and (fnmatchcase(found, wanted) if field.endswith("like") else found == wanted)
    return fits if not field.startswith("not_") else isinstance(found, str) and not fits


def hides_retention(plan: BackupPlan) -> bool:
    """Whether a plan says something of retention that no field could hold."""
    return hides(plan, "lifecycle") or hides(plan, "delete")


def is_pattern(link: object) -> bool:
    """Whether a link is an ARN that ends in a wildcard, of this account and region as far as it says."""
    if isinstance(link, Join):
        *rest, last = link.parts
        return isinstance(last, str) and last.endswith("*") and all(isinstance(one, str | Pseudo) for one in rest)
    return isinstance(link, str) and link.endswith("*")


def _is(link: object, database: DbInstance) -> bool:
    if isinstance(link, Join) and is_pattern(link):
        return str(link.parts[-1]).endswith(":db:*")
    if isinstance(link, str):
        identifier = literal(database.identifier, str)
        name = f":db:{identifier}" if identifier else ":db:"
        stem = link.removesuffix("*")
        return link == "*" or link.endswith(name) or (link != stem and stem.endswith(":db:"))
    return key_of(link) == database.key


def _may_be(link: object, database: DbInstance) -> bool:
    is_seen = isinstance(link, str) or is_pattern(link) or key_of(link) is not None
    return _is(link, database) if is_seen else True


def plans_reaching(database: DbInstance, scene: Scene) -> Iterator[BackupPlan]:
    """The plans of this region that back an instance up for sure."""
    return (plan for plan in scene.region.of(BackupPlan) if database in reached(plan, scene))
