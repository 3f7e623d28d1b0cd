"""Proxies, backups, functions, events and the rest that stands around a database, as cfn-lint judges them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.linting import matches

from mainstay.core.schedules import parse_schedule
from mainstay.core.units import Bytes, Duration
from mainstay.formats.cloudformation import read, render
from mainstay.plan.graph import faults, in_dependency_order
from mainstay.plan.intent import Intent
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import (
    KINDS,
    Alarm,
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    Bucket,
    CompositeAlarm,
    CopyAction,
    CountedMetric,
    Dashboard,
    DbInstance,
    DbOption,
    DbProxy,
    DbProxyTargetGroup,
    EventRule,
    EventTarget,
    Fate,
    FlowLog,
    Function,
    FunctionPermission,
    GeneratedSecret,
    LogGroup,
    MetricFilter,
    NestedStack,
    OptionGroup,
    ProxyLogin,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Role,
    RotationSchedule,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    TagCondition,
    TagMatch,
    Topic,
    TopicPolicy,
    VaultLock,
    VaultNotifications,
    Vpc,
)
from mainstay.plan.values import ACCOUNT, PARTITION, Attr, Ref, SecretField, Value, Zone, join

NEW = {
    "BackupPlan", "BackupSelection", "BackupVault", "CompositeAlarm", "Dashboard", "DbProxy", "DbProxyTargetGroup",
    "EventRule", "FlowLog", "Function", "FunctionPermission", "MetricFilter", "NestedStack", "OptionGroup",
    "RestoreTestingPlan", "RestoreTestingSelection", "RotationSchedule",
}  # fmt: skip


def managed(name: str) -> Value[str]:
    return join("arn:", PARTITION, ":iam::aws:policy/", name)


def role(key: str, service: str, *policies: InlinePolicy, managed_policies: tuple[Value[str], ...] = ()) -> Role:
    trust = Statement(principals=(Principal("Service", service),), actions=("sts:AssumeRole",))
    return Role(key=key, trust=Policy((trust,)), policies=policies, managed_policies=managed_policies)


def network() -> Iterator[Resource]:
    yield Vpc(key="Vpc", cidr="10.4.0.0/16", has_dns_support=True, has_dns_hostnames=True)
    for index in range(2):
        yield Subnet(key=f"Subnet{index}", vpc=Ref("Vpc"), cidr=f"10.4.{index}.0/24", zone=Zone(index))
    yield SecurityGroup(key="Group", description="the database", vpc=Ref("Vpc"))
    yield LogGroup(key="FlowLogs", retention=Duration.days(7), on_delete=Fate.RETAIN, on_replace=Fate.RETAIN)
    yield role("FlowRole", "vpc-flow-logs.amazonaws.com")
    yield FlowLog(
        key="Flow", vpc=Ref("Vpc"), resource_type="VPC", traffic="ALL", log_group=Ref("FlowLogs"), role=Ref("FlowRole"),
        destination_type="cloud-watch-logs", aggregation=Duration(600), tags={"Project": "shop"},
    )  # fmt: skip


def database() -> Iterator[Resource]:
    yield Secret(
        key="Login",
        generate=GeneratedSecret(
            template='{"username": "app"}', key="password", length=32, excluded_characters="\"@/'"
        ),
        on_delete=Fate.RETAIN,
        on_replace=Fate.RETAIN,
    )
    yield OptionGroup(
        key="Options", engine="mysql", major_version="8.0", description="audit",
        options=(DbOption(name="MARIADB_AUDIT_PLUGIN", settings={"SERVER_AUDIT_EVENTS": "CONNECT,QUERY_DDL"}),),
    )  # fmt: skip
    yield SubnetGroup(key="Subnets", description="private", subnets=(Ref("Subnet0"), Ref("Subnet1")))
    yield DbInstance(
        key="Database", engine="mysql", engine_version="8.0.46", instance_class="db.t4g.medium", storage=Bytes.gib(20),
        is_encrypted=True, subnet_group=Ref("Subnets"), security_groups=(Ref("Group"),), option_group=Ref("Options"),
        username=SecretField(Ref("Login"), "username"), password=SecretField(Ref("Login"), "password"),
        backup_retention=Duration.days(7), backup_replica_region="us-west-2",
        backup_replica_retention=Duration.days(14),
        backup_replica_key=join("arn:", PARTITION, ":kms:us-west-2:", ACCOUNT, ":alias/shop-dr"),
        on_delete=Fate.SNAPSHOT, on_replace=Fate.SNAPSHOT,
    )  # fmt: skip
    yield SecretAttachment(key="Attachment", secret=Ref("Login"), target=Ref("Database"))
    yield role("ProxyRole", "rds.amazonaws.com")
    yield DbProxy(
        key="Proxy", name="shop-dev", engine_family="MYSQL", role=Ref("ProxyRole"),
        subnets=(Ref("Subnet0"), Ref("Subnet1")), security_groups=(Ref("Group"),), requires_tls=True,
        logins=(ProxyLogin(secret=Ref("Login"), scheme="SECRETS", iam="REQUIRED"),),
        idle_timeout=Duration.minutes(30), logs_debug=False,
    )  # fmt: skip
    yield DbProxyTargetGroup(
        key="Targets", proxy=Ref("Proxy"), name="default", instances=(Ref("Database"),), max_connections_percent=100,
        max_idle_percent=50, borrow_timeout=Duration(30), pinning_filters=("EXCLUDE_VARIABLE_SETS",),
    )  # fmt: skip


def backups() -> Iterator[Resource]:
    yield Topic(key="Alerts")
    yield role("BackupRole", "backup.amazonaws.com",
               managed_policies=(managed("service-role/AWSBackupServiceRolePolicyForBackup"),))  # fmt: skip
    denied = Statement(
        effect="Deny", principals=(Principal("*"),), actions=("backup:DeleteRecoveryPoint",), resources=("*",)
    )
    yield BackupVault(
        key="Vault", name="shop-dev", access_policy=Policy((denied,)),
        lock=VaultLock(min_retention=Duration.days(1), max_retention=Duration.days(400)),
        notifications=VaultNotifications(topic=Ref("Alerts"), events=("BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED")),
        tags={"Project": "shop"}, on_delete=Fate.RETAIN, on_replace=Fate.RETAIN,
    )  # fmt: skip
    there = join("arn:", PARTITION, ":backup:us-west-2:", ACCOUNT, ":backup-vault:shop-dr")
    yield BackupPlan(
        key="Backups", name="shop-dev",
        rules=(
            BackupRule(
                name="daily", vault=Ref("Vault"), schedule=parse_schedule("cron(0 2 * * ? *)"),
                start_window=Duration.minutes(60), completion_window=Duration.minutes(180),
                delete_after=Duration.days(30), copies=(CopyAction(vault=there, delete_after=Duration.days(60)),),
                recovery_point_tags={"Tier": "daily"},
            ),
            BackupRule(name="continuous", vault=Ref("Vault"), is_continuous=True, delete_after=Duration.days(35)),
        ),
    )  # fmt: skip
    yield BackupSelection(
        key="Selected", plan=Ref("Backups"), name="database", role=Ref("BackupRole"), resources=(Ref("Database"),)
    )
    yield BackupSelection(
        key="Tagged", plan=Ref("Backups"), name="tagged", role=Ref("BackupRole"), resources=("*",),
        excluded_resources=(Ref("Database"),), any_tag=(TagMatch(tag="Backup", value="yes"),),
        equal=(TagCondition(tag="aws:ResourceTag/Project", value="shop"),),
        not_like=(TagCondition(tag="aws:ResourceTag/Name", value="test-*"),),
    )  # fmt: skip
    yield RestoreTestingPlan(
        key="Tests", name="shop_dev", schedule=parse_schedule("cron(0 6 ? * SUN *)"), start_window=Duration(3600),
        algorithm="LATEST_WITHIN_WINDOW", vaults=(Ref("Vault"),), recovery_point_types=("SNAPSHOT", "CONTINUOUS"),
        selection_window=Duration.days(7),
    )  # fmt: skip
    yield RestoreTestingSelection(
        key="Tested", plan=Ref("Tests"), name="database", role=Ref("BackupRole"), resource_type="RDS",
        resources=(Ref("Database"),), validation_window=Duration(2 * 3600),
        overrides={
            "dbSubnetGroupName": Attr("Subnets", "id"),
            "vpcSecurityGroupIds": join('["', Attr("Group", "group_id"), '"]'),
        },
    )  # fmt: skip
    yield RestoreTestingSelection(
        key="TestedToo", plan=Ref("Tests"), name="tagged", role=Ref("BackupRole"), resource_type="RDS",
        resources=("*",), tags_equal={"aws:ResourceTag/Project": "shop"},
    )  # fmt: skip


def functions() -> Iterator[Resource]:
    yield Bucket(key="Artifacts", on_delete=Fate.RETAIN, on_replace=Fate.RETAIN)
    yield role("FunctionRole", "lambda.amazonaws.com")
    yield LogGroup(key="FunctionLogs", retention=Duration.days(7), on_delete=Fate.RETAIN, on_replace=Fate.RETAIN)
    yield Function(
        key="Validate", role=Ref("FunctionRole"), runtime="python3.13", handler="validate.handle",
        code_bucket=Ref("Artifacts"), code_key="validate-arm64.zip", architectures=("arm64",),
        memory=Bytes(256 * 2**20), disk=Bytes(512 * 2**20), timeout=Duration(300),
        environment={"SECRET": Attr("Login", "arn")}, subnets=(Ref("Subnet0"),), security_groups=(Ref("Group"),),
        dead_letter_arn=Attr("Alerts", "arn"), log_group=Ref("FunctionLogs"), log_format="JSON", tracing="Active",
        reserved_concurrency=1,
    )  # fmt: skip
    yield Function(key="Small", role=Ref("FunctionRole"), runtime="python3.13", handler="index.handle",
                   code_text="def handle(event, context): ...")  # fmt: skip
    yield FunctionPermission(
        key="MayRotate", function=Ref("Validate"), action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com", source_account=ACCOUNT,
    )  # fmt: skip
    yield RotationSchedule(
        key="Rotation", secret=Ref("Login"), depends_on=(Ref("Attachment"),), function=Ref("Validate"),
        schedule=parse_schedule("cron(0 3 1 * ? *)"), window=Duration(3 * 3600), rotates_at_once=False,
    )  # fmt: skip
    yield EventRule(
        key="Events", description="what happens to the database", state="ENABLED",
        pattern=EventPattern(
            (
                Match(("source",), ("aws.rds",)),
                Match(("detail-type",), ("RDS DB Instance Event",)),
                Match(("detail", "SourceArn"), (Attr("Database", "arn"),)),
            )
        ),
        targets=(
            EventTarget(name="validate", arn=Attr("Validate", "arn"), max_retries=3, max_age=Duration.minutes(60)),
            EventTarget(name="tell", arn=Attr("Alerts", "arn"), input_paths={"what": "$.detail.Message"},
                        input_template='"<what>"', dead_letter_arn=None),
        ),
    )  # fmt: skip
    yield EventRule(key="Weekly", schedule=parse_schedule("rate(7 days)"),
                    targets=(EventTarget(name="validate", arn=Attr("Validate", "arn"), input="{}"),))  # fmt: skip
    yield FunctionPermission(
        key="MayCall", function=Ref("Validate"), action="lambda:InvokeFunction", principal="events.amazonaws.com",
        source_arn=Attr("Events", "arn"),
    )  # fmt: skip
    told = Statement(
        principals=(Principal("Service", "events.amazonaws.com"),), actions=("sns:Publish",),
        resources=(Attr("Alerts", "arn"),), conditions=(Condition("StringEquals", "aws:SourceAccount", (ACCOUNT,)),),
    )  # fmt: skip
    yield TopicPolicy(key="AlertsPolicy", topics=(Ref("Alerts"),), policy=Policy((told,)))


def watched() -> Iterator[Resource]:
    for key, namespace, metric, name, subject in (
        ("Jobs", "AWS/Backup", "NumberOfBackupJobsFailed", "BackupVaultName", "Vault"),
        ("Errors", "AWS/Lambda", "Errors", "FunctionName", "Validate"),
        ("Pool", "AWS/RDS", "ClientConnectionsSetupFailedAuth", "ProxyName", "Proxy"),
    ):
        yield Alarm(
            key=key, namespace=namespace, metric=metric, dimensions={name: Ref(subject)}, statistic="Sum",
            period=Duration(300), evaluation_periods=1, comparison="GreaterThanThreshold", threshold=0.0,
            missing_data="notBreaching", alarm_actions=(Ref("Alerts"),),
        )  # fmt: skip
    yield CompositeAlarm(
        key="Anything", alarm_actions=(Ref("Alerts"),), suppressor=Ref("Pool"), suppressor_wait=Duration(60),
        suppressor_extension=Duration(60),
        rule=join('ALARM("', Attr("Jobs", "id"), '") OR ALARM("', Attr("Errors", "id"), '")'),
    )  # fmt: skip
    yield Dashboard(key="Board", name="shop-dev", body='{"widgets": []}', tags={"Project": "shop"})
    yield MetricFilter(
        key="Deadlocks", log_group=Ref("FunctionLogs"), pattern="deadlock",
        metrics=(CountedMetric(name="Deadlocks", namespace="shop", value="1", default=0.0, unit="Count"),),
    )  # fmt: skip
    yield NestedStack(
        key="More", template_url="https://bucket.s3.amazonaws.com/more.json", parameters={"Vpc": Attr("Vpc", "id")},
        timeout=Duration.minutes(60), topics=(Ref("Alerts"),),
    )  # fmt: skip


def test_everything_around_a_database_has_no_fault_and_survives() -> None:
    outputs = (
        Output(name="ProxyEndpoint", value=Attr("Proxy", "endpoint_address")),
        Output(name="VaultArn", value=Attr("Vault", "arn")),
        Output(name="FunctionArn", value=Attr("Validate", "arn")),
        Output(name="Nested", value=Attr("More", "Outputs.Something")),
    )
    resources = (*network(), *database(), *backups(), *functions(), *watched())
    region = RegionPlan(region="us-east-1", stack="shop", resources=resources, outputs=outputs)
    assert faults(region) == []
    assert len(in_dependency_order(region)) == len(resources)
    plan = Plan(regions=(region,), intent=Intent(name="shop"))
    ((_, text),) = render(plan).items()
    found = [match for match in matches(text, "us-east-1") if match.rule.severity in ("error", "warning")]
    assert [f"{match.rule.id} {match.message} {'/'.join(map(str, match.path or []))}" for match in found] == []
    assert read(text, file="t") == plan
    used = {type(one).__name__ for one in resources}
    assert used >= NEW
    assert {kind.__name__ for kind in KINDS} >= NEW
