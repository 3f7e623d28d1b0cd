"""Two small plans of one region, and who carries the change out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from mainstay import diff
from mainstay.core.units import Bytes, Duration
from mainstay.formats import cloudformation, terraform
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance, Fate, Resource

CLOUDFORMATION = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
TERRAFORM = diff.Target(diff.TERRAFORM, terraform.TABLES)
DATABASE = DbInstance(
    key="Database",
    identifier="shop",
    engine="postgres",
    engine_version="17.4",
    instance_class="db.m7g.large",
    database_name="shop",
    storage=Bytes.gib(100),
    storage_type="gp3",
    is_encrypted=True,
    backup_retention=Duration.days(7),
    on_delete=Fate.SNAPSHOT,
    on_replace=Fate.SNAPSHOT,
)

Compared = Callable[..., diff.RegionDifference]


def region(*resources: Resource, name: str = "eu-west-1", stack: str = "") -> RegionPlan:
    """A region with these resources."""
    return RegionPlan(region=name, stack=stack, resources=resources)


@pytest.fixture
def compared() -> Compared:
    """The difference of two lists of resources."""

    def compare(
        before: tuple[Resource, ...],
        after: tuple[Resource, ...],
        *,
        target: diff.Target = CLOUDFORMATION,
        standing: diff.Standing | None = None,
    ) -> diff.RegionDifference:
        seen = {"eu-west-1": {"Database": standing}} if standing else None
        old, new = (Plan(regions=(region(*one),)) for one in (before, after))
        (found,) = diff.compare(old, new, target, standing=seen).regions
        return found

    return compare


@pytest.fixture
def database_changed(compared: Compared) -> Callable[..., diff.FieldChange]:
    """The one field that differs when these fields of the database are set, before (`was`) and after."""

    def change(
        was: dict[str, Any] | None = None,  # Any, here and below: fields of any type
        *,
        target: diff.Target = CLOUDFORMATION,
        standing: diff.Standing | None = None,
        **fields: Any,
    ) -> diff.FieldChange:
        before = dataclasses.replace(DATABASE, **(was or {}))
        after = dataclasses.replace(before, **fields)
        found = compared((before,), (after,), target=target, standing=standing)
        (only,) = (field for one in found.changes for field in one.fields)
        return only

    return change
