"""A sound database under AWS Backup, from which the rules of this family build their examples.

`estate()` as it stands fires no rule at all (a test says so); an example replaces the one part its rule is about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mainstay.checks.examples import database, plan_of
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    EventRule,
    EventTarget,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Role,
    Subscription,
    Topic,
    TopicPolicy,
    VaultNotifications,
)
from mainstay.plan.values import PARTITION, Attr, Ref, join

_DAILY = BackupRule(
    name="daily",
    vault=Ref("Vault"),
    schedule=Cron.parse("cron(0 2 * * ? *)"),
    start_window=Duration.minutes(60),
    completion_window=Duration.minutes(240),
    delete_after=Duration.days(35),
)
_SERVICE_ROLES = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")
ELSEWHERE = "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"
"""A vault in another region of the account that the examples are for."""
ANOTHER_ACCOUNT = "arn:aws:backup:us-east-1:210987654321:backup-vault:copies"
OWN_ACCOUNT = Intent(account="123456789012")


# Any in the functions below: `replace` takes whatever fields the kind has, and checks their names itself.
def tier(**changes: Any) -> BackupRule:
    """A daily rule at 02:00 UTC, an hour long, clear of both windows of `Database`, with some fields changed."""
    return replace(_DAILY, **changes)


def schedule(text: str) -> Cron:
    """A cron expression by its fields: `schedule("0 2 * * ? *")`."""
    return Cron.parse(f"cron({text})")


def vault(**changes: Any) -> BackupVault:
    """A vault `Vault` that tells `Topic` of every end of a job, with some fields changed."""
    told = VaultNotifications(topic=Ref("Topic"), events=("BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"))
    return replace(BackupVault(key="Vault", name="shop-backups", notifications=told), **changes)


def selection(**changes: Any) -> BackupSelection:
    """A selection of `Database` by its ARN, with some fields changed."""
    sound = BackupSelection(
        key="Selection", plan=Ref("Backups"), name="shop", role=Ref("BackupRole"), resources=(Ref("Database"),)
    )
    return replace(sound, **changes)


def role(*managed: str, service: str = "backup.amazonaws.com", **changes: Any) -> Role:
    """A role `BackupRole` that AWS Backup assumes, with these managed policies (both that it needs)."""
    trust = Statement(principals=(Principal("Service", service),), actions=("sts:AssumeRole",))
    names = managed or tuple(f"service-role/{name}" for name in _SERVICE_ROLES)
    policies = tuple(join("arn:", PARTITION, f":iam::aws:policy/{name}") for name in names)
    return replace(Role(key="BackupRole", trust=Policy((trust,)), managed_policies=policies), **changes)


def topic_policy(*services: str) -> TopicPolicy:
    """A policy of `Topic` that lets these services publish."""
    statements = tuple(
        Statement(
            principals=(Principal("Service", service),), actions=("sns:Publish",), resources=(Attr("Topic", "arn"),)
        )
        for service in services
    )
    return TopicPolicy(key="TopicPolicy", topics=(Ref("Topic"),), policy=Policy(statements))


def restore_test(**changes: Any) -> RestoreTestingSelection:
    """A restore test of `Database` into its own subnets, kept for an hour, with some fields changed."""
    sound = RestoreTestingSelection(
        key="TestedDatabase",
        plan=Ref("RestoreTests"),
        name="shop",
        role=Ref("BackupRole"),
        resource_type="RDS",
        resources=(Ref("Database"),),
        overrides={"dbSubnetGroupName": "isolated", "vpcSecurityGroupIds": '["sg-12345678"]'},
        validation_window=Duration.minutes(60),
    )
    return replace(sound, **changes)


def restore_tests(**changes: Any) -> RestoreTestingPlan:
    """A weekly plan of restore tests, with some fields changed."""
    sound = RestoreTestingPlan(
        key="RestoreTests",
        name="shop",
        schedule=schedule("0 8 ? * MON *"),
        algorithm="LATEST_WITHIN_WINDOW",
        vaults=("*",),
        recovery_point_types=("SNAPSHOT",),
    )
    return replace(sound, **changes)


def job_events(kind: str, member: str, **changes: Any) -> EventRule:
    """An EventBridge rule on one kind of job (`Restore Job`) and a member of its detail (`status`)."""
    pattern = EventPattern(
        (
            Match(("source",), ("aws.backup",)),
            Match(("detail-type",), (f"{kind} State Change",)),
            Match(("detail", member), ("COMPLETED",)),
        )
    )
    target = EventTarget(name="Validation", arn="arn:aws:lambda:us-east-1:123456789012:function:validate")
    return replace(EventRule(key="JobEvents", pattern=pattern, targets=(target,)), **changes)


def estate(*rules: BackupRule, **parts: Resource | None) -> tuple[Resource, ...]:
    """Everything that a database under AWS Backup needs, with these rules, and parts replaced (None: left out).

    Parts go by their keys: `Database`, `Vault`, `Backups`, `Selection`, `BackupRole`, `Topic`, `TopicPolicy`, `Mail`,
    `RestoreTests`, `TestedDatabase`, `JobEvents`; further ones are added.
    """
    sound: dict[str, Resource | None] = {
        "Database": database(),
        "Vault": vault(),
        "Backups": BackupPlan(key="Backups", name="shop", rules=rules or (tier(),)),
        "Selection": selection(),
        "BackupRole": role(),
        "Topic": Topic(key="Topic"),
        "TopicPolicy": topic_policy("backup.amazonaws.com", "cloudwatch.amazonaws.com"),
        "Mail": Subscription(key="Mail", topic=Ref("Topic"), protocol="email", endpoint="oncall@example.org"),
        "RestoreTests": restore_tests(),
        "TestedDatabase": restore_test(),
        "JobEvents": job_events("Restore Job", "status"),
    }
    return tuple(one for one in (sound | parts).values() if one is not None)


def backed_up(*rules: BackupRule, intent: Intent | None = None, **parts: Resource | None) -> Plan:
    """The plan of an `estate`."""
    return plan_of(*estate(*rules, **parts), intent=intent)
