"""The controls of RDS: what meets each, in a plan or by choice, and why some are no question to a plan."""

from __future__ import annotations

from typing import Final

from tests.plan.security_hub_predicates import (
    Beyond,
    Chosen,
    Control,
    Met,
    engine_is,
    every,
    every_in_region,
    isolated,
    logs,
    primary,
    setting,
    some,
    tagged,
    told,
)

from mainstay.core.units import Duration
from mainstay.plan.resources import BackupSelection, DbInstance, DbProxy, EventSubscription, ParameterGroup, SubnetGroup
from mainstay.plan.values import Ref

AURORA: Final = "No cluster is made: Aurora and Multi-AZ DB clusters are refused by name."
SQL_SERVER: Final = "SQL Server is not an engine here."

RDS: Final[tuple[Control, ...]] = (
    Beyond("RDS.1", "No snapshot is shared; who shares one does it outside of the plan."),
    Met(
        "RDS.2",
        "DbInstance.is_public",
        every(DbInstance, lambda one: one.is_public is False),
        (DbInstance, {"is_public": True}),
    ),
    Met(
        "RDS.3",
        "DbInstance.is_encrypted",
        primary(lambda one: one.is_encrypted is True),
        (DbInstance, {"is_encrypted": None}),
    ),
    Met(
        "RDS.4",
        "DbInstance.is_encrypted, which snapshots follow",
        primary(lambda one: one.key_id is not None),
        (DbInstance, {"key_id": None}),
    ),
    Met(
        "RDS.5",
        "DbInstance.is_multi_az (`database.multi_az`), replicas apart: they stand in different zones",
        primary(lambda one: one.is_multi_az is True),
        (DbInstance, {"is_multi_az": False}),
    ),
    Met(
        "RDS.6",
        "DbInstance.monitoring_interval and .monitoring_role (`monitoring.enhanced`)",
        every(DbInstance, lambda one: bool(one.monitoring_interval) and one.monitoring_role is not None),
        (DbInstance, {"monitoring_role": None}),
    ),
    Beyond("RDS.7", AURORA),
    Met(
        "RDS.8",
        "DbInstance.has_deletion_protection, replicas apart: they hold nothing of their own",
        primary(lambda one: one.has_deletion_protection is True),
        (DbInstance, {"has_deletion_protection": False}),
    ),
    Chosen(
        "RDS.9",
        "`monitoring.logs.export`, all that the engine has: audit needs `monitoring.audit`, and general quotes secrets",
        engine_is("mysql", logs("audit", "error", "general", "slowquery")),
        {
            "monitoring.audit": "{}",
            "monitoring.logs.export": "[audit, error, general, slowquery]",
            "database.parameters": "{general_log: true, slow_query_log: true}",
        },
        "mysql",
    ),
    Met(
        "RDS.10",
        "DbInstance.has_iam_authentication (`credentials.iam_authentication`)",
        every(DbInstance, lambda one: one.has_iam_authentication is True),
        (DbInstance, {"has_iam_authentication": False}),
    ),
    Met(
        "RDS.11",
        "DbInstance.backup_retention (`protection.backups.keep`)",
        primary(lambda one: isinstance(one.backup_retention, Duration) and one.backup_retention >= Duration.days(7)),
        (DbInstance, {"backup_retention": Duration.days(6)}),
    ),
    Beyond("RDS.12", AURORA),
    Met(
        "RDS.13",
        "DbInstance.upgrades_minor_versions (`database.minor_upgrades`)",
        every(DbInstance, lambda one: one.upgrades_minor_versions is True),
        (DbInstance, {"upgrades_minor_versions": False}),
    ),
    Beyond("RDS.14", AURORA),
    Beyond("RDS.15", AURORA),
    Beyond("RDS.16", AURORA),
    Met(
        "RDS.17",
        "DbInstance.copies_tags_to_snapshots",
        every(DbInstance, lambda one: one.copies_tags_to_snapshots is True),
        (DbInstance, {"copies_tags_to_snapshots": None}),
    ),
    Beyond("RDS.18", "Retired by AWS."),
    Beyond(
        "RDS.19",
        f"{AURORA} A subscription to clusters would tell of other people's; where there are some, their owner has it.",
    ),
    Met(
        "RDS.20",
        "EventSubscription DatabaseEvents",
        told("db-instance", "maintenance", "configuration change", "failure"),
        (EventSubscription, {"categories": ("failure",)}),
    ),
    Met(
        "RDS.21",
        "EventSubscription SettingsEvents",
        told("db-parameter-group", "configuration change"),
        (EventSubscription, {"categories": ()}),
    ),
    Met(
        "RDS.22",
        "EventSubscription GroupEvents",
        told("db-security-group", "configuration change", "failure"),
        (EventSubscription, {"source_type": "db-instance"}),
    ),
    Chosen(
        "RDS.23",
        "`database.port`; the engine's own otherwise, since the group admits named groups only",
        every(DbInstance, lambda one: one.port not in (3306, 5432)),
        {"database.port": "5433"},
    ),
    Beyond("RDS.24", AURORA),
    Met(
        "RDS.25",
        "DbInstance.username (`credentials.username`)",
        every(DbInstance, lambda one: one.username not in ("admin", "postgres")),
        (DbInstance, {"username": "admin"}),
    ),
    Chosen(
        "RDS.26",
        "`protection.backup_plan`",
        some(BackupSelection, lambda one: one.resources == (Ref("Database"),)),
        {"protection.backup_plan": "{daily: {keep: 35d}}"},
    ),
    Beyond("RDS.27", AURORA),
    Beyond("RDS.28", AURORA),
    Beyond("RDS.29", AURORA),
    Met("RDS.30", "DbInstance.tags", every(DbInstance, tagged), (DbInstance, {"tags": {}})),
    Beyond("RDS.31", "Groups of RDS's own ended with EC2-Classic; none is made."),
    Met(
        "RDS.32",
        "DbInstance.tags and .copies_tags_to_snapshots",
        every(DbInstance, lambda one: tagged(one) and one.copies_tags_to_snapshots is True),
        (DbInstance, {"tags": {}}),
    ),
    Met("RDS.33", "SubnetGroup.tags", every(SubnetGroup, tagged), (SubnetGroup, {"tags": {}})),
    Beyond("RDS.34", AURORA),
    Beyond("RDS.35", AURORA),
    Met(
        "RDS.36",
        "DbInstance.log_exports (`monitoring.logs.export`)",
        engine_is("postgres", logs("postgresql")),
        (DbInstance, {"log_exports": ()}),
    ),
    Beyond("RDS.37", AURORA),
    Met(
        "RDS.38",
        "ParameterGroup `rds.force_ssl`",
        setting("postgres", "rds.force_ssl"),
        (ParameterGroup, {"parameters": {}}),
    ),
    Met(
        "RDS.39",
        "ParameterGroup `require_secure_transport`",
        setting("mysql", "require_secure_transport"),
        (ParameterGroup, {"parameters": {}}),
    ),
    Beyond("RDS.40", SQL_SERVER),
    Beyond("RDS.41", SQL_SERVER),
    Chosen(
        "RDS.42",
        "`monitoring.audit` and `monitoring.logs.export`",
        engine_is("mariadb", logs("audit", "error")),
        {"monitoring.audit": "{}"},
        "mariadb",
    ),
    Met(
        "RDS.43",
        "DbProxy.requires_tls",
        every(DbProxy, lambda one: one.requires_tls is True),
        (DbProxy, {"requires_tls": False}),
    ),
    Met(
        "RDS.44",
        "ParameterGroup `require_secure_transport`",
        setting("mariadb", "require_secure_transport"),
        (ParameterGroup, {"parameters": {}}),
    ),
    Beyond("RDS.45", AURORA),
    Met(
        "RDS.46",
        "SubnetGroup.subnets: isolated ones",
        every_in_region(SubnetGroup, isolated),
        (SubnetGroup, {"subnets": (Ref("PublicSubnet1"),)}),
    ),
    Beyond("RDS.47", AURORA),
    Beyond("RDS.48", AURORA),
    Beyond("RDS.50", AURORA),
    Beyond("RDS.51", AURORA),
)
