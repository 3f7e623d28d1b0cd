"""Two regions: what stands in the second, and what the first knows of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.passes.recovery import COPIES_KEY, REPLICA_KEY
from mainstay.plan.plan import OutputOf, Plan
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    BackupVault,
    DbInstance,
    EventSubscription,
    Fate,
    IngressRule,
    Key,
    NatGateway,
    OptionGroup,
    ParameterGroup,
    Role,
    SubnetGroup,
    Subscription,
    Topic,
    Vpc,
    VpcEndpoint,
)
from mainstay.plan.values import ACCOUNT, PARTITION, Param, Ref, arn, join

Built = Callable[..., Plan]
Refused = Callable[..., list[Finding]]
Complaints = Callable[..., list[str]]

PLAN = "{daily: {keep: 30d}, weekly: {keep: 90d}, monthly: {keep: 365d}}"
COPIES = (
    "{region: eu-west-1, keep: 14d, copies: {daily: 14d, monthly: 100d}, lock: {least: 7d}, admits: ['210987654321']}"
)
THERE = join("arn:", PARTITION, ":backup:eu-west-1:", ACCOUNT, ":backup-vault:shop-dev-backups")


@pytest.fixture
def two(built: Built) -> Plan:
    return built(protection__backup_plan=PLAN, disaster_recovery=COPIES)


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
@pytest.mark.parametrize(
    "recovery",
    [
        COPIES,
        "{region: eu-west-1}",
        "{region: eu-west-1, keep: null, copies: {weekly: 30d}}",
        "{region: eu-west-1, network: {flow_logs: {}, nat: one, endpoints: [logs]}}",
    ],
)
def test_two_regions_land(complaints: Complaints, engine: str, recovery: str) -> None:
    assert complaints(database__engine=engine, protection__backup_plan=PLAN, disaster_recovery=recovery) == []


def test_the_primary_is_the_first_and_is_deployed_last(two: Plan) -> None:
    assert [(one.region, one.stack) for one in two.regions] == [("eu-central-1", "shop-dev"), ("eu-west-1", "shop-dev")]
    assert [one.region for one in two.in_deploy_order] == ["eu-west-1", "eu-central-1"]


def test_without_a_second_region_there_is_one(built: Built) -> None:
    (only,) = built(protection__backup_plan=PLAN).regions
    assert [one.name for one in only.parameters] == []
    (database,) = only.of(DbInstance)
    assert (database.backup_replica_region, database.backup_replica_key) == (None, None)


def test_automated_backups_are_replicated_under_the_key_over_there(two: Plan) -> None:
    (database,) = two.of(DbInstance)
    assert database.backup_replica_region == "eu-west-1"
    assert database.backup_replica_retention == Duration.days(14)
    assert database.backup_replica_key == Param(REPLICA_KEY)
    sources = {one.name: one.source for one in two.primary.parameters}
    assert sources == {
        REPLICA_KEY: OutputOf("eu-west-1", "DatabaseKeyArn"),
        COPIES_KEY: OutputOf("eu-west-1", "BackupKeyArn"),
    }


def test_every_source_is_an_output_over_there(two: Plan) -> None:
    outputs = {OutputOf(region.region, one.name) for region in two.regions for one in region.outputs}
    wanted = {one.source for region in two.regions for one in region.parameters}
    assert wanted
    assert wanted <= outputs


def test_they_are_kept_as_long_as_the_others_unless_written(built: Built) -> None:
    plan = built(disaster_recovery="{region: eu-west-1}", protection__backups__keep="9d")
    (database,) = plan.of(DbInstance)
    assert database.backup_replica_retention == Duration.days(9)
    assert [one.name for one in plan.primary.parameters] == [REPLICA_KEY]
    assert list(plan.of(BackupVault)) == []


def test_replicas_replicate_nothing(built: Built) -> None:
    plan = built(disaster_recovery="{region: eu-west-1}", database__replicas="{count: 1}")
    assert [one.backup_replica_region for one in plan.of(DbInstance)] == ["eu-west-1", None]


def test_replication_can_be_left_to_copies(built: Built) -> None:
    plan = built(protection__backup_plan=PLAN, disaster_recovery="{region: eu-west-1, keep: null, copies: {daily: 9d}}")
    (database,) = plan.of(DbInstance)
    assert database.backup_replica_region is None
    assert [one.name for one in plan.primary.parameters] == [COPIES_KEY]


def test_snapshots_are_copied_into_the_vault_over_there(two: Plan) -> None:
    (backup,) = two.of(BackupPlan)
    copied = {rule.name: [(copy.vault, copy.delete_after) for copy in rule.copies] for rule in backup.rules}
    assert copied == {
        "daily": [(THERE, Duration.days(14))],
        "weekly": [],
        "monthly": [(THERE, Duration.days(100))],
    }
    (vault,) = two.regions[1].of(BackupVault)
    assert vault.name == "shop-dev-backups"


def test_a_failed_copy_is_an_alarm_as_well(built: Built, two: Plan) -> None:
    def watched(plan: Plan) -> set[str]:
        return {str(one.metric) for one in plan.primary.of(Alarm)}

    assert "NumberOfCopyJobsFailed" in watched(two)
    alone = built(protection__backup_plan=PLAN, disaster_recovery="{region: eu-west-1}")
    assert "NumberOfCopyJobsFailed" not in watched(alone)


def test_the_role_may_copy_into_that_vault_with_its_key(two: Plan) -> None:
    role = two.primary["BackupRole"]
    assert isinstance(role, Role)
    found = {one.sid: one for policy in role.policies for one in policy.document.statements}
    assert THERE in found["Vaults"].resources
    assert Param(COPIES_KEY) in found["Keys"].resources
    assert Param(COPIES_KEY) in found["Grants"].resources
    assert arn("rds", "snapshot:awsbackup:*", region="eu-west-1") in found["Snapshots"].resources


def test_the_role_reaches_no_other_region_without_copies(built: Built) -> None:
    role = built(protection__backup_plan=PLAN, disaster_recovery="{region: eu-west-1}").primary["BackupRole"]
    assert isinstance(role, Role)
    assert COPIES_KEY not in str(role)
    assert "eu-west-1" not in str(role)


def test_the_vault_over_there_is_guarded_as_the_first(two: Plan) -> None:
    region = two.regions[1]
    (vault,) = region.of(BackupVault)
    assert (vault.key_id, vault.on_delete, vault.on_replace) == (
        Ref("BackupKey"),
        Fate.RETAIN_EXCEPT_ON_CREATE,
        Fate.RETAIN,
    )
    assert vault.lock is not None
    assert vault.lock.min_retention == Duration.days(7)
    assert vault.access_policy is not None
    assert [one.sid for one in vault.access_policy.statements] == ["NobodyDeletes", "CopiesComeIn"]
    assert vault.notifications is not None
    assert vault.notifications.topic == Ref("AlertsTopic")
    assert "COPY_JOB_FAILED" in vault.notifications.events
    assert [one.endpoint for one in region.of(Subscription)] == ["ops@example.com"]


def test_what_a_restore_needs_stands_there_and_nothing_runs(built: Built) -> None:
    plan = built(
        database__engine="mysql",
        monitoring__audit="{}",
        disaster_recovery="{region: eu-west-1, network: {cidr: 10.9.0.0/16}}",
        access__security_groups="[sg-0a1b2c3d]",
        access__cidrs="[10.7.0.0/16]",
    )
    region = plan.regions[1]
    kinds = [next(region.of(kind)) for kind in (SubnetGroup, ParameterGroup, OptionGroup, Topic)]
    assert [one.key for one in kinds] == ["DatabaseSubnets", "DatabaseParameters", "DatabaseOptions", "AlertsTopic"]
    assert [one.cidr for one in region.of(Vpc)] == ["10.9.0.0/16"]
    assert [one.key for one in region.of(Key)] == ["DatabaseKey", "AlertsKey"]
    assert [*region.of(DbInstance), *region.of(NatGateway), *region.of(EventSubscription)] == []
    assert [one.cidr or one.source_group for one in region.of(IngressRule)] == ["10.7.0.0/16", Ref("ApplicationGroup")]
    first, second = (next(one.of(ParameterGroup)) for one in plan.regions)
    assert first.parameters == second.parameters
    assert {one.name: one.export for one in region.outputs}["OptionGroupName"] == "shop-dev-options"


def test_names_of_the_second_region_are_told(two: Plan) -> None:
    names = [one.name for one in two.regions[1].outputs]
    assert names == [
        "DatabaseKeyArn",
        "BackupKeyArn",
        "BackupVaultArn",
        "VpcId",
        "SubnetGroupName",
        "DatabaseGroupId",
        "ParameterGroupName",
        "ApplicationGroupId",
        "AlertsTopicArn",
    ]
    assert all(str(one.export).startswith("shop-dev-") for one in two.regions[1].outputs)


def test_a_pair_that_rds_does_not_replicate_between_is_refused(built: Built, refused: Refused) -> None:
    (fault,) = refused(region="us-west-1", disaster_recovery="{region: eu-central-1}")
    assert (fault.id, fault.subject) == ("SP028", "disaster_recovery.region")
    assert "RDS replicates no automated backups from us-west-1 to eu-central-1." in fault.detail
    assert "use one of ap-southeast-2, ca-central-1, eu-west-1" in fault.hint
    assert built(region="us-west-1", disaster_recovery="{region: eu-west-1}").regions[1:]
    copies = "{region: eu-central-1, keep: null, copies: {daily: 9d}}"
    assert built(region="us-west-1", protection__backup_plan=PLAN, disaster_recovery=copies).regions[1:]


def test_a_region_that_replicates_nowhere_is_left_with_copies(refused: Refused) -> None:
    (fault,) = refused(region="me-south-1", database__class="db.m5.large", disaster_recovery="{region: eu-central-1}")
    assert fault.hint.startswith("write disaster_recovery.keep: null and copies")


def test_a_pair_across_partitions_is_refused_whatever_is_asked_for(refused: Refused) -> None:
    (fault,) = refused(
        region="eu-central-1",
        protection__backup_plan=PLAN,
        disaster_recovery="{region: cn-north-1, keep: null, copies: {daily: 9d}}",
    )
    assert "eu-central-1 is in aws and cn-north-1 in aws-cn" in fault.detail
    assert fault.hint == "choose a region of aws"


def test_a_class_that_the_second_region_lacks_is_refused(refused: Refused) -> None:
    (fault,) = refused(region="us-east-1", database__class="db.m6id.large", disaster_recovery="{region: us-west-1}")
    assert fault.subject == "database.class"
    assert "us-west-1 offers no db.m6id.large" in fault.detail


def test_a_range_without_room_is_told_where_it_was_written(refused: Refused) -> None:
    (fault,) = refused(disaster_recovery="{region: eu-west-1, network: {cidr: 10.9.0.0/28}}")
    assert fault.subject == "disaster_recovery.network.cidr"
    assert fault.detail.startswith("disaster_recovery.network.cidr: 10.9.0.0/28 has no room for 4 more subnets")


def test_doors_to_services_are_only_those_asked_for(built: Built) -> None:
    asked = built(disaster_recovery="{region: eu-west-1, network: {endpoints: [logs]}}").regions[1]
    assert [one.key for one in asked.of(VpcEndpoint)] == ["LogsEndpoint"]
    assert list(built(disaster_recovery="{region: eu-west-1}", access__bastion="{}").regions[1].of(VpcEndpoint)) == []


def test_an_application_known_by_its_addresses_is_admitted_by_those_over_there(built: Built) -> None:
    region = built(
        access__application="subnets", disaster_recovery="{region: eu-west-1, network: {cidr: 10.9.0.0/16}}"
    ).regions[1]
    assert {str(one.cidr) for one in region.of(IngressRule)} == {"10.9.0.0/24", "10.9.1.0/24"}
    assert "ApplicationGroupId" not in {one.name for one in region.outputs}
