"""A mend heals: with it the rule is silent, nothing else speaks, and so it is through every format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
import yaml
from tests.checks.test_rules_over_formats import NOT_IN_CLOUDFORMATION, NOT_IN_TERRAFORM

from mainstay.checks import all_rules, run
from mainstay.checks.backup.examples import ELSEWHERE, backed_up, restore_test, selection, tier, vault
from mainstay.checks.engine import Suggest
from mainstay.checks.examples import alarm, database, key_for, plan_of, replica, settings, told
from mainstay.checks.proxy.examples import fronted, login, pool, proxy, proxy_role
from mainstay.checks.rule import Fault, Rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Finding, Severity
from mainstay.core.patches import Change, Language, Patch
from mainstay.core.schedules import Cron
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.formats import cloudformation, editing, terraform
from mainstay.formats.cloudformation import patching as templates
from mainstay.formats.terraform import patching as modules
from mainstay.plan.mending import mended
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    CopyAction,
    EventSubscription,
    Function,
    GeneratedSecret,
    Resource,
    Role,
    RotationSchedule,
    RulePeer,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Topic,
    TopicPolicy,
    VaultLock,
)
from mainstay.plan.values import Param, Ref, SecretField

TODAY = date(2026, 11, 20)
# Where the right value is somebody's choice, or lies in another account or in a program.
LEAST_MENDED = 70


def faults(rule: Rule, plan: Plan) -> Iterator[tuple[RegionPlan, Fault]]:
    for region in plan.regions:
        scene = Scene(plan, region, TODAY)
        for resource in region.resources:
            if isinstance(resource, rule.applies_to):
                yield from ((region, fault) for fault in rule.judge(resource, scene))


MENDED = [rule for rule in all_rules() if any(fault.mend for _, fault in faults(rule, rule.bad()))]
by_id = pytest.mark.parametrize("rule", MENDED, ids=lambda rule: rule.id)


def loud(rule: Rule, findings: Sequence[Finding]) -> list[str]:
    """What the rule itself still says, and what others say that is more than an information."""
    meant = (one for one in findings if one.id == rule.id or one.severity is not Severity.INFO)
    return [f"{one.id}: {one.detail}" for one in meant]


def test_many_rules_know_their_mend() -> None:
    assert len(MENDED) >= LEAST_MENDED


@by_id
def test_a_mend_heals_and_hurts_nothing(rule: Rule) -> None:
    plan = rule.bad()
    assert loud(rule, run(plan, today=TODAY)), "or nothing would be healed"
    while found := [(region, fault) for region, fault in faults(rule, plan) if fault.mend]:
        region, fault = found[0]
        healed = mended(plan, region, fault.mend)
        assert len(list(faults(rule, healed))) < len(list(faults(rule, plan)))
        plan = healed
    assert loud(rule, run(plan, today=TODAY)) == []


@by_id
def test_a_mend_changes_fields_and_keeps_what_was_read(rule: Rule) -> None:
    for region, fault in faults(rule, rule.bad()):
        for one in fault.mend:
            before = region.find(one.key)
            if before is not None:
                assert type(before) is type(one)
                assert any(getattr(before, each.name) != getattr(one, each.name) for each in fields(one))


def lambda_(**changes: Any) -> Plan:
    sound = Function(key="App", role="arn:aws:iam::123456789012:role/app", runtime="python3.13")
    return plan_of(replace(sound, **changes))


def rotated(**changes: Any) -> Plan:
    schedule = RotationSchedule(key="Rotation", secret=Ref("Secret"), function="arn:aws:lambda:us-east-1:1:function:f")
    return plan_of(Secret(key="Secret"), replace(schedule, **changes))


def tuned(engine: str = "postgres", family: str = "postgres17", /, *, db: Any = None, **parameters: str) -> Plan:
    version = {"postgres": "17.11", "mysql": "8.4.11", "mariadb": "11.4.8"}[engine]
    tuned_db = database(engine=engine, engine_version=version, parameter_group=Ref("Settings"), **(db or {}))
    tls = {} if engine == "postgres" else {"require_secure_transport": "1"}
    return plan_of(tuned_db, settings(family, **tls, **parameters))


def locked(**days: int) -> Plan:
    lock = VaultLock(**{name: Duration.days(count) for name, count in days.items()})
    return backed_up(Vault=vault(lock=lock), Backups=None, Selection=None)


LOCKED_OUT = Statement(
    principals=(Principal("Service", "s3.amazonaws.com"),), actions=("kms:Decrypt",), resources=("*",)
)
STORAGE = {"storage": Bytes.gib(500), "max_storage": Bytes.gib(1000)}
MONITORED = {"monitoring_interval": Duration(60), "monitoring_role": Ref("Role")}
# Cases of rules that their bad examples do not show.
FURTHER: dict[str, Plan] = {
    "DB001 backwards": plan_of(
        database(
            backup_window=DailyWindow.parse("22:00-23:30"), maintenance_window=WeeklyWindow.parse("sun:23:00-mon:01:00")
        )
    ),
    "DB002": plan_of(database(backup_retention=Duration.days(36))),
    "DB012 throughput": plan_of(database(storage_type="gp3", throughput_mib_s=500)),
    "DB013 size": plan_of(database(storage_type="gp3", storage=Bytes.gib(10), max_storage=Bytes.gib(30))),
    "DB013 iops": plan_of(database(storage_type="gp3", iops=90_000, **STORAGE)),
    "DB013 throughput": plan_of(database(storage_type="gp3", iops=12_000, throughput_mib_s=9_000, **STORAGE)),
    "DB015": plan_of(database(storage_type="standard")),
    "DB016 interval": plan_of(database(monitoring_interval=Duration(7), monitoring_role="arn:aws:iam::1:role/m")),
    "DB016 trust": plan_of(database(**MONITORED), Role(key="Role", trust=proxy_role().trust)),
    "DB017 days": plan_of(database(has_performance_insights=True, performance_insights_retention=Duration.days(30))),
    "DB017 advanced": plan_of(database(insights_mode="advanced")),
    "DB021 nearly": plan_of(database(log_exports=("postgres", "upgrade"))),
    "DB022 table": tuned(
        "mysql", "mysql8.4", db={"log_exports": ("slowquery",)}, slow_query_log="1", log_output="TABLE"
    ),
    "DB024 mysql": tuned("mysql", "mysql8.4", innodb_buffer_pool_size=str(20 * 2**30)),
    "DB025 buffers": tuned(shared_buffers="1024"),
    "DB025 cache": tuned(effective_cache_size=str(3 * 2**20)),
    "DB026 GB": tuned(maintenance_work_mem="1 GB"),
    "DB026 name": tuned(sharedbuffers="262144"),
    "DB027": plan_of(database(parameter_group=Ref("Settings")), settings("postgres16", log_connections="1")),
    "DB031": plan_of(database(is_public=None, subnet_group=None)),
    "DB035 source": plan_of(database(backup_retention=Duration(0)), replica()),
    "DB035 inherited": plan_of(database(), replica(username="shop", database_name="shop")),
    "DB036 days": plan_of(
        database(
            backup_replica_region="us-west-2",
            backup_replica_key="arn:aws:kms:us-west-2:123456789012:key/1",
            backup_replica_retention=Duration.days(40),
        )
    ),
    "DB043 type": plan_of(
        database(),
        EventSubscription(key="Events", topic="arn:aws:sns:us-east-1:1:t", source_ids=(Ref("Database"),)),
    ),
    "DB043 words": plan_of(
        EventSubscription(
            key="Events", topic="arn:aws:sns:us-east-1:1:t", source_type="db-instances", categories=("low-storage",)
        )
    ),
    "BK009 copy": backed_up(
        tier(
            delete_after=Duration.days(365),
            copies=(CopyAction(vault=ELSEWHERE, cold_after=Duration.days(30), delete_after=Duration.days(60)),),
        ),
        Selection=selection(resources=(Ref("Database"), "arn:aws:elasticfilesystem:us-east-1:1:file-system/fs-1")),
    ),
    "BK023 least": locked(min_retention=0, max_retention=7),
    "BK023 most": locked(min_retention=7, max_retention=40_000),
    "PX005 name": fronted(Pool=pool(name="mine")),
    "PX005 most": fronted(Pool=pool(max_connections_percent=120)),
    "PX005 alone": fronted(Pool=pool(max_connections_percent=None)),
    "PX005 wait": fronted(Pool=pool(borrow_timeout=Duration(301))),
    "PX005 idle": fronted(Proxy=proxy(idle_timeout=Duration(30_000))),
    "PX008": fronted(
        Database=database(username="shop", security_groups=(Ref("DatabaseGroup"),)),
        Proxy=proxy(logins=(login(secret=Ref("Login")),)),
        ProxyRole=proxy_role(Statement(actions=("secretsmanager:GetSecretValue",), resources=("*",))),
        Login=Secret(key="Login", generate=GeneratedSecret(template="{}", excluded_characters="/@\"'\\")),
    ),
    "AL002 seconds": plan_of(
        database(),
        alarm(metric="ReadLatency", statistic="Average", comparison="GreaterThanThreshold", threshold=20.0),
        *told(),
    ),
    "AL004 off": plan_of(database(), alarm(is_enabled=False), *told()),
    "AL006 period": plan_of(database(), alarm(period=Duration(90), evaluation_periods=1), *told()),
    "AL006 short": plan_of(database(), alarm(period=Duration(10), evaluation_periods=6), *told()),
    "AL007 letters": plan_of(database(identifier="shop"), alarm(dimensions={"DBInstanceIdentifier": "Shop"}), *told()),
    "AL007 cluster": plan_of(database(), alarm(dimensions={"DBClusterIdentifier": Ref("Database")}), *told()),
    "AL007 sister": plan_of(
        database(identifier="shop-prod"), alarm(dimensions={"DBInstanceIdentifier": "shop-dev"}), *told()
    ),
    "SN001 key": plan_of(database(), alarm(), *told(key_id=Ref("Key")), key_for()),
    "LA001 time": lambda_(timeout=Duration(1_000)),
    "LA001 memory": lambda_(memory=Bytes(64 * 2**20)),
    "LA001 disk": lambda_(disk=Bytes(20_000 * 2**20)),
    "SE001": plan_of(
        database(username="shop", password=Param("Password")),
        Secret(
            key="Secret",
            generate=GeneratedSecret(template='{"username": "shop"}', key="password", excluded_characters="/@\"'\\"),
        ),
        SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database")),
    ),
    "SE004 window": rotated(every=Duration.days(30), window=Duration(1_800)),
    "SE004 minute": rotated(schedule=Cron.parse("cron(30 4 1 * ? *)")),
    "KM001 policy": plan_of(key_for(policy=Policy((LOCKED_OUT,)))),
}


@pytest.mark.parametrize("case", FURTHER)
def test_further_cases_are_healed_too(case: str) -> None:
    plan, name = FURTHER[case], case.split(maxsplit=1)[0]
    rule = next(one for one in all_rules() if one.id == name)
    assert any(fault.mend for _, fault in faults(rule, plan))
    for _ in range(10):
        found = [(region, fault.mend) for region, fault in faults(rule, plan) if fault.mend]
        if not found:
            break
        plan = mended(plan, *found[0])
    assert loud(rule, run(plan, today=TODAY)) == []


HOURLY = tier(schedule=Cron.parse("cron(0 * * * ? *)"))


def named_in_egress(key: str, other: str) -> SecurityGroup:
    way_out = RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref(other))
    return SecurityGroup(key=key, description="one of two", egress=(way_out,))


def told_elsewhere() -> tuple[Topic, TopicPolicy]:
    """A topic, and under the name that its own policy would have the policy of another one."""
    statement = Statement(principals=(Principal("Service", "s3.amazonaws.com"),), actions=("sns:Publish",))
    return Topic(key="Other"), TopicPolicy(key="TopicPolicy", topics=(Ref("Other"),), policy=Policy((statement,)))


SECRET = Secret(key="Secret", generate=GeneratedSecret(template='{"username": "shop"}', key="password"))
# Where something is wrong and more than one answer is right.
CHOICES: dict[str, Plan] = {
    "DB026": tuned(shared_buffers="100kB"),
    "BK006": backed_up(HOURLY),
    "BK007": backed_up(HOURLY),
    "BK034": backed_up(Database=database(subnet_group=Param("Subnets")), TestedDatabase=restore_test(overrides={})),
    "BK040": backed_up(TopicPolicy=told_elsewhere()[1], Other=told_elsewhere()[0]),
    "NW005": plan_of(named_in_egress("A", "B"), named_in_egress("B", "A")),
    "PX008": fronted(
        Proxy=proxy(logins=(login(secret=Ref("Login")),)),
        Login=Secret(key="Login", generate=GeneratedSecret(template="{}")),
    ),
    "SE002": plan_of(
        *(database(key=key, password=SecretField(Ref("Secret"), "password")) for key in ("Database", "Twin")),
        SECRET,
        RotationSchedule(key="Rotation", secret=Ref("Secret"), function="arn:aws:lambda:us-east-1:1:function:f"),
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_nothing_is_written_where_somebody_has_to_choose(name: str) -> None:
    rule = next(one for one in all_rules() if one.id == name)
    found = [fault for _, fault in faults(rule, CHOICES[name])]
    assert found
    assert all(not fault.mend for fault in found)


def patches(plan: Plan, suggest: Suggest) -> list[Patch]:
    return [one.patch for one in run(plan, today=TODAY, suggest=suggest) if one.patch]


def in_template(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    changes = templates.patch(region, mend)
    return Patch(language=Language.YAML, changes=changes) if changes else None


def in_module(plan: Plan, region: RegionPlan, mend: tuple[Resource, ...]) -> Patch | None:
    changes = modules.of_module(plan, region, mend)
    return Patch(language=Language.TERRAFORM, changes=changes) if changes else None


def healed_text(text: str, file: str) -> str:
    """A template's text with one patch made after the other, as somebody would."""
    for _ in range(10):
        found = patches(cloudformation.read(text, file=file), in_template)
        if not found:
            return text
        text = editing.applied(text, editing.replacements(text, found[0].changes))
    raise AssertionError("it does not come to an end")


@by_id
@pytest.mark.parametrize("form", ["json", "yaml", "flow"])
def test_a_template_is_healed_by_its_snippets(rule: Rule, form: str) -> None:
    if rule.id in NOT_IN_CLOUDFORMATION:
        pytest.skip(NOT_IN_CLOUDFORMATION[rule.id])
    (text,) = cloudformation.render(rule.bad()).values()
    if form != "json":
        text = yaml.safe_dump(json.loads(text), sort_keys=False, default_flow_style=form == "flow" or None)
    healed = cloudformation.read(healed_text(text, "template"), file="template")
    assert loud(rule, run(healed, today=TODAY)) == []


def changed(files: dict[str, str], changes: Sequence[Change]) -> dict[str, str]:
    found = dict(files)
    for one in changes:
        assert one.origin is not None
        found[one.origin.file] = editing.edited(found[one.origin.file], [one])
    return found


@by_id
def test_a_module_is_healed_by_its_snippets(rule: Rule) -> None:
    if rule.id in NOT_IN_TERRAFORM:
        pytest.skip(NOT_IN_TERRAFORM[rule.id])
    files = dict(terraform.render(rule.bad()))
    for _ in range(10):
        found = patches(terraform.read(files), in_module)
        if not found:
            break
        files = changed(files, found[0].changes)
    assert loud(rule, run(terraform.read(files), today=TODAY)) == []
