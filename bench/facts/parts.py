"""Which part of which table is carried by a package: the one list of what `make facts` takes over.

What does not stand here was read by a person, and stays as it is. Left out on purpose, although a model or a schema
has a number (each read on 2026-11-21): memory and disk of a function (32768 is for capacity providers, others have
10240); the retention of Database Insights (botocore names 465 days for clusters); names of proxies in CloudFormation's
schema (64 characters and `[0-z]*`, where the API takes 63); the `min` and `max` of a key's waiting time in the API's
model (1 and 365, where the schema and the page have 7 and 30).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bench.facts.carriers import BOTOCORE, CFN_LINT, extension
from bench.facts.databases import classes_by_region, creatable, runtimes
from bench.facts.resources import (
    Question,
    bound,
    choices,
    client_passwords,
    keyword,
    listed,
    log_exports,
    member_bound,
    numbers_between_bars,
    password_lengths,
    pattern,
    regions,
    replacing,
    said,
    said_word,
    usual_port,
)
from mainstay.facts import ENGINES


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table, by its path within `data` (empty: all of it), and how to ask the package for it.

    `is_shared` says that rows of a person stand between those of the package.
    """

    table: str
    path: str
    carrier: str
    ask: Question
    is_shared: bool = False

    @property
    def steps(self) -> list[str]:
        """The path in single names."""
        return self.path.split(".") if self.path else []


_INSTANCE: Final = "AWS::RDS::DBInstance"
_FUNCTION: Final = "AWS::Lambda::Function"
_POOL: Final = "ConnectionPoolConfiguration"

PARTS: Final = (
    Part("versions", "creatable", CFN_LINT, creatable),
    Part("class_regions", "", CFN_LINT, classes_by_region),
    Part("lambda_runtimes", "", CFN_LINT, runtimes),
    Part("replacement", "", CFN_LINT, replacing, is_shared=True),
    Part("regions", "", BOTOCORE, regions),
    Part("log_exports", "", BOTOCORE, log_exports),
    Part("events", "source_types", BOTOCORE, choices("rds", "SourceType")),
    Part("retention", "log_group_days", CFN_LINT, keyword("AWS::Logs::LogGroup", "RetentionInDays", "enum")),
    Part(
        "retention",
        "performance_insights_days",
        CFN_LINT,
        keyword(_INSTANCE, "PerformanceInsightsRetentionPeriod", "enum"),
    ),
    Part("retention", "monitoring_seconds", BOTOCORE, numbers_between_bars("MonitoringInterval")),
    Part("retention", "automated_backup_days.least", BOTOCORE, said("BackupRetentionPeriod", r"a value from (\d+) to")),
    Part(
        "retention", "automated_backup_days.most", BOTOCORE, said("BackupRetentionPeriod", r"a value from \d+ to (\d+)")
    ),
    Part("retention", "automated_backup_days.default", BOTOCORE, said("BackupRetentionPeriod", r"Default: (\d+)")),
    Part("defaults", "backup_retention_days", BOTOCORE, said("BackupRetentionPeriod", r"Default: (\d+)")),
    Part("defaults", "storage_type", BOTOCORE, said_word("StorageType", r"Otherwise, (\w+)")),
    Part("defaults", "lifecycle_support", BOTOCORE, said_word("EngineLifecycleSupport", r"Default: ([\w-]+)")),
    Part("limits", "identifiers.instance.pattern", CFN_LINT, pattern(_INSTANCE, "DBInstanceIdentifier")),
    Part("limits", "identifiers.instance.most", CFN_LINT, keyword(_INSTANCE, "DBInstanceIdentifier", "maxLength")),
    Part(
        "limits",
        "identifiers.parameter_group.pattern",
        CFN_LINT,
        pattern("AWS::RDS::DBParameterGroup", "DBParameterGroupName"),
    ),
    Part("limits", "identifiers.alarm.most", CFN_LINT, keyword("AWS::CloudWatch::Alarm", "AlarmName", "maxLength")),
    Part(
        "limits",
        "identifiers.proxy.pattern",
        BOTOCORE,
        member_bound("rds", "CreateDBProxyRequest", "DBProxyName", "pattern"),
    ),
    Part(
        "limits", "identifiers.proxy.most", BOTOCORE, member_bound("rds", "CreateDBProxyRequest", "DBProxyName", "max")
    ),
    Part("limits", "identifiers.role.pattern", CFN_LINT, pattern("AWS::IAM::Role", "RoleName")),
    Part("limits", "identifiers.role.most", CFN_LINT, keyword("AWS::IAM::Role", "RoleName", "maxLength")),
    Part("limits", "identifiers.topic.most", CFN_LINT, keyword("AWS::SNS::Topic", "TopicName", "maxLength")),
    *(Part("limits", f"password.{engine}", BOTOCORE, password_lengths(engine)) for engine in ENGINES),
    Part("limits", "alarm.missing_data", CFN_LINT, listed("AWS::CloudWatch::Alarm", "TreatMissingData")),
    Part("proxy", "client_passwords", BOTOCORE, client_passwords),
    Part("limits", "port.least", BOTOCORE, said("Port", r"Valid Values: (\d+)-")),
    Part("limits", "port.most", BOTOCORE, said("Port", r"Valid Values: \d+-(\d+)")),
    *(Part("limits", f"port.default.{engine}", BOTOCORE, usual_port(engine)) for engine in ENGINES),
    Part("limits", "proxy.most_secrets", CFN_LINT, keyword("AWS::RDS::DBProxy", "Auth", "maxItems")),
    Part(
        "limits",
        "proxy.most_borrow_seconds",
        BOTOCORE,
        said("ConnectionBorrowTimeout", r"between \d+ and (\d+)", shape_name=_POOL),
    ),
    Part(
        "limits",
        "proxy.default_borrow_seconds",
        BOTOCORE,
        said("ConnectionBorrowTimeout", r"Default: (\d+)", shape_name=_POOL),
    ),
    Part("limits", "cloudformation.description_bytes", BOTOCORE, bound("cloudformation", "Description", "max")),
    Part(
        "limits",
        "lambda.most_timeout_s",
        CFN_LINT,
        lambda _: extension("aws_lambda_function", "capacity_provider_timeout")["then"]["properties"]["Timeout"][
            "maximum"
        ],
    ),
    Part("limits", "lambda.least_memory_mib", CFN_LINT, keyword(_FUNCTION, "MemorySize", "minimum")),
    Part("limits", "kms.least_pending_days", CFN_LINT, keyword("AWS::KMS::Key", "PendingWindowInDays", "minimum")),
    Part("limits", "kms.most_pending_days", CFN_LINT, keyword("AWS::KMS::Key", "PendingWindowInDays", "maximum")),
    Part("limits", "kms.least_rotation_days", CFN_LINT, keyword("AWS::KMS::Key", "RotationPeriodInDays", "minimum")),
    Part("limits", "kms.most_rotation_days", CFN_LINT, keyword("AWS::KMS::Key", "RotationPeriodInDays", "maximum")),
    Part("limits", "alarm.actions_per_state", BOTOCORE, bound("cloudwatch", "ResourceList", "max")),
)
