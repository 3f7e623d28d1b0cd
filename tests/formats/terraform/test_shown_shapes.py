"""Plans and states as public repositories hold them: modules, aliases, what is taken away, what is left behind.

The shapes were seen in these documents (2026-11-21); nothing of them is copied:

- fugue/regula, Apache-2.0: pkg/loader/test_inputs/data/tfplan.0.12.json at d683d753, kms_tfplan.json at 7bbb2584,
  rego/tests/lib/inputs/resource_view_06_tf_v1_0_infra.json at bde135dc
- bridgecrewio/checkov, Apache-2.0, tests/terraform/runner/resources: plan_root_module_resources_no_values at 1e481cbd,
  plan_with_pure_deleted_resources at cedbdfe2, plan_nested_child_modules_with_connections at 2bee2339,
  plan_with_providers at 590aeed4, plan_forget_action at 06ac5717
- terraform-compliance/cli, MIT, tests/functional: test_issue-sgr at aa9dcf67, test_module_output_list at 5e2d6f67,
  actions_modules at a9143322, test_multi-module-referencing at 70b603bb
- hashicorp/terraform-json, MPL-2.0: testdata/110_sensitive_values/state.json at be0ac345
- hashicorp/terraform: pull request 23027 and issue 28903, for deposed objects
- output of Terraform 1.11.4 itself, for `for_each` keys, modules that are called twice, and destroy plans
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.formats.terraform.shapes import Made, module, plan, read, references, state

from mainstay import checks
from mainstay.core.errors import InputRefused
from mainstay.formats.terraform import read_seen
from mainstay.plan.resources import (
    BackupVault,
    Bucket,
    DbInstance,
    EgressRule,
    IngressRule,
    Key,
    Opaque,
    Role,
    SecurityGroup,
    SubnetGroup,
    Topic,
)
from mainstay.plan.values import Ref, Unknown

KEY = Made(type="aws_kms_key", name="db", values={"description": "d"}, unknown={"arn": True, "id": True})
GROUP = Made(type="aws_security_group", name="g", values={"name": "g"}, unknown={"id": True, "egress": True})


def database(**more: Any) -> Made:
    return Made(type="aws_db_instance", name="db", **more)


def only(document: dict[str, Any]) -> DbInstance:
    (found,) = read(document).primary.of(DbInstance)
    return found


def called(expression: Any, *, outputs: dict[str, Any] | None = None, key: Made = KEY) -> dict[str, Any]:
    """A database in a module, whose key is an argument of the call."""
    inner = database(module="module.db", unknown={"kms_key_id": True}, expressions={"kms_key_id": VARIABLE})
    calls = {
        "db": {"expressions": {"key": expression}, "module": module(inner)},
        "keys": {"module": module(outputs=outputs or {})},
    }
    return plan(key, inner, configuration={"root_module": module(key, module_calls=calls)})


VARIABLE = {"references": ["var.key"]}
OUTPUT = {"references": ["module.keys.arn", "module.keys"]}


@pytest.mark.parametrize("expression", [references("aws_kms_key.db.arn"), {"references": ["aws_kms_key.db"]}])
def test_a_module_s_argument_is_followed_to_what_it_was_called_with(expression: Any) -> None:
    # Seen in: actions_modules; the second as Terraform before 1.0 shows it.
    assert only(called(expression)).key_id == Ref("Db")


@pytest.mark.parametrize(
    "expression",
    [
        {"references": ["var.key"]},  # of the root module, which nobody calls
        {"references": ["local.key"]},
        {"references": ["module.nobody.arn"]},
        {"references": ["aws_kms_key.nobody.arn", "aws_kms_key.nobody"]},
        {"references": ["aws_kms_key.db.arn", "aws_kms_key.db", "var.other"]},
        {"references": ["each.value"]},
        {"constant_value": None},
        OUTPUT,
    ],
)
def test_what_leads_to_more_or_nowhere_stays_unknown(expression: Any) -> None:
    assert isinstance(only(called(expression)).key_id, Unknown)


def test_a_module_s_output_is_followed_into_it() -> None:
    key = Made(type="aws_kms_key", name="k", module="module.keys", unknown={"arn": True})
    document = called(OUTPUT, outputs={"arn": {"expression": references("aws_kms_key.k.arn")}}, key=key)
    assert only(document).key_id == Ref("KeysK")


def test_arguments_that_go_round_in_circles_end() -> None:
    document = called(OUTPUT, outputs={"arn": {"expression": {"references": ["module.keys.arn"]}}})
    document["configuration"]["root_module"]["module_calls"]["keys"]["module"]["module_calls"] = {
        "keys": {"module": {"outputs": {"arn": {"expression": VARIABLE}}}, "expressions": {"key": OUTPUT}}
    }
    assert isinstance(only(document).key_id, Unknown)


def test_instances_of_a_module_are_told_apart_by_any_text() -> None:
    # Terraform 1.11.4, `for_each = toset(["x", "y.z]"])` on a module with a resource that is counted.
    def inner(at: str) -> tuple[Made, Made]:
        path = f'module.a["{at}"]'
        key = Made(type="aws_kms_key", name="k", module=path, index=0, unknown={"arn": True})
        own = {"references": ["aws_kms_key.k[0].arn", "aws_kms_key.k[0]", "aws_kms_key.k"]}
        return key, database(module=path, unknown={"kms_key_id": True}, expressions={"kms_key_id": own})

    pairs = [inner(at) for at in ("x", "y.z]")]
    calls = {"a": {"module": module(*pairs[0])}}
    found = read(plan(*pairs[0], *pairs[1], configuration={"root_module": module(module_calls=calls)})).primary
    keys = {one.address: one.key for one in found.of(Key)}
    assert len(keys) == 2
    for one in found.of(DbInstance):
        assert one.key_id == Ref(keys[one.address.replace("aws_db_instance.db", "aws_kms_key.k[0]")])


def test_blocks_beside_a_bucket_find_it_by_its_expression() -> None:
    # Seen in: plan_nested_child_modules_with_connections (unknown), test_multi-module-referencing (one name twice).
    def pair(at: str, asked: list[str]) -> tuple[Made, Made]:
        switches = {"block_public_acls": True, "bucket": "same"}
        expressions = {"bucket": {"references": asked}}
        bucket = Made(type="aws_s3_bucket", name="b", module=at, index=0, values={"bucket": "same"})
        block = Made(
            type="aws_s3_bucket_public_access_block", name="b", module=at, values=switches, expressions=expressions
        )
        return bucket, block

    asked = ["aws_s3_bucket.b[0].id", "aws_s3_bucket.b[0]", "aws_s3_bucket.b"]
    one, two = pair("module.one", asked), pair("module.two", asked[1:])
    calls = {name: {"module": module(*made)} for name, made in (("one", one), ("two", two))}
    found = read(plan(*one, *two, configuration={"root_module": module(module_calls=calls)})).primary
    assert [bucket.public_access is not None for bucket in found.of(Bucket)] == [True, True]
    assert len(found.resources) == 2


def test_several_blocks_share_what_all_of_them_refer_to() -> None:
    # A set of blocks is shown in another order than its expressions.
    def made(*targets: str) -> dict[str, Any]:
        rules = [{"rule_name": str(place), "target_vault_name": None} for place in range(2)]
        expressions = [{"target_vault_name": references(target), "copy_action": COPIES} for target in targets]
        vaults = [
            Made(type="aws_backup_vault", name=name, values={"name": name}, unknown={"arn": True}) for name in "vw"
        ]
        backup = Made(
            type="aws_backup_plan",
            name="p",
            values={"name": "p", "rule": rules},
            unknown={"rule": [{"target_vault_name": True}] * 2},
            expressions={"rule": expressions},
        )
        return plan(*vaults, backup)

    same = read(made("aws_backup_vault.v.name", "aws_backup_vault.v.name")).primary["P"]
    assert [rule.vault for rule in same.rules] == [Ref("V"), Ref("V")]  # type: ignore[attr-defined]
    other = read(made("aws_backup_vault.v.name", "aws_backup_vault.w.name")).primary["P"]
    assert all(isinstance(rule.vault, Unknown) for rule in other.rules)  # type: ignore[attr-defined]


COPIES = [{"destination_vault_arn": references("aws_backup_vault.w.arn"), "lifecycle": {"delete_after": {}}}]


def test_providers_of_two_regions_are_two_regions() -> None:
    # Seen in: plan_with_providers; actions_modules (`ecr_repository:aws`, a module's own name of a provider).
    def topic(name: str, **more: Any) -> Made:
        return Made(type="aws_sns_topic", name=name, values={"name": name}, **more)

    made = [topic("a"), topic("b", provider="aws.far"), topic("c", provider="inner:aws"), topic("d", provider="aws.x")]
    here = {"expressions": {"region": {"references": ["var.region"]}}}
    far = {"alias": "far", "expressions": {"region": {"constant_value": "us-east-2"}}}
    document = plan(
        *made,
        configuration={"provider_config": {"aws": here, "aws.far": far}, "root_module": module(*made)},
        variables={"region": {"value": "eu-central-1"}},
    )
    found = read(document)
    assert [one.region for one in found.regions] == ["eu-central-1", "us-east-2"]
    assert [[one.name for one in region.of(Topic)] for region in found.regions] == [["a", "c", "d"], ["b"]]
    document["variables"] = {}
    assert [one.region for one in read(document).regions] == ["us-east-2"]


def test_version_6_says_the_region_of_each_resource() -> None:
    source = "arn:aws:rds:eu-west-1:1:db:shop"
    found = read(
        state(
            Made(
                type="aws_db_instance", name="db", values={"region": "eu-west-1", "identifier": "shop", "arn": source}
            ),
            Made(type="aws_iam_role", name="r", values={"name": "r"}),
            Made(type="aws_sns_topic", name="t", values={"region": "eu-west-1"}),
            Made(type="aws_sns_topic", name="u", values={"region": "eu-north-1"}),
            Made(
                type="aws_db_instance_automated_backups_replication",
                name="x",
                values={"region": "eu-north-1", "source_db_instance_arn": source, "retention_period": 7},
            ),
        )
    )
    assert [one.region for one in found.regions] == ["eu-west-1", "eu-north-1"]
    (shop,) = found.primary.of(DbInstance)
    assert shop.backup_replica_region == "eu-north-1"
    assert "aws_db_instance.region" not in shop.extras
    assert len(list(found.primary.of(Role))) == 1


def test_what_is_taken_away_or_left_behind_is_not_what_should_exist() -> None:
    # Seen in: plan_with_pure_deleted_resources (`after_sensitive` is false); pull request 23027, issue 28903.
    gone = {
        "address": "aws_db_instance.old",
        "change": {"actions": ["delete"], "after": None, "after_sensitive": False},
    }
    left = {"address": "aws_db_instance.db", "deposed": "ab12cd34", "change": {"after_unknown": {"engine": True}}}
    document = plan(database(values={"engine": "mysql"}), errored=False)
    document["resource_changes"] += [gone, left]
    assert only(document).engine == "mysql"
    assert read({**document, "planned_values": {"root_module": {}}}).primary.resources == ()
    # Seen in: plan_forget_action, where what is forgotten stands among the planned values, without any.
    document["resource_changes"][0]["change"]["actions"] = ["forget"]
    assert read(document).primary.resources == ()
    held = state(database(values={"identifier": "new"}))
    old = {**database(values={"identifier": "old"}).shown(), "deposed_key": "ab12cd34"}
    held["values"]["root_module"]["resources"] += [old, {**old, "mode": "data"}]
    assert only(held).identifier == "new"


def test_data_without_values_and_drift_are_passed_over() -> None:
    # Seen in: plan_root_module_resources_no_values.
    # moved_block of terraform-json, and an import: what a change says besides its values.
    document = plan(database(values={"engine": "mysql"}), resource_drift=[{"address": "aws_db_instance.db"}])
    document["resource_changes"][0]["previous_address"] = "aws_db_instance.old"
    document["resource_changes"][0]["change"] |= {"actions": ["delete", "create"], "importing": {"id": "shop"}}
    document["planned_values"]["root_module"]["resources"].append(
        {"address": "data.aws_db_instance.d", "mode": "data", "type": "aws_db_instance", "name": "d"}
    )
    assert only(document).engine == "mysql"


def test_a_plan_that_stopped_at_an_error_is_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        read(plan(database(), errored=True))
    assert "a part of what should exist" in str(caught.value.detail)


@pytest.mark.parametrize(("top", "remarks"), [({}, 0), ({"complete": True}, 0), ({"complete": False}, 1)])
def test_a_plan_of_a_part_says_so(top: dict[str, Any], remarks: int) -> None:
    # Seen in: plan_with_providers and plan_forget_action (`complete` is true); false with -target (Terraform 1.8).
    seen = read_seen(json.dumps(plan(database(), **top)), file="tfplan.json")
    assert [one.id for one in seen.remarks] == ["MS004"] * remarks
    assert all("not complete" in one.detail and "-target" in str(one.hint) for one in seen.remarks)


def test_a_type_that_its_address_does_not_say_is_kept() -> None:
    # Seen in: kms_tfplan.json, where somebody has changed a type by hand.
    document = plan(KEY)
    document["planned_values"]["root_module"]["resources"][0]["type"] = "aws_kms_key2"
    assert [one.type for one in read(document).primary.of(Opaque)] == ["aws_kms_key2"]


def test_the_oldest_form_is_read() -> None:
    # Seen in: tfplan.0.12.json and resource_view_06_tf_v1_0_infra.json: what nobody wrote is unknown, or not there.
    rule = {"cidr_blocks": ["10.0.0.0/8", "::/0"], "self": True, "protocol": "tcp", "from_port": 1, "to_port": 2}
    lists: dict[str, list[str]] = {"ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": []}
    group = Made(
        type="aws_security_group",
        name="g",
        values={"description": "d", "name": "g", "tags": None, "ingress": [{**rule, **lists, "description": ""}]},
        unknown={"arn": True, "egress": True, "id": True, "vpc_id": True, "ingress": [{"cidr_blocks": [False, False]}]},
    )
    document = {**plan(group), "format_version": "0.1"}
    del document["planned_values"]["root_module"]["child_modules"]
    (found,) = read(document).primary.of(SecurityGroup)
    assert [one.cidr for one in found.ingress] == ["10.0.0.0/8", "::/0", None]
    assert found.ingress[2].group == Ref("G")
    assert isinstance(found.vpc, Unknown)
    assert found.extras["aws_security_group.egress"] == "${unknown}"


def test_rules_of_a_group_whose_peers_are_unknown_are_kept() -> None:
    group = Made(type="aws_security_group", name="g", values={"ingress": [{"cidr_blocks": None}]}, unknown=LATE)
    (found,) = read(plan(group)).primary.of(SecurityGroup)
    assert found.extras["aws_security_group.ingress.0.cidr_blocks"] == "${unknown}"
    odd = Made(type="aws_security_group", name="g", values={"ingress": ["odd"]})
    (found,) = read(plan(odd)).primary.of(SecurityGroup)
    assert found.extras["aws_security_group.ingress"] == ["odd"]


LATE = {"ingress": [{"cidr_blocks": True}]}


def test_a_rule_of_many_peers_is_many_rules() -> None:
    # Seen in: test_issue-sgr and test_module_output_list, where the source is computed and the group told alone.
    rule = Made(
        type="aws_security_group_rule",
        name="in",
        values={"type": "ingress", "protocol": "tcp", "from_port": 1, "to_port": 2, "cidr_blocks": ["10.0.0.0/8", "a"]},
        unknown={"security_group_id": True, "source_security_group_id": True, "cidr_blocks": [False, True], "id": True},
        expressions={"security_group_id": {"references": ["aws_security_group.g"]}},
    )
    found = list(read(plan(GROUP, rule)).primary.of(IngressRule))
    assert [one.group for one in found] == [Ref("G"), Ref("G")]
    assert [one.source_group for one in found] == [None, None]
    assert found[0].cidr == "10.0.0.0/8"
    assert isinstance(found[1].cidr, Unknown)
    assert [one.address for one in found] == ["aws_security_group_rule.in", "aws_security_group_rule.in (2)"]


@pytest.mark.parametrize(
    ("values", "unknown", "source"),
    [
        ({"self": True}, {"source_security_group_id": True}, "sg-1"),
        ({"source_security_group_id": "sg-2"}, {}, "sg-2"),
        ({"self": False}, {"source_security_group_id": True}, None),
        ({}, {"cidr_blocks": True}, None),
        ({}, {}, "sg-1"),
    ],
)
def test_a_rule_s_other_end_is_a_group_as_well(values: dict[str, Any], unknown: Any, source: str | None) -> None:
    made = {"type": "ingress", "protocol": "tcp", "security_group_id": "sg-1", **values}
    (rule,) = read(plan(Made(type="aws_security_group_rule", name="r", values=made, unknown=unknown))).primary.of(
        IngressRule
    )
    if source is None:
        assert isinstance(rule.cidr if "cidr_blocks" in unknown else rule.source_group, Unknown)
    else:
        assert rule.source_group == source


def test_marks_on_the_whole_of_a_rule_hold_for_its_parts() -> None:
    made = Made(
        type="aws_security_group_rule",
        name="r",
        values={"type": "egress", "cidr_blocks": ["10.0.0.0/8"], "security_group_id": "sg-1"},
        unknown=False,
        sensitive=True,
    )
    (rule,) = read(plan(made)).primary.of(EgressRule)
    assert "10.0.0.0/8" not in repr(rule)


def test_a_rule_of_no_direction_is_kept_as_it_is() -> None:
    made = Made(type="aws_security_group_rule", name="r", values={"protocol": "tcp"}, unknown={"type": True})
    assert [one.type for one in read(plan(made)).primary.of(Opaque)] == ["aws_security_group_rule"]


def test_secrets_without_a_mark_are_not_read_either() -> None:
    # Seen in: 110_sensitive_values for marks; versions before 0.15 show none.
    made = [
        database(values={"password": "correct horse", "username": "shop"}),
        Made(type="random_password", name="p", values={"result": "correct horse", "length": 13}),
        Made(type="aws_secretsmanager_secret_version", name="v", values={"secret_string": "correct horse"}),
    ]
    found = read(state(*made))
    assert "correct horse" not in repr(found)
    (shop,) = found.primary.of(DbInstance)
    assert (shop.username, isinstance(shop.password, Unknown)) == ("shop", True)
    none = only(state(database(values={"password": None, "db_name": ""})))
    assert (none.password, none.database_name) == (None, None)


def test_names_lead_to_the_one_of_the_type_that_is_wanted() -> None:
    group = Made(type="aws_db_subnet_group", name="s", values={"name": "shop", "id": "shop", "description": "d"})
    alarm = Made(
        type="aws_cloudwatch_metric_alarm",
        name="a",
        values={"dimensions": {"DBInstanceIdentifier": "shop", "X": "shop"}},
    )
    made = database(values={"identifier": "shop", "id": "db-ABC", "db_subnet_group_name": "shop", "engine": "shop"})
    found = read(state(group, alarm, made)).primary
    (shop,) = found.of(DbInstance)
    assert (shop.subnet_group, shop.engine) == (Ref("S"), "shop")
    assert found["A"].dimensions == {"DBInstanceIdentifier": Ref("Db"), "X": "shop"}  # type: ignore[attr-defined]
    twice = Made(type="aws_db_subnet_group", name="t", values={"name": "shop", "description": "d"})
    assert only(state(group, twice, made)).subnet_group == "shop"
    assert list(read(state(group)).primary.of(SubnetGroup))


def test_a_design_in_modules_of_others_is_judged_without_guesses() -> None:
    bucket = Made(type="aws_s3_bucket", name="b", values={"bucket": "logs"}, unknown={"id": True, "policy": True})
    policy = Made(type="aws_s3_bucket_policy", name="b", unknown={"bucket": True, "policy": True})
    found = read(plan(KEY, bucket, policy, database(unknown={"kms_key_id": True, "parameter_group_name": True})))
    assert json.dumps([str(one.subject) for one in checks.run(found) if "policy" in one.summary.lower()]) == "[]"


@pytest.mark.parametrize(
    ("argument", "attribute"), [("engine", "aws_kms_key.db.arn"), ("kms_key_id", "aws_kms_key.db.key_usage")]
)
def test_a_text_that_may_hold_more_than_its_reference_stays_unknown(argument: str, attribute: str) -> None:
    made = database(unknown={argument: True}, expressions={argument: references(attribute)})
    (found,) = read(plan(KEY, made)).primary.of(DbInstance)
    assert isinstance(found.key_id if argument == "kms_key_id" else found.engine, Unknown)


def test_names_that_are_all_unknown_join_nothing() -> None:
    vaults = [Made(type="aws_backup_vault", name=name, unknown={"name": True}) for name in "vw"]
    lock = Made(type="aws_backup_vault_lock_configuration", name="l", unknown={"backup_vault_name": True})
    found = read(plan(*vaults, lock)).primary
    assert [one.lock for one in found.of(BackupVault)] == [None, None]
    assert [one.type for one in found.of(Opaque)] == ["aws_backup_vault_lock_configuration"]


def test_each_of_a_crowd_finds_its_own_part() -> None:
    def status(at: int) -> str:
        return "Enabled" if at % 2 else "Suspended"

    buckets = [Made(type="aws_s3_bucket", name=f"b{at}", values={"bucket": f"b{at}"}) for at in range(40)]
    blocks = [
        Made(
            type="aws_s3_bucket_versioning",
            name=f"v{at}",
            values={"bucket": f"b{at}", "versioning_configuration": [{"status": status(at)}]},
        )
        for at in reversed(range(40))
    ]
    found = read(plan(*buckets, *blocks)).primary
    assert [one.versioning for one in found.of(Bucket)] == [status(at) for at in range(40)]
    assert len(found.resources) == 40


def test_a_group_may_admit_itself() -> None:
    rule = {"protocol": "tcp", "from_port": 1, "to_port": 2, "security_groups": ["sg-0a1b2c3d"]}
    made = Made(type="aws_security_group", name="g", values={"id": "sg-0a1b2c3d", "ingress": [rule]})
    (group,) = read(state(made)).primary.of(SecurityGroup)
    assert [one.group for one in group.ingress] == [Ref("G")]
