"""What other versions of the AWS provider (3 to 5) call what the tables call by version 6, and what a state adds.

The provider's upgrade guides to versions 4, 5 and 6, and its pages aws_security_group, aws_iam_role and aws_s3_bucket
(checked 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.formats.terraform.blocks import Doc
from mainstay.formats.terraform.configured import items
from mainstay.formats.terraform.resolving import UNKNOWN
from mainstay.plan.values import Json

# What a state shows for a number that nobody has set.
_UNSET: Final[Mapping[str, Json]] = {
    "aws_backup_plan.rule.copy_action.lifecycle.cold_storage_after": 0,
    "aws_backup_plan.rule.copy_action.lifecycle.delete_after": 0,
    "aws_backup_plan.rule.lifecycle.cold_storage_after": 0,
    "aws_backup_plan.rule.lifecycle.delete_after": 0,
    "aws_cloudwatch_log_group.retention_in_days": 0,
    "aws_cloudwatch_metric_alarm.datapoints_to_alarm": 0,
    "aws_cloudwatch_metric_alarm.period": 0,
    "aws_db_instance.iops": 0,
    "aws_db_instance.max_allocated_storage": 0,
    "aws_db_instance.performance_insights_retention_period": 0,
    "aws_db_instance.storage_throughput": 0,
    "aws_db_option_group.option.port": 0,
    "aws_lambda_function.reserved_concurrent_executions": -1,
    "aws_s3_bucket.lifecycle_rule.expiration.days": 0,
    "aws_s3_bucket_lifecycle_configuration.rule.expiration.days": 0,
    "aws_secretsmanager_secret_rotation.rotation_rules.automatically_after_days": 0,
}
# A state holds the SHA-1 of a host's user data, and not the data (before version 6).
_HASH: Final = re.compile(r"[0-9a-f]{40}")
# Another name for the same value, where the newer one is not there.
_RENAMED: Final[Mapping[tuple[str, str], str]] = {
    ("aws_db_instance", "name"): "db_name",
    ("aws_db_instance", "password"): "password_wo",
    ("aws_flow_log", "log_group_name"): "log_destination",
}


def newer(type_name: str, body: Doc, own: str) -> Doc:
    """A block's arguments by the names of version 6, with the provider's default tags; `own` is a reference to it."""
    found = {name: _set(item, f"{type_name}.{name}") for name, item in body.items()}
    found = {name: item for name, item in found.items() if not _is_unset(item, f"{type_name}.{name}")}
    for (of_type, theirs), ours in _RENAMED.items():
        if of_type == type_name and theirs in found:
            value = found.pop(theirs)
            if found.get(ours) in (None, ""):
                found[ours] = value
    if isinstance(all_tags := found.get("tags_all"), dict):
        found["tags"] = all_tags
        del found["tags_all"]
    if type_name != _ELSEWHERE and isinstance(found.get("region"), str):
        del found["region"]  # the plan's own region says it
    return _reshaped(type_name, found, own)


def _reshaped(type_name: str, found: Doc, own: str) -> Doc:
    match type_name:
        case "aws_eip" if found.get("vpc") is True:
            found["domain"] = "vpc"
        case "aws_cloudwatch_event_rule" if isinstance(is_enabled := found.get("is_enabled"), bool):
            found.setdefault("state", "ENABLED" if is_enabled else "DISABLED")
        case "aws_instance":
            if len(root := items(found.get("root_block_device"))) == 1:
                found["root_block_device"] = root[0]
            if _HASH.fullmatch(str(found.get("user_data"))):
                found["user_data"] = UNKNOWN
        case "aws_security_group":
            for name in ("ingress", "egress"):
                if isinstance(rules := found.get(name), list):
                    found[name] = [alone for rule in rules for alone in _alone(rule, own)]
    return found


def _set(node: Json, path: str) -> Json:
    """A value without the numbers in it that stand for nothing."""
    if isinstance(node, list):
        return [_set(one, path) for one in node]
    if isinstance(node, dict):
        inner = {name: _set(item, f"{path}.{name}") for name, item in node.items()}
        return {name: item for name, item in inner.items() if not _is_unset(item, f"{path}.{name}")}
    return node


def _is_unset(node: Json, path: str) -> bool:
    return path in _UNSET and node == _UNSET[path] and not isinstance(node, bool)


_ELSEWHERE: Final = "aws_db_instance_automated_backups_replication"
_LISTED: Final = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")


def _alone(rule: Json, own: str) -> Iterator[Json]:
    """A group's rule as one for each of its peers; one with an unknown list of them as it is."""
    if not isinstance(rule, dict) or any(isinstance(rule.get(name), str) for name in _LISTED):
        yield rule
        return
    plain = {name: item for name, item in rule.items() if name not in (*_LISTED, "self")}
    for name in _LISTED:
        peers = rule.get(name)
        for peer in peers if isinstance(peers, list) else []:
            yield {**plain, name: [peer]}
    if rule.get("self") is True:
        yield {**plain, "security_groups": [own]}


def apart(doc: Doc, main: Doc, type_name: str) -> None:
    """What stands inside a bucket or a role, into the blocks beside it, where there are none yet."""
    if type_name == "aws_iam_role":
        _role(doc, main)
    elif type_name == "aws_s3_bucket":
        for block, found in _bucket(main):
            doc.setdefault(block, found)


def _role(doc: Doc, role: Doc) -> None:
    policies: list[Json] = [dict(one) for one in _inside(role, "inline_policy") if one.get("name")]
    arns = role.get("managed_policy_arns")
    attached: list[Json] = []
    if isinstance(arns, list):
        del role["managed_policy_arns"]
        attached = [{"policy_arn": arn} for arn in arns]
    for block, found in (("aws_iam_role_policy", policies), ("aws_iam_role_policy_attachment", attached)):
        if found:
            doc.setdefault(block, found)


def _inside(body: Doc, name: str) -> list[Mapping[str, Json]]:
    """The blocks of a name, taken out; what is unknown stays."""
    return items(body.pop(name)) if isinstance(body.get(name), list) else []


def _bucket(bucket: Doc) -> Iterator[tuple[str, Doc]]:
    for one in _inside(bucket, "versioning"):
        # False stands for a suspended one and for one that never was.
        if one.get("enabled") is True:
            yield "aws_s3_bucket_versioning", {"versioning_configuration": {"status": "Enabled"}}
    for one in _inside(bucket, "server_side_encryption_configuration"):
        yield "aws_s3_bucket_server_side_encryption_configuration", dict(one)
    for one in _inside(bucket, "logging"):
        yield "aws_s3_bucket_logging", dict(one)
    rules: list[Json] = [_lifecycle(one) for one in _inside(bucket, "lifecycle_rule")]
    if rules:
        yield "aws_s3_bucket_lifecycle_configuration", {"rule": rules}


def _lifecycle(rule: Mapping[str, Json]) -> Json:
    found = {name: item for name, item in rule.items() if name not in ("enabled", "prefix")}
    found["status"] = "Enabled" if rule.get("enabled") is True else "Disabled"
    if rule.get("prefix"):
        found["filter"] = {"prefix": rule["prefix"]}
    if aborted := found.pop("abort_incomplete_multipart_upload_days", None):
        found["abort_incomplete_multipart_upload"] = {"days_after_initiation": aborted}
    noncurrent: list[Json] = [
        {"noncurrent_days": one.get("days")} for one in items(found.pop("noncurrent_version_expiration", None))
    ]
    return found | ({"noncurrent_version_expiration": noncurrent} if noncurrent else {})
