from __future__ import annotations

import json
from typing import Any

import pytest

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys

REGION = "eu-central-1"


@pytest.fixture
def kms(site: Any) -> Any:
    return site.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    made: str = kms.create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
    return made


def test_a_key_lives_until_its_window_ends(kms: Any, key: str, refuses: Any) -> None:
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    kms.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key)
    for days in (6, 31):
        with refuses("ValidationException", str(days)):
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    gone = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert gone["KeyState"] == "PendingDeletion"
    for call in (kms.enable_key, kms.disable_key, kms.enable_key_rotation, kms.schedule_key_deletion):
        with refuses("KMSInvalidStateException", "pending deletion"):
            call(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    with refuses("KMSInvalidStateException", "not pending"):
        kms.cancel_key_deletion(KeyId=key)


def test_a_key_whose_window_has_ended_is_gone(site: Any, kms: Any, key: str, refuses: Any) -> None:
    kms.schedule_key_deletion(KeyId=key)
    with site.state.transaction(REGION) as tx:
        tx.put("kms:key", key, {**tx.get("kms:key", key), "DeletionDate": "2020-01-01T00:00:00Z"})
    with refuses("NotFoundException"):
        kms.describe_key(KeyId=key)


def test_a_policy_that_locks_everybody_out_is_refused(kms: Any, key: str, refuses: Any) -> None:
    def policy(principal: object, action: str = "kms:*", effect: str = "Allow") -> str:
        return json.dumps({"Statement": {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}})

    root = {"AWS": "arn:aws:iam::123456789012:root"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(root))
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]["Principal"] == root
    locked = (policy({"Service": "rds.amazonaws.com"}), policy(root, "kms:Decrypt"), policy(root, effect="Deny"))
    for text in locked:
        with refuses("MalformedPolicyDocumentException", "not allow you to update"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=locked[0], BypassPolicyLockoutSafetyCheck=True)
    for text in ("{", "[]", "{}"):
        with refuses("MalformedPolicyDocumentException", "not a valid"):
            kms.create_key(Policy=text)


def test_rotation_has_bounds(kms: Any, key: str, refuses: Any) -> None:
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
    with refuses("ValidationException", "2561"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.disable_key(KeyId=key)
    with refuses("DisabledException"):
        kms.enable_key_rotation(KeyId=key)


def test_aliases_name_one_key_each(kms: Any, key: str, refuses: Any) -> None:
    kms.create_alias(AliasName="alias/data", TargetKeyId=key)
    with refuses("AlreadyExistsException"):
        kms.create_alias(AliasName="alias/data", TargetKeyId=key)
    for name, code in (("data", "InvalidAliasNameException"), ("alias/aws/x", "NotAuthorizedException")):
        with refuses(code):
            kms.create_alias(AliasName=name, TargetKeyId=key)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/data", TargetKeyId=other)
    assert kms.describe_key(KeyId="alias/data")["KeyMetadata"]["KeyId"] == other
    assert [item["AliasName"] for item in kms.list_aliases(KeyId=other)["Aliases"]] == ["alias/data"]
    assert len(kms.list_keys()["Keys"]) == 2
    kms.delete_alias(AliasName="alias/data")
    with refuses("NotFoundException", "alias/data is not found"):
        kms.describe_key(KeyId="alias/data")
    with refuses("NotFoundException"):
        kms.delete_alias(AliasName="alias/data")


def test_an_aws_managed_key_comes_when_it_is_named(kms: Any) -> None:
    found = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    assert found["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyId"] == found["KeyId"]


def test_a_key_of_another_region_is_not_found(site: Any, kms: Any, key: str, refuses: Any) -> None:
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    with refuses("NotFoundException"):
        site.client("kms", "us-east-1").describe_key(KeyId=arn)


def test_only_an_enabled_key_is_usable(site: Any, kms: Any, key: str) -> None:
    with site.state.transaction(REGION) as tx:
        assert keys.require_usable(tx, key)["KeyId"] == key
    kms.disable_key(KeyId=key)
    with site.state.transaction(REGION) as tx:
        for name, told in ((key, "Disabled"), ("nobody", "does not exist")):
            with pytest.raises(ServiceError, match=told) as caught:
                keys.require_usable(tx, name)
            assert caught.value.code == "KMSKeyNotAccessibleFault"


def test_tags_and_description(kms: Any, key: str) -> None:
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "c"}, {"TagKey": "d", "TagValue": "e"}])
    kms.untag_resource(KeyId=key, TagKeys=["d"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "c"}]
    kms.update_key_description(KeyId=key, Description="why")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "why"


def test_other_kinds_of_keys_are_refused(kms: Any, refuses: Any) -> None:
    with refuses("SandboxNotImplemented"):
        kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
