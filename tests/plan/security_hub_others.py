"""The controls of what stands around the database: keys, buckets, topics, secrets, functions, network, alarms."""

from __future__ import annotations

from typing import Final

from tests.plan.security_hub_predicates import (
    Beyond,
    Chosen,
    Control,
    Met,
    admits_nobody_unnamed,
    decrypts_everything,
    each,
    every,
    every_in_region,
    lets_only_tls_in,
    manages,
    primary,
    public,
    rotated,
    some,
    tagged,
    worn,
)

from mainstay.core.units import Duration
from mainstay.plan.policies import ANYBODY, InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    BackupVault,
    Bucket,
    BucketPolicy,
    DbInstance,
    Fate,
    FlowLog,
    Function,
    FunctionPermission,
    IngressRule,
    Instance,
    Key,
    LogGroup,
    MetadataOptions,
    PublicAccessBlock,
    Role,
    RulePeer,
    Secret,
    SecurityGroup,
    Subnet,
    Topic,
    TopicPolicy,
    VpcEndpoint,
)
from mainstay.plan.values import Ref

PRIVATE: Final = PublicAccessBlock()
OPEN_POLICY: Final = Policy((Statement(principals=(ANYBODY,), actions=("*",), resources=("*",)),))
WIDE_POLICY: Final = Policy((Statement(actions=("kms:Decrypt",), resources=("*",)),))
ACL: Final = "No network ACL is made; the VPC's own stays as AWS made it."

OTHERS: Final[tuple[Control, ...]] = (
    Beyond("KMS.1", "No managed policy is made; AWS's own are used for monitoring, Session Manager and restores."),
    Met(
        "KMS.2",
        "Role.policies: keys by ARN",
        lambda plan: not any(decrypts_everything(one) for one in plan.of(Role)),
        (Role, {"policies": (InlinePolicy("all", WIDE_POLICY),)}),
    ),
    Met(
        "KMS.3",
        "Key.on_delete",
        every(Key, lambda one: one.on_delete in (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE)),
        (Key, {"on_delete": Fate.DELETE}),
    ),
    Met("KMS.4", "Key.rotates", every(Key, lambda one: one.rotates is True), (Key, {"rotates": None})),
    Met(
        "KMS.5",
        "Key.policy",
        every(Key, lambda one: not any(map(public, one.policy.statements))),
        (Key, {"policy": OPEN_POLICY}),
    ),
    Beyond("S3.1", "A setting of the account; every bucket has its own."),
    Met(
        "S3.2",
        "Bucket.public_access",
        every(Bucket, lambda one: one.public_access == PRIVATE),
        (Bucket, {"public_access": None}),
    ),
    Met(
        "S3.3",
        "Bucket.public_access",
        every(Bucket, lambda one: one.public_access == PRIVATE),
        (Bucket, {"public_access": None}),
    ),
    Met(
        "S3.5",
        "BucketPolicy OnlyTls",
        every_in_region(Bucket, lets_only_tls_in),
        (BucketPolicy, {"policy": Policy(())}),
    ),
    Met(
        "S3.6",
        "BucketPolicy: services of this account only",
        every(
            BucketPolicy,
            lambda one: all(
                each.effect == "Deny" or all(who.kind == "Service" for who in each.principals)
                for each in one.policy.statements
            ),
        ),
        (BucketPolicy, {"policy": OPEN_POLICY}),
    ),
    Met(
        "S3.8",
        "Bucket.public_access",
        every(Bucket, lambda one: one.public_access == PRIVATE),
        (Bucket, {"public_access": None}),
    ),
    Met(
        "S3.9",
        "Bucket.logging, the bucket of the logs apart",
        every(Bucket, lambda one: one.key == "ExportAccessLogs" or one.logging is not None),
        (Bucket, {"logging": None}),
    ),
    Met(
        "S3.12",
        "Bucket.ownership",
        every(Bucket, lambda one: one.ownership == "BucketOwnerEnforced"),
        (Bucket, {"ownership": None}),
    ),
    Met("S3.13", "Bucket.lifecycle", every(Bucket, lambda one: bool(one.lifecycle)), (Bucket, {"lifecycle": ()})),
    Met("SNS.1", "Topic.key_id", every(Topic, lambda one: isinstance(one.key_id, Ref)), (Topic, {"key_id": None})),
    Met(
        "SNS.4",
        "TopicPolicy",
        every(TopicPolicy, lambda one: not any(map(public, one.policy.statements))),
        (TopicPolicy, {"policy": OPEN_POLICY}),
    ),
    Chosen(
        "SecretsManager.1",
        "`credentials.rotation`",
        every_in_region(Secret, rotated(36_500)),
        {"credentials.rotation": "{every: 30d}"},
    ),
    Beyond("SecretsManager.2", "Seen when a rotation runs; a failed one is an event of the function."),
    Beyond("SecretsManager.3", "The secret is the database's own; who last read it is known at run time only."),
    Chosen(
        "SecretsManager.4",
        "`credentials.rotation.every`",
        every_in_region(Secret, rotated(90)),
        {"credentials.rotation": "{every: 90d}"},
    ),
    Met("SecretsManager.5", "Secret.tags", every(Secret, tagged), (Secret, {"tags": {}})),
    Chosen(
        "Lambda.1",
        "FunctionPermission.source_arn, with `credentials.rotation`",
        each(FunctionPermission, lambda one: one.source_arn is not None or one.source_account is not None),
        {"credentials.rotation": "{every: 30d}"},
    ),
    Chosen(
        "Lambda.2",
        "Function.runtime, with `credentials.rotation`",
        each(Function, lambda one: str(one.runtime) in ("python3.12", "python3.13", "python3.14")),
        {"credentials.rotation": "{every: 30d}"},
    ),
    Chosen(
        "Lambda.3",
        "Function.subnets, with `credentials.rotation`",
        each(Function, lambda one: bool(one.subnets)),
        {"credentials.rotation": "{every: 30d}"},
    ),
    Chosen(
        "Lambda.5",
        "Function.subnets, with `credentials.rotation`",
        each(Function, lambda one: len(one.subnets) >= 2),
        {"credentials.rotation": "{every: 30d}"},
    ),
    Beyond(
        "Lambda.7",
        "No traces: they would need another endpoint in a closed network, and a function here logs its steps.",
    ),
    Beyond("EC2.2", "CloudFormation cannot change the group that a VPC comes with; nothing wears it."),
    Met(
        "EC2.6",
        "FlowLog.traffic (`network.flow_logs`)",
        each(FlowLog, lambda one: one.traffic in ("ALL", "REJECT")),
        (FlowLog, {"traffic": "ACCEPT"}),
    ),
    Met(
        "EC2.8",
        "Instance.metadata",
        every(Instance, lambda one: one.metadata is not None and one.metadata.tokens == "required"),
        (Instance, {"metadata": MetadataOptions(tokens="optional")}),
    ),
    Met(
        "EC2.9",
        "Instance.subnet: a private one",
        every_in_region(
            Instance, lambda one, region: getattr(region.resolve(one.subnet, Subnet), "maps_public_ip", None) is False
        ),
        (Subnet, {"maps_public_ip": True}),
    ),
    Beyond("EC2.10", "Nothing in the network calls EC2's own API."),
    Met(
        "EC2.13",
        "SecurityGroup and IngressRule: groups and ranges that are named",
        admits_nobody_unnamed,
        (IngressRule, {"cidr": "0.0.0.0/0"}),
    ),
    Met("EC2.14", "SecurityGroup and IngressRule, as above", admits_nobody_unnamed, (IngressRule, {"cidr_v6": "::/0"})),
    Met(
        "EC2.15",
        "Subnet.maps_public_ip",
        every(Subnet, lambda one: one.maps_public_ip is False),
        (Subnet, {"maps_public_ip": None}),
    ),
    Beyond("EC2.16", ACL),
    Met(
        "EC2.18",
        "SecurityGroup and IngressRule, as above",
        admits_nobody_unnamed,
        (SecurityGroup, {"ingress": (RulePeer(protocol="tcp", cidr="0.0.0.0/0"),)}),
    ),
    Met(
        "EC2.19",
        "SecurityGroup and IngressRule (`access.cidrs` refuses 0.0.0.0/0)",
        admits_nobody_unnamed,
        (SecurityGroup, {"ingress": (RulePeer(protocol="tcp", cidr_v6="::/0"),)}),
    ),
    Beyond("EC2.21", ACL),
    Met(
        "EC2.22",
        "SecurityGroup: each is worn, the application's by what the plan does not make",
        every_in_region(SecurityGroup, worn),
        (DbInstance, {"security_groups": ()}),
    ),
    Met(
        "EC2.53", "SecurityGroup and IngressRule, as above", admits_nobody_unnamed, (IngressRule, {"cidr": "0.0.0.0/0"})
    ),
    Met("EC2.54", "SecurityGroup and IngressRule, as above", admits_nobody_unnamed, (IngressRule, {"cidr_v6": "::/0"})),
    Met(
        "EC2.57",
        "VpcEndpoint (`access.bastion`)",
        lambda plan: not list(plan.of(Instance)) or some(VpcEndpoint, lambda one: ".ssm'" in str(one.service))(plan),
        (VpcEndpoint, {"service": "s3"}),
    ),
    Beyond("EC2.170", "No launch template is made."),
    Met(
        "SSM.1",
        "Role.managed_policies of the bastion",
        every_in_region(Instance, manages),
        (Role, {"managed_policies": ()}),
    ),
    Beyond("SSM.2", "Patching is the account's; a bastion is made anew from a newer image instead."),
    Beyond("SSM.3", "No association is made."),
    Met(
        "CloudWatch.15",
        "Alarm.alarm_actions",
        every(Alarm, lambda one: bool(one.alarm_actions)),
        (Alarm, {"alarm_actions": ()}),
    ),
    Met(
        "CloudWatch.17",
        "Alarm.is_enabled",
        every(Alarm, lambda one: one.is_enabled is True),
        (Alarm, {"is_enabled": False}),
    ),
    Chosen(
        "CloudWatch.16",
        "`monitoring.logs.keep`, 7 days unless somebody needs more",
        every(LogGroup, lambda one: isinstance(one.retention, Duration) and one.retention >= Duration.days(365)),
        {"monitoring.logs.keep": "365d"},
    ),
    Met(
        "Backup.1",
        "DbInstance.is_encrypted, which recovery points follow",
        primary(lambda one: one.is_encrypted is True),
        (DbInstance, {"is_encrypted": False}),
    ),
    Met(
        "Backup.2",
        "BackupRule.recovery_point_tags",
        every(BackupPlan, lambda one: bool(one.rules) and all(rule.recovery_point_tags for rule in one.rules)),
        (BackupPlan, {"rules": ()}),
    ),
    Met("Backup.3", "BackupVault.tags", every(BackupVault, tagged), (BackupVault, {"tags": {}})),
    Beyond("Backup.4", "No report plan is made."),
    Met("Backup.5", "BackupPlan.tags", every(BackupPlan, tagged), (BackupPlan, {"tags": {}})),
    Beyond("GuardDuty.9", "A setting of the account."),
    Beyond("EventBridge.3", "No bus of its own: rules stand on the account's default bus."),
)
