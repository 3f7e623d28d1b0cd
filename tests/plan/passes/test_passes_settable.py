"""Each row leads from a field of the plan to the key that it comes from: written there, the plan is as wanted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.passes import build
from mainstay.plan.passes.settable import KEYS, Setting, settings_for
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Alarm, DbInstance, DbProxyTargetGroup, ParameterGroup, Resource
from mainstay.spec import load

SPEC = """\
name: shop
region: us-east-1
database: {engine: postgres, version: "17", class: db.m7g.large, name: shop, parameters: {log_connections: 1}}
storage: {size: 100 GiB, max_size: 200 GiB}
access: {proxy: {}}
alerts: {subscribers: [oncall@example.org]}
"""
WANTED: dict[tuple[type[Resource], str], Any] = {
    (DbInstance, "engine_version"): "17.10",
    (DbInstance, "is_multi_az"): False,
    (DbInstance, "max_storage"): Bytes.gib(300),
    (DbInstance, "backup_retention"): Duration.days(14),
    (DbInstance, "backup_window"): DailyWindow.parse("08:00-09:00"),
    (DbInstance, "maintenance_window"): WeeklyWindow.parse("mon:10:00-mon:11:00"),
    (DbInstance, "deletes_automated_backups"): True,
    (DbInstance, "has_deletion_protection"): False,
    (DbProxyTargetGroup, "max_connections_percent"): 70,
    (DbProxyTargetGroup, "max_idle_percent"): 20,
}


def region(*settings: Setting) -> RegionPlan:
    overrides = {".".join(one.path): json.dumps(one.value) for one in settings}
    return build(load(SPEC, overrides=overrides)).primary


BEFORE = region()


def test_every_row_is_tried() -> None:
    assert {(kind, field) for kind, rows in KEYS.items() for field in rows} == WANTED.keys()


@pytest.mark.parametrize(("kind", "field"), WANTED, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_what_is_written_there_makes_the_plan_as_wanted(kind: type[Resource], field: str) -> None:
    before = next(iter(BEFORE.of(kind)))
    changes: dict[str, Any] = {field: WANTED[kind, field]}
    settings = settings_for(before, replace(before, **changes))
    assert settings is not None
    assert getattr(before, field) != WANTED[kind, field]
    assert getattr(region(*settings)[before.key], field) == WANTED[kind, field]


def test_a_parameter_is_a_key_of_its_own() -> None:
    (group,) = BEFORE.of(ParameterGroup)
    kept = {name: value for name, value in group.parameters.items() if name != "log_connections"}
    changed = settings_for(group, replace(group, parameters={**kept, "log_lock_waits": "1", "auto.x": "ddl"}))
    assert changed == (
        Setting(("database", "parameters", "log_lock_waits"), 1),
        Setting(("database", "parameters", "auto.x"), "ddl"),
        Setting(("database", "parameters", "log_connections"), None),
    )


def test_what_no_key_leads_to_has_no_setting() -> None:
    (db,) = BEFORE.of(DbInstance)
    (group,) = BEFORE.of(ParameterGroup)
    alarm = next(iter(BEFORE.of(Alarm)))
    assert settings_for(db, replace(db, copies_tags_to_snapshots=False)) is None
    assert settings_for(db, replace(db, max_storage=None)) is None
    assert settings_for(group, replace(group, family="postgres16")) is None
    assert settings_for(alarm, replace(alarm, threshold=1.0)) is None
    replica = replace(db, key="Replica")
    assert settings_for(replica, replace(replica, is_multi_az=False)) is None
    assert settings_for(db, db) == ()
