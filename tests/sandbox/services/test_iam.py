from __future__ import annotations

import json
from typing import Any

import pytest

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


@pytest.fixture
def iam(site: Any) -> Any:
    return site.client("iam")


def test_a_role_goes_when_it_is_empty(iam: Any, refuses: Any) -> None:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Description="d", PermissionsBoundary=MANAGED)
    with refuses("EntityAlreadyExists", status=409):
        iam.create_role(RoleName="R", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="r", PolicyArn=MANAGED)
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="i")
    iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
    assert iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"] == json.loads(TRUST)
    assert iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"][0]["PolicyArn"] == MANAGED
    assert iam.list_role_policies(RoleName="r")["PolicyNames"] == ["p"]
    with refuses("DeleteConflict", "detach"):
        iam.delete_role(RoleName="r")
    iam.detach_role_policy(RoleName="r", PolicyArn=MANAGED)
    with refuses("DeleteConflict", "delete policies"):
        iam.delete_role(RoleName="r")
    iam.delete_role_policy(RoleName="r", PolicyName="p")
    with refuses("DeleteConflict", "instance profile"):
        iam.delete_role(RoleName="r")
    with refuses("LimitExceeded"):
        iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
    with refuses("DeleteConflict"):
        iam.delete_instance_profile(InstanceProfileName="i")
    assert iam.get_instance_profile(InstanceProfileName="i")["InstanceProfile"]["Roles"][0]["RoleName"] == "r"
    iam.remove_role_from_instance_profile(InstanceProfileName="i", RoleName="r")
    iam.delete_instance_profile(InstanceProfileName="i")
    iam.delete_role(RoleName="r")
    assert iam.list_roles()["Roles"] == []
    for call, more in ((iam.get_role, {"RoleName": "r"}), (iam.get_instance_profile, {"InstanceProfileName": "i"})):
        with refuses("NoSuchEntity", status=404):
            call(**more)


def test_a_role_is_changed(iam: Any) -> None:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])
    iam.update_role(RoleName="r", Description="new", MaxSessionDuration=7200)
    other = TRUST.replace("rds", "ec2")
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=other)
    iam.tag_role(RoleName="r", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_role(RoleName="r", TagKeys=["a"])
    role = iam.get_role(RoleName="r")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 7200)
    assert role["AssumeRolePolicyDocument"] == json.loads(other)
    assert role["Tags"] == [{"Key": "c", "Value": "d"}]


def test_what_iam_refuses_is_refused(iam: Any, refuses: Any) -> None:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    for name in ("a b", "ü"):
        with refuses("ValidationError"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    with refuses("ValidationError", "3600"):
        iam.create_role(RoleName="s", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43_201)
    with refuses("MalformedPolicyDocument"):
        iam.create_role(RoleName="s", AssumeRolePolicyDocument="{")
    with refuses("NoSuchEntity"):
        iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::123456789012:policy/none")
    with refuses("NoSuchEntity"):
        iam.detach_role_policy(RoleName="r", PolicyArn=MANAGED)
    for call in (iam.get_role_policy, iam.delete_role_policy):
        with refuses("NoSuchEntity"):
            call(RoleName="r", PolicyName="none")
    large = json.dumps({"Statement": [], "Id": "x" * 10_240})
    with refuses("LimitExceeded", "10240"):
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=large)
    iam.create_instance_profile(InstanceProfileName="i")
    with refuses("EntityAlreadyExists"):
        iam.create_instance_profile(InstanceProfileName="i")
    with refuses("NoSuchEntity"):
        iam.remove_role_from_instance_profile(InstanceProfileName="i", RoleName="r")


def test_roles_come_in_pages(iam: Any) -> None:
    for number in range(5):
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST, Path="/p/")
    pages = iam.get_paginator("list_roles").paginate(PathPrefix="/p/", PaginationConfig={"PageSize": 2})
    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]
