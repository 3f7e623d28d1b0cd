"""IAM: roles with their policies, and instance profiles. Policies are kept and checked, not enforced."""

from __future__ import annotations

import re
import secrets
import urllib.parse
from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    merged_tags,
    page,
    policy_document,
    public,
    refuse_if,
    without_tags,
)
from mainstay.sandbox.state import Record, Transaction

ROLE, PROFILE = "iam:role", "iam:profile"
PAGE: Final = 100
MALFORMED: Final = "MalformedPolicyDocument"
INLINE_LIMIT: Final = 10_240  # characters of all inline policies of a role: IAM quotas, checked 2026-11-20


def create_role(tx: Transaction, params: Params) -> Answer:
    """A new role; names are unique in the account, whatever their case."""
    name = params["RoleName"]
    _check_name(name, "roleName", most=64)
    exists = any(role["RoleName"].lower() == name.lower() for role in tx.all(ROLE))
    refuse_if(exists, "EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    duration = params.get("MaxSessionDuration", 3600)
    refuse_if(
        not 3600 <= duration <= 43_200, "ValidationError", f"MaxSessionDuration is 3600 to 43200, not {duration}."
    )
    _check_document(params["AssumeRolePolicyDocument"])
    path = params.get("Path", "/")
    role: Record = {
        "Path": path,
        "RoleName": name,
        "RoleId": _identifier("AROA"),
        "Arn": tx.arn("iam", f"role{path}{name}", region=False),
        "CreateDate": render_time(tx.now),
        "AssumeRolePolicyDocument": params["AssumeRolePolicyDocument"],
        "MaxSessionDuration": duration,
        "Tags": params.get("Tags", []),
        "_managed": [],
        "_inline": {},
    }
    if "Description" in params:
        role["Description"] = params["Description"]
    if "PermissionsBoundary" in params:
        boundary = params["PermissionsBoundary"]
        role["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": boundary,
        }
    tx.put(ROLE, name, role)
    return {"Role": _shown(role)}


def get_role(tx: Transaction, params: Params) -> Answer:
    """One role."""
    return {"Role": _shown(_role(tx, params["RoleName"]))}


def list_roles(tx: Transaction, params: Params) -> Answer:
    """The roles of the account under a path."""
    found = [_shown(role) for role in tx.all(ROLE) if role["Path"].startswith(params.get("PathPrefix", "/"))]
    return _paged(found, params, "Roles")


def update_role(tx: Transaction, params: Params) -> Answer:
    """Another description or session length."""
    role = _role(tx, params["RoleName"])
    role |= {member: params[member] for member in ("Description", "MaxSessionDuration") if member in params}
    tx.put(ROLE, role["RoleName"], role)
    return {}


def update_assume_role_policy(tx: Transaction, params: Params) -> Answer:
    """Another answer to who may assume the role."""
    _check_document(params["PolicyDocument"])
    role = _role(tx, params["RoleName"])
    tx.put(ROLE, role["RoleName"], {**role, "AssumeRolePolicyDocument": params["PolicyDocument"]})
    return {}


def delete_role(tx: Transaction, params: Params) -> Answer:
    """Remove a role that holds no policy and is in no instance profile."""
    role = _role(tx, params["RoleName"])
    name = role["RoleName"]
    conflict = "DeleteConflict"
    refuse_if(role["_managed"], conflict, "Cannot delete entity, must detach all policies first.", 409)
    refuse_if(role["_inline"], conflict, "Cannot delete entity, must delete policies first.", 409)
    wearing = any(name in profile["_roles"] for profile in tx.all(PROFILE))
    refuse_if(wearing, conflict, "Cannot delete entity, must remove roles from instance profile first.", 409)
    tx.delete(ROLE, name)
    return {}


def attach_role_policy(tx: Transaction, params: Params) -> Answer:
    """Attach a managed policy; AWS's own are taken as they are named."""
    role, arn = _role(tx, params["RoleName"]), params["PolicyArn"]
    is_aws = re.fullmatch(r"arn:aws[a-z-]*:iam::aws:policy/[\w+=,.@/-]+", arn)
    refuse_if(not is_aws, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
    role["_managed"] = [*(known for known in role["_managed"] if known != arn), arn]
    tx.put(ROLE, role["RoleName"], role)
    return {}


def detach_role_policy(tx: Transaction, params: Params) -> Answer:
    """Detach a managed policy."""
    role, arn = _role(tx, params["RoleName"]), params["PolicyArn"]
    refuse_if(arn not in role["_managed"], "NoSuchEntity", f"Policy {arn} was not found.", 404)
    role["_managed"].remove(arn)
    tx.put(ROLE, role["RoleName"], role)
    return {}


def list_attached_role_policies(tx: Transaction, params: Params) -> Answer:
    """The managed policies of a role."""
    managed = _role(tx, params["RoleName"])["_managed"]
    items = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in managed]
    return _paged(items, params, "AttachedPolicies")


def put_role_policy(tx: Transaction, params: Params) -> Answer:
    """Write an inline policy, new or in place of the old one."""
    role = _role(tx, params["RoleName"])
    _check_document(params["PolicyDocument"])
    role["_inline"][params["PolicyName"]] = params["PolicyDocument"]
    size = sum(len(re.sub(r"\s", "", text)) for text in role["_inline"].values())
    message = f"Maximum policy size of {INLINE_LIMIT} bytes exceeded for role {role['RoleName']}"
    refuse_if(size > INLINE_LIMIT, "LimitExceeded", message, 409)
    tx.put(ROLE, role["RoleName"], role)
    return {}


def get_role_policy(tx: Transaction, params: Params) -> Answer:
    """One inline policy."""
    role, name = _role(tx, params["RoleName"]), params["PolicyName"]
    missing = f"The role policy with name {name} cannot be found."
    refuse_if(name not in role["_inline"], "NoSuchEntity", missing, 404)
    document = urllib.parse.quote(role["_inline"][name])
    return {"RoleName": role["RoleName"], "PolicyName": name, "PolicyDocument": document}


def delete_role_policy(tx: Transaction, params: Params) -> Answer:
    """Remove an inline policy."""
    role, name = _role(tx, params["RoleName"]), params["PolicyName"]
    missing = f"The role policy with name {name} cannot be found."
    refuse_if(name not in role["_inline"], "NoSuchEntity", missing, 404)
    del role["_inline"][name]
    tx.put(ROLE, role["RoleName"], role)
    return {}


def list_role_policies(tx: Transaction, params: Params) -> Answer:
    """The names of a role's inline policies."""
    return _paged(list(_role(tx, params["RoleName"])["_inline"]), params, "PolicyNames")


def tag_role(tx: Transaction, params: Params) -> Answer:
    """Set tags of a role."""
    role = _role(tx, params["RoleName"])
    tx.put(ROLE, role["RoleName"], {**role, "Tags": merged_tags(role["Tags"], params["Tags"])})
    return {}


def untag_role(tx: Transaction, params: Params) -> Answer:
    """Take tags off a role."""
    role = _role(tx, params["RoleName"])
    tx.put(ROLE, role["RoleName"], {**role, "Tags": without_tags(role["Tags"], params["TagKeys"])})
    return {}


def create_instance_profile(tx: Transaction, params: Params) -> Answer:
    """A new, empty instance profile."""
    name = params["InstanceProfileName"]
    _check_name(name, "instanceProfileName", most=128)
    exists = tx.get(PROFILE, name) is not None
    refuse_if(exists, "EntityAlreadyExists", f"Instance Profile {name} already exists.", 409)
    path = params.get("Path", "/")
    profile = {
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": _identifier("AIPA"),
        "Arn": tx.arn("iam", f"instance-profile{path}{name}", region=False),
        "CreateDate": render_time(tx.now),
        "_roles": [],
    }
    tx.put(PROFILE, name, profile)
    return {"InstanceProfile": _profile_shown(tx, profile)}


def get_instance_profile(tx: Transaction, params: Params) -> Answer:
    """One instance profile with its role."""
    return {"InstanceProfile": _profile_shown(tx, _profile(tx, params["InstanceProfileName"]))}


def delete_instance_profile(tx: Transaction, params: Params) -> Answer:
    """Remove an instance profile that holds no role."""
    profile = _profile(tx, params["InstanceProfileName"])
    message = "Cannot delete entity, must remove roles from instance profile first."
    refuse_if(profile["_roles"], "DeleteConflict", message, 409)
    tx.delete(PROFILE, profile["InstanceProfileName"])
    return {}


def add_role_to_instance_profile(tx: Transaction, params: Params) -> Answer:
    """Put a role into a profile, which holds one (IAM quotas, checked 2026-11-20)."""
    profile = _profile(tx, params["InstanceProfileName"])
    role = _role(tx, params["RoleName"])["RoleName"]
    message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    refuse_if(profile["_roles"], "LimitExceeded", message, 409)
    tx.put(PROFILE, profile["InstanceProfileName"], {**profile, "_roles": [role]})
    return {}


def remove_role_from_instance_profile(tx: Transaction, params: Params) -> Answer:
    """Take the role out of a profile."""
    profile, role = _profile(tx, params["InstanceProfileName"]), params["RoleName"]
    missing = f"The role with name {role} cannot be found in the instance profile."
    refuse_if(role not in profile["_roles"], "NoSuchEntity", missing, 404)
    tx.put(PROFILE, profile["InstanceProfileName"], {**profile, "_roles": []})
    return {}


def _role(tx: Transaction, name: str) -> Record:
    return tx.require(ROLE, name, ServiceError("NoSuchEntity", f"The role with name {name} cannot be found.", 404))


def _profile(tx: Transaction, name: str) -> Record:
    return tx.require(PROFILE, name, ServiceError("NoSuchEntity", f"Instance Profile {name} cannot be found.", 404))


def _profile_shown(tx: Transaction, profile: Record) -> Answer:
    return {**public(profile), "Roles": [_shown(_role(tx, name)) for name in profile["_roles"]]}


def _shown(role: Record) -> Answer:
    """A role as IAM answers it: its trust policy is URL-encoded JSON, which botocore decodes."""
    return {**public(role), "AssumeRolePolicyDocument": urllib.parse.quote(role["AssumeRolePolicyDocument"])}


def _paged(items: list[object] | list[Answer] | list[str], params: Params, member: str) -> Answer:
    shown, marker = page(items, params.get("Marker"), params.get("MaxItems", PAGE))
    answer: Answer = {member: shown, "IsTruncated": bool(marker)}
    return {**answer, "Marker": marker} if marker else answer


def _check_name(name: str, member: str, *, most: int) -> None:
    refuse_if(
        not re.fullmatch(rf"[\w+=,.@-]{{1,{most}}}", name, re.ASCII),
        "ValidationError",
        f"The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the "
        f"following: +=,.@_-, and at most {most} of them.",
    )


def _check_document(text: str) -> None:
    policy_document(text, code=MALFORMED, message="Syntax errors in policy.")


def _identifier(prefix: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return prefix + "".join(secrets.choice(alphabet) for _ in range(17))


HANDLERS: Final[Table] = {
    "CreateRole": create_role,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "UpdateRole": update_role,
    "UpdateAssumeRolePolicy": update_assume_role_policy,
    "DeleteRole": delete_role,
    "AttachRolePolicy": attach_role_policy,
    "DetachRolePolicy": detach_role_policy,
    "ListAttachedRolePolicies": list_attached_role_policies,
    "PutRolePolicy": put_role_policy,
    "GetRolePolicy": get_role_policy,
    "DeleteRolePolicy": delete_role_policy,
    "ListRolePolicies": list_role_policies,
    "TagRole": tag_role,
    "UntagRole": untag_role,
    "CreateInstanceProfile": create_instance_profile,
    "GetInstanceProfile": get_instance_profile,
    "DeleteInstanceProfile": delete_instance_profile,
    "AddRoleToInstanceProfile": add_role_to_instance_profile,
    "RemoveRoleFromInstanceProfile": remove_role_from_instance_profile,
}
