"""Templates as cfn-lint judges them: no error, no warning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.linting import matches

from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.formats.cloudformation import read, render
from mainstay.plan.intent import Intent
from mainstay.plan.passes import build
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.plan.policies import Condition, Policy, Principal, Statement
from mainstay.plan.resources import (
    AccessLogging,
    Alarm,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    DbInstance,
    Fate,
    GeneratedSecret,
    Key,
    LifecycleRule,
    LogGroup,
    ParameterGroup,
    PublicAccessBlock,
    Resource,
    Role,
    RulePeer,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    Subscription,
    Topic,
    Transition,
    Vpc,
)
from mainstay.plan.values import ACCOUNT, PARTITION, REGION, Attr, Ref, SecretField, Value, Zone, join
from mainstay.spec import load

ROOT_FOLDER = Path(__file__).parents[3]
BLUEPRINTS = ROOT_FOLDER / "blueprints"
# The whole templates are built and judged below; the nested ones stand as written in their goldens.
NESTED = sorted((ROOT_FOLDER / "tests" / "golden").glob("*/*-nested/*.template.json"))
# Every region of the world would be too much to ask: not each of them has each class.
REGION_JUDGED = "eu-central-1"
ROOT: Value[str] = join("arn:", PARTITION, ":iam::", ACCOUNT, ":root")


def network() -> Iterator[Resource]:
    yield Vpc(key="Vpc", cidr="10.0.0.0/16", has_dns_support=True, has_dns_hostnames=True, tags={"Name": "shop"})
    for index in range(2):
        yield Subnet(key=f"Subnet{index}", vpc=Ref("Vpc"), cidr=f"10.0.{index}.0/24", zone=Zone(index))
    yield SecurityGroup(
        key="Group",
        description="the database",
        vpc=Ref("Vpc"),
        ingress=(RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr="10.0.0.0/16"),),
        egress=(RulePeer(protocol="-1", cidr="127.0.0.1/32"),),
    )


def database() -> Iterator[Resource]:
    everything = Statement(principals=(Principal("AWS", ROOT),), actions=("kms:*",), resources=("*",))
    yield Key(
        key="Key",
        policy=Policy((everything,)),
        rotates=True,
        pending_window=Duration.days(30),
        on_delete=Fate.RETAIN,
        on_replace=Fate.RETAIN,
    )
    yield Secret(
        key="Login",
        key_id=Ref("Key"),
        generate=GeneratedSecret(
            template='{"username": "shop"}', key="password", length=32, excluded_characters="\"@/\\'"
        ),
        on_delete=Fate.RETAIN,
        on_replace=Fate.RETAIN,
    )
    yield SecretAttachment(key="Attachment", secret=Ref("Login"), target=Ref("Database"))
    trust = Statement(principals=(Principal("Service", "monitoring.rds.amazonaws.com"),), actions=("sts:AssumeRole",))
    yield Role(
        key="Monitor",
        trust=Policy((trust,)),
        managed_policies=(join("arn:", PARTITION, ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"),),
    )
    yield SubnetGroup(key="Subnets", description="isolated", subnets=(Ref("Subnet0"), Ref("Subnet1")))
    yield ParameterGroup(
        key="Settings", family="postgres17", description="d", parameters={"log_min_duration_statement": "1000"}
    )
    yield DbInstance(
        key="Database",
        engine="postgres",
        engine_version="17.6",
        instance_class="db.t4g.medium",
        database_name="shop",
        port=5432,
        storage=Bytes.gib(100),
        max_storage=Bytes.gib(1000),
        storage_type="gp3",
        is_encrypted=True,
        key_id=Ref("Key"),
        is_multi_az=True,
        subnet_group=Ref("Subnets"),
        security_groups=(Ref("Group"),),
        is_public=False,
        parameter_group=Ref("Settings"),
        username=SecretField(Ref("Login"), "username"),
        password=SecretField(Ref("Login"), "password"),
        backup_retention=Duration.days(35),
        backup_window=DailyWindow.parse("03:00-04:00"),
        maintenance_window=WeeklyWindow.parse("sun:05:00-sun:06:00"),
        deletes_automated_backups=False,
        copies_tags_to_snapshots=True,
        has_deletion_protection=True,
        upgrades_minor_versions=True,
        log_exports=("postgresql",),
        monitoring_interval=Duration(60),
        monitoring_role=Ref("Monitor"),
        has_performance_insights=True,
        performance_insights_key=Ref("Key"),
        performance_insights_retention=Duration.days(7),
        on_delete=Fate.SNAPSHOT,
        on_replace=Fate.SNAPSHOT,
    )


def around() -> Iterator[Resource]:
    yield LogGroup(
        key="Logs",
        name="/aws/rds/instance/shop/postgresql",
        retention=Duration.days(7),
        on_delete=Fate.RETAIN,
        on_replace=Fate.RETAIN,
    )
    yield Bucket(
        key="Exports",
        encryption=BucketEncryption(algorithm="aws:kms", key_id=Ref("Key"), has_bucket_key=True),
        versioning="Enabled",
        public_access=PublicAccessBlock(),
        ownership="BucketOwnerEnforced",
        lifecycle=(
            LifecycleRule(
                name="age",
                transitions=(Transition(after=Duration.days(30), storage_class="STANDARD_IA"),),
                expires_after=Duration.days(2555),
                aborts_uploads_after=Duration.days(7),
            ),
        ),
        logging=AccessLogging(prefix="access/"),
        on_delete=Fate.RETAIN,
        on_replace=Fate.RETAIN,
    )
    tls = Statement(
        effect="Deny",
        principals=(Principal("*"),),
        actions=("s3:*",),
        resources=(Attr("Exports", "arn"), join(Attr("Exports", "arn"), "/*")),
        conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),),
    )
    yield BucketPolicy(key="ExportsPolicy", bucket=Ref("Exports"), policy=Policy((tls,)))
    yield Topic(key="Alerts", key_id="alias/aws/sns")
    yield Subscription(key="Mail", topic=Ref("Alerts"), protocol="email", endpoint="dba@example.com")
    yield Alarm(
        key="Storage",
        namespace="AWS/RDS",
        metric="FreeStorageSpace",
        dimensions={"DBInstanceIdentifier": Ref("Database")},
        statistic="Minimum",
        period=Duration(300),
        evaluation_periods=2,
        comparison="LessThanThreshold",
        threshold=10.0 * 2**30,
        alarm_actions=(Ref("Alerts"),),
    )


def judged(text: str, region: str = REGION_JUDGED) -> list[str]:
    """Errors and warnings; what is merely informational is a matter of taste."""
    found = [match for match in matches(text, region) if match.rule.severity in ("error", "warning")]
    return [f"{match.rule.id} {match.message} line {match.linenumber}" for match in found]


def test_a_plan_made_by_hand_has_no_fault() -> None:
    outputs = (
        Output(name="Endpoint", value=Attr("Database", "endpoint_address"), export=join("shop-endpoint-", REGION)),
        Output(name="Port", value=Attr("Database", "endpoint_port")),
        Output(name="SecretArn", value=Attr("Login", "arn")),
        Output(name="KeyArn", value=Attr("Key", "arn")),
    )
    region = RegionPlan(
        region="eu-west-1", stack="shop", resources=(*network(), *database(), *around()), outputs=outputs
    )
    plan = Plan(regions=(region,), intent=Intent(name="shop"))
    ((_, text),) = render(plan).items()
    assert judged(text) == []
    assert read(text, file="t") == plan


def test_the_judge_is_awake() -> None:
    region = RegionPlan(region="", resources=(Topic(key="T", extras={"Nonsense": 1}),))
    ((_, text),) = render(Plan(regions=(region,))).items()
    assert len(judged(text)) == 1


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("source", sorted(BLUEPRINTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_blueprint_has_no_fault_and_survives(source: Path, environment: str) -> None:
    plan = build(load(source, environment=environment))
    for name, text in render(plan).items():
        (region,) = (one for one in plan.regions if one.region in name)
        assert judged(text, region.region) == [], name
        assert read(text, file=name) == Plan(regions=(region,), intent=plan.intent)


def test_every_environment_of_every_blueprint_is_judged() -> None:
    written = {path.parent.name for path in NESTED} | {"dev", "prod"}
    folders = {path.parent.name for path in (ROOT_FOLDER / "tests" / "golden").glob("*/*/*.template.json")}
    assert folders == written
    assert NESTED != []


@pytest.mark.parametrize("path", NESTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_nested_template_has_no_fault(path: Path) -> None:
    assert judged(path.read_text(encoding="utf-8"), path.name.split(".")[1]) == []
