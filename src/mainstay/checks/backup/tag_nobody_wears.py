"""BK025: a selection by a tag that is spelled otherwise on what it is meant for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
)
from mainstay.checks.backup.reach import is_pattern
from mainstay.checks.examples import database, replica
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
    DbInstance,
    Opaque,
    Resource,
    TagCondition,
    TagMatch,
)
from mainstay.plan.values import (
    is_expression,
)


def _tagged(**parts: Resource | None) -> Plan:
    chosen = selection(resources=(), any_tag=(TagMatch(tag="Backup", value="daily"),))
    db = database(tags={"backup": "daily"}, copies_tags_to_snapshots=True)
    return backed_up(intent=None, Selection=chosen, Database=db, **parts)


def _bad() -> Plan:
    """Backup=daily is asked for, and the database carries backup=daily"""
    return _tagged()


def _good() -> Plan:
    """Backup=daily is asked for, and another database of the stack carries it"""
    return _tagged(Other=replica(key="Other", tags={"Backup": "daily"}))


@rule(
    id="BK025",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a selection by a tag that no database carries",
    source="AWS Backup Developer Guide, assigning-resources (2026-11-20)",
    applies_to=(BackupSelection,),
    field="any_tag",
    bad=_bad,
    good=_good,
)
def faults(selection: BackupSelection, scene: Scene) -> Iterator[Fault]:
    """Names and values of tags are compared letter by letter. A plan whose selection matches nothing deploys, runs
    every night with success and backs up nothing.
    """
    wanted = [
        (one.tag, one.value)
        for one in (*selection.any_tag, *selection.equal)
        if isinstance(one, TagMatch | TagCondition)
    ]
    named = [
        (tag.removeprefix("aws:ResourceTag/"), value)
        for tag, value in wanted
        if isinstance(tag, str) and isinstance(value, str)
    ]
    databases = [db for db in scene.region.of(DbInstance) if scene.stands_alone(db)]
    is_by_tag = all(is_pattern(one) for one in selection.resources)
    if not is_by_tag or not databases or len(named) != len(wanted) or not named or hides(selection, "backupselection"):
        return
    if any(_may_wear(one, tag, value) for one in scene.region.resources for tag, value in named):
        return
    near = [f"{db.key} carries {pair}" for db in databases for tag, value in named for pair in _near(db, tag, value)]
    yield Fault(
        selection,
        f"{selection.key} takes what is tagged {' or '.join('='.join(pair) for pair in named)}; "
        + (", ".join(near) if near else f"{', '.join(db.key for db in databases)} is not, unless the whole stack is")
        + ".",
        "name the database by its ARN in Resources, or give it that very tag",
        None if near else Severity.WARNING,
        mend=_worn(selection, databases),
    )


def _may_wear(resource: Resource, tag: str, value: str) -> bool:
    """Whether a resource carries the tag, or has tags that cannot be seen."""
    if isinstance(resource, Opaque):
        return tag in json.dumps(resource.properties)
    if hides(resource, "tags"):
        return True
    found = getattr(resource, "tags", {}).get(tag)
    return found == value or is_expression(found)


def _worn(selection: BackupSelection, databases: list[DbInstance]) -> tuple[BackupSelection, ...]:
    """The selection by the one tag that is worn, where it differs in small and large letters alone."""
    wanted = selection.any_tag[0] if len(selection.any_tag) == 1 and not selection.equal else None
    if not isinstance(wanted, TagMatch) or not isinstance(wanted.tag, str) or not isinstance(wanted.value, str):
        return ()
    pairs = {pair for db in databases for pair in _near(db, wanted.tag, wanted.value)}
    if len(pairs) != 1:
        return ()
    tag, _, value = pairs.pop().partition("=")
    return (replace(selection, any_tag=(replace(wanted, tag=tag, value=value),)),)


def _near(db: DbInstance, tag: str, value: str) -> Iterator[str]:
    for name, found in db.tags.items():
        if name.lower() == tag.lower() and isinstance(found, str) and found.lower() == value.lower():
            yield f"{name}={found}"
