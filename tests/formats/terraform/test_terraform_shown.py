"""`terraform show -json`: what is known, unknown and hidden in a plan or a state, through the same tables.

`bench.checks.shown` builds a plan from our own modules; the small ones here follow the examples of Terraform's
documentation, "JSON Output Format" (checked 2026-11-21).
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bench.checks.shown import shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay import checks
from mainstay.core.errors import InputRefused
from mainstay.core.units import Bytes, Duration
from mainstay.formats import terraform
from mainstay.formats.terraform import read_shown
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupVault,
    Bucket,
    DbInstance,
    EventRule,
    Fate,
    Opaque,
    Role,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    Topic,
    Vpc,
)
from mainstay.plan.values import Json, Ref, Unknown
from mainstay.spec import load

ROOT = Path(__file__).parents[3]
ENABLED = {"status": "Enabled"}
BLUEPRINTS = sorted(path.stem for path in (ROOT / "blueprints").glob("*.yaml"))


def planned(blueprint: str) -> tuple[Plan, Plan]:
    """The plan of a blueprint in production, and the same through Terraform's eyes."""
    plan = build(load(ROOT / "blueprints" / f"{blueprint}.yaml", environment="prod"))
    return plan, read_shown(json.dumps(shown(terraform.render(plan))), file="tfplan.json")


def resource(type_name: str, label: str, /, *, index: object = None, **values: Any) -> dict[str, Any]:
    address = f"{type_name}.{label}" + ("" if index is None else f"[{json.dumps(index)}]")
    found = {"address": address, "mode": "managed", "type": type_name, "name": label, "values": values}
    return found if index is None else {**found, "index": index}


def state(*resources: dict[str, Any], children: tuple[Any, ...] = ()) -> Plan:
    root = {"resources": list(resources), "child_modules": list(children)}
    return read_shown(json.dumps({"format_version": "1.0", "values": {"root_module": root}}), file="state.json")


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_a_plan_of_ours_holds_the_same_resources_and_links(blueprint: str) -> None:
    plan, again = planned(blueprint)
    kinds = [type(one).__name__ for one in plan.primary.resources]
    assert Counter(kinds) == Counter(type(one).__name__ for one in again.primary.resources)
    databases = {one.key: one for one in again.primary.of(DbInstance)}
    for one in plan.primary.of(DbInstance):
        other = databases[one.key]
        assert other.address.startswith("aws_db_instance.")
        for name in ("key_id", "subnet_group", "parameter_group", "security_groups", "storage", "backup_window"):
            assert getattr(other, name) == getattr(one, name), name
        assert not isinstance(other.password, str)


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_a_sound_design_has_no_findings_in_terraform_either(blueprint: str) -> None:
    _, again = planned(blueprint)
    assert [(one.id, one.subject) for one in checks.run(again) if one.severity.value == "error"] == []


def test_a_finding_names_the_address() -> None:
    plan = state(resource("aws_db_instance", "shop", identifier="shop", engine="postgres", publicly_accessible=True))
    assert "aws_db_instance.shop" in {finding.subject for finding in checks.run(plan)}


def test_a_state_is_linked_by_ids_and_arns() -> None:
    plan = state(
        resource("aws_vpc", "main", id="vpc-0a1b2c3d", cidr_block="10.0.0.0/16", tags={}, ipv6_cidr_block=""),
        resource("aws_subnet", "main", id="subnet-0a1b2c3d", vpc_id="vpc-0a1b2c3d", cidr_block="10.0.0.0/24"),
        resource(
            "aws_db_subnet_group", "main", id="shop", name="shop", subnet_ids=["subnet-0a1b2c3d", "subnet-ffffffff"]
        ),
        resource("aws_sns_topic", "alerts", id="arn:aws:sns:eu-west-1:1:a", arn="arn:aws:sns:eu-west-1:1:a"),
        resource("aws_cloudwatch_metric_alarm", "cpu", alarm_name="cpu", alarm_actions=["arn:aws:sns:eu-west-1:1:a"]),
        {**resource("aws_ami", "x"), "mode": "data"},
    )
    region = plan.primary
    (vpc,) = region.of(Vpc)
    assert (vpc.key, vpc.address) == ("VpcMain", "aws_vpc.main")
    assert vpc.extras == {"aws_vpc.id": "vpc-0a1b2c3d"}
    assert [one.vpc for one in region.of(Subnet)] == [Ref("VpcMain")]
    assert [one.subnets for one in region.of(SubnetGroup)] == [(Ref("SubnetMain"), "subnet-ffffffff")]
    assert region["Cpu"].alarm_actions == (Ref("Alerts"),)  # type: ignore[attr-defined]
    assert len(region.resources) == 5


def test_blocks_that_the_provider_splits_are_one_resource_again() -> None:
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Principal": "*"}}
    own = {
        "Statement": [
            {
                "Sid": "One",
                "Action": ["a:b"],
                "Resource": "*",
                "Principal": {"AWS": "1"},
                "Condition": {"Bool": {"k": "true"}},
            }
        ]
    }
    plan = state(
        resource("aws_s3_bucket", "logs", id="shop-logs", bucket="shop-logs", arn="arn:aws:s3:::shop-logs"),
        resource(
            "aws_s3_bucket_versioning", "logs", bucket="shop-logs", versioning_configuration=[{"status": "Enabled"}]
        ),
        resource(
            "aws_s3_bucket_server_side_encryption_configuration",
            "any",
            bucket="shop-logs",
            rule=[{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": ""}]}],
        ),
        resource("aws_s3_bucket_versioning", "alien", bucket="other", versioning_configuration=[ENABLED]),
        resource("aws_iam_role", "r", id="r", name="r", assume_role_policy=json.dumps(trust)),
        resource("aws_iam_role_policy", "p", role="r", name="p", policy=json.dumps(own)),
        resource("aws_iam_role_policy_attachment", "q", role="r", policy_arn="arn:aws:iam::aws:policy/X"),
    )
    (bucket,) = plan.primary.of(Bucket)
    assert bucket.versioning == "Enabled"
    assert bucket.encryption is not None
    assert bucket.encryption.algorithm == "aws:kms"
    (role,) = plan.primary.of(Role)
    assert [one.name for one in role.policies] == ["p"]
    assert role.managed_policies == ("arn:aws:iam::aws:policy/X",)
    (statement,) = role.policies[0].document.statements
    assert (statement.sid, statement.actions, statement.conditions[0].values) == ("One", ("a:b",), ("true",))
    assert [one.type for one in plan.primary.of(Opaque)] == ["aws_s3_bucket_versioning"]


def test_modules_and_instances_have_keys_of_their_own() -> None:
    def child(index: int, *values: dict[str, Any]) -> dict[str, Any]:
        address = f"module.net[{index}]"
        return {"address": address, "resources": [{**one, "address": f"{address}.{one['address']}"} for one in values]}

    plan = state(
        resource("aws_sns_topic", "t", index=0, name="a"),
        resource("aws_sns_topic", "t", index="one", name="b"),
        children=(
            child(0, resource("aws_sns_topic", "t", name="c")),
            child(1, resource("aws_sns_topic", "t", name="d")),
        ),
    )
    assert {one.address: one.key for one in plan.primary.of(Topic)} == {
        "aws_sns_topic.t[0]": "T0",
        'aws_sns_topic.t["one"]': "TOne",
        "module.net[0].aws_sns_topic.t": "Net0T",
        "module.net[1].aws_sns_topic.t": "Net1T",
    }


def test_addresses_that_would_share_a_key_do_not() -> None:
    plan = state(
        resource("aws_sns_topic", "a_b"),
        resource("aws_sns_topic", "a-b"),
        resource("aws_vpc", "a_b", cidr_block="c"),
        resource("aws_vpc", "1st", cidr_block="c"),
        resource("aws_sqs_queue", "sns_topic_a_b"),
    )
    keys = [one.key for one in plan.primary.resources]
    assert len(set(keys)) == 5
    assert all(key.isalnum() and key[0].isalpha() for key in keys)


def a_plan(unknown: Any, expressions: Any, *, sensitive: Any = None, values: Any = None) -> Plan:
    groups = [resource("aws_security_group", "g", index=index, name=f"g{index}") for index in (0, 1)]
    subject = resource("aws_db_instance", "db", **(values or {}))
    near = resource("aws_db_subnet_group", "s", name="s")
    text = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [*groups, near, subject]}},
        "resource_changes": [
            {
                "address": subject["address"],
                "change": {"after_unknown": unknown, **({"after_sensitive": sensitive} if sensitive else {})},
            }
        ],
        "configuration": {
            "provider_config": {"aws": {"expressions": {"region": {"references": ["var.region"]}}}},
            "root_module": {
                "resources": [{"type": "aws_db_instance", "name": "db", "expressions": expressions}],
                "module_calls": {"m": {"module": {"resources": [], "module_calls": {"n": {"module": {}}}}}},
            },
        },
    }
    return read_shown(json.dumps(text), file="tfplan.json")


@pytest.mark.parametrize(
    ("references", "meant"),
    [
        (["aws_security_group.g[1].id", "aws_security_group.g[1]", "aws_security_group.g"], (Ref("G1"),)),
        (["aws_security_group.g[0].id", "aws_security_group.g[1].id"], None),
        (["aws_security_group.g.id"], None),
        (["var.groups"], None),
        (["aws_security_group.nobody.id"], None),
    ],
)
def test_an_unknown_value_is_what_its_only_reference_leads_to(references: list[str], meant: object) -> None:
    plan = a_plan({"vpc_security_group_ids": True}, {"vpc_security_group_ids": {"references": references}})
    (database,) = plan.primary.of(DbInstance)
    if meant is None:
        (only,) = database.security_groups
        assert isinstance(only, Unknown)
    else:
        assert database.security_groups == meant


def test_a_list_that_is_known_in_part_keeps_what_is_known() -> None:
    plan = a_plan(
        {"vpc_security_group_ids": [False, True], "db_subnet_group_name": True},
        {
            "vpc_security_group_ids": {"references": ["x"]},
            "db_subnet_group_name": {"references": ["aws_db_subnet_group.s.name"]},
        },
        values={"vpc_security_group_ids": ["sg-outside", None]},
    )
    (database,) = plan.primary.of(DbInstance)
    assert database.security_groups[0] == "sg-outside"
    assert isinstance(database.security_groups[1], Unknown)
    assert database.subnet_group == Ref("S")


def test_what_is_sensitive_is_never_read() -> None:
    secret = "correct horse"
    hidden = a_plan({}, {}, sensitive={"username": True}, values={"username": secret, "engine": "mysql"})
    (database,) = hidden.primary.of(DbInstance)
    assert database.username == Unknown("an expression that only Terraform can evaluate", "${sensitive}")
    assert secret not in repr(hidden)
    shown_state = state({**resource("aws_db_instance", "db", username=secret), "sensitive_values": {"username": True}})
    assert secret not in repr(shown_state)
    everything = state({**resource("aws_db_instance", "db", username=secret), "sensitive_values": True})
    assert secret not in repr(everything)


@pytest.mark.parametrize(("skips", "fate"), [(True, Fate.DELETE), (False, Fate.SNAPSHOT), (None, None)])
def test_what_becomes_of_a_database_is_said_by_its_final_snapshot(skips: bool | None, fate: Fate | None) -> None:
    plan = state(resource("aws_db_instance", "db", skip_final_snapshot=skips))
    (database,) = plan.primary.of(DbInstance)
    assert (database.on_delete, database.on_replace) == (fate, fate)


def test_quantities_patterns_and_nested_blocks_are_read_as_from_a_module() -> None:
    plan = state(
        resource("aws_db_instance", "db", allocated_storage=20, backup_retention_period=7, restore_to_point_in_time=[]),
        resource("aws_cloudwatch_event_rule", "r", event_pattern='{"source": ["aws.rds"]}'),
        resource("aws_cloudwatch_event_rule", "s", event_pattern="not JSON"),
        resource(
            "aws_security_group",
            "g",
            description="d",
            ingress=[
                {"protocol": "tcp", "from_port": 1, "to_port": 2, "cidr_blocks": ["10.0.0.0/8"], "description": ""}
            ],
        ),
        resource("aws_backup_vault", "v", name="v", id="v"),
        resource("aws_backup_vault_lock_configuration", "v", backup_vault_name="v", min_retention_days=7),
    )
    (database,) = plan.primary.of(DbInstance)
    assert (database.storage, database.backup_retention) == (Bytes.gib(20), Duration.days(7))
    patterns = [one.pattern for one in plan.primary.of(EventRule)]
    assert patterns[0] is not None
    assert patterns[0].values_at("source") == ("aws.rds",)
    assert patterns[1] is None
    (group,) = plan.primary.of(SecurityGroup)
    assert group.ingress[0].cidr == "10.0.0.0/8"
    (vault,) = plan.primary.of(BackupVault)
    assert vault.lock is not None
    assert vault.lock.min_retention == Duration.days(7)


@pytest.mark.parametrize(
    "policy",
    [
        {"Odd": 1},
        "not JSON",
        "[]",
        '{"Odd": 1}',
        '{"Statement": ["x"]}',
        '{"Statement": {"Odd": 1}}',
        '{"Statement": {"Principal": 1}}',
    ],
)
def test_a_policy_that_is_not_iam_s_json_is_kept_as_it_is(policy: Json) -> None:
    plan = state(resource("aws_kms_key", "k", policy=policy))
    assert plan.primary["K"].extras["aws_kms_key.policy"] == policy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not JSON"),
        ("[]", "neither a plan nor a state"),
        ('{"format_version": "1.0"}', "neither a plan nor a state"),
        ('{"planned_values": {}}', "neither a plan nor a state"),
        ('{"format_version": "2.0", "planned_values": {}}', "its format has version 2.0"),
    ],
)
def test_what_terraform_did_not_show_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_shown(text, file="x.json")
    assert reason in str(caught.value.detail)
    assert "terraform show -json" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"format_version": "1.0", "values": ' + "[" * 99 + "]" * 99 + "}", ""),
        ('{"format_version": "1.0", "values": ' + "[" * 100 + "]" * 100 + "}", "nested too deeply"),
        ('{"format_version": "1.0", "values": {}, "values": {}}', "a key stands twice"),
        ('{"format_version": "1.0", "values": {"a": 1e999}}', "an impossible number"),
    ],
)
def test_what_no_tool_writes_is_refused(text: str, summary: str) -> None:
    if not summary:
        assert read_shown(text, file="x.json").primary.resources == ()
        return
    with pytest.raises(InputRefused, match=summary) as caught:
        read_shown(text, file="x.json")
    assert caught.value.hint


@pytest.mark.parametrize(("count", "is_taken"), [(5_000, True), (5_001, False)])
def test_a_crowd_is_bounded(count: int, is_taken: bool) -> None:
    text = json.dumps(
        {
            "format_version": "1.0",
            "values": {"root_module": {"resources": [resource("aws_x", f"r{number}") for number in range(count)]}},
        }
    )
    if is_taken:
        assert len(read_shown(text, file="x.json").primary.resources) == count
    else:
        with pytest.raises(InputRefused) as caught:
            read_shown(text, file="x.json")
        assert "more than 5,000 resources" in str(caught.value.detail)


SAMPLE = shown(terraform.render(build(load(ROOT / "blueprints" / "mysql-proxy.yaml", environment="dev"))))
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_nothing_that_is_shown_makes_it_crash(data: st.DataObject) -> None:
    """One place anywhere in a plan holds something else: it is read or refused, never a traceback."""
    mutated = copy.deepcopy(SAMPLE)
    here: Any = mutated
    for depth in range(8):
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        if depth == 7 or not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 5)) == 0:
            here[key] = data.draw(junk)
            break
        here = here[key]
    try:
        read_shown(json.dumps(mutated), file="x.json")
    except InputRefused:
        return
