"""Changes that look harmless and are not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from mainstay import diff
from mainstay.core.units import Duration
from mainstay.diff import Effect
from mainstay.formats import cloudformation, terraform
from mainstay.plan.policies import Policy
from mainstay.plan.resources import (
    BackupVault,
    Bucket,
    DbInstance,
    Fate,
    GeneratedSecret,
    IngressRule,
    Key,
    LifecycleRule,
    LogGroup,
    Opaque,
    ParameterGroup,
    Resource,
    RotationSchedule,
    Secret,
    SecurityGroup,
    SubnetGroup,
    Topic,
    VaultLock,
)
from mainstay.plan.values import Ref, SecretField

CLOUDFORMATION = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
TERRAFORM = diff.Target(diff.TERRAFORM, terraform.TABLES)
Compared = Callable[..., diff.RegionDifference]
STATIC, DYNAMIC = {"max_connections": "500"}, {"work_mem": "8192"}


def group(**fields: Any) -> ParameterGroup:  # Any, here and below: fields of any type
    return ParameterGroup(**{"key": "Settings", "family": "postgres17", "description": "shop", **fields})


USER = DbInstance(key="Database", identifier="shop", parameter_group=Ref("Settings"))


def only(found: diff.RegionDifference, key: str) -> diff.ResourceChange:
    (change,) = (one for one in found.changes if one.key == key)
    return change


# ---- groups


@pytest.mark.parametrize("field", ["description", "family"])
def test_a_group_with_a_fixed_name_cannot_be_replaced_by_cloudformation(field: str, compared: Compared) -> None:
    named = group(name="shop-settings")
    change = only(compared((named, USER), (group(name="shop-settings", **{field: "postgres18"}), USER)), "Settings")
    assert change.effect is Effect.REFUSED
    assert "shop-settings already exists" in change.reason
    assert not change.losses


def test_without_a_name_it_is_replaced_and_so_is_who_has_it_changed(compared: Compared) -> None:
    found = compared((group(), USER), (group(description="other"), USER))
    assert only(found, "Settings").effect is Effect.REPLACEMENT
    assert not only(found, "Settings").losses
    (field,) = only(found, "Database").fields
    assert field.after == "Settings, which is replaced"
    assert field.effect is Effect.PENDING_REBOOT


def test_with_another_name_it_is_replaced(compared: Compared) -> None:
    found = compared((group(name="a"), USER), (group(name="b", description="other"), USER))
    assert only(found, "Settings").effect is Effect.REPLACEMENT


def test_terraform_cannot_destroy_a_group_that_an_instance_has(compared: Compared) -> None:
    before, after = group(name="a"), group(name="a", description="other")
    used = compared((before, USER), (after, USER), target=TERRAFORM)
    assert only(used, "Settings").effect is Effect.REFUSED
    assert "keeps a group that an instance has" in only(used, "Settings").reason
    alone = compared((before,), (after,), target=TERRAFORM)
    assert only(alone, "Settings").effect is Effect.REPLACEMENT


@pytest.mark.parametrize(
    ("target", "parameters", "effect"),
    [
        (CLOUDFORMATION, STATIC, Effect.REBOOT),
        (CLOUDFORMATION, DYNAMIC, Effect.IN_PLACE),
        (CLOUDFORMATION, {"no.such": "1"}, Effect.REBOOT),
        (TERRAFORM, STATIC, Effect.PENDING_REBOOT),
        (TERRAFORM, DYNAMIC, Effect.IN_PLACE),
        (TERRAFORM, {"no.such": "1"}, Effect.PENDING_REBOOT),
    ],
)
def test_static_and_dynamic_settings(
    target: diff.Target, parameters: dict[str, str], effect: Effect, compared: Compared
) -> None:
    found = compared((group(), USER), (group(parameters=parameters), USER), target=target)
    assert only(found, "Settings").effect is effect
    assert only(found, "Settings").instances == ("Database",)
    assert list(found.interrupted) == (["Database"] if effect is Effect.REBOOT else [])
    assert list(found.interrupted_later) == (["Database"] if effect is Effect.PENDING_REBOOT else [])


def test_cloudformation_reboots_for_a_static_setting_that_does_not_change(compared: Compared) -> None:
    found = compared((group(parameters=STATIC), USER), (group(parameters=STATIC | DYNAMIC), USER))
    assert only(found, "Settings").effect is Effect.REBOOT
    assert only(found, "Settings").fields[0].after == "work_mem: 8192"
    assert only(found, "Settings").fields[0].before == "no work_mem"


def test_a_group_that_nobody_has_interrupts_nobody(compared: Compared) -> None:
    found = compared((group(),), (group(parameters=STATIC),))
    assert only(found, "Settings").effect is Effect.IN_PLACE


@pytest.mark.parametrize(("method", "is_refused"), [("immediate", True), ("pending-reboot", False)])
def test_a_static_setting_applied_immediately_is_refused(method: str, is_refused: bool, compared: Compared) -> None:
    blocks = [{"name": "max_connections", "value": "500", "apply_method": method}]
    written = group(extras={"aws_db_parameter_group.parameter": blocks})
    new = only(compared((), (written,), target=TERRAFORM), "Settings")
    changed = only(compared((group(), USER), (written, USER), target=TERRAFORM), "Settings")
    assert (new.effect is Effect.REFUSED) is is_refused
    assert (changed.effect is Effect.REFUSED) is is_refused
    assert ("max_connections" in new.reason) is is_refused


# ---- secrets

SECRET = Secret(key="Login", name="shop/login", generate=GeneratedSecret(length=32))
REGENERATED = dataclasses.replace(SECRET, generate=GeneratedSecret(length=40))
LOGIN = DbInstance(key="Database", identifier="shop", password=SecretField(Ref("Login"), "password"))
SCHEDULE = RotationSchedule(key="Rotation", secret=Ref("Login"), every=Duration.days(30), rotates_at_once=False)


def test_a_regenerated_password_is_one_that_the_database_does_not_have(compared: Compared) -> None:
    change = only(compared((SECRET, LOGIN), (REGENERATED, LOGIN)), "Login")
    assert change.effect is Effect.IN_PLACE
    assert "every login from the secret fails" in change.fields[0].warning
    assert "rotation" not in change.fields[0].warning
    rotated = only(compared((SECRET, LOGIN, SCHEDULE), (REGENERATED, LOGIN, SCHEDULE)), "Login")
    assert "the rotation needs the old password" in rotated.fields[0].warning


def test_a_database_that_changes_too_gets_the_new_password_at_once(compared: Compared) -> None:
    changed = dataclasses.replace(LOGIN, instance_class="db.m7g.large")
    change = only(compared((SECRET, LOGIN), (REGENERATED, changed)), "Login")
    assert "gets the new password at once" in change.fields[0].warning


def test_a_regenerated_secret_of_nobody_concerns_whoever_reads_it(compared: Compared) -> None:
    assert "old value" in only(compared((SECRET,), (REGENERATED,)), "Login").fields[0].warning


def test_a_secret_that_is_no_longer_generated_keeps_its_value(compared: Compared) -> None:
    change = only(compared((SECRET, LOGIN), (dataclasses.replace(SECRET, generate=None), LOGIN)), "Login")
    assert change.fields[0].reason == "The secret keeps the value that it has."
    assert not change.fields[0].warning


def test_a_renamed_secret_is_a_new_one(compared: Compared) -> None:
    change = only(compared((SECRET,), (dataclasses.replace(SECRET, name="other"),)), "Login")
    assert change.effect is Effect.REPLACEMENT
    assert change.losses == ("the secret's value",)
    assert change.keeps == "nothing"


@pytest.mark.parametrize(("at_once", "is_warned"), [(None, True), (True, True), (False, False)])
def test_a_changed_schedule_rotates_at_once_unless_it_is_told_to_wait(
    at_once: bool | None, is_warned: bool, compared: Compared
) -> None:
    old = dataclasses.replace(SCHEDULE, rotates_at_once=at_once)
    change = only(compared((old,), (dataclasses.replace(old, every=Duration.days(10)),)), "Rotation")
    assert bool(change.fields[0].warning) is is_warned


# ---- what holds data

POLICY = Policy(statements=())


@pytest.mark.parametrize(
    ("resource", "fate", "kept"),
    [
        (DbInstance(key="X"), None, "a last snapshot"),
        (DbInstance(key="X"), Fate.DELETE, "nothing"),
        (DbInstance(key="X", deletes_automated_backups=False), Fate.DELETE, "automated backups stay"),
        (DbInstance(key="X", source=Ref("P")), None, "nothing"),
        (DbInstance(key="X", extras={"DBClusterIdentifier": "c"}), None, "nothing"),
        (Opaque(key="X", type="AWS::RDS::DBCluster"), None, "a last snapshot"),
        (Opaque(key="X", type="AWS::EFS::FileSystem"), None, "nothing"),
        (Key(key="X", policy=POLICY, pending_window=Duration.days(7)), None, "7d"),
        (Key(key="X", policy=POLICY), None, "30d"),
        (BackupVault(key="X", name="v"), None, "nothing"),
        (Bucket(key="X"), None, "nothing"),
        (Secret(key="X"), None, "nothing"),
        (LogGroup(key="X"), None, "nothing"),
    ],
)
def test_what_holds_data_is_lost_when_it_is_removed(
    resource: Resource, fate: Fate | None, kept: str, compared: Compared
) -> None:
    change = only(compared((dataclasses.replace(resource, on_delete=fate),), ()), "X")
    assert change.effect is Effect.REMOVED
    assert change.losses
    assert kept in change.keeps


@pytest.mark.parametrize("fate", [Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE])
def test_what_is_retained_is_not_lost(fate: Fate, compared: Compared) -> None:
    change = only(compared((DbInstance(key="X", on_delete=fate),), ()), "X")
    assert not change.losses
    assert "outside of the plan" in change.keeps


def test_what_holds_no_data_is_removed_without_a_loss(compared: Compared) -> None:
    change = only(compared((Topic(key="X"),), ()), "X")
    assert (change.effect, change.losses, change.keeps) == (Effect.REMOVED, (), "")
    retained = only(compared((Topic(key="X", on_delete=Fate.RETAIN),), ()), "X")
    assert retained.keeps == "it stays, outside of the plan"


def test_deletion_protection_stops_a_removal(compared: Compared) -> None:
    guarded = DbInstance(key="X", has_deletion_protection=True)
    assert "stops the deletion" in only(compared((guarded,), ()), "X").warning


@pytest.mark.parametrize("resource", [Bucket(key="X"), BackupVault(key="X", name="v")])
def test_what_is_not_empty_is_not_deleted(resource: Resource, compared: Compared) -> None:
    assert "only when it is empty" in only(compared((resource,), ()), "X").warning
    retained = dataclasses.replace(resource, on_delete=Fate.RETAIN)
    assert not only(compared((retained,), ()), "X").warning


@pytest.mark.parametrize(
    ("resource", "kept", "is_lost"),
    [
        (DbInstance(key="X", on_delete=Fate.RETAIN), "a last snapshot", True),
        (DbInstance(key="X", on_delete=Fate.DELETE), "nothing", True),
        (DbInstance(key="X", source=Ref("P")), "nothing", True),
        (Key(key="X", policy=POLICY, on_delete=Fate.RETAIN), "30d", True),
        (LogGroup(key="X", on_delete=Fate.RETAIN), "stays as it is", False),
        (LogGroup(key="X"), "nothing", True),
    ],
)
def test_terraform_retains_nothing_but_a_log_group(
    resource: Resource, kept: str, is_lost: bool, compared: Compared
) -> None:
    change = only(compared((resource,), (), target=TERRAFORM), "X")
    assert kept in change.keeps
    assert bool(change.losses) is is_lost


def test_our_modules_keep_terraform_from_replacing_what_holds_data(compared: Compared) -> None:
    def replaced(**fields: Any) -> diff.ResourceChange:
        old, new = (DbInstance(key="X", username=name, **fields) for name in ("a", "b"))
        return only(compared((old,), (new,), target=TERRAFORM), "X")

    assert "prevent_destroy" in replaced().warning
    assert replaced().losses
    assert not replaced(on_delete=Fate.DELETE).warning
    assert not replaced(address="aws_db_instance.x").warning
    old, new = (LogGroup(key="X", name=name, on_delete=Fate.RETAIN) for name in ("a", "b"))
    assert not only(compared((old,), (new,), target=TERRAFORM), "X").warning


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (Fate.SNAPSHOT, Fate.SNAPSHOT, "a last snapshot"),
        (Fate.SNAPSHOT, None, "nothing"),
        (None, Fate.SNAPSHOT, "nothing"),
        (Fate.RETAIN, Fate.SNAPSHOT, "a last snapshot"),
    ],
)
def test_of_two_policies_the_weaker_counts(
    before: Fate | None, after: Fate | None, kept: str, compared: Compared
) -> None:
    old, new = (DbInstance(key="X", username=str(one), on_replace=one) for one in (before, after))
    if before is after:
        new = dataclasses.replace(new, username="b")
    assert kept in only(compared((old,), (new,)), "X").keeps


def test_a_replaced_vault_is_lost_and_so_is_what_its_key_encrypts(compared: Compared) -> None:
    vault = BackupVault(key="Vault", name="a", key_id=Ref("Key"))
    key = Key(key="Key", policy=POLICY)
    found = compared(
        (vault, key), (dataclasses.replace(vault, key_id=Ref("Other")), dataclasses.replace(key, key="Other"))
    )
    assert only(found, "Vault").losses == ("the vault with its recovery points",)
    assert "already exists" in only(found, "Vault").warning
    assert only(found, "Key").losses == ("the key, and with it whatever it encrypts",)
    assert only(found, "Other").effect is Effect.CREATED


@pytest.mark.parametrize(
    ("before", "after", "loses", "warns"),
    [
        (LogGroup(key="X", retention=Duration.days(30)), LogGroup(key="X", retention=Duration.days(7)), True, False),
        (LogGroup(key="X"), LogGroup(key="X", retention=Duration.days(7)), True, False),
        (LogGroup(key="X", retention=Duration.days(7)), LogGroup(key="X", retention=Duration.days(30)), False, False),
        (LogGroup(key="X", retention=Duration.days(7)), LogGroup(key="X"), False, False),
        (Key(key="X", policy=POLICY), Key(key="X", policy=POLICY, is_enabled=False), False, True),
        (Key(key="X", policy=POLICY, is_enabled=False), Key(key="X", policy=POLICY, is_enabled=True), False, False),
        (
            Key(key="X", policy=POLICY, pending_window=Duration.days(30)),
            Key(key="X", policy=POLICY, pending_window=Duration.days(7)),
            False,
            True,
        ),
        (
            Key(key="X", policy=POLICY, pending_window=Duration.days(7)),
            Key(key="X", policy=POLICY, pending_window=Duration.days(30)),
            False,
            False,
        ),
        (Bucket(key="X"), Bucket(key="X", lifecycle=(LifecycleRule(),)), False, True),
        (
            BackupVault(key="X", name="v"),
            BackupVault(key="X", name="v", lock=VaultLock(min_retention=Duration.days(7))),
            False,
            False,
        ),
        (
            BackupVault(key="X", name="v"),
            BackupVault(
                key="X",
                name="v",
                lock=VaultLock(min_retention=Duration.days(7), changeable_for=Duration.days(3)),
            ),
            False,
            True,
        ),
        (
            SubnetGroup(key="X", description="d", subnets=("a", "b")),
            SubnetGroup(key="X", description="d", subnets=("a", "c")),
            False,
            True,
        ),
    ],
)
def test_what_keeps_things_for_a_time(
    before: Resource, after: Resource, loses: bool, warns: bool, compared: Compared
) -> None:
    change = only(compared((before,), (after,)), "X")
    assert change.effect is Effect.IN_PLACE
    assert bool(change.losses) is loses
    assert bool(change.fields[0].warning) is warns


# ---- policies


@pytest.mark.parametrize(
    ("field", "before", "after", "warns"),
    [
        ("on_delete", Fate.RETAIN, Fate.SNAPSHOT, True),
        ("on_delete", Fate.SNAPSHOT, Fate.DELETE, True),
        ("on_delete", Fate.DELETE, Fate.RETAIN, False),
        ("on_replace", Fate.SNAPSHOT, None, True),
        ("on_replace", None, Fate.SNAPSHOT, False),
    ],
)
def test_a_weaker_policy_is_named(
    field: str, before: Fate | None, after: Fate | None, warns: bool, compared: Compared
) -> None:
    written: Any = ({field: one} for one in (before, after))
    old, new = (DbInstance(key="X", **one) for one in written)
    (seen,) = only(compared((old,), (new,)), "X").fields
    assert seen.field == field
    assert bool(seen.warning) is warns
    assert seen.effect is Effect.IN_PLACE


def test_cloudformation_s_own_policy_is_no_change(compared: Compared) -> None:
    assert compared((DbInstance(key="X"),), (DbInstance(key="X", on_delete=Fate.SNAPSHOT),)).changes == ()


# ---- the others


def test_a_described_group_takes_whoever_names_it_along(compared: Compared) -> None:
    old, new = (SecurityGroup(key="Group", description=text, vpc="vpc-1") for text in ("a", "b"))
    rule = IngressRule(key="Rule", group=Ref("Group"), protocol="tcp")
    user = DbInstance(key="Database", security_groups=(Ref("Group"),))
    found = compared((old, rule, user), (new, rule, user))
    assert only(found, "Group").effect is Effect.REPLACEMENT
    assert only(found, "Rule").effect is Effect.REPLACEMENT
    assert only(found, "Database").effect is Effect.IN_PLACE
    assert not any(one.losses for one in found.changes)


@pytest.mark.parametrize(
    ("type_", "name", "effect", "loses"),
    [
        ("AWS::SNS::Topic", "TopicName", Effect.REPLACEMENT, False),
        ("AWS::SNS::Topic", "DisplayName", Effect.IN_PLACE, False),
        ("AWS::Custom::Thing", "Name", Effect.UNKNOWN, False),
        ("AWS::RDS::DBCluster", "KmsKeyId", Effect.REPLACEMENT, True),
        ("AWS::SQS::Queue", "QueueName", Effect.REPLACEMENT, True),
        ("AWS::Logs::LogGroup", "LogGroupName", Effect.REPLACEMENT, True),
    ],
)
def test_what_no_table_reads_is_compared_property_by_property(
    type_: str, name: str, effect: Effect, loses: bool, compared: Compared
) -> None:
    old, new = (Opaque(key="X", type=type_, properties={name: text, "Same": 1}) for text in ("a", "b"))
    change = only(compared((old,), (new,)), "X")
    assert change.effect is effect
    assert bool(change.losses) is loses
    assert [one.written for one in change.fields] == [name]


@pytest.mark.parametrize(
    ("path", "effect"),
    [("CharacterSetName", Effect.REPLACEMENT), ("NetworkType", Effect.IN_PLACE)],
)
def test_properties_that_are_no_field_are_compared_too(path: str, effect: Effect, compared: Compared) -> None:
    old, new = (DbInstance(key="X", extras={path: text, "@Metadata": text}) for text in ("a", "b"))
    (seen,) = only(compared((old,), (new,)), "X").fields
    assert (seen.written, seen.effect) == (path, effect)


def test_in_terraform_too(compared: Compared) -> None:
    path = "aws_db_instance.character_set_name"
    old, new = (DbInstance(key="X", extras={path: text}) for text in ("a", "b"))
    (seen,) = only(compared((old,), (new,), target=TERRAFORM), "X").fields
    assert (seen.written, seen.effect) == ("character_set_name", Effect.REPLACEMENT)
