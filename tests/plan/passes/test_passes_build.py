"""The plan as a whole: references, fates, names, alarms, who is told."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import facts
from mainstay.core.errors import MainstayError
from mainstay.core.findings import Origin
from mainstay.core.units import Bytes, Duration
from mainstay.plan import passes
from mainstay.plan.graph import faults, in_dependency_order
from mainstay.plan.passes.alarms import most_connections
from mainstay.plan.passes.draft import Draft
from mainstay.plan.plan import Parameter, Plan
from mainstay.plan.resources import (
    KINDS,
    Alarm,
    Bucket,
    BucketPolicy,
    DbInstance,
    EventSubscription,
    Fate,
    Instance,
    Key,
    LogGroup,
    Resource,
    Role,
    Secret,
    Subscription,
    Topic,
    TopicPolicy,
    Vpc,
)
from mainstay.plan.values import Attr, Param, Ref, SecretField, Zone
from mainstay.spec import Spec, load

Built = Callable[..., Plan]
BLUEPRINT = Path(__file__).parents[3] / "blueprints" / "postgres-ecommerce.yaml"
DESTROYED = {"protection": "{deletion_protection: false, on_delete: destroy, export: {}}"}


@pytest.fixture(scope="module")
def shop() -> Plan:
    return passes.build(load(BLUEPRINT, environment="prod"))


def test_the_blueprint_is_whole(shop: Plan) -> None:
    assert faults(shop.primary) == []
    assert len(in_dependency_order(shop.primary)) == len(shop.primary.resources)
    assert {type(resource) for resource in shop.primary.resources} <= set(KINDS)


def test_resources_stand_in_the_order_of_a_template(shop: Plan) -> None:
    places = [KINDS.index(type(resource)) for resource in shop.primary.resources]
    assert places == sorted(places)


def test_every_resource_knows_where_it_was_asked_for(shop: Plan) -> None:
    lines = BLUEPRINT.read_text(encoding="utf-8").splitlines()
    for resource in shop.primary.resources:
        assert isinstance(resource.origin, Origin)
        assert resource.origin.file == str(BLUEPRINT)
    assert lines[shop.primary["Database"].origin.line - 1].startswith("database:")  # type: ignore[union-attr]  # asserted above


def test_every_taggable_resource_is_tagged(shop: Plan) -> None:
    taggable = [one for one in shop.primary.resources if "tags" in {field.name for field in dataclasses.fields(one)}]
    assert len(taggable) > 40
    for resource in taggable:
        tags = dict(getattr(resource, "tags", {}))
        tags.pop("Name", None)
        assert tags == {
            "Environment": "prod",
            "Project": "shop",
            "CostCenter": "1000",
            "ManagedBy": "mainstay",
            "Owner": "platform-team",
        }, resource.key


def test_outputs_are_exported_by_environment(shop: Plan) -> None:
    exports = {output.name: output.export for output in shop.primary.outputs}
    assert exports == {
        "DatabaseEndpoint": "shop-prod-endpoint",
        "DatabaseId": "shop-prod-instance",
        "DatabasePort": "shop-prod-port",
        "ReaderEndpoint1": "shop-prod-reader-1",
        "ReaderEndpoint2": "shop-prod-reader-2",
        "DatabaseSecret": "shop-prod-secret",
        "DatabaseKeyArn": "shop-prod-key-arn",
        "VpcId": "shop-prod-vpc",
        "PrivateSubnetIds": "shop-prod-private-subnets",
        "ApplicationGroupId": "shop-prod-application-group",
        "AlertsTopicArn": "shop-prod-alerts",
        "ExportBucket": "shop-prod-export-bucket",
        "ExportRoleArn": "shop-prod-export-role",
        "BastionId": "shop-prod-bastion",
    }
    assert [output.name for output in shop.primary.outputs if "bastion" in output.name.lower()] == ["BastionId"]


def test_two_environments_share_no_physical_name() -> None:
    def names(environment: str) -> set[str]:
        region = passes.build(load(BLUEPRINT, environment=environment)).primary
        found = {
            str(value)
            for one in region.resources
            for value in (getattr(one, "name", None), getattr(one, "identifier", None))
            if value
        }
        return found | {str(output.export) for output in region.outputs} | {region.stack}

    assert names("dev") & names("prod") == set()


def test_the_primary_is_protected(shop: Plan) -> None:
    database = shop.primary["Database"]
    assert isinstance(database, DbInstance)
    assert (database.identifier, database.is_multi_az, database.zone) == ("shop-prod", True, None)
    assert (database.on_delete, database.on_replace) == (Fate.SNAPSHOT, Fate.SNAPSHOT)
    assert (database.has_deletion_protection, database.deletes_automated_backups) == (True, False)
    assert (database.is_encrypted, database.key_id, database.is_public) == (True, Ref("DatabaseKey"), False)
    assert (database.storage, database.storage_type, database.max_storage) == (Bytes.gib(100), "gp3", Bytes.gib(500))
    assert database.password == SecretField(Ref("DatabaseSecret"), "password")
    assert (database.backup_retention, str(database.backup_window)) == (Duration.days(7), "00:00-02:00")
    assert str(database.maintenance_window) == "sun:04:00-sun:06:00"
    assert database.lifecycle_support == "open-source-rds-extended-support-disabled"
    assert database.copies_tags_to_snapshots
    assert database.depends_on == (Ref("DatabasePostgresqlLog"), Ref("DatabaseUpgradeLog"))


def test_replicas_stand_in_different_zones_and_leave_to_the_source_what_is_the_source_s(shop: Plan) -> None:
    replicas = [one for one in shop.primary.of(DbInstance) if one.source]
    assert [(one.identifier, one.zone) for one in replicas] == [
        ("shop-prod-replica-1", Zone(0)),
        ("shop-prod-replica-2", Zone(1)),
    ]
    for replica in replicas:
        assert replica.source == Ref("Database")
        left_out = (replica.username, replica.password, replica.database_name, replica.storage, replica.is_encrypted)
        assert left_out == (None,) * 5
        assert (replica.backup_retention, replica.key_id, replica.subnet_group, replica.engine_version) == (None,) * 4
        assert (replica.on_delete, replica.on_replace, replica.has_deletion_protection) == (
            Fate.DELETE,
            Fate.DELETE,
            False,
        )
        assert replica.security_groups == (Ref("DatabaseGroup"),)
        assert replica.max_storage == Bytes.gib(500)
    assert [one.depends_on for one in replicas] == [
        (Ref("DatabaseReplica1PostgresqlLog"), Ref("DatabaseReplica1UpgradeLog")),
        (Ref("DatabaseReplica2PostgresqlLog"), Ref("DatabaseReplica2UpgradeLog")),
    ]


def test_more_replicas_than_zones_go_round(built: Built) -> None:
    replicas = [
        one for one in built(database__replicas="{count: 3, class: db.m7g.xlarge}").of(DbInstance) if one.source
    ]
    assert [one.zone for one in replicas] == [Zone(0), Zone(1), Zone(0)]
    assert {one.instance_class for one in replicas} == {"db.m7g.xlarge"}


KEPT = (Key, Secret, LogGroup, Bucket, BucketPolicy)


def test_what_the_data_needs_outlives_the_stack(shop: Plan) -> None:
    kept = [one for one in shop.primary.resources if isinstance(one, KEPT)]
    assert {type(one) for one in kept} == set(KEPT)
    assert {(one.on_delete, one.on_replace) for one in kept} == {(Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN)}
    others = [one for one in shop.primary.resources if not isinstance(one, (*KEPT, DbInstance))]
    assert {(one.on_delete, one.on_replace) for one in others} == {(None, None)}


def test_nothing_is_kept_where_destroying_is_asked_for(built: Built) -> None:
    plan = built(**DESTROYED)
    fates = {(one.on_delete, one.on_replace) for one in plan.primary.resources if isinstance(one, (*KEPT, DbInstance))}
    assert fates == {(Fate.DELETE, Fate.DELETE)}
    assert not plan.intent.protects_stack


def test_a_secret_s_password_fits_rds(shop: Plan) -> None:
    (secret,) = shop.primary.of(Secret)
    assert secret.generate is not None
    assert json.loads(str(secret.generate.template)) == {"username": "shop_owner"}
    refused = facts.load("limits").data["password"]["excluded_characters"]
    assert set(refused) <= set(str(secret.generate.excluded_characters))
    assert (secret.generate.key, secret.generate.length, secret.name) == ("password", 32, None)


def test_log_groups_are_named_as_rds_names_them(shop: Plan) -> None:
    groups = [(one.name, one.retention) for one in shop.primary.of(LogGroup) if one.key.startswith("Database")]
    assert groups == [
        (f"/aws/rds/instance/{instance}/{log}", Duration.days(7))
        for instance in ("shop-prod", "shop-prod-replica-1", "shop-prod-replica-2")
        for log in ("postgresql", "upgrade")
    ]


@pytest.mark.parametrize("instance", ["Database", "DatabaseReplica1", "DatabaseReplica2"])
def test_alarms_can_fire_and_tell_somebody(shop: Plan, instance: str) -> None:
    alarms = {
        one.metric: one for one in shop.primary.of(Alarm) if one.dimensions == {"DBInstanceIdentifier": Ref(instance)}
    }
    thresholds = {one.name.split("-", 2)[-1] if isinstance(one.name, str) else "": one for one in alarms.values()}
    assert thresholds
    assert alarms["CPUUtilization"].threshold == 80
    assert alarms["FreeStorageSpace"].threshold == Bytes.gib(10)
    assert alarms["FreeStorageSpace"].missing_data == "breaching"
    assert alarms["FreeableMemory"].threshold == Bytes.gib(8) // 10
    assert alarms["DatabaseConnections"].threshold == 720  # 80 % of 901
    for metric, alarm in alarms.items():
        fact = facts.metric(str(metric))
        assert fact is not None
        assert alarm.alarm_actions == alarm.ok_actions == (Ref("AlertsTopic"),)
        # The unit of sessions is no word of CloudWatch's, so that the alarm names none.
        unit = "" if fact.unit == "sessions" else fact.unit
        assert (alarm.unit or "").lower() == unit  # type: ignore[union-attr]  # a literal here
        assert alarm.is_enabled


def test_a_replica_that_lags_or_stops_is_told_of(shop: Plan) -> None:
    lag = [one for one in shop.primary.of(Alarm) if one.metric == "ReplicaLag"]
    assert [(one.name, one.comparison, one.threshold, one.missing_data) for one in lag] == [
        ("shop-prod-replica-1-lag", "GreaterThanThreshold", 60.0, "breaching"),
        ("shop-prod-replica-1-replication", "LessThanThreshold", 0.0, "missing"),
        ("shop-prod-replica-2-lag", "GreaterThanThreshold", 60.0, "breaching"),
        ("shop-prod-replica-2-replication", "LessThanThreshold", 0.0, "missing"),
    ]


def test_alarm_names_differ(shop: Plan) -> None:
    names = [one.name for one in shop.primary.of(Alarm)]
    assert len(names) == len(set(names)) == 42


def test_thresholds_can_be_plain_amounts(built: Built) -> None:
    plan = built(alerts="{subscribers: [a@b.co], free_storage: 5 GiB, free_memory: 1 GiB, connections: 50}")
    values = {one.metric: one.threshold for one in plan.of(Alarm)}
    assert values["FreeStorageSpace"] == Bytes.gib(5)
    assert values["FreeableMemory"] == Bytes.gib(1)
    assert values["DatabaseConnections"] == 50


def test_cpu_may_be_high_for_as_long_as_is_written(built: Built) -> None:
    def periods(**settings: str) -> set[tuple[object, object, object]]:
        alarms = [one for one in built(**settings).of(Alarm) if one.metric == "CPUUtilization"]
        return {(one.period, one.evaluation_periods, one.datapoints) for one in alarms}

    assert periods() == {(Duration(60), 5, 5)}
    assert periods(alerts__cpu_for="2m") == {(Duration(60), 2, 2)}


def test_a_written_maximum_of_connections_is_what_counts(built: Built) -> None:
    plan = built(database__parameters="{max_connections: 200}")
    assert {one.threshold for one in plan.of(Alarm) if one.metric == "DatabaseConnections"} == {160.0}


def test_a_replica_of_another_class_has_thresholds_of_its_own(built: Built) -> None:
    plan = built(database__replicas="{count: 1, class: db.m7g.xlarge}")
    memory = {
        one.dimensions["DBInstanceIdentifier"]: one.threshold
        for one in plan.of(Alarm)
        if one.metric == "FreeableMemory"
    }
    assert memory == {Ref("Database"): Bytes.gib(8) // 10, Ref("DatabaseReplica1"): Bytes.gib(16) // 10}


def test_the_maximum_of_connections_is_known_for_any_class(loaded_spec: Spec) -> None:
    draft = Draft(version="17.10", settings={"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)"})
    assert most_connections(loaded_spec, draft, Bytes.gib(8)) == 901
    assert most_connections(loaded_spec, draft, Bytes.gib(512)) == 5000


@pytest.fixture
def loaded_spec() -> Spec:
    return load(BLUEPRINT, environment="prod")


def test_a_metric_without_facts_is_a_bug_that_says_so(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "metric", lambda _: None)
    with pytest.raises(KeyError, match="no facts about the metric CPUUtilization"):
        built()


def test_services_may_publish_to_topic_and_key(shop: Plan) -> None:
    publishers = {"cloudwatch.amazonaws.com", "events.rds.amazonaws.com"}
    (policy,) = shop.primary.of(TopicPolicy)
    assert {one.principals[0].value for one in policy.policy.statements} == publishers
    (topic,) = shop.primary.of(Topic)
    key = shop.primary.resolve(topic.key_id, Key)
    assert key is not None
    using = {one.principals[0].value for one in key.policy.statements if "kms:GenerateDataKey*" in one.actions}
    assert using == publishers
    assert key.key != "DatabaseKey"


def test_subscribers_keep_their_place_when_another_leaves(built: Built) -> None:
    def keys(subscribers: str) -> dict[object, str]:
        plan = built(alerts__subscribers=subscribers)
        return {one.endpoint: one.key for one in plan.of(Subscription)}

    both = keys("[a@example.com, https://example.com/hook?x=1, a-b@example.com]")
    assert len(set(both.values())) == 3
    assert keys("[https://example.com/hook?x=1]") == {
        "https://example.com/hook?x=1": both["https://example.com/hook?x=1"]
    }


def test_protocols_follow_the_address(built: Built) -> None:
    plan = built(alerts__subscribers="[a@example.com, https://example.com/hook]")
    assert [one.protocol for one in plan.of(Subscription)] == ["email", "https"]


def test_events_of_every_instance_are_told(shop: Plan) -> None:
    events = shop.primary["DatabaseEvents"]
    assert isinstance(events, EventSubscription)
    assert events.source_ids == (Ref("Database"), Ref("DatabaseReplica1"), Ref("DatabaseReplica2"))
    assert {"failure", "failover", "low storage", "backup", "deletion"} <= set(events.categories)
    assert events.depends_on == (Ref("AlertsTopicPolicy"),)


def test_changed_settings_and_security_groups_are_told(shop: Plan) -> None:
    told = {one.source_type: one for one in shop.primary.of(EventSubscription)}
    assert set(told) == {"db-instance", "db-parameter-group", "db-security-group"}
    assert told["db-parameter-group"].source_ids == (Ref("DatabaseParameters"),)
    assert told["db-security-group"].categories == ("configuration change", "failure")


def test_logs_are_encrypted_with_the_key_of_what_they_quote(shop: Plan) -> None:
    assert {group.key_id for group in shop.primary.of(LogGroup)} == {Ref("DatabaseKey")}
    key = shop.primary["DatabaseKey"]
    assert isinstance(key, Key)
    (logs,) = (one for one in key.policy.statements if one.sid == "LogGroups")
    assert [one.key for one in logs.conditions] == ["kms:EncryptionContext:aws:logs:arn"]


def test_the_export_bucket_is_private_and_ages(shop: Plan) -> None:
    bucket = shop.primary["ExportBucket"]
    assert isinstance(bucket, Bucket)
    (rule,) = bucket.lifecycle
    assert [(one.after, one.storage_class) for one in rule.transitions] == [
        (Duration.days(30), "STANDARD_IA"),
        (Duration.days(90), "GLACIER"),
        (Duration.days(365), "DEEP_ARCHIVE"),
    ]
    assert (rule.expires_after, bucket.versioning) == (Duration.days(2555), "Enabled")
    assert bucket.logging is not None
    assert bucket.logging.bucket == Ref("ExportAccessLogs")
    for one in shop.primary.of(Bucket):
        assert one.public_access is not None
        (policy,) = [policy for policy in shop.primary.of(BucketPolicy) if policy.bucket == Ref(one.key)]
        denied = policy.policy.statements[0]
        assert (denied.effect, denied.conditions[0].key) == ("Deny", "aws:SecureTransport")


def test_the_export_role_reaches_its_bucket_and_key_only(shop: Plan) -> None:
    role = shop.primary["ExportRole"]
    assert isinstance(role, Role)
    assert role.trust.statements[0].principals[0].value == "export.rds.amazonaws.com"
    statements = role.policies[0].document.statements
    assert {edge for one in statements for edge in one.actions if edge == "*" or str(edge).endswith(":*")} == set()
    assert statements[0].resources == (Attr("ExportBucket", "arn"),)
    assert statements[2].resources == (Attr("ExportKey", "arn"),)


def test_without_export_and_bastion_there_is_nothing_of_them(built: Built) -> None:
    region = built().primary
    assert list(region.of(Bucket)) == []
    assert list(region.of(Instance)) == []
    assert region.parameters == ()
    assert [output.name for output in region.outputs if output.name.startswith(("Export", "Bastion"))] == []


def test_the_bastion_has_no_way_in_but_session_manager(shop: Plan) -> None:
    (bastion,) = shop.primary.of(Instance)
    assert bastion.image == Param("BastionImage")
    assert bastion.subnet == Ref("PrivateSubnet1")
    assert bastion.key_name is None
    assert bastion.metadata is not None
    assert bastion.metadata.tokens == "required"
    assert [(one.is_encrypted, one.size) for one in bastion.block_devices] == [(True, Bytes.gib(8))]
    assert "postgresql17" in str(bastion.user_data)
    (image,) = [one for one in shop.primary.parameters if one.name == "BastionImage"]
    assert image == (
        Parameter(
            name="BastionImage",
            type="AWS::EC2::Image::Id",
            description="Amazon Linux 2023 image for the bastion, of the architecture of t4g.nano",
        )
    )


def test_a_pinned_image_is_the_parameter_s_default(built: Built) -> None:
    (image,) = built(access__bastion="{image: ami-0a1b2c3d}").primary.parameters
    assert image.default == "ami-0a1b2c3d"


def test_the_intent_carries_what_was_promised(shop: Plan) -> None:
    intent = shop.intent
    assert (intent.name, intent.environment, intent.profile) == ("shop", "prod", "prod")
    assert (intent.rpo, intent.rto, intent.protects_stack) == (Duration.minutes(5), Duration.minutes(60), True)
    assert intent.drill.every == Duration.days(7)
    assert [(one.name, one.database, one.expected_rows) for one in intent.drill.checks] == [
        ("orders are there", "tap", 1),
        ("no order without a customer", "tap", 0),
    ]


def test_suppressions_travel_with_the_plan(built: Built) -> None:
    plan = built(suppress="[{rule: DB004, reason: a test, resource: Database, until: 2026-12-31}]")
    (one,) = plan.intent.suppressions
    assert (one.rule, one.reason, one.resource, str(one.until)) == ("DB004", "a test", "Database", "2026-12-31")


def test_a_region_that_nobody_wrote_is_left_open(built: Built) -> None:
    assert built(region="null").primary.region == ""


def test_a_pass_that_breaks_the_plan_is_found_out(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget_the_network(spec: Spec, draft: Draft) -> Draft:
        rest: tuple[Resource, ...] = tuple(one for one in draft.resources if not isinstance(one, Vpc))
        return dataclasses.replace(draft, resources=rest)

    (primary, *others) = passes.SIDES
    broken = dataclasses.replace(primary, passes=(*primary.passes, forget_the_network))
    monkeypatch.setattr(passes, "SIDES", (broken, *others))
    with pytest.raises(MainstayError, match="a pass built a broken plan") as raised:
        built()
    assert "points at Vpc, which does not exist" in raised.value.detail


def test_every_pass_is_listed() -> None:
    folder = Path(passes.__file__).parent
    defined = {
        line.split("(")[0].removeprefix("def ")
        for path in folder.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("def ") and line.endswith("(spec: Spec, draft: Draft) -> Draft:")
    }
    # The topic is a part of the alerts where a database runs, and a pass of its own where none does.
    assert {step.__name__ for side in passes.SIDES for step in side.passes} == defined
    assert [side.passes for side in passes.SIDES] == [passes.PASSES, passes.RECOVERY_PASSES]
    assert all(len(set(side.passes)) == len(side.passes) for side in passes.SIDES)


@settings(max_examples=25, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "network.nat": st.sampled_from(["per_zone", "one", "none"]),
            "network.zones": st.sampled_from(["2", "3", "6"]),
            "database.replicas.count": st.sampled_from(["0", "1", "15"]),
            "database.multi_az": st.sampled_from(["true", "false"]),
            "access.bastion": st.sampled_from(["null", "{}"]),
            "protection.export": st.sampled_from(["null", "{}"]),
            "monitoring.insights": st.sampled_from(["null", "{}"]),
            "monitoring.enhanced": st.sampled_from(["0s", "60s"]),
            "monitoring.logs.export": st.sampled_from(["[]", "[postgresql, upgrade]"]),
        }
    )
)
def test_any_combination_builds_a_whole_plan(choices: dict[str, str]) -> None:
    region = passes.build(load(BLUEPRINT, environment="prod", overrides=choices)).primary
    assert faults(region) == []
    assert len(in_dependency_order(region)) == len(region.resources)
