"""Taking real stacks down: what is asked first, what is refused, what is left, and kills on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import InputRefused, NotFound, TargetRefused
from mainstay.ops import tags
from mainstay.ops.aws.stack_states import StackResource
from mainstay.ops.destroy import STEPS, destroy
from mainstay.ops.inventory import Fated, fates
from mainstay.ops.restoration import Wish, secret_name
from mainstay.ops.restore import restore
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Fate, LogGroup
from mainstay.spec import load

Fixture = Any  # fixtures of conftest
Small = Callable[..., tuple[Plan, str]]
STACK = "shop-dev"


@pytest.fixture(scope="module")
def guarded(shop_plan: Plan) -> Plan:
    """The blueprint as in production: protected, snapshotted, its logs retained; one replica less, for speed."""

    def guard(resource: Any) -> Any:
        if isinstance(resource, DbInstance):
            fate = Fate.SNAPSHOT if resource.source is None else Fate.DELETE
            return replace(resource, has_deletion_protection=True, on_delete=fate)
        return replace(resource, on_delete=Fate.RETAIN) if isinstance(resource, LogGroup) else resource

    resources = tuple(guard(resource) for resource in shop_plan.primary.resources)
    region = replace(shop_plan.primary, resources=resources)
    return Plan(regions=(region,), intent=replace(shop_plan.intent, protects_stack=True))


def test_a_protected_stack_goes_by_its_name_and_nothing_else(place: Fixture, guarded: Plan, heard: Fixture) -> None:
    place.deploy(guarded, STACK)
    rds = place.site.doors.rds
    shown: list[tuple[Fated, ...]] = []
    for confirm in (None, "shop"):
        with pytest.raises(InputRefused, match="not confirmed") as stop:
            destroy(
                place.site, STACK, confirm=confirm, journal=place.journal, show=lambda seen: shown.append(seen.fated)
            )
        assert "delete after a snapshot Database (AWS::RDS::DBInstance)" in stop.value.detail
        assert "keep DatabasePostgresqlLog (AWS::Logs::LogGroup)" in stop.value.detail
    assert len(shown) == 2
    assert place.site.doors.cloudformation.stack(STACK).has_termination_protection
    assert rds.instance("shop-dev").has_deletion_protection

    kept = restore(place.site, Wish(source="shop-dev"), journal=place.journal)
    drilled = restore(place.site, Wish(source="shop-dev", purpose=tags.DRILL), journal=place.journal)
    groups, family = place.site.doors.parameter_groups, f"postgres{rds.instance('shop-dev').engine_version[:2]}"
    groups.create(drilled.identifier, family, "of a drill", {tags.RUN_ID: drilled.run_id, tags.PURPOSE: tags.DRILL})
    groups.create(kept.identifier, family, "of a drill", {tags.RUN_ID: "another", tags.PURPOSE: tags.DRILL})
    with pytest.raises(InputRefused, match="others stand on it") as tenants:
        destroy(place.site, STACK, confirm=STACK, journal=place.journal)
    assert kept.identifier in tenants.value.detail
    assert drilled.identifier not in tenants.value.detail
    assert place.site.doors.cloudformation.stack(STACK).is_whole

    inventory = destroy(
        place.site, STACK, confirm=STACK, discard=[kept.identifier], journal=place.journal, progress=heard
    )
    assert place.site.doors.cloudformation.find_stack(STACK) is None
    assert rds.instances() == ()
    for restored in (kept, drilled):
        assert restored.identifier in inventory.deleted
        with pytest.raises(NotFound):
            place.site.doors.secrets.read_login(secret_name(restored.identifier))
    assert f"parameter group {drilled.identifier}" in inventory.deleted
    assert groups.find(drilled.identifier) is None
    assert groups.find(kept.identifier) is not None
    groups.delete(kept.identifier)
    left = {(item.kind, item.why.split(",")[0].split(" of ")[0]) for item in inventory.left}
    assert ("snapshot", "manual snapshot") in left
    assert ("key", "it is PendingDeletion") in left
    assert ("log group", "its policy retains it") in left or ("log group", "kept for 7d") in left
    assert json.loads(json.dumps(inventory.as_json()))["stack"] == STACK
    assert place.journal.unfinished("destroy", STACK) == []
    assert [step.split(" ", 1)[1] for step in heard.steps] == [step.name for step in STEPS]


def test_what_is_not_there_is_not_found(place: Fixture) -> None:
    with pytest.raises(NotFound):
        destroy(place.site, "nowhere", confirm="nowhere", journal=place.journal)


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_killed_at_any_step_it_goes_on(place: Fixture, small: Small, step: int) -> None:
    stack = f"doomed-{step}"
    place.deploy(small({"Topic": {"Type": "AWS::SNS::Topic"}})[0], stack)
    code = (
        "from mainstay.ops.destroy import destroy\n"
        f"destroy(site, {stack!r}, confirm={stack!r}, journal=journal, progress=Killer())\n"
    )
    assert place.killed_at(step, code) == -9
    inventory = destroy(place.site, stack, confirm=stack, journal=place.journal)
    assert [name.split(" ")[0] for name in inventory.deleted] == ["Topic"]
    assert place.site.doors.cloudformation.find_stack(stack) is None
    assert place.journal.unfinished("destroy", stack) == []


def test_backups_that_live_on_in_another_region_are_named(place: Fixture, small: Small) -> None:
    database = {
        "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20", "MasterUsername": "master",
        "MasterUserPassword": "only-for-this-test-1", "BackupRetentionPeriod": 1,
        "AutomaticBackupReplicationRegion": "eu-west-1", "DBInstanceIdentifier": "far",
    }  # fmt: skip
    plan, _ = small({"Db": {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Delete", "Properties": database}})
    place.deploy(plan, "far-away")
    code = (
        "from mainstay.ops.destroy import destroy\n"
        "destroy(site, 'far-away', confirm='far-away', journal=journal, progress=Killer())\n"
    )
    assert place.killed_at(len(STEPS), code) == -9
    inventory = destroy(place.site, "far-away", confirm="far-away", journal=place.journal)
    (left,) = inventory.left
    assert (left.kind, left.why) == ("replicated backup", "it stays in eu-west-1 for its retention there")
    assert left.name.startswith("arn:aws:rds:eu-west-1:123456789012:auto-backup:ab-")


def known(key: str, type_: str, status: str = "CREATE_COMPLETE") -> StackResource:
    return StackResource(logical_id=key, physical_id=key.lower(), type=type_, status=status)


def test_a_policy_that_is_not_written_is_the_services_own() -> None:
    resources = [
        known("Database", "AWS::RDS::DBInstance"),
        known("Topic", "AWS::SNS::Topic"),
        known("Kept", "AWS::KMS::Key"),
        known("Gone", "AWS::SNS::Topic", status="DELETE_COMPLETE"),
    ]
    template = json.dumps({"Resources": {"Kept": {"DeletionPolicy": "RetainExceptOnCreate"}, "Topic": {}, "X": 1}})
    seen = {item.logical_id: item.fate for item in fates(resources, template)}
    assert seen == {"Database": "Snapshot", "Topic": "Delete", "Kept": "Retain"}
    assert {item.fate for item in fates(resources[:1], "Resources: {}")} == {"Snapshot"}
    assert fates(resources[:1], "[]")[0].fate == "Snapshot"


BROKEN = """
name: broken
region: eu-central-1
project: broken
cost_center: "1000"
database: {engine: postgres, version: "17", class: db.t4g.small, name: shop, parameters: {log_timezone: Nowhere/Else}}
storage: {size: 20 GiB}
credentials: {username: owner}
network: {cidr: 10.4.0.0/16}
protection: {backups: {keep: 1d}, deletion_protection: true, on_delete: snapshot}
alerts: {subscribers: [ops@example.com]}
environments: {dev: {profile: dev}}
"""


def test_a_protected_database_that_never_came_to_be_goes(place: Fixture, tmp_path: Path) -> None:
    """Its server did not start, so that the stack could not even be rolled back."""
    (tmp_path / "database.yaml").write_text(BROKEN, encoding="utf-8")
    with pytest.raises(TargetRefused, match="did not arrive") as stop:
        place.deploy(build(load(tmp_path / "database.yaml")), "broken-dev")
    assert "ROLLBACK_FAILED" in stop.value.detail
    (database,) = place.site.doors.rds.instances()
    assert (database.status, database.has_deletion_protection) == ("failed", True)
    client = place.site.doors._client("rds")
    with pytest.raises(client.exceptions.InvalidDBInstanceStateFault):
        client.modify_db_instance(DBInstanceIdentifier=database.identifier, MultiAZ=False, DeletionProtection=False)
    destroy(place.site, "broken-dev", confirm="broken-dev", journal=place.journal)
    assert not place.site.doors.rds.instances()
