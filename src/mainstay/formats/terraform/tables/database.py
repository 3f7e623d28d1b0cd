"""RDS in Terraform."""

from __future__ import annotations

from typing import Final

from mainstay import facts
from mainstay.formats.lists import link, links, texts
from mainstay.formats.scalars import (
    boolean,
    daily_window,
    days,
    gib,
    integer,
    seconds,
    text,
    weekly_window,
)
from mainstay.formats.table import Row, blocks
from mainstay.formats.terraform.blocks import Beside, Blocks, Doc, Place, body
from mainstay.formats.terraform.codecs import NamedBlocks
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import (
    DbInstance,
    DbOption,
    EventSubscription,
    Fate,
    OptionGroup,
    ParameterGroup,
    SubnetGroup,
)
from mainstay.plan.values import Json

_KEY = link("arn", "id", "key_id")

SUBNET_GROUP = Blocks(
    "aws_db_subnet_group",
    SubnetGroup,
    (
        Row("name", "aws_db_subnet_group.name", text),
        Row("description", "aws_db_subnet_group.description", text),
        Row("subnets", "aws_db_subnet_group.subnet_ids", links("id")),
        tags("aws_db_subnet_group"),
    ),
    ref_is="name",
)


def _apply_methods(doc: Doc, place: Place) -> None:
    """CloudFormation knows which settings need a reboot; the provider wants to be told, and fails otherwise."""
    group = body(doc, "aws_db_parameter_group")
    for one in _parameters(group):
        one.setdefault("apply_method", _apply_method(str(group.get("family", "")), str(one["name"])))


def _apply_methods_inward(doc: Doc, place: Place) -> None:
    group = body(doc, "aws_db_parameter_group")
    for one in _parameters(group):
        if one.get("apply_method") == _apply_method(str(group.get("family", "")), str(one.get("name"))):
            del one["apply_method"]


def _parameters(group: Doc) -> list[Doc]:
    rows = group.get("parameter", [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _apply_method(family: str, name: str) -> str:
    engine = next((engine for engine in facts.ENGINES if family.startswith(engine)), "")
    fact = facts.parameter(engine, name)
    return "immediate" if fact and not fact.is_static else "pending-reboot"


PARAMETER_GROUP = Blocks(
    "aws_db_parameter_group",
    ParameterGroup,
    (
        Row("name", "aws_db_parameter_group.name", text),
        Row("family", "aws_db_parameter_group.family", text),
        Row("description", "aws_db_parameter_group.description", text),
        Row("parameters", "aws_db_parameter_group.parameter", NamedBlocks("name", "value")),
        tags("aws_db_parameter_group"),
    ),
    ref_is="name",
    outward=_apply_methods,
    inward=_apply_methods_inward,
)

OPTION_GROUP = Blocks(
    "aws_db_option_group",
    OptionGroup,
    (
        Row("name", "aws_db_option_group.name", text),
        Row("engine", "aws_db_option_group.engine_name", text),
        Row("major_version", "aws_db_option_group.major_engine_version", text),
        Row("description", "aws_db_option_group.option_group_description", text),
        Row(
            "options",
            "aws_db_option_group.option",
            blocks(
                DbOption,
                Row("name", "option_name", text),
                Row("version", "version", text),
                Row("port", "port", integer),
                Row("security_groups", "vpc_security_group_memberships", links("id", "group_id")),
                Row("settings", "option_settings", NamedBlocks("name", "value")),
            ),
        ),
        tags("aws_db_option_group"),
    ),
    ref_is="name",
)

_INSTANCE: Final = "aws_db_instance"
_ELSEWHERE: Final = "aws_db_instance_automated_backups_replication"


def _skips_final_snapshot(resource: DbInstance, place: Place) -> Json:
    """The provider takes no snapshot unless it is told to name one; CloudFormation takes one of every instance that
    is no replica, unless it is told not to (its user guide, DeletionPolicy, 2026-11-20).
    """
    return resource.source is not None or resource.on_delete is Fate.DELETE


def _final_snapshot(resource: DbInstance, place: Place) -> Json:
    if _skips_final_snapshot(resource, place):
        return None
    return f"{resource.identifier if isinstance(resource.identifier, str) else place.name()}-final"


def _applies_immediately(resource: DbInstance, place: Place) -> Json:
    """CloudFormation applies a change at once where nothing is said; the provider waits for the window."""
    return True if resource.applies_immediately is None else None


def _password_version(resource: DbInstance, place: Place) -> Json:
    """A write-only argument is sent when its version changes, and only then."""
    return None if resource.password is None else 1


DB_INSTANCE = Blocks(
    _INSTANCE,
    DbInstance,
    (
        Row("identifier", f"{_INSTANCE}.identifier", text),
        Row("source", f"{_INSTANCE}.replicate_source_db", link("id", "arn")),
        Row("snapshot", f"{_INSTANCE}.snapshot_identifier", text),
        Row("restore_time", f"{_INSTANCE}.restore_to_point_in_time.restore_time", text),
        Row("engine", f"{_INSTANCE}.engine", text),
        Row("engine_version", f"{_INSTANCE}.engine_version", text),
        Row("lifecycle_support", f"{_INSTANCE}.engine_lifecycle_support", text),
        Row("instance_class", f"{_INSTANCE}.instance_class", text),
        Row("database_name", f"{_INSTANCE}.db_name", text),
        Row("port", f"{_INSTANCE}.port", integer),
        Row("storage", f"{_INSTANCE}.allocated_storage", gib),
        Row("max_storage", f"{_INSTANCE}.max_allocated_storage", gib),
        Row("storage_type", f"{_INSTANCE}.storage_type", text),
        Row("iops", f"{_INSTANCE}.iops", integer),
        Row("throughput_mib_s", f"{_INSTANCE}.storage_throughput", integer),
        Row("is_encrypted", f"{_INSTANCE}.storage_encrypted", boolean),
        Row("key_id", f"{_INSTANCE}.kms_key_id", _KEY),
        Row("is_multi_az", f"{_INSTANCE}.multi_az", boolean),
        Row("zone", f"{_INSTANCE}.availability_zone", text),
        Row("subnet_group", f"{_INSTANCE}.db_subnet_group_name", link("name")),
        Row("security_groups", f"{_INSTANCE}.vpc_security_group_ids", links("id", "group_id")),
        Row("is_public", f"{_INSTANCE}.publicly_accessible", boolean),
        Row("parameter_group", f"{_INSTANCE}.parameter_group_name", link("name")),
        Row("option_group", f"{_INSTANCE}.option_group_name", link("name")),
        Row("ca_certificate", f"{_INSTANCE}.ca_cert_identifier", text),
        Row("username", f"{_INSTANCE}.username", text),
        Row("password", f"{_INSTANCE}.password_wo", text),
        Row("manages_password", f"{_INSTANCE}.manage_master_user_password", boolean),
        Row("password_key", f"{_INSTANCE}.master_user_secret_kms_key_id", _KEY),
        Row("has_iam_authentication", f"{_INSTANCE}.iam_database_authentication_enabled", boolean),
        Row("backup_retention", f"{_INSTANCE}.backup_retention_period", days),
        Row("backup_window", f"{_INSTANCE}.backup_window", daily_window),
        Row("maintenance_window", f"{_INSTANCE}.maintenance_window", weekly_window),
        Row("deletes_automated_backups", f"{_INSTANCE}.delete_automated_backups", boolean),
        Row("copies_tags_to_snapshots", f"{_INSTANCE}.copy_tags_to_snapshot", boolean),
        Row("has_deletion_protection", f"{_INSTANCE}.deletion_protection", boolean),
        Row("upgrades_minor_versions", f"{_INSTANCE}.auto_minor_version_upgrade", boolean),
        Row("allows_major_upgrade", f"{_INSTANCE}.allow_major_version_upgrade", boolean),
        # The provider waits for the window where nothing is said.
        Row("applies_immediately", f"{_INSTANCE}.apply_immediately", boolean, absent=False),
        Row("log_exports", f"{_INSTANCE}.enabled_cloudwatch_logs_exports", texts),
        Row("monitoring_interval", f"{_INSTANCE}.monitoring_interval", seconds),
        Row("monitoring_role", f"{_INSTANCE}.monitoring_role_arn", link("arn")),
        Row("has_performance_insights", f"{_INSTANCE}.performance_insights_enabled", boolean),
        Row("performance_insights_retention", f"{_INSTANCE}.performance_insights_retention_period", days),
        Row("performance_insights_key", f"{_INSTANCE}.performance_insights_kms_key_id", _KEY),
        Row("insights_mode", f"{_INSTANCE}.database_insights_mode", text),
        tags(_INSTANCE),
        # A block of its own, in the other region.
        Row("backup_replica_region", f"{_ELSEWHERE}.region", text),
        Row("backup_replica_retention", f"{_ELSEWHERE}.retention_period", days),
        Row("backup_replica_key", f"{_ELSEWHERE}.kms_key_id", text),
    ),
    attributes={
        "id": "identifier",
        "endpoint_address": "address",
        "endpoint_port": "port",
        "secret_arn": "master_user_secret[0].secret_arn",
    },
    beside=(Beside(type_name=_ELSEWHERE, joins={"source_db_instance_arn": "arn"}),),
    derived={
        f"{_INSTANCE}.skip_final_snapshot": _skips_final_snapshot,
        f"{_INSTANCE}.final_snapshot_identifier": _final_snapshot,
        f"{_INSTANCE}.apply_immediately": _applies_immediately,
        f"{_INSTANCE}.password_wo_version": _password_version,
    },
    ignores={
        # What the service changes by itself must not be changed back.
        "allocated_storage": lambda one: one.max_storage is not None,
        "engine_version": lambda one: one.upgrades_minor_versions is True,
        # It is history: without this, leaving it out would replace the database.
        "snapshot_identifier": lambda one: one.snapshot is not None,
    },
    is_precious=True,
    needs=(f"{_INSTANCE}.instance_class",),
)

EVENT_SUBSCRIPTION = Blocks(
    "aws_db_event_subscription",
    EventSubscription,
    (
        Row("name", "aws_db_event_subscription.name", text),
        Row("topic", "aws_db_event_subscription.sns_topic", link("arn")),
        Row("source_type", "aws_db_event_subscription.source_type", text),
        Row("source_ids", "aws_db_event_subscription.source_ids", links("id", "name", "group_id")),
        Row("categories", "aws_db_event_subscription.event_categories", texts),
        Row("is_enabled", "aws_db_event_subscription.enabled", boolean),
        tags("aws_db_event_subscription"),
    ),
    ref_is="name",
)

TABLES: tuple[Blocks, ...] = (SUBNET_GROUP, PARAMETER_GROUP, OPTION_GROUP, DB_INSTANCE, EVENT_SUBSCRIPTION)
