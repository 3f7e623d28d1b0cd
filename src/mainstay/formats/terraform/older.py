"""What other versions of the AWS provider (3 to 5) call what the tables call by version 6, and how others write it.

The provider's upgrade guides to versions 4, 5 and 6, and its pages aws_security_group_rule, aws_security_group,
aws_iam_role and aws_s3_bucket (checked 2026-11-21).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.formats.terraform.blocks import Doc
from mainstay.formats.terraform.configured import items, mapping
from mainstay.formats.terraform.shown import Instance
from mainstay.plan.values import Json

_RULE: Final = "aws_security_group_rule"
# One rule of a group for each of its peers, as EC2 keeps them.
_PEERS: Final[Mapping[str, str]] = {
    "cidr_blocks": "cidr_ipv4",
    "ipv6_cidr_blocks": "cidr_ipv6",
    "prefix_list_ids": "prefix_list_id",
    "source_security_group_id": "referenced_security_group_id",
    "self": "referenced_security_group_id",
}
_PLAIN: Final[Mapping[str, str]] = {
    "security_group_id": "security_group_id",
    "protocol": "ip_protocol",
    "from_port": "from_port",
    "to_port": "to_port",
    "description": "description",
}
# Another name for the same value, where the newer one is not there.
_RENAMED: Final[Mapping[tuple[str, str], str]] = {
    ("aws_db_instance", "name"): "db_name",
    ("aws_db_instance", "password"): "password_wo",
    ("aws_flow_log", "log_group_name"): "log_destination",
}


def split(one: Instance) -> Iterator[Instance]:
    """The rules that an `aws_security_group_rule` is; any other resource as it is."""
    if one.type_name != _RULE or one.values.get("type") not in ("ingress", "egress"):
        yield one
        return
    for place, (argument, index) in enumerate(_peers(one)):
        yield dataclasses.replace(
            one,
            address=one.address if place == 0 else f"{one.address} ({place + 1})",
            type_name=f"aws_vpc_security_group_{one.values['type']}_rule",
            name=one.name if place == 0 else f"{one.name}_{place + 1}",
            values=dict(mapping(_of_peer(one.values, argument, index))),
            unknown=_of_peer(one.unknown, argument, index),
            sensitive=_of_peer(one.sensitive, argument, index),
            expressions=mapping(_of_peer(one.expressions, argument, None)),
        )


def _peers(one: Instance) -> list[tuple[str, int | None]]:
    """Each peer by its argument and its place in that; a list that is unknown as a whole is one."""
    found: list[tuple[str, int | None]] = []
    for argument in _PEERS:
        value, unknown = one.values.get(argument), mapping(one.unknown).get(argument)
        if isinstance(value, list):
            found += [(argument, index) for index in range(len(value))]
        elif unknown is True or value not in (None, False, ""):
            found.append((argument, None))
    computed = len(found) > 1 and ("source_security_group_id", None) in found
    # The provider works out the source by itself where the group is its own.
    return [one for one in found if one[0] != "source_security_group_id"] if computed else found or [("self", None)]


def _of_peer(node: Json, argument: str, index: int | None) -> Json:
    """A rule's arguments by their newer names, in values and in the trees beside them."""
    if not isinstance(node, Mapping):
        return node
    found: dict[str, Json] = {ours: node[theirs] for theirs, ours in _PLAIN.items() if theirs in node}
    whole = node.get("security_group_id" if argument == "self" else argument)
    found[_PEERS[argument]] = whole[index] if isinstance(whole, list) and index is not None else whole
    return found


def newer(type_name: str, body: Doc, own: str) -> Doc:
    """A block's arguments by the names of version 6, with the provider's default tags; `own` is a reference to it."""
    found = dict(body)
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
    match type_name:
        case "aws_eip" if found.get("vpc") is True:
            found["domain"] = "vpc"
        case "aws_cloudwatch_event_rule" if isinstance(is_enabled := found.get("is_enabled"), bool):
            found.setdefault("state", "ENABLED" if is_enabled else "DISABLED")
        case "aws_security_group":
            for name in ("ingress", "egress"):
                if isinstance(rules := found.get(name), list):
                    found[name] = [alone for rule in rules for alone in _alone(rule, own)]
    return found


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
        status = "Enabled" if one.get("enabled") is True else "Suspended"
        yield "aws_s3_bucket_versioning", {"versioning_configuration": {"status": status}}
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
