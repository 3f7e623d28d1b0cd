from __future__ import annotations

import json

import pytest

from mainstay.core.errors import InputRefused
from mainstay.diff import Effect, RegionDifference, ResourceChange
from mainstay.ops.aws.stack_states import Change
from mainstay.ops.stack_policy import guarded_by, losses, policy, precious, refuse_losses
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import BackupVault, Bucket, DbInstance, Opaque, Topic


def change(action: str, type_: str = "AWS::RDS::DBInstance", *, replacement: str = "", kept: str = "") -> Change:
    return Change(
        action=action, logical_id="Database", type=type_, physical_id="shop", replacement=replacement, kept=kept
    )


@pytest.mark.parametrize(
    ("seen", "is_loss"),
    [
        (change("Remove"), True),
        (change("Remove", kept="Retain"), True),
        (change("Modify", replacement="True"), True),
        (change("Modify", replacement="Conditional"), True),
        (change("Dynamic"), True),
        (change("Modify", replacement="False"), False),
        (change("Add"), False),
        (change("Remove", "AWS::SNS::Topic"), False),
        (change("Modify", "AWS::KMS::Key", replacement="True"), True),
        (change("Remove", "AWS::Backup::BackupVault"), True),
    ],
)
def test_what_loses_data(seen: Change, is_loss: bool) -> None:
    assert bool(losses([seen])) is is_loss


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (change("Remove"), "would be deleted."),
        (change("Remove", kept="Retain"), "would leave the stack and stay."),
        (change("Remove", kept="Snapshot"), "would be deleted after a snapshot."),
        (change("Modify", replacement="True"), "would be replaced by a new, empty one."),
        (change("Modify", replacement="Conditional"), "may be replaced by a new, empty one."),
    ],
)
def test_a_loss_is_refused_in_words_and_accepted_by_name(seen: Change, words: str) -> None:
    with pytest.raises(InputRefused) as stop:
        refuse_losses([seen], ["Other"])
    assert stop.value.detail == f"Database (AWS::RDS::DBInstance, shop) {words}"
    assert stop.value.hint.endswith("--confirm-loss Database")
    refuse_losses([seen], ["Database"])


def test_the_properties_that_replace_are_named() -> None:
    replaced = Change(
        action="Modify",
        logical_id="Database",
        type="AWS::RDS::DBInstance",
        replacement="True",
        properties=("KmsKeyId", "DBName"),
    )
    with pytest.raises(InputRefused) as stop:
        refuse_losses([replaced], [])
    assert "because of KmsKeyId, DBName" in stop.value.detail
    assert "no id yet" in stop.value.detail


def test_a_policy_allows_everything_but_the_loss_of_what_is_precious() -> None:
    region = RegionPlan(
        region="eu-central-1",
        resources=(
            DbInstance(key="Database"),
            Topic(key="Topic"),
            Bucket(key="Bucket"),
            BackupVault(key="Vault", name="shop"),
            Opaque(key="Cluster", type="AWS::RDS::DBCluster"),
            Opaque(key="Queue", type="AWS::SQS::Queue"),
        ),
    )
    assert precious(region) == ("Database", "Bucket", "Vault", "Cluster")
    allow = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    deny = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
        "Resource": ["LogicalResourceId/Database", "LogicalResourceId/Bucket"],
    }
    assert policy(["Database", "Bucket"]) == {"Statement": [allow, deny]}
    assert policy([]) == {"Statement": [allow]}


def known(effect: Effect, *, loses: str = "", key: str = "Database", is_guarded: bool = True) -> RegionDifference:
    one = ResourceChange(
        key=key, kind="DbInstance", action="changed", effect=effect, loses=loses, is_guarded=is_guarded
    )
    return RegionDifference(region="eu-central-1", stack="shop", changes=(one,))


@pytest.mark.parametrize(
    ("effect", "is_loss"),
    [
        (Effect.REBOOT, False),
        (Effect.FAILOVER, False),
        (Effect.IN_PLACE, False),
        (Effect.DEFERRED, False),
        (Effect.REPLACEMENT, True),
        (Effect.REFUSED, True),
        (Effect.UNKNOWN, True),
    ],
)
def test_what_cloudformation_leaves_open_the_comparison_tells(effect: Effect, is_loss: bool) -> None:
    seen = change("Modify", replacement="Conditional")
    assert bool(losses([seen], known(effect))) is is_loss
    assert losses([seen], known(effect, key="Other")) == [seen]
    assert losses([change("Modify", replacement="True")], known(effect))


def test_losses_that_cloudformation_does_not_announce_are_refused_too() -> None:
    lost = known(Effect.IN_PLACE, loses="every automated backup")
    with pytest.raises(InputRefused) as stop:
        refuse_losses([change("Modify", replacement="False")], [], lost)
    assert stop.value.detail == "Database (DbInstance): in place; it loses every automated backup."
    refuse_losses([change("Modify", replacement="False")], ["Database"], lost)
    refuse_losses([], [], known(Effect.REBOOT))
    refuse_losses([], [], known(Effect.REMOVED, loses="the secret's value", is_guarded=False))


def test_a_policy_of_ours_is_known_again_and_no_other() -> None:
    for keys in (("Database", "DatabaseKey"), ()):
        assert guarded_by(json.dumps(policy(keys))) == keys
    ours = policy(["Database"])
    more = {**ours, "Version": "2012-10-17"}
    for text in (json.dumps(more), "no JSON", "[]", json.dumps({"Statement": [{"Effect": "Deny"}]})):
        assert guarded_by(text) is None
