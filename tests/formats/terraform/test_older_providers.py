"""What versions 3 to 5 of the AWS provider call otherwise: read as what version 6 calls it.

After the provider's upgrade guides to versions 4, 5 and 6 (checked 2026-11-21); the inline forms as in a plan
of bridgecrewio/checkov, Apache-2.0: plan_nested_child_modules_with_connections, 2bee2339.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.formats.terraform.shapes import Made, plan, read, state

from mainstay.core.units import Duration
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    Bucket,
    DbInstance,
    ElasticIp,
    EventRule,
    FlowLog,
    Instance,
    Role,
    Route,
    RouteTable,
    Vpc,
)
from mainstay.plan.values import Attr, Ref, Unknown

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}]})


def first(type_name: str, **values: Any) -> Any:
    """The only resource of a state."""
    (found,) = read(state(Made(type=type_name, name="x", values=values))).primary.resources
    return found


@pytest.mark.parametrize(
    ("values", "name"),
    [({"name": "shop"}, "shop"), ({"name": "old", "db_name": "new"}, "new"), ({"name": "shop", "db_name": ""}, "shop")],
)
def test_a_database_s_name(values: dict[str, str], name: str) -> None:
    found = first("aws_db_instance", **values)
    assert isinstance(found, DbInstance)
    assert found.database_name == name
    assert "aws_db_instance.name" not in found.extras


def test_an_address_in_a_vpc_and_a_rule_that_is_off() -> None:
    address, rule = first("aws_eip", vpc=True), first("aws_cloudwatch_event_rule", is_enabled=False)
    assert isinstance(address, ElasticIp)
    assert isinstance(rule, EventRule)
    assert (address.domain, rule.state) == ("vpc", "DISABLED")
    assert first("aws_cloudwatch_event_rule", is_enabled=True).state == "ENABLED"
    assert first("aws_cloudwatch_event_rule", is_enabled=True, state="DISABLED").state == "DISABLED"
    assert first("aws_eip", vpc=False).domain is None


def test_a_flow_log_s_group() -> None:
    group = Made(type="aws_cloudwatch_log_group", name="g", values={"name": "flows"})
    log = Made(type="aws_flow_log", name="f", values={"log_group_name": "flows", "traffic_type": "ALL"})
    (found,) = read(state(group, log)).primary.of(FlowLog)
    assert found.log_group in ("flows", Ref("G"))


def test_default_tags_are_tags() -> None:
    found = first("aws_vpc", cidr_block="10.0.0.0/16", tags={"a": "1"}, tags_all={"a": "1", "Owner": "shop"})
    assert isinstance(found, Vpc)
    assert found.tags == {"a": "1", "Owner": "shop"}
    late = plan(Made(type="aws_vpc", name="v", values={"tags": {"a": "1"}}, unknown={"tags_all": True}))
    (vpc,) = read(late).primary.of(Vpc)
    assert vpc.tags == {"a": "1"}


BUCKET: dict[str, Any] = {
    "bucket": "logs",
    "versioning": [{"enabled": True, "mfa_delete": False}],
    "server_side_encryption_configuration": [
        {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256", "kms_master_key_id": ""}]}]}
    ],
    "logging": [{"target_bucket": "other", "target_prefix": "p/"}],
    "lifecycle_rule": [
        {
            "id": "r",
            "enabled": True,
            "prefix": "p/",
            "tags": {},
            "abort_incomplete_multipart_upload_days": 7,
            "expiration": [{"days": 30}],
            "noncurrent_version_expiration": [{"days": 90}],
            "transition": [{"days": 10, "storage_class": "GLACIER"}],
        },
        {"id": "s", "enabled": False, "prefix": "", "abort_incomplete_multipart_upload_days": 0},
    ],
}


def test_what_stood_inside_a_bucket() -> None:
    found = first("aws_s3_bucket", **BUCKET)
    assert isinstance(found, Bucket)
    assert found.versioning == "Enabled"
    assert found.encryption is not None
    assert found.encryption.algorithm == "AES256"
    assert found.logging is not None
    assert (found.logging.bucket, found.logging.prefix) == ("other", "p/")
    one, two = found.lifecycle
    assert (one.name, one.is_enabled, one.prefix, one.expires_after) == ("r", True, "p/", Duration.days(30))
    assert (one.noncurrent_expires_after, one.aborts_uploads_after) == (Duration.days(90), Duration.days(7))
    assert [step.storage_class for step in one.transitions] == ["GLACIER"]
    assert (two.is_enabled, two.prefix, two.aborts_uploads_after) == (False, None, None)


def test_a_block_of_its_own_counts_more_and_what_is_unknown_stays() -> None:
    bucket = Made(type="aws_s3_bucket", name="b", values=BUCKET | {"versioning": [{"enabled": False}]})
    block = Made(
        type="aws_s3_bucket_versioning",
        name="b",
        values={"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]},
    )
    (found,) = read(state(bucket, block)).primary.of(Bucket)
    assert found.versioning == "Enabled"
    assert first("aws_s3_bucket", versioning=[{"enabled": False}]).versioning is None
    late = plan(Made(type="aws_s3_bucket", name="b", unknown={"versioning": True}))
    (unknown,) = read(late).primary.of(Bucket)
    assert unknown.extras == {"aws_s3_bucket.versioning": "${unknown}"}


def test_what_stood_inside_a_role() -> None:
    inside = {"inline_policy": [{"name": "own", "policy": POLICY}, {"name": "", "policy": ""}]}
    found = first("aws_iam_role", name="r", assume_role_policy=POLICY, managed_policy_arns=["arn:p"], **inside)
    assert isinstance(found, Role)
    assert [one.name for one in found.policies] == ["own"]
    assert found.managed_policies == ("arn:p",)
    bare = first("aws_iam_role", name="r", assume_role_policy=POLICY, inline_policy=[], managed_policy_arns=[])
    assert (bare.policies, bare.managed_policies, bare.extras) == ((), (), {})


# Seen in: andrewbassily0/-AWS-Infrastructure-Deployment-Monitoring-Solution, tfplan.json at e950d04c, the state of an
# RDS instance beside hosts, alarms and buckets (provider 5); no licence, so only the facts of its shape are used.
def test_a_state_shows_numbers_for_what_nobody_set() -> None:
    zeros = {"iops": 0, "max_allocated_storage": 0, "storage_throughput": 0, "performance_insights_retention_period": 0}
    found = first("aws_db_instance", **zeros, monitoring_interval=0, backup_retention_period=0, kms_key_id="")
    assert (found.iops, found.max_storage, found.throughput_mib_s, found.key_id) == (None, None, None, None)
    assert found.performance_insights_retention is None
    assert (found.monitoring_interval, found.backup_retention) == (Duration(0), Duration(0))
    alarm = first("aws_cloudwatch_metric_alarm", datapoints_to_alarm=0, threshold=0, alarm_name="a")
    assert isinstance(alarm, Alarm)
    assert (alarm.datapoints, alarm.threshold) == (None, 0)
    lifecycle = [{"cold_storage_after": 0, "delete_after": 35}]
    backup = first("aws_backup_plan", name="p", rule=[{"rule_name": "r", "lifecycle": lifecycle, "copy_action": []}])
    assert isinstance(backup, BackupPlan)
    assert (backup.rules[0].cold_after, backup.rules[0].delete_after) == (None, Duration.days(35))


def test_a_host_s_root_device_and_what_is_left_of_its_data() -> None:
    root = [{"device_name": "/dev/sda1", "encrypted": True, "volume_size": 8, "volume_id": "vol-0a1b2c3d"}]
    found = first("aws_instance", root_block_device=root, ebs_block_device=[], user_data="de" * 20)
    assert isinstance(found, Instance)
    assert [(one.device, one.is_encrypted) for one in found.block_devices] == [("/dev/sda1", True)]
    assert isinstance(found.user_data, Unknown)
    assert first("aws_instance", user_data="#!/bin/sh", root_block_device=[]).user_data == "#!/bin/sh"


def test_an_alarm_on_an_instance_s_other_id_watches_something_else() -> None:
    # Since version 5 the block's `id` is the DBI resource id, which no metric knows.
    database = Made(
        type="aws_db_instance", name="d", values={"identifier": "shop", "id": "db-ABC"}, unknown={"id": True}
    )
    expressions = {"dimensions": {"references": ["aws_db_instance.d.id", "aws_db_instance.d"]}}
    alarm = Made(
        type="aws_cloudwatch_metric_alarm",
        name="a",
        values={"dimensions": {"DBInstanceIdentifier": "db-ABC"}},
        expressions=expressions,
    )
    assert read(state(database, alarm)).primary["A"].dimensions == {"DBInstanceIdentifier": "db-ABC"}  # type: ignore[attr-defined]
    late = Made(
        type=alarm.type, name="a", unknown={"dimensions": {"DBInstanceIdentifier": True}}, expressions=expressions
    )
    (dimension,) = read(plan(database, late)).primary["A"].dimensions.values()  # type: ignore[attr-defined]
    assert dimension == Attr("D", "resource_id")


@pytest.mark.parametrize(("index", "at"), [(None, ""), (0, "[0]"), ("a.b", '["a.b"]')])
def test_routes_inside_a_table_are_routes(index: str | int | None, at: str) -> None:
    table = Made(
        type="aws_route_table",
        name="t",
        index=index,
        values={"vpc_id": "vpc-1", "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": None, "nat_gateway_id": ""}]},
        unknown={"id": True, "route": [{"gateway_id": True}]},
        expressions={
            "route": [{"gateway_id": {"references": ["aws_internet_gateway.g.id", "aws_internet_gateway.g"]}}]
        },
    )
    gateway = Made(type="aws_internet_gateway", name="g", unknown={"id": True})
    found = read(plan(table, gateway)).primary
    (route,) = found.of(Route)
    (owner,) = found.of(RouteTable)
    assert (route.destination, route.internet_gateway) == ("0.0.0.0/0", Ref("G"))
    assert (route.route_table, route.address) == (Ref(owner.key), f"aws_route_table.t{at} (route 1)")
    assert "aws_route_table.route" not in owner.extras


def test_a_route_of_its_own_is_not_read_twice() -> None:
    inside = [{"cidr_block": cidr, "nat_gateway_id": "nat-1"} for cidr in ("0.0.0.0/0", "10.1.0.0/16")]
    table = Made(type="aws_route_table", name="t", values={"id": "rtb-0a1b2c3d", "vpc_id": "vpc-1", "route": inside})
    values = {"route_table_id": "rtb-0a1b2c3d", "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"}
    found = read(state(table, Made(type="aws_route", name="r", values=values))).primary
    assert sorted(str(one.destination) for one in found.of(Route)) == ["0.0.0.0/0", "10.1.0.0/16"]
    assert {one.route_table for one in found.of(Route)} == {Ref("T")}
