"""A whole plan over two regions in one sandbox: deployed, looked at, spoiled in each way, and taken down."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.ops.test_deploy_regions import HERE, THERE, put, site_in

from mainstay import sandbox
from mainstay.core.clock import SystemClock
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.ops.destroy import destroy_regions
from mainstay.ops.routes import Routes
from mainstay.ops.status import replicas_into, replicated_here, status
from mainstay.ops.verify import RECOVERY_CHECKS, verify
from mainstay.ops.verify.model import Mark, Outcome, Scene
from mainstay.ops.verify.recovery import backups_are_replicated, copies_arrive, vaults_are_as_planned
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupVault, DbInstance, Key, VaultLock
from mainstay.plan.values import Ref
from mainstay.spec import load

Fixture = Any  # fixtures of conftest
STACK = "dr-dev"
SPEC = f"""\
name: dr
profile: dev
region: {HERE}
database: {{version: "17", class: db.t4g.micro, name: tap, multi_az: false}}
storage: {{size: 20 GiB}}
protection:
  backup_plan: {{daily: {{keep: 30d}}}}
disaster_recovery:
  region: {THERE}
  keep: 14d
  copies: {{daily: 14d}}
  lock: {{least: 7d, most: 30d}}
alerts: {{subscribers: [ops@example.com]}}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build(load(SPEC))


@pytest.fixture(scope="module")
def two(place: Fixture, plan: Plan) -> Fixture:
    """The place, with the plan deployed in both regions."""
    put(place, plan, STACK)
    deadline = time.monotonic() + 60
    while not any(one.window.latest for one in replicated_here(site_in(place, THERE), STACK)):
        if time.monotonic() > deadline:
            raise TimeoutError("no replicated backup arrived")
        time.sleep(0.1)
    return place


def asked(place: Fixture, plan: Plan, ask: Callable[[Scene], Outcome], clock: Fixture = None) -> Outcome:
    """The answer of one check of the second region."""
    site = site_in(place, THERE)
    here, there = plan.regions
    scene = Scene(
        site=site,
        region=there,
        intent=plan.intent,
        stack=site.doors.cloudformation.stack(STACK),
        resources={one.logical_id: one for one in site.doors.cloudformation.resources(STACK)},
        progress=Silent(),
        clock=clock or SystemClock(),
        routes=Routes(site),
        elsewhere=(here,),
    )
    return ask(scene)


def changed(plan: Plan, change: Callable[[RegionPlan], RegionPlan], index: int = 1) -> Plan:
    regions = [change(one) if number == index else one for number, one in enumerate(plan.regions)]
    return dataclasses.replace(plan, regions=tuple(regions))


def with_vault(plan: Plan, **fields: Any) -> Plan:
    def change(region: RegionPlan) -> RegionPlan:
        resources = [
            dataclasses.replace(one, **fields) if isinstance(one, BackupVault) else one for one in region.resources
        ]
        return dataclasses.replace(region, resources=tuple(resources))

    return changed(plan, change)


def with_database(plan: Plan, **fields: Any) -> Plan:
    def change(region: RegionPlan) -> RegionPlan:
        resources = [
            dataclasses.replace(one, **fields) if isinstance(one, DbInstance) else one for one in region.resources
        ]
        return dataclasses.replace(region, resources=tuple(resources))

    return changed(plan, change, index=0)


def test_the_second_region_is_as_planned(two: Fixture, plan: Plan) -> None:
    answers = verify(site_in(two, THERE), plan, STACK).answers
    seen = {answer.name: answer.outcome for answer in answers}
    assert list(seen) == [check.name for check in RECOVERY_CHECKS]
    waiting = {"subscribers are confirmed", "copies arrive"}  # nobody clicks, and no copy is due yet
    assert {name for name, one in seen.items() if one.mark is not Mark.PASS} == waiting
    assert {one.mark for name, one in seen.items() if name in waiting} == {Mark.WARNING}
    assert "can be restored here to" in seen["backups are replicated"].sentence
    assert seen["vaults are as planned"].sentence == "1 vaults have their key, lock and policy."


def test_status_shows_what_could_be_restored_over_there(two: Fixture, plan: Plan) -> None:
    there = plan.regions[1]
    assert replicas_into(plan, there) == (STACK,)
    assert replicas_into(plan, plan.primary) == ()
    seen = status(site_in(two, THERE), STACK, replicated=replicas_into(plan, there))
    (one,) = seen.replicated
    assert (one.source, one.status, one.restorable_to is None) == (STACK, "replicating", False)
    assert seen.is_well


def test_the_first_region_has_a_vault_to_look_at(two: Fixture, plan: Plan) -> None:
    seen = verify(two.site, plan, STACK)
    named = {answer.name: answer.outcome for answer in seen.answers}
    assert named["vaults are as planned"].mark is Mark.PASS
    assert "copies arrive" not in named
    assert seen.verdict == "pass"


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        (
            VaultLock(min_retention=Duration.days(8), max_retention=Duration.days(30)),
            "keeps 7d to 30d, planned 8d to 30d",
        ),
        (VaultLock(min_retention=Duration.days(7)), "keeps 7d to 30d, planned 7d to any time"),
        (
            VaultLock(min_retention=Duration.days(7), max_retention=Duration.days(30), changeable_for=Duration.days(3)),
            "can be lifted, which is not as planned",
        ),
    ],
)
def test_another_lock_is_found(two: Fixture, plan: Plan, lock: VaultLock, said: str) -> None:
    found = asked(two, with_vault(plan, lock=lock), vaults_are_as_planned)
    assert (found.mark, said in found.sentence) == (Mark.FAIL, True)


def test_a_vault_that_lost_lock_and_policy_or_is_not_there_is_found(two: Fixture, plan: Plan) -> None:
    backup = sandbox.session(two.directory, THERE).client("backup")
    name = f"{STACK}-backups"
    policy = backup.get_backup_vault_access_policy(BackupVaultName=name)["Policy"]
    backup.delete_backup_vault_lock_configuration(BackupVaultName=name)
    backup.delete_backup_vault_access_policy(BackupVaultName=name)
    try:
        found = asked(two, plan, vaults_are_as_planned)
    finally:
        backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=policy)
        backup.put_backup_vault_lock_configuration(BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=30)
    assert found.mark is Mark.FAIL
    assert f"{name} is not locked." in found.sentence
    assert f"The policy of {name} lets recovery points be deleted." in found.sentence
    missing = asked(two, with_vault(plan, key="Elsewhere"), vaults_are_as_planned)
    assert missing.sentence == "Elsewhere does not exist."
    other = asked(two, with_vault(plan, key_id=Ref("AlertsKey")), vaults_are_as_planned)
    assert "is encrypted with" in other.sentence


def test_what_is_not_planned_is_not_missed(two: Fixture, plan: Plan) -> None:
    def bare(region: RegionPlan) -> RegionPlan:
        rest = tuple(one for one in region.resources if not isinstance(one, BackupVault))
        return dataclasses.replace(region, resources=rest)

    assert asked(two, changed(plan, bare), vaults_are_as_planned).sentence == "No vault is planned here."
    assert asked(two, with_vault(plan, lock=None, access_policy=None), vaults_are_as_planned).mark is Mark.PASS


def test_backups_that_are_not_replicated_as_planned_are_found(two: Fixture, plan: Plan) -> None:
    def replicated(changed_plan: Plan, clock: Fixture = None) -> Outcome:
        return asked(two, changed_plan, backups_are_replicated, clock)

    assert (
        "are kept 14d, planned 35d."
        in replicated(with_database(plan, backup_replica_retention=Duration.days(35))).sentence
    )
    missing = replicated(with_database(plan, identifier="nobody"))
    assert missing.sentence == f"No automated backups of nobody are replicated to {THERE}."
    elsewhere = replicated(with_database(plan, backup_replica_region="us-east-1"))
    assert (elsewhere.mark, "No automated backups are planned" in elsewhere.sentence) == (Mark.PASS, True)

    def keyless(region: RegionPlan) -> RegionPlan:
        return dataclasses.replace(region, resources=tuple(one for one in region.resources if not isinstance(one, Key)))

    assert "no key of the stack" in replicated(changed(plan, keyless)).sentence


def test_backups_that_trail_too_far_are_found(two: Fixture, plan: Plan, clock: Fixture) -> None:
    clock.start = datetime.now(UTC) + timedelta(minutes=31)
    late = asked(two, plan, backups_are_replicated, clock)
    assert (late.mark, "a failover now would lose 3" in late.hint) == (Mark.FAIL, True)
    clock.start = datetime.now(UTC) + timedelta(minutes=29)
    assert asked(two, plan, backups_are_replicated, clock).mark is Mark.PASS


def test_copies_are_missed_when_one_was_due(two: Fixture, plan: Plan, clock: Fixture) -> None:
    # A day, an hour to start, four to complete, six to be copied.
    for hours, mark in ((34.9, Mark.WARNING), (35.1, Mark.FAIL)):
        clock.start = datetime.now(UTC) + timedelta(hours=hours)
        assert asked(two, plan, copies_arrive, clock).mark is mark
    none = with_vault(plan, name="other")
    assert asked(two, none, copies_arrive).sentence == "No copies are planned into this region."


def test_a_copy_that_arrived_counts_until_the_next_is_due(two: Fixture, plan: Plan, clock: Fixture) -> None:
    here = sandbox.session(two.directory, HERE).client("backup")
    known = {one.logical_id: one.physical_id for one in two.site.doors.cloudformation.resources(STACK)}
    role = sandbox.session(two.directory, HERE).client("iam").get_role(RoleName=known["BackupRole"])["Role"]["Arn"]
    vault = f"{STACK}-backups"
    job = here.start_backup_job(
        BackupVaultName=vault, ResourceArn=two.site.doors.rds.instance(STACK).arn, IamRoleArn=role
    )["BackupJobId"]
    point = until(lambda: here.describe_backup_job(BackupJobId=job))["RecoveryPointArn"]
    target = sandbox.session(two.directory, THERE).client("backup").describe_backup_vault(BackupVaultName=vault)
    copy = here.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName=vault,
        DestinationBackupVaultArn=target["BackupVaultArn"],
        IamRoleArn=role,
        Lifecycle={"DeleteAfterDays": 14},
    )["CopyJobId"]
    until(lambda: here.describe_copy_job(CopyJobId=copy)["CopyJob"])
    arrived = asked(two, plan, copies_arrive)
    assert (arrived.mark, arrived.sentence.startswith(f"1 copies are in {vault}")) == (Mark.PASS, True)
    clock.start = datetime.now(UTC) + timedelta(hours=36)
    assert "The newest copy" in asked(two, plan, copies_arrive, clock).sentence


def until(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    deadline = datetime.now(UTC) + timedelta(seconds=60)
    while datetime.now(UTC) < deadline:
        seen = look()
        if seen["State"] not in ("CREATED", "PENDING", "RUNNING"):
            assert seen["State"] == "COMPLETED", seen
            return seen
    raise AssertionError("the job did not end")


def test_both_go_in_one_run_and_what_stays_is_told(two: Fixture, plan: Plan) -> None:
    sites = [site_in(two, HERE), site_in(two, THERE)]
    here, there = destroy_regions(sites, STACK, confirm=STACK, journal=two.journal)
    assert "replicated backup" in {one.kind for one in here.left}
    assert {"vault", "key"} <= {one.kind for one in there.left}
